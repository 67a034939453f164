//! What SSM says about a window's execution, in its own vocabulary (`MaintenanceWindowExecutionStatus`).
//!
//! **Invariant:** reading a status never fails and never loses text: what this program does not know is kept as AWS wrote it.

use std::borrow::Cow;
use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// The status of an execution, one of its tasks or one of their targets.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum RunStatus {
    /// Not yet begun.
    Pending,
    /// Begun.
    InProgress,
    /// Being called off.
    Cancelling,
    /// All of its tasks ended well.
    Success,
    /// Some task ended badly.
    Failed,
    /// The window closed before its tasks had ended.
    TimedOut,
    /// Called off.
    Cancelled,
    /// Never ran, because an earlier run of the same window still did.
    SkippedOverlapping,
    /// Anything else, as AWS wrote it.
    Other(String),
}

impl RunStatus {
    /// Reads AWS's spellings and our own: `TIMED_OUT`, `TimedOut`, `timed_out`, …
    pub fn parse(text: &str) -> Self {
        let bare: String =
            text.chars().filter(|letter| !matches!(letter, '_' | '-' | ' ')).map(|l| l.to_ascii_lowercase()).collect();
        match bare.as_str() {
            "pending" => Self::Pending,
            "inprogress" => Self::InProgress,
            "cancelling" | "canceling" => Self::Cancelling,
            "success" => Self::Success,
            "failed" => Self::Failed,
            "timedout" => Self::TimedOut,
            "cancelled" | "canceled" => Self::Cancelled,
            "skippedoverlapping" => Self::SkippedOverlapping,
            _ => Self::Other(text.to_owned()),
        }
    }

    /// The text in JSON and in the database: `timed_out`, or AWS's own.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Pending => "pending",
            Self::InProgress => "in_progress",
            Self::Cancelling => "cancelling",
            Self::Success => "success",
            Self::Failed => "failed",
            Self::TimedOut => "timed_out",
            Self::Cancelled => "cancelled",
            Self::SkippedOverlapping => "skipped_overlapping",
            Self::Other(text) => text,
        }
    }

    /// Whether it is an end.
    pub fn is_terminal(&self) -> bool {
        matches!(self, Self::Success | Self::Failed | Self::TimedOut | Self::Cancelled | Self::SkippedOverlapping)
    }

    /// Terminal > unknown text > cancelling > in progress > pending.
    pub(super) fn finality(&self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::InProgress => 1,
            Self::Cancelling => 2,
            Self::Other(_) => 3,
            _ => 4,
        }
    }

    /// Between what was said of one instant: failed > timed out > cancelled > success > others.
    pub(super) fn severity(&self) -> u8 {
        match self {
            Self::Failed => 4,
            Self::TimedOut => 3,
            Self::Cancelled => 2,
            Self::Success => 1,
            _ => 0,
        }
    }
}

impl fmt::Display for RunStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Serialize for RunStatus {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for RunStatus {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&Cow::<'de, str>::deserialize(deserializer)?))
    }
}

#[cfg(test)]
mod tests {
    use super::RunStatus as S;

    #[test]
    fn every_status_is_read_back_and_an_unknown_one_keeps_its_letters() {
        let known = ["PENDING", "IN_PROGRESS", "SUCCESS", "FAILED", "TIMED_OUT", "CANCELLING", "CANCELLED"];
        for text in known.into_iter().chain(["SKIPPED_OVERLAPPING"]) {
            let status = S::parse(text);
            assert!(!matches!(status, S::Other(_)), "{text} is of the API's model");
            assert_eq!(S::parse(status.as_str()), status, "what is stored is read back");
        }
        assert_eq!(S::parse("Brand New").as_str(), "Brand New", "what is not known is kept as AWS wrote it");
        assert!(S::SkippedOverlapping.is_terminal(), "a skipped run never begins, so it has ended");
    }
}
