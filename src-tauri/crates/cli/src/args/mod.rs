//! What a person may type: the commands, their flags, and the help that teaches them.
//!
//! **Invariant:** every flag here works today; a command that does not work yet is not shown. A value that cannot be right (a
//! malformed ARN, a FIFO topic, a broken search) is refused here, before any file is opened and any call is made.

#![expect(clippy::doc_markdown, reason = "these comments are the help on a terminal, where backticks are noise")]

mod credentials;
mod doctor;
mod examples;
mod export;
mod history;
mod iam;
mod malformed;
mod moment;
mod numbers;
mod ringing;
mod subscribing;
mod windows;

use std::ffi::OsString;
use std::path::Path;

use clap::{Args, Parser, Subcommand};
use watchbell_core::arn::TopicArn;

pub(crate) use credentials::Center;
pub(crate) use doctor::Doctor;
pub(crate) use export::{Export, Format};
pub(crate) use history::{Ack, Conditions, History, Quarantine, Show};
pub(crate) use iam::Iam;
pub(crate) use moment::Moment;
pub(crate) use ringing::{Quiet, QuietAction, QuietSet, Rules, RulesAction, Snooze, SnoozeFor, WatchCommand, YesNo};
pub(crate) use subscribing::{FilterArg, SignIn, Subscribe, Subscriptions, Unsubscribe};
pub(crate) use windows::{AddWindow, Preview, When, Windows, WindowsAct};

/// The command line of `watchbellctl`.
#[derive(Debug, Parser)]
#[command(
    name = "watchbellctl",
    version,
    about = "Hear Systems Manager commands fail, from a terminal",
    long_about = examples::ABOUT,
    after_help = examples::ROOT,
    max_term_width = 100,
    disable_help_subcommand = true,
    subcommand_required = true,
    arg_required_else_help = true
)]
pub(crate) struct Cli {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The flags that every command takes.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Everywhere")]
pub(crate) struct Global {
    /// Print JSON on stdout: one document, or one object a line for `watch`, `history` and `quarantine`
    #[arg(long, global = true)]
    pub(crate) json: bool,

    /// The data folder, by default the platform's own for watchbell
    #[arg(long, global = true, value_name = "FOLDER", env = "WATCHBELL_DATA_DIR", hide_env_values = true)]
    pub(crate) data_dir: Option<OsString>,

    /// Send every AWS call to this address instead of AWS's own
    #[arg(long, global = true, value_name = "URL", value_parser = malformed::address)]
    pub(crate) endpoint_url: Option<String>,
}

/// The commands, in the order of a first day with Watchbell.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make (or adopt) a personal queue and subscribe it to the topic of your commands
    #[command(long_about = examples::SUBSCRIBE_ABOUT, after_help = examples::SUBSCRIBE)]
    Subscribe(Subscribe),
    /// Take the subscription and the queue away again, and forget the secret
    #[command(long_about = examples::UNSUBSCRIBE_ABOUT, after_help = examples::UNSUBSCRIBE)]
    Unsubscribe(Unsubscribe),
    /// Sign in again when credentials have ended: in the browser, or with the code of an MFA device
    #[command(long_about = examples::SIGN_IN_ABOUT, after_help = examples::SIGN_IN)]
    SignIn(SignIn),
    /// List the subscriptions of this data folder, and queues of yours left over elsewhere
    #[command(long_about = examples::SUBSCRIPTIONS_ABOUT, after_help = examples::SUBSCRIPTIONS)]
    Subscriptions(Subscriptions),
    /// Receive, store and alert until Ctrl-C or SIGTERM
    #[command(long_about = examples::WATCH_ABOUT, after_help = examples::WATCH)]
    Watch(Watch),
    /// Say whether Watchbell can hear, and what failed
    #[command(long_about = examples::STATUS_ABOUT, after_help = examples::STATUS)]
    Status,
    /// List commands, newest first
    #[command(long_about = examples::HISTORY_ABOUT, after_help = examples::HISTORY)]
    History(History),
    /// Show one command: its nodes, every event and every alert decision
    #[command(long_about = examples::SHOW_ABOUT, after_help = examples::SHOW)]
    Show(Show),
    /// List the messages that could not be read, and why
    #[command(long_about = examples::QUARANTINE_ABOUT, after_help = examples::QUARANTINE)]
    Quarantine(Quarantine),
    /// List maintenance windows: past runs, the open one and those to come; type windows in
    #[command(long_about = examples::WINDOWS_ABOUT, after_help = examples::WINDOWS)]
    Windows(Windows),
    /// Acknowledge the failures of one command, or of all
    #[command(long_about = examples::ACK_ABOUT, after_help = examples::ACK)]
    Ack(Ack),
    /// Hold new alerts back for a while; what they would have told comes as one alert at the end
    #[command(long_about = examples::SNOOZE_ABOUT, after_help = examples::SNOOZE)]
    Snooze(Snooze),
    /// Wait until one command has ended
    #[command(long_about = examples::WATCH_COMMAND_ABOUT, after_help = examples::WATCH_COMMAND)]
    WatchCommand(WatchCommand),
    /// List, share, try and clear the rules by which failures ring, stay quiet or are muted
    #[command(long_about = examples::RULES_ABOUT, after_help = examples::RULES)]
    Rules(Rules),
    /// Show or set the hours in which alerts wait
    #[command(long_about = examples::QUIET_ABOUT, after_help = examples::QUIET)]
    Quiet(Quiet),
    /// Print the history as JSON, CSV or a report
    #[command(long_about = examples::EXPORT_ABOUT, after_help = examples::EXPORT)]
    Export(Export),
    /// Feed a realistic patch run in, to see what Watchbell does with it
    #[command(long_about = examples::SIMULATE_ABOUT, after_help = examples::SIMULATE)]
    Simulate(Simulate),
    /// Find out why nothing is heard, a check at a time, each with its fix
    #[command(long_about = doctor::ABOUT, after_help = doctor::EXAMPLES)]
    Doctor(Doctor),
    /// Print the IAM roles and rights that notifications need, filled in, or compare the account with them
    #[command(long_about = iam::ABOUT, after_help = iam::EXAMPLES)]
    Iam(Box<Iam>),
    /// Print the completions of a shell
    #[command(long_about = examples::COMPLETIONS_ABOUT, after_help = examples::COMPLETIONS)]
    Completions(Completions),
}

/// `watch`
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// Drain what is queued, then end: after two empty polls on each queue, with everything stored, deleted and alerted
    #[arg(long)]
    pub(crate) once: bool,
}

/// `simulate`
#[derive(Debug, Args)]
pub(crate) struct Simulate {
    /// Nodes that the command runs on
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = numbers::nodes())]
    pub(crate) nodes: u32,

    /// Of them, nodes that fail
    #[arg(long, value_name = "N", default_value_t = 2, value_parser = numbers::some_nodes())]
    pub(crate) fail: u32,

    /// Of them, nodes that run over their time
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = numbers::some_nodes())]
    pub(crate) time_out: u32,

    /// Publish the messages to the topic: everyone who is subscribed to it gets them
    #[arg(long)]
    pub(crate) publish: bool,

    /// The topic to publish to, or to pretend; may be left out when there is only one subscription
    #[arg(long, value_name = "ARN")]
    pub(crate) topic_arn: Option<TopicArn>,

    /// With --publish: do not ask
    #[arg(long, short = 'y')]
    pub(crate) yes: bool,
}

/// `completions`
#[derive(Debug, Args)]
pub(crate) struct Completions {
    /// The shell
    #[arg(value_name = "SHELL", value_enum)]
    pub(crate) shell: clap_complete::Shell,
}

impl Global {
    /// The data folder that was named; an empty name counts as none, as an empty variable does in a script.
    pub(crate) fn folder(&self) -> Option<&Path> {
        self.data_dir.as_deref().filter(|path| !path.is_empty()).map(Path::new)
    }
}

#[cfg(test)]
mod tests;
