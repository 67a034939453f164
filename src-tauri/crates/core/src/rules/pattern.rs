//! A pattern as text: what stands in a field of the window and in the file.
//!
//! **Invariant:** the text is kept exactly as the person wrote it, so that the place of a mistake is a place in what they
//! see. Whether it can be understood is found out by [`super::RuleBook::compile`].

use serde::{Deserialize, Serialize};
use std::fmt;

/// A glob such as `AWS-RunPatch*`, or a regular expression between slashes such as `/^AWS-(Run|Apply)/`. In JSON it is
/// that one string.
///
/// - **Glob**: fits the whole text. `*` (and the `…` of an id that was shortened on the screen) stands for any text, `?`
///   for any one character; ASCII letters fit in either case, as in the search line.
/// - **Regular expression** (the syntax of the `regex` crate): fits where it is found anywhere; `^` and `$` bind it to the
///   ends. Letters fit in either case unless it says `(?-i)`. A slash within needs no escape.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Pattern(String);

/// How a pattern is to be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PatternKind<'a> {
    /// The glob: the whole text.
    Glob(&'a str),
    /// The regular expression: what stands between the first slash and the last. Its byte 0 is byte 1 of the text.
    Expression(&'a str),
}

impl Pattern {
    /// The pattern as the person wrote it. Any text may be one; not every one can be compiled.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The pattern as the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// What the text is, told by its slashes.
    pub fn kind(&self) -> PatternKind<'_> {
        match self.0.strip_prefix('/').and_then(|rest| rest.strip_suffix('/')) {
            Some(inner) => PatternKind::Expression(inner),
            None => PatternKind::Glob(&self.0),
        }
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl From<&str> for Pattern {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}
