//! `windows`: maintenance windows, and those that a person types in.
//!
//! **Invariant:** numbers outside SSM's ranges are refused here; the schedule itself by the core, with its place.

use clap::{Args, Subcommand};

use super::{Moment, examples};

/// `windows`
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true, disable_help_subcommand = true)]
pub(crate) struct Windows {
    #[command(subcommand)]
    pub(crate) act: Option<WindowsAct>,

    /// Only runs that take some time from then on, by default 7d
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Moment>,

    /// Only runs that take some time before then, by default in 14 days
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<Moment>,
}

/// What to do with windows, when not listing them.
#[derive(Debug, Subcommand)]
pub(crate) enum WindowsAct {
    /// Show one run: its commands, what failed and what was cut off
    #[command(after_help = examples::WINDOWS_SHOW)]
    Show(ShowRun),
    /// Type a window in, or another schedule for the one of that name
    #[command(long_about = examples::WINDOWS_ADD_ABOUT, after_help = examples::WINDOWS_ADD)]
    Add(AddWindow),
    /// Take a typed window off; what is over stays in the history
    #[command(after_help = examples::WINDOWS_REMOVE)]
    Remove(RemoveWindow),
    /// Say when a schedule runs next, without keeping it
    #[command(after_help = examples::WINDOWS_PREVIEW)]
    Preview(Preview),
}

/// `windows show`
#[derive(Debug, Args)]
pub(crate) struct ShowRun {
    /// The run, as `windows --json` and `show --json` name it
    #[arg(value_name = "RUN")]
    pub(crate) run: String,
}

/// `windows add`
#[derive(Debug, Args)]
pub(crate) struct AddWindow {
    /// What the window is called, up to 128 characters
    #[arg(long, value_name = "NAME")]
    pub(crate) name: String,

    #[command(flatten)]
    pub(crate) when: When,

    /// How many hours a run lasts, 1 to 24
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(1..=24))]
    pub(crate) duration: u32,

    /// How many hours before its end a run starts no new task, 0 to 23
    #[arg(long, value_name = "HOURS", value_parser = clap::value_parser!(u32).range(0..=23))]
    pub(crate) cutoff: u32,
}

/// `windows remove`
#[derive(Debug, Args)]
pub(crate) struct RemoveWindow {
    /// The window's name
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

/// `windows preview`
#[derive(Debug, Args)]
pub(crate) struct Preview {
    #[command(flatten)]
    pub(crate) when: When,

    /// How many runs to name
    #[arg(long, value_name = "N", default_value_t = 5, value_parser = clap::value_parser!(u32).range(1..=100))]
    pub(crate) runs: u32,
}

/// When a window runs, in the words of Systems Manager.
#[derive(Debug, Clone, Args)]
pub(crate) struct When {
    /// cron(…), rate(…) or at(…), as in the console
    #[arg(long, value_name = "EXPRESSION", allow_hyphen_values = true)]
    pub(crate) schedule: String,

    /// The schedule's zone, such as Europe/Berlin; UTC when left out
    #[arg(long, value_name = "ZONE")]
    pub(crate) time_zone: Option<String>,

    /// Days to wait after the date of a cron expression, 1 to 6
    #[arg(long, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=6))]
    pub(crate) offset: Option<u32>,

    /// From when it may run, ISO 8601; a rate counts from here
    #[arg(long, value_name = "TIME")]
    pub(crate) start: Option<String>,

    /// From when it runs no more, ISO 8601
    #[arg(long, value_name = "TIME")]
    pub(crate) end: Option<String>,
}
