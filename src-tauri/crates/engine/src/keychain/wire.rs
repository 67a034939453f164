//! What parent and child say to each other: one JSON document each way, over pipes.
//!
//! **Invariant:** these types have no `Debug`, since they hold a secret in the clear for as long as a pipe needs it.

use serde::{Deserialize, Serialize};

use super::KeychainError;

/// What the child is to do.
#[derive(Serialize, Deserialize, Clone, Copy, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub(super) enum Operation {
    Get,
    Set,
    Delete,
}

/// The parent's question.
#[derive(Serialize, Deserialize)]
pub(super) struct Request {
    pub(super) operation: Operation,
    pub(super) item: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) secret: Option<String>,
    /// Whether the keychain may ask the person something.
    pub(super) may_prompt: bool,
    /// After this the child ends by itself, in case its parent was killed.
    pub(super) limit_ms: u64,
}

/// The child's answer.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reply {
    /// Done; for `get` with the secret.
    Done { secret: Option<String> },
    /// Not done.
    Refused(KeychainError),
}
