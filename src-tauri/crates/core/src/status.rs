//! What SSM says about a command or an invocation, in its own vocabulary.
//!
//! **Invariant:** reading a status never fails and never loses text: what this program does not know is kept as AWS
//! wrote it and shown.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The coarse status of a command or an invocation (SSM `CommandStatus`, `CommandInvocationStatus`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Not yet begun.
    Pending,
    /// At least one node has begun.
    InProgress,
    /// Ended well.
    Success,
    /// Ended badly, or never could run; the detail says which.
    Failed,
    /// Not delivered in time, or ran over its time; the detail says which.
    TimedOut,
    /// Called off by a person.
    Cancelled,
    /// Anything else, as AWS wrote it.
    Other(String),
}

impl Status {
    /// Reads any of AWS's spellings and our own: `TimedOut`, `Timed Out`, `timed_out`, `Canceled`, …
    pub fn parse(text: &str) -> Status {
        match text {
            "InProgress" => return Status::InProgress,
            "Success" => return Status::Success,
            "Failed" => return Status::Failed,
            "TimedOut" => return Status::TimedOut,
            _ => {}
        }
        let known = |name: &str| {
            let mut letters = text.chars().filter(|c| !matches!(c, ' ' | '_' | '-' | '\t'));
            let mut wanted = name.chars();
            loop {
                match (letters.next(), wanted.next()) {
                    (None, None) => return true,
                    (Some(a), Some(b)) if a.to_ascii_lowercase() == b => {}
                    _ => return false,
                }
            }
        };
        if known("pending") {
            Status::Pending
        } else if known("inprogress") {
            Status::InProgress
        } else if known("success") {
            Status::Success
        } else if known("failed") {
            Status::Failed
        } else if known("timedout") {
            Status::TimedOut
        } else if known("cancelled") || known("canceled") {
            Status::Cancelled
        } else {
            Status::Other(text.to_owned())
        }
    }

    /// The coarse status that goes with a `detailedStatus` (Systems Manager user guide, "Understanding command statuses"); `None` where AWS documents none.
    pub fn of_detail(detail: &str) -> Option<Status> {
        Some(match detail {
            "DeliveryTimedOut" | "ExecutionTimedOut" => Status::TimedOut,
            "Undeliverable"
            | "Terminated"
            | "InvalidPlatform"
            | "AccessDenied"
            | "Incomplete"
            | "LimitExceeded"
            | "FailedDueToAlarm"
            | "FailedDueToUnknownAlarmState" => Status::Failed,
            "NoInstancesInTag" => Status::Success,
            _ => match Status::parse(detail) {
                Status::Other(_) => return None,
                known => known,
            },
        })
    }

    /// The text in JSON and on the command line: `timed_out`, or AWS's own.
    pub fn as_str(&self) -> &str {
        match self {
            Status::Pending => "pending",
            Status::InProgress => "in_progress",
            Status::Success => "success",
            Status::Failed => "failed",
            Status::TimedOut => "timed_out",
            Status::Cancelled => "cancelled",
            Status::Other(text) => text,
        }
    }

    /// Whether it is an end: success, failed, timed out or cancelled.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Status::Success | Status::Failed | Status::TimedOut | Status::Cancelled)
    }

    /// Whether it is an end that rings: failed or timed out.
    pub fn is_failing(&self) -> bool {
        matches!(self, Status::Failed | Status::TimedOut)
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for Status {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Status {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Status::parse(&Cow::<'de, str>::deserialize(deserializer)?))
    }
}

/// Which of the two levels a notification speaks of (SSM `NotificationType`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// The command as a whole.
    Command,
    /// One node of it.
    Invocation,
}

impl Level {
    /// `command` or `invocation`.
    pub fn as_str(self) -> &'static str {
        match self {
            Level::Command => "command",
            Level::Invocation => "invocation",
        }
    }

    /// Reads what [`Level::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Level> {
        [Level::Command, Level::Invocation].into_iter().find(|level| level.as_str() == text)
    }
}

/// The heap into which an invocation is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Bucket {
    /// Not yet begun.
    Pending,
    /// Running.
    InProgress,
    /// Ended well.
    Success,
    /// Ran and failed, or could not be reached at all (`Undeliverable`).
    Failed,
    /// Not delivered in time, or over its time.
    TimedOut,
    /// Called off.
    Cancelled,
    /// `Failed`/`Terminated`: never ran, because max-errors stopped the command first.
    NotRun,
    /// A status this program does not know.
    Other,
}

impl Bucket {
    /// Every bucket, in the order in which people read them.
    pub const ALL: [Bucket; 8] = [
        Bucket::Pending,
        Bucket::InProgress,
        Bucket::Success,
        Bucket::Failed,
        Bucket::TimedOut,
        Bucket::Cancelled,
        Bucket::NotRun,
        Bucket::Other,
    ];

    /// The key in `counts`: `timed_out`, `not_run`, …
    pub fn as_str(self) -> &'static str {
        match self {
            Bucket::Pending => "pending",
            Bucket::InProgress => "in_progress",
            Bucket::Success => "success",
            Bucket::Failed => "failed",
            Bucket::TimedOut => "timed_out",
            Bucket::Cancelled => "cancelled",
            Bucket::NotRun => "not_run",
            Bucket::Other => "other",
        }
    }

    /// Reads what [`Bucket::as_str`] wrote.
    pub fn parse(text: &str) -> Option<Bucket> {
        Bucket::ALL.into_iter().find(|bucket| bucket.as_str() == text)
    }

    /// Whether a node in it rings: failed or timed out. A node that never ran does not.
    pub fn is_failing(self) -> bool {
        matches!(self, Bucket::Failed | Bucket::TimedOut)
    }
}

/// Counts an invocation's status. `Undeliverable` stays failed and `DeliveryTimedOut` stays timed out.
pub fn bucket(status: &Status, detail: Option<&str>) -> Bucket {
    match status {
        Status::Pending => Bucket::Pending,
        Status::InProgress => Bucket::InProgress,
        Status::Success => Bucket::Success,
        Status::Failed if detail == Some("Terminated") => Bucket::NotRun,
        Status::Failed => Bucket::Failed,
        Status::TimedOut => Bucket::TimedOut,
        Status::Cancelled => Bucket::Cancelled,
        Status::Other(_) => Bucket::Other,
    }
}
