//! The command line of the desktop app.

use std::path::PathBuf;

use clap::Parser;

/// Rings when an AWS Systems Manager command fails, and keeps the history.
#[derive(Debug, Parser, Clone)]
#[command(
    version,
    after_help = "Topics are subscribed to in its window, or with watchbellctl subscribe --topic-arn ARN"
)]
pub(crate) struct Args {
    /// Start in the tray, without a window
    #[arg(long)]
    pub(crate) hidden: bool,
    /// Show a simulated patch run in a data folder of its own that is removed afterwards; needs no AWS
    #[arg(long, conflicts_with = "data_dir")]
    pub(crate) demo: bool,
    /// The folder of history and settings; by default `WATCHBELL_DATA_DIR`, else the platform's
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
    /// Where AWS calls go instead, for stand-ins
    #[arg(long, value_name = "URL", hide = true)]
    pub(crate) endpoint_url: Option<String>,
}
