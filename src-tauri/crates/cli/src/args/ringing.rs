//! What a person may type about when Watchbell rings: snooze, one command's end, rules and quiet hours.

use std::ffi::OsString;

use clap::{Args, Subcommand, ValueEnum};
use jiff::SignedDuration;

use super::{examples, moment};

/// The longest snooze: a week.
const LONGEST_SNOOZE: SignedDuration = SignedDuration::from_hours(7 * 24);

/// `snooze`
#[derive(Debug, Args)]
pub(crate) struct Snooze {
    /// So long (30m, 1h, 2d; at most a week), `window` for the end of the maintenance window that is open now, or `off`
    #[arg(value_name = "30m|1h|...|window|off", value_parser = snooze_for)]
    pub(crate) until: SnoozeFor,
}

/// Until when new alerts are held back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SnoozeFor {
    /// For so long.
    Span(SignedDuration),
    /// Until the maintenance window that is open now ends.
    Window,
    /// No longer.
    Off,
}

/// What was typed is no snooze.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NoSpan {
    #[error("it must be a span such as 30m, 1h or 2d, the word window, or off")]
    Snooze,
    #[error("a snooze is at most a week (7d)")]
    TooLong,
    #[error("it must be a span such as 90s, 30m or 2h")]
    Span,
}

fn snooze_for(typed: &str) -> Result<SnoozeFor, NoSpan> {
    match typed.trim() {
        "window" => Ok(SnoozeFor::Window),
        "off" => Ok(SnoozeFor::Off),
        span => match moment::span(span).filter(SignedDuration::is_positive) {
            Some(span) if span <= LONGEST_SNOOZE => Ok(SnoozeFor::Span(span)),
            Some(_) => Err(NoSpan::TooLong),
            None => Err(NoSpan::Snooze),
        },
    }
}

/// `watch-command`
#[derive(Debug, Args)]
pub(crate) struct WatchCommand {
    /// The command's id; it need not have been heard of yet
    #[arg(value_name = "COMMAND_ID")]
    pub(crate) command_id: String,

    /// Give up after so long: 90s, 30m, 2h
    #[arg(long, value_name = "SPAN", value_parser = positive_span)]
    pub(crate) timeout: Option<SignedDuration>,
}

fn positive_span(typed: &str) -> Result<SignedDuration, NoSpan> {
    moment::span(typed.trim()).filter(SignedDuration::is_positive).ok_or(NoSpan::Span)
}

/// `rules`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Rules {
    #[command(subcommand)]
    pub(crate) action: Option<RulesAction>,
}

/// What to do with the rules.
#[derive(Debug, Subcommand)]
pub(crate) enum RulesAction {
    /// List the rules in their order (the default)
    List,
    /// Print the rules as a file to share
    Export,
    /// Put the rules of a file into force, in place of those before
    Import {
        /// The file; - is stdin
        #[arg(value_name = "FILE|-")]
        file: OsString,
        /// Check the file and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Say what the rules of a file would have done to the history, beside those in force
    #[command(after_help = examples::RULES_TRY)]
    Try {
        /// The file; - is stdin. Without one, the rules in force are held against none
        #[arg(value_name = "FILE|-")]
        file: Option<OsString>,
        /// How many days back
        #[arg(long, value_name = "N", default_value_t = 7, value_parser = clap::value_parser!(u32).range(1..=90))]
        days: u32,
    },
    /// Take all rules away
    Clear {
        /// Do not ask
        #[arg(long, short = 'y')]
        yes: bool,
    },
}

/// `quiet`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct Quiet {
    #[command(subcommand)]
    pub(crate) action: Option<QuietAction>,
}

/// What to do with the quiet hours.
#[derive(Debug, Subcommand)]
pub(crate) enum QuietAction {
    /// Show the quiet hours and what rings all the same (the default)
    Show,
    /// Set when it is quiet, and what rings all the same
    #[command(after_help = examples::QUIET_SET)]
    Set(Box<QuietSet>),
    /// Have no quiet hours
    Off,
}

/// `quiet set`
#[derive(Debug, Default, Args)]
pub(crate) struct QuietSet {
    /// Times such as 22:00-07:00, each with the days before it: mon-fri 22:00-07:00 sat,sun 00:00-00:00. Without days, every day
    #[arg(value_name = "DAYS TIMES")]
    pub(crate) spans: Vec<String>,

    /// Whether it rings when Watchbell cannot hear until you act
    #[arg(long, value_name = "YES|NO", value_enum, hide_possible_values = true)]
    pub(crate) blind: Option<YesNo>,

    /// Whether a command rings that you asked to be told of
    #[arg(long, value_name = "YES|NO", value_enum, hide_possible_values = true)]
    pub(crate) watched: Option<YesNo>,

    /// Documents that ring; * stands for any letters. May be given more than once
    #[arg(long = "document", value_name = "GLOB", conflicts_with = "no_documents")]
    pub(crate) documents: Vec<String>,

    /// No document rings for its name
    #[arg(long)]
    pub(crate) no_documents: bool,

    /// Ring when so many nodes of a command fail, or off
    #[arg(long, value_name = "N|off", value_parser = failing_nodes)]
    pub(crate) failing_nodes: Option<Enough>,
}

/// A yes or a no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum YesNo {
    /// yes
    Yes,
    /// no
    No,
}

/// How many failing nodes are enough to ring; `None`: no number is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Enough(pub(crate) Option<u32>);

/// What was typed is no number of nodes.
#[derive(Debug, thiserror::Error)]
#[error("it must be a number from 1 on, or off")]
pub(crate) struct NoNumber;

fn failing_nodes(typed: &str) -> Result<Enough, NoNumber> {
    match typed.trim() {
        "off" => Ok(Enough(None)),
        number => number.parse().ok().filter(|n| *n > 0).map(|n| Enough(Some(n))).ok_or(NoNumber),
    }
}
