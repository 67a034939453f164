//! How events become state, whatever the order in which they come (ARCHITECTURE, invariant 2).
//!
//! **Invariant:** every join here is commutative, associative and idempotent, so any permutation of the events with any
//! duplicates ends in the same history. Nothing here may look at the time of arrival.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::BodyDigest;
use crate::event::CommandEvent;
use crate::status::Status;

/// What is known of one level: of the command, or of one of its nodes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LevelState {
    /// The coarse status.
    pub status: Status,
    /// `detailedStatus`, where the message had one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// When it happened.
    pub event_time: Timestamp,
}

impl LevelState {
    /// What one event says about its level.
    pub fn of(event: &CommandEvent) -> Self {
        LevelState { status: event.status.clone(), detail: event.detail.clone(), event_time: event.event_time }
    }

    fn compare(&self, status: &Status, detail: Option<&str>, event_time: Timestamp) -> Ordering {
        finality(&self.status)
            .cmp(&finality(status))
            .then_with(|| self.event_time.cmp(&event_time))
            .then_with(|| severity(&self.status).cmp(&severity(status)))
            .then_with(|| self.status.as_str().as_bytes().cmp(status.as_str().as_bytes()))
            .then_with(|| self.detail.as_deref().map(str::as_bytes).cmp(&detail.map(str::as_bytes)))
    }
}

/// Terminal > unknown text > in progress > pending.
fn finality(status: &Status) -> u8 {
    match status {
        Status::Pending => 0,
        Status::InProgress => 1,
        Status::Other(_) => 2,
        Status::Success | Status::Failed | Status::TimedOut | Status::Cancelled => 3,
    }
}

/// Between events of one instant: failed > timed out > cancelled > success > others.
fn severity(status: &Status) -> u8 {
    match status {
        Status::Failed => 4,
        Status::TimedOut => 3,
        Status::Cancelled => 2,
        Status::Success => 1,
        Status::Pending | Status::InProgress | Status::Other(_) => 0,
    }
}

impl Ord for LevelState {
    fn cmp(&self, other: &Self) -> Ordering {
        self.compare(&other.status, other.detail.as_deref(), other.event_time)
    }
}

impl PartialOrd for LevelState {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Keeps the greater of what is held and what is heard; says whether that changed anything.
pub fn join_level(held: &mut Option<LevelState>, heard: LevelState) -> bool {
    match held {
        Some(state) if *state >= heard => false,
        _ => {
            *held = Some(heard);
            true
        }
    }
}

/// Joins the state that an event tells, without copying one that changes nothing.
pub(crate) fn join_event(held: &mut Option<LevelState>, event: &CommandEvent) -> bool {
    if let Some(state) = held
        && state.compare(&event.status, event.detail.as_deref(), event.event_time).is_ge()
    {
        return false;
    }
    *held = Some(LevelState::of(event));
    true
}

/// A value with the event that said it: the greatest by (time, body) wins.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stamped<T> {
    /// What was said.
    pub value: T,
    /// The event's time.
    pub at: Timestamp,
    /// The digest of the event's body; stands for its bytes in the order.
    pub body: BodyDigest,
}

/// Everything of a command but its status: each field from the greatest event that has it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CommandFields {
    /// The document's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Stamped<String>>,
    /// When SSM gives up.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_after: Option<Stamped<Timestamp>>,
    /// The nodes that were named one by one; never an empty list.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub targets: Option<Stamped<Vec<String>>>,
    /// The topic through which it was heard.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_arn: Option<Stamped<String>>,
    /// Where the output goes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_bucket: Option<Stamped<String>>,
    /// The output's key prefix.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub s3_prefix: Option<Stamped<String>>,
}

impl CommandFields {
    /// Takes in what the event says; says whether there is anything to store.
    ///
    /// A later event that repeats a value still moves its stamp: without it a third event between the two would win.
    pub fn join(&mut self, event: &CommandEvent, body: &BodyDigest) -> bool {
        let stamp = (event.event_time, *body);
        let targets = Some(event.instance_ids.as_slice()).filter(|ids| !ids.is_empty());
        let topic = event.topic_arn.as_ref().map(crate::arn::TopicArn::as_str);
        // `|` and not `||`: every field must hear the event.
        keep(&mut self.document, event.document.as_deref(), stamp)
            | keep(&mut self.expires_after, event.expires_after.as_ref(), stamp)
            | keep(&mut self.targets, targets, stamp)
            | keep(&mut self.topic_arn, topic, stamp)
            | keep(&mut self.s3_bucket, event.s3_bucket.as_deref(), stamp)
            | keep(&mut self.s3_prefix, event.s3_prefix.as_deref(), stamp)
    }
}

fn keep<T, B>(held: &mut Option<Stamped<T>>, heard: Option<&B>, stamp: (Timestamp, BodyDigest)) -> bool
where
    B: ?Sized + ToOwned<Owned = T> + PartialEq,
    T: std::borrow::Borrow<B>,
{
    let Some(value) = heard else { return false };
    let (at, body) = stamp;
    match held {
        Some(held) if (held.at, held.body) >= stamp => false,
        Some(held) => {
            if held.value.borrow() != value {
                held.value = value.to_owned();
            }
            (held.at, held.body) = stamp;
            true
        }
        None => {
            *held = Some(Stamped { value: value.to_owned(), at, body });
            true
        }
    }
}
