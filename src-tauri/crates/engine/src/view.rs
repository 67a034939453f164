//! What is read from the history, in the shape in which scripts and the window get it.
//!
//! **Invariant:** fields may be added, never renamed; absent means unknown, so an unknown value is left out rather than
//! written as `null`. Times are RFC 3339, UTC.

mod window;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use watchbell_core::command::Counts;
use watchbell_core::health::{Health, SubscriptionState};
use watchbell_core::listening::Silence;
use watchbell_core::status::{Level, Status};

pub use self::window::{CutOffNode, FailedNode, WindowEventRow, WindowReport, WindowRun, WindowSource, WindowState};
use crate::aws::identity::SOON;
use crate::error::Problem;

/// One command in a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandRow {
    /// SSM's id.
    pub command_id: String,
    /// The document's name or ARN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// The worst of both levels: what screens, filters and search use.
    pub state: Status,
    /// The command level's own status; absent until it was heard.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<Status>,
    /// The levels heard from.
    pub levels: Vec<Level>,
    /// When the command was sent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<Timestamp>,
    /// The greatest event time heard.
    pub updated_at: Timestamp,
    /// The topic that told of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_arn: Option<String>,
    /// How many nodes it was sent to; known only when they were named one by one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_count: Option<u32>,
    /// How many nodes were heard from.
    pub nodes_heard: u32,
    /// Those nodes by status.
    pub counts: Counts,
    /// Whether the person acknowledged it and nothing broke that since.
    pub acknowledged: bool,
    /// Whether every event of it was a probe.
    pub simulated: bool,
    /// Whether every failure of it was muted, so that it does not count as unacknowledged.
    #[serde(default)]
    pub muted: bool,
    /// The maintenance window it belongs to, where that is known or can be told by its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<WindowRef>,
    /// Where the next page goes on after this row; opaque.
    pub cursor: String,
}

/// The maintenance window of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowRef {
    /// Which run of it, as [`crate::store::Reader::window`] takes it.
    pub run: String,
    /// `mw-…`; for a window that the person typed in, its name.
    pub id: String,
    /// The execution of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub execution_id: Option<String>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where the run is known from: `ssm`, `eventbridge` or `typed`.
    pub source: String,
    /// Whether it was told by the time alone.
    pub guess: bool,
}

/// One node of a command.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvocationRow {
    /// The managed node, `i-…` or `mi-…`.
    pub node_id: String,
    /// Its status.
    pub status: Status,
    /// AWS's `detailedStatus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When that was so.
    pub event_time: Timestamp,
}

/// One thing that SSM said: one per distinct (level, node, status, detail, event time).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventRow {
    /// When it happened.
    pub event_time: Timestamp,
    /// When it was first received.
    pub received_at: Timestamp,
    /// Of the command or of a node.
    pub level: Level,
    /// The node.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node_id: Option<String>,
    /// The status.
    pub status: Status,
    /// AWS's `detailedStatus`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The SNS message that told it first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
}

/// One decision of the alert policy, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRow {
    /// When it was decided.
    pub at: Timestamp,
    /// rang, updated, joined, overflow, digest, snoozed, quiet, muted, acknowledged, dismissed, corrected.
    pub outcome: String,
    /// The reason, a sentence.
    pub reason: String,
}

/// One command with everything that is known of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandDetail {
    /// The command.
    pub command: CommandRow,
    /// Its nodes, the worst first.
    pub invocations: Vec<InvocationRow>,
    /// What was said, oldest first.
    pub events: Vec<EventRow>,
    /// What was decided, oldest first.
    pub decisions: Vec<DecisionRow>,
    /// Whether the person wants to be told when it ends.
    #[serde(default)]
    pub watched: bool,
}

/// One message that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuarantineRow {
    /// Its number.
    pub id: i64,
    /// When it was first received.
    pub received_at: Timestamp,
    /// Why it was not understood, a sentence.
    pub reason: String,
    /// The kind of that reason, for programs: `not_json`, `other_topic`, …
    pub kind: String,
    /// The body as it came.
    pub body: String,
    /// The subscribed topic through whose queue it came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic_arn: Option<String>,
    /// How many copies came.
    pub copies: u32,
    /// Where the next page goes on after this row; opaque.
    pub cursor: String,
}

/// A time in which nobody listened to a topic's queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GapRow {
    /// The topic.
    pub topic_arn: String,
    /// The last instant known to have been heard. After a crash up to 10 minutes early.
    pub from: Timestamp,
    /// The first poll that completed again.
    pub to: Timestamp,
    /// Why: `quit`, `sleep`, `paused`, `blind` or `queue_missing`.
    pub reason: Silence,
    /// Whether it was longer than the queue keeps messages, or there was no queue; absent where that is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub may_have_lost: Option<bool>,
}

/// One page of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// Where the next page begins; absent at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl<T> Default for Page<T> {
    fn default() -> Self {
        Self { rows: Vec::new(), next: None }
    }
}

/// Whether an engine runs on the data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineState {
    /// It runs.
    Running,
    /// It does not.
    Stopped,
}

/// The health of one subscription.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubscriptionStatus {
    /// The topic.
    pub topic_arn: String,
    /// The personal queue.
    pub queue_url: String,
    /// The subscription; absent for an adopted queue.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subscription_arn: Option<String>,
    /// Whether it is heard.
    pub state: SubscriptionState,
    /// When a poll last came back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_completed_poll: Option<Timestamp>,
    /// When a message last came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_message: Option<Timestamp>,
    /// Messages that wait in the queue, as SQS estimates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backlog: Option<u64>,
    /// Messages that were received and are not deleted yet, as SQS estimates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_flight: Option<u64>,
    /// How long the oldest message of the last batch that held any had waited since it was sent to the queue, in whole seconds of AWS's clock. How
    /// old the oldest one is that still waits, SQS tells CloudWatch alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_batch_waited_seconds: Option<u32>,
    /// When the credentials in use end; absent while that is not known, or they have no end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Timestamp>,
    /// Whether they are renewed before that without the person; absent with `expires_at`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub renews: Option<bool>,
    /// Why it is not ok, a sentence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl SubscriptionStatus {
    /// One of which nothing was heard yet.
    pub fn new(topic_arn: impl Into<String>, queue_url: impl Into<String>, state: SubscriptionState) -> Self {
        Self {
            topic_arn: topic_arn.into(),
            queue_url: queue_url.into(),
            subscription_arn: None,
            state,
            last_completed_poll: None,
            last_message: None,
            backlog: None,
            in_flight: None,
            last_batch_waited_seconds: None,
            expires_at: None,
            renews: None,
            reason: None,
            hint: None,
        }
    }

    /// When it signs out, if that is soon and nothing but the person can prevent it.
    pub fn signs_out(&self, now: Timestamp) -> Option<Timestamp> {
        let at = self.expires_at.filter(|_| self.renews == Some(false))?;
        (!self.state.is_blind() && at.duration_since(now) <= SOON).then_some(at)
    }
}

/// `watchbellctl status`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StatusReport {
    /// Whether an engine runs.
    pub engine: EngineState,
    /// Blind wins over failing.
    pub health: Health,
    /// Failed or timed out commands that nobody acknowledged.
    pub unacknowledged: u32,
    /// Messages that were not understood.
    pub quarantined: u32,
    /// Until when new alerts are held back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snoozed_until: Option<Timestamp>,
    /// Until when quiet hours hold, if they do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_until: Option<Timestamp>,
    /// Each subscription.
    pub subscriptions: Vec<SubscriptionStatus>,
    /// When nobody listened, of the last 24 hours, the gap that ended last first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gaps: Vec<GapRow>,
    /// What else is wrong: the store, the notification server, the keychain.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<Problem>,
}

/// Which commands to list: every filled field narrows.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HistoryQuery {
    /// Any of these `state`s.
    pub status: Vec<Status>,
    /// Updated at or after.
    pub since: Option<Timestamp>,
    /// Updated at or before.
    pub until: Option<Timestamp>,
    /// The document's name, where `*` stands for any text; not minding case.
    pub document: Option<String>,
    /// The id of some node of the command, where `*` stands for any text.
    pub node: Option<String>,
    /// What a person types into the search field (`core::search`): `status:failed document:AWS-Run* since:7d patch`.
    pub search: Option<String>,
    /// Words that must all occur in the command's id, its document, its topic's name or the beginning of a node's id.
    pub text: Vec<String>,
    /// Only failed or timed out commands that nobody acknowledged, of whatever age.
    pub unacknowledged_only: bool,
    /// Rows a page, 1 to 1,000; 0 means 50.
    pub limit: u32,
    /// The cursor of the row after which to go on.
    pub after: Option<String>,
}
