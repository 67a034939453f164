//! What is wrong with a rule: which one, in which field, at which place, and what to write instead.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// The field of a rule that an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Field {
    /// The rule's name.
    Name,
    /// The pattern on the document.
    Document,
    /// The pattern on the node's id.
    Node,
    /// The pattern on the status.
    Status,
    /// The pattern on the topic.
    Topic,
}

impl Field {
    /// The field's key in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Field::Name => "name",
            Field::Document => "document",
            Field::Node => "node",
            Field::Status => "status",
            Field::Topic => "topic",
        }
    }
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A rule that cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("Rule {}, {field}: {message}", rule.saturating_add(1))]
pub struct RuleError {
    /// Its index in the list, from 0. (People count from 1, and so does `Display`.)
    pub rule: usize,
    /// The field.
    pub field: Field,
    /// The bytes of the field's text that are meant; on character boundaries, empty only where the text is.
    pub range: Range<usize>,
    /// What is wrong, as a sentence.
    pub message: String,
    /// What to write instead, as a sentence.
    pub hint: String,
}

/// What is wrong with one text, before it is known whose it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) range: Range<usize>,
    pub(super) message: String,
    pub(super) hint: String,
}

impl Refusal {
    pub(super) fn new(range: Range<usize>, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { range, message: message.into(), hint: hint.into() }
    }

    pub(super) fn of(self, rule: usize, field: Field) -> RuleError {
        RuleError { rule, field, range: self.range, message: self.message, hint: self.hint }
    }
}
