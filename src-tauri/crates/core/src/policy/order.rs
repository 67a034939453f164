//! What a step hands back: the wish about the one alert of a group, and decisions with their reasons.
//!
//! **Invariant:** every decision has a reason in plain words, because a person will ask why it did or did not ring.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// How insistent the desktop should be. On Linux a critical alert stays until the person acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// May leave the screen by itself.
    Normal,
    /// A node failed: stays until seen.
    Critical,
}

/// The words of an alert, plain text: whoever sends the body to a server that reads markup escapes it
/// ([`crate::words::escape_markup`]).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AlertText {
    /// What and how many, one line.
    pub title: String,
    /// Where, and the rest.
    pub body: String,
    /// How insistent.
    pub urgency: Urgency,
    /// Whether it may make a sound; updates never do.
    pub sound: bool,
}

impl AlertText {
    /// Whether both read the same; a sound is not part of what is read.
    pub(super) fn reads_like(&self, other: &Self) -> bool {
        self.title == other.title && self.body == other.body && self.urgency == other.urgency
    }
}

/// What should happen to the one alert of a group.
///
/// An `Update` that comes before its `Show` was carried out makes that `Show` carry the newer text, with the sound
/// of the `Show`: the store keeps one wish a group, not a queue of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlertOrder {
    /// Put a new alert on the screen.
    Show(AlertText),
    /// Change the text of the alert that is there, in place and silently.
    Update(AlertText),
    /// Take it off the screen.
    Close,
}

/// What was decided. The words are those of `show --json`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// A new alert.
    Rang,
    /// The alert's text was changed in place.
    Updated,
    /// It became part of an alert that is already there.
    Joined,
    /// It went into the "N more commands" alert.
    Overflow,
    /// It went into a digest.
    Digest,
    /// It waits for the end of a snooze.
    Snoozed,
    /// It changes tray and history only.
    Quiet,
    /// Alerts are off for it.
    Muted,
    /// The person acknowledged it.
    Acknowledged,
    /// The person dismissed or opened the alert.
    Dismissed,
    /// A later event superseded a failure.
    Corrected,
}

impl Outcome {
    /// The word used in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Rang => "rang",
            Self::Updated => "updated",
            Self::Joined => "joined",
            Self::Overflow => "overflow",
            Self::Digest => "digest",
            Self::Snoozed => "snoozed",
            Self::Quiet => "quiet",
            Self::Muted => "muted",
            Self::Acknowledged => "acknowledged",
            Self::Dismissed => "dismissed",
            Self::Corrected => "corrected",
        }
    }
}

/// One decision about a group, to be stored with the events that led to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// When it was decided.
    pub at: Timestamp,
    /// What was decided.
    pub outcome: Outcome,
    /// Why, as a sentence for the person.
    pub reason: String,
}
