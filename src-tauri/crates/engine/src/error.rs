//! The closed set of reasons for which Watchbell says no, and the one shape in which it says so.
//!
//! Every module has its own `thiserror` enum; at the edge each becomes a [`Problem`]: what failed (`message`), what to
//! do next (`hint`) and a [`Code`] that scripts and the window can switch on.
//!
//! **Invariant:** a `Problem` never carries a secret or a message body.

use serde::{Deserialize, Serialize};

/// The kind of a failure. Its number is the exit code of `watchbellctl` (README, "In a terminal").
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// The answer to the question is "no".
    No = 1,
    /// The question itself was wrong: an argument, a malformed ARN, an unknown filter.
    Usage = 2,
    /// AWS understood and refused: no permission, wrong secret, no such resource.
    AwsRefused = 3,
    /// AWS could not be reached, or did not answer in time.
    AwsUnreachable = 4,
    /// The OS keychain is missing, locked, or refused.
    Keychain = 5,
    /// The data folder or the database failed.
    Storage = 6,
    /// Nothing is being heard: no engine, or a subscription that is deaf.
    Blind = 7,
}

impl Code {
    /// The process exit code, 1 to 7.
    pub fn exit_code(self) -> u8 {
        self as u8
    }

    /// The stable name used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::No => "no",
            Self::Usage => "usage",
            Self::AwsRefused => "aws_refused",
            Self::AwsUnreachable => "aws_unreachable",
            Self::Keychain => "keychain",
            Self::Storage => "storage",
            Self::Blind => "blind",
        }
    }
}

/// A failure as a person and a script read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{message}")]
pub struct Problem {
    /// What kind of failure.
    pub code: Code,
    /// What failed, naming it: one sentence without a final full stop.
    pub message: String,
    /// What to do next; empty when there is nothing to do.
    pub hint: String,
}

impl Problem {
    /// A problem of this kind, in these words.
    pub fn new(code: Code, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code, message: message.into(), hint: hint.into() }
    }

    /// `{"error": {"code", "message", "hint"}}`, the document that `--json` prints on stdout.
    pub fn to_json(&self) -> serde_json::Value {
        serde_json::json!({ "error": self })
    }

    /// The process exit code of this problem.
    pub fn exit_code(&self) -> u8 {
        self.code.exit_code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exit_codes_are_those_of_the_manual() {
        let all = [
            (Code::No, 1, "no"),
            (Code::Usage, 2, "usage"),
            (Code::AwsRefused, 3, "aws_refused"),
            (Code::AwsUnreachable, 4, "aws_unreachable"),
            (Code::Keychain, 5, "keychain"),
            (Code::Storage, 6, "storage"),
            (Code::Blind, 7, "blind"),
        ];
        for (code, exit, name) in all {
            assert_eq!(code.exit_code(), exit, "scripts lean on the exit code of {name}");
            assert_eq!(code.as_str(), name, "scripts lean on the name");
            assert_eq!(serde_json::to_value(code).unwrap(), name, "JSON and as_str must say the same");
        }
    }

    #[test]
    fn the_error_document_has_code_message_and_hint() {
        let problem = Problem::new(Code::Storage, "the disk is full", "free some space");
        assert_eq!(
            problem.to_json(),
            serde_json::json!({"error": {"code": "storage", "message": "the disk is full", "hint": "free some space"}}),
            "an error with --json is this document and no other"
        );
    }
}
