//! Runs of maintenance windows as scripts and the window get them.
//!
//! **Invariant:** as for all of [`crate::view`]: fields may be added, never renamed; absent means unknown.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use watchbell_core::command::Counts;
use watchbell_core::status::Status;
use watchbell_core::window::{Progress, RunStatus};

use super::CommandRow;
use crate::error::Problem;

/// Where a run is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowState {
    /// It will open.
    Upcoming,
    /// It is open.
    Running,
    /// It is over: SSM said so, or its time is.
    Ended,
}

/// One run of a maintenance window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowRun {
    /// Which run, as [`crate::store::Reader::window`] takes it; the same for ever.
    pub run: String,
    /// Where it is in its life.
    pub state: WindowState,
    /// Where it is known from: `ssm`, `eventbridge` or `typed`.
    pub source: String,
    /// The window's name; absent when neither SSM's API nor a typed window tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `mw-…`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window_id: Option<String>,
    /// SSM's id of the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<String>,
    /// Its account; absent for a typed window, which holds for all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Its region, likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// What SSM says of the execution.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<RunStatus>,
    /// When it opened or will.
    pub start: Timestamp,
    /// From when SSM starts no new task, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cutoff: Option<Timestamp>,
    /// When it ended, else when it closes, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<Timestamp>,
    /// How far its commands are.
    #[serde(flatten)]
    pub progress: Progress,
    /// Their nodes by status.
    pub counts: Counts,
    /// Commands that failed or timed out as a whole while none of their nodes was heard to.
    pub commands_failed: u32,
    /// Nodes that were cut off (`core::window::was_cut_off`): cancelled or timed out at or after the cutoff, or because the
    /// window closed; they count in `counts` too.
    pub cut_off: u32,
}

/// One run with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowReport {
    /// The run.
    pub window: WindowRun,
    /// What was told at its end, title and body; absent while it is open and when no command belonged to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub told: Option<[String; 2]>,
    /// Its commands, in the order in which they were sent.
    pub commands: Vec<CommandRow>,
    /// Nodes that failed or timed out, at most 1,000.
    pub failed: Vec<FailedNode>,
    /// Nodes that were cut off, at most 1,000.
    pub cut_off: Vec<CutOffNode>,
    /// What EventBridge said of it, oldest first, at most 1,000.
    pub events: Vec<WindowEventRow>,
}

/// A node that failed or timed out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailedNode {
    /// Its command.
    pub command_id: String,
    /// The command's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The node.
    pub node_id: String,
    /// Its status.
    pub status: Status,
    /// AWS's `detailedStatus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When that was so.
    pub event_time: Timestamp,
}

/// A node that was cut off.
pub type CutOffNode = FailedNode;

/// One thing that EventBridge said of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowEventRow {
    /// When it happened.
    pub event_time: Timestamp,
    /// When it was first received.
    pub received_at: Timestamp,
    /// `execution`, `task` or `target`.
    pub subject: String,
    /// The task's or the target's id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject_id: Option<String>,
    /// The status.
    pub status: RunStatus,
}

/// Whether SSM's API lets us read the windows of an account and region.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowSource {
    /// The account.
    pub account: String,
    /// The region.
    pub region: String,
    /// Why they could not be read, and what to do; absent when they could.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub problem: Option<Problem>,
    /// When that was last tried.
    pub looked_at: Timestamp,
}
