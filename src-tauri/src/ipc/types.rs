//! The window's own types. Times are RFC 3339 text, numbers fit JavaScript's, unknown is `null`.
//!
//! Field for field they carry what `engine::view` documents, where the meaning of each is written.

use serde::{Deserialize, Serialize};
use specta::Type;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
pub(crate) struct Problem {
    pub(crate) code: String,
    pub(crate) message: String,
    pub(crate) hint: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Health {
    Ok,
    Failing,
    Blind,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum EngineState {
    Running,
    Stopped,
    Starting,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct SubscriptionLine {
    pub(crate) topic_arn: String,
    pub(crate) name: String,
    pub(crate) queue_url: String,
    pub(crate) state: String,
    pub(crate) last_completed_poll: Option<String>,
    pub(crate) last_message: Option<String>,
    pub(crate) backlog: Option<u32>,
    pub(crate) in_flight: Option<u32>,
    /// How long the oldest message of the last batch that held any had waited in the queue.
    pub(crate) last_batch_waited_seconds: Option<u32>,
    /// When it signs out, if that is soon and only the person can prevent it.
    pub(crate) signs_out: Option<String>,
    pub(crate) reason: Option<String>,
    pub(crate) hint: Option<String>,
    /// What one sends to the administrator, without secrets.
    pub(crate) report: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Standing {
    pub(crate) health: Health,
    pub(crate) headline: String,
    pub(crate) engine: EngineState,
    pub(crate) unacknowledged: u32,
    pub(crate) quarantined: u32,
    pub(crate) snoozed_until: Option<String>,
    pub(crate) quiet_until: Option<String>,
    /// Maintenance windows that are open now.
    pub(crate) open_windows: u32,
    /// Of those with a known end the one that ends last: what a snooze until the window's end means.
    pub(crate) last_window: Option<OpenWindow>,
    pub(crate) subscriptions: Vec<SubscriptionLine>,
    pub(crate) problems: Vec<Problem>,
    pub(crate) revision: u32,
    pub(crate) tray_host: bool,
    pub(crate) tray_library: bool,
    pub(crate) version: String,
    pub(crate) data_dir: String,
}

/// A maintenance window that is open now and when it ends.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct OpenWindow {
    pub(crate) run: String,
    pub(crate) name: String,
    pub(crate) ends: String,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Type)]
pub(crate) struct Counts {
    pub(crate) pending: u32,
    pub(crate) in_progress: u32,
    pub(crate) success: u32,
    pub(crate) failed: u32,
    pub(crate) timed_out: u32,
    pub(crate) cancelled: u32,
    pub(crate) not_run: u32,
    pub(crate) other: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct CommandRow {
    pub(crate) command_id: String,
    pub(crate) document: Option<String>,
    pub(crate) state: String,
    pub(crate) status: Option<String>,
    pub(crate) levels: Vec<String>,
    pub(crate) requested_at: Option<String>,
    pub(crate) updated_at: String,
    pub(crate) topic_arn: Option<String>,
    pub(crate) target_count: Option<u32>,
    pub(crate) nodes_heard: u32,
    pub(crate) counts: Counts,
    pub(crate) acknowledged: bool,
    pub(crate) simulated: bool,
    pub(crate) muted: bool,
    pub(crate) window: Option<WindowTie>,
}

/// The run of a maintenance window that a command belongs to.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowTie {
    pub(crate) run: String,
    /// The window's name, or its id where no name is known.
    pub(crate) name: String,
    /// Whether it was told by the time alone.
    pub(crate) guess: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct DecisionRow {
    pub(crate) at: String,
    pub(crate) outcome: String,
    pub(crate) reason: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct CommandCard {
    pub(crate) command: CommandRow,
    pub(crate) decisions: Vec<DecisionRow>,
    pub(crate) watched: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct InvocationRow {
    pub(crate) node_id: String,
    pub(crate) status: String,
    pub(crate) detail: Option<String>,
    pub(crate) event_time: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct EventRow {
    pub(crate) event_time: String,
    pub(crate) received_at: String,
    pub(crate) level: String,
    pub(crate) node_id: Option<String>,
    pub(crate) status: String,
    pub(crate) detail: Option<String>,
    pub(crate) message_id: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct QuarantineRow {
    pub(crate) id: u32,
    pub(crate) received_at: String,
    pub(crate) reason: String,
    pub(crate) body: String,
    pub(crate) topic_arn: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct GapRow {
    pub(crate) topic_arn: String,
    pub(crate) from: String,
    pub(crate) to: String,
    pub(crate) reason: String,
    pub(crate) may_have_lost: Option<bool>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct CommandPage {
    pub(crate) rows: Vec<CommandRow>,
    pub(crate) next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct InvocationPage {
    pub(crate) rows: Vec<InvocationRow>,
    pub(crate) next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct EventPage {
    pub(crate) rows: Vec<EventRow>,
    pub(crate) next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct QuarantinePage {
    pub(crate) rows: Vec<QuarantineRow>,
    pub(crate) next: Option<String>,
}

#[derive(Debug, Clone, Deserialize, Type)]
pub(crate) struct FeedQuery {
    pub(crate) status: Vec<String>,
    pub(crate) search: Option<String>,
    pub(crate) after: Option<String>,
    pub(crate) limit: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Theme {
    System,
    Light,
    Dark,
}

#[expect(clippy::struct_excessive_bools, reason = "each is one switch on the settings page")]
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Settings {
    pub(crate) theme: Theme,
    pub(crate) alerts: bool,
    pub(crate) sound: bool,
    pub(crate) autostart: bool,
    pub(crate) keep_parameters: bool,
    pub(crate) late_after_minutes: u32,
    pub(crate) leave_tray_after_days: u32,
    pub(crate) read_windows: bool,
}
