//! What a person may type about the history's export: the same conditions as `history`, and a format.

use clap::{Args, ValueEnum};

use super::history::Conditions;

/// `export`
#[derive(Debug, Args)]
pub(crate) struct Export {
    /// json: one document with nodes, events and decisions; csv: one line a command; md: a report to read
    #[arg(long, value_name = "json|csv|md", value_enum, hide_possible_values = true)]
    pub(crate) format: Option<Format>,

    #[command(flatten)]
    pub(crate) which: Conditions,
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
