//! One understood message: what SSM said about one command at one instant.
//!
//! **Invariant:** `event_time` lies in the years 2010 to 2200, so it fits the store's integers; every other time here
//! does too, or is absent. Texts are kept exactly as they came: cleaning them is the business of whoever shows them.

use jiff::Timestamp;

use crate::arn::TopicArn;
use crate::status::{Bucket, Level, Status, bucket};

/// What one message says. Absent means that the message did not say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandEvent {
    /// SSM's id of the command: 1 to 256 characters here, a lower-case UUID on the wire.
    pub command_id: String,
    /// The document's name, or its ARN when it is shared from another account.
    pub document: Option<String>,
    /// Whether this speaks of the command or of one node.
    pub level: Level,
    /// The managed node (`i-…`, `mi-…`); present exactly when `level` is [`Level::Invocation`].
    pub node_id: Option<String>,
    /// The coarse status.
    pub status: Status,
    /// `detailedStatus` as AWS wrote it, such as `ExecutionTimedOut`.
    pub detail: Option<String>,
    /// When it happened. Nanoseconds from SNS notifications, whole seconds from EventBridge.
    pub event_time: Timestamp,
    /// When the command was sent. Differs by some 100 ms between messages of one command.
    pub requested_at: Option<Timestamp>,
    /// When SSM gives up: requested + delivery time-out + execution time-out.
    pub expires_after: Option<Timestamp>,
    /// The nodes that were named one by one; empty for tag and resource-group targets, and at invocation level.
    pub instance_ids: Vec<String>,
    /// Where the output goes.
    pub s3_bucket: Option<String>,
    /// The output's key prefix; may end in `/`.
    pub s3_prefix: Option<String>,
    /// The topic that the SNS envelope names; raw delivery has none.
    pub topic_arn: Option<TopicArn>,
    /// The id of the publish: the SNS `MessageId`, equal in all copies, or EventBridge's own `id`.
    pub message_id: Option<String>,
    /// When SNS or EventBridge sent it.
    pub sent_at: Option<Timestamp>,
    /// The id in `watchbellProbe`: a test message, which some Watchbell published on purpose.
    pub probe: Option<String>,
    /// EventBridge's `detail.parameters`: command text, often with secrets in it. Never stored unless the person asks.
    pub parameters: Option<serde_json::Value>,
}

impl CommandEvent {
    /// The heap into which this event's status counts.
    pub fn bucket(&self) -> Bucket {
        bucket(&self.status, self.detail.as_deref())
    }
}

/// Whether an instant can be when something happened: in the years 2010 to 2200, UTC.
pub fn is_plausible(at: Timestamp) -> bool {
    const FIRST: Timestamp = Timestamp::constant(1_262_304_000, 0); // 2010-01-01
    const END: Timestamp = Timestamp::constant(7_289_654_400, 0); // 2201-01-01
    FIRST <= at && at < END
}
