//! What a person may type about the history's export: the same conditions as `history`, and a format.

#![expect(clippy::doc_markdown, reason = "these comments are the help on a terminal, where backticks are noise")]

use clap::{Args, ValueEnum};

use super::Moment;

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// json: one document with nodes, events and decisions; csv: one line a command; md: a report to read
    #[arg(long, value_name = "json|csv|md", value_enum, hide_possible_values = true)]
    pub(crate) format: Option<Format>,

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

/// The form of the export.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// json
    #[default]
    Json,
    /// csv
    Csv,
    /// md
    Md,
}
