//! `history`, `show`, `quarantine` and `ack`: their flags, and the conditions that `export` shares.
//!
//! **Invariant:** lists have an end (`--limit`) and a cursor to go on behind.

use clap::{ArgGroup, Args};

use super::moment::Moment;

/// Which commands of the history: every condition narrows.
#[derive(Debug, Args)]
pub(crate) struct Conditions {
    /// Only these states: pending, in_progress, success, failed, timed_out, cancelled, or AWS's own word
    #[arg(long, value_name = "STATUS", value_delimiter = ',')]
    pub(crate) status: Vec<String>,

    /// Only commands heard from since then: 7d, 2h, 2026-11-01 or an RFC 3339 time
    #[arg(long, value_name = "WHEN")]
    pub(crate) since: Option<Moment>,

    /// Only commands last heard from before then
    #[arg(long, value_name = "WHEN")]
    pub(crate) until: Option<Moment>,

    /// Only this document; * stands for any letters
    #[arg(long, value_name = "GLOB")]
    pub(crate) document: Option<String>,

    /// Only commands that ran on this node
    #[arg(long, value_name = "NODE_ID")]
    pub(crate) node: Option<String>,

    /// Search as in the window: "status:failed document:AWS-RunPatch* since:7d words"
    #[arg(long, value_name = "QUERY")]
    pub(crate) search: Option<String>,
}

/// `history`
#[derive(Debug, Args)]
pub(crate) struct History {
    #[command(flatten)]
    pub(crate) which: Conditions,

    /// At most so many commands
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Go on behind this cursor, the `cursor` of the last line of the page before
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

/// `show`
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The command's id, as `history` prints it
    #[arg(value_name = "COMMAND_ID")]
    pub(crate) command_id: String,
}

/// `quarantine`
#[derive(Debug, Args)]
pub(crate) struct Quarantine {
    /// At most so many messages
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) limit: u32,

    /// Go on behind this cursor
    #[arg(long, value_name = "CURSOR")]
    pub(crate) after: Option<String>,
}

/// `ack`
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").args(["command_id", "all"]).required(true))]
pub(crate) struct Ack {
    /// The command's id, as `history` prints it
    #[arg(value_name = "COMMAND_ID")]
    pub(crate) command_id: Option<String>,

    /// Every command whose failures are not acknowledged yet
    #[arg(long)]
    pub(crate) all: bool,
}
