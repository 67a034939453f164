//! Why a message lies in quarantine.
//!
//! **Invariant:** the sentence is short and harmless to show whatever the message held: foreign text in it is cut and
//! stripped of control characters.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a message was not understood.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// The kind, for programs.
    pub kind: ReasonKind,
    /// The sentence, for people.
    pub text: String,
}

impl Reason {
    /// A reason of this kind in these words.
    pub fn new(kind: ReasonKind, text: impl Into<String>) -> Self {
        Reason { kind, text: text.into() }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// The kinds of reasons.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    /// The body, or the message inside the envelope, is not JSON.
    NotJson,
    /// JSON, but of a shape, a type or a length that is none of the known ones.
    WrongShape,
    /// From a topic to which this queue is not subscribed.
    OtherTopic,
    /// A field without which the message means nothing is missing.
    MissingField,
    /// The event's time is missing, not a time, or outside 2010 to 2200.
    BadTime,
    /// A well-formed event that says nothing about a command or a maintenance window.
    UnknownEvent,
    /// SNS asks to confirm a subscription, or tells that one ended.
    SubscriptionConfirmation,
    /// Nested deeper than any real message.
    TooDeep,
    /// Understood, but the database would not take it.
    RefusedByStore,
}

impl ReasonKind {
    /// `not_json`, `other_topic`, …
    pub fn as_str(self) -> &'static str {
        match self {
            ReasonKind::NotJson => "not_json",
            ReasonKind::WrongShape => "wrong_shape",
            ReasonKind::OtherTopic => "other_topic",
            ReasonKind::MissingField => "missing_field",
            ReasonKind::BadTime => "bad_time",
            ReasonKind::UnknownEvent => "unknown_event",
            ReasonKind::SubscriptionConfirmation => "subscription_confirmation",
            ReasonKind::TooDeep => "too_deep",
            ReasonKind::RefusedByStore => "refused_by_store",
        }
    }
}

impl fmt::Display for ReasonKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
