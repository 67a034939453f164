//! The search line: `status:failed document:AWS-RunPatch* since:7d free words`.
//!
//! **Invariants:** reading never panics; an error names the bytes it is about and says what to write instead; what is
//! shown by `Display` reads back as the same search.
//! Never here: SQL. The store turns a [`Search`] into a query.

mod instant;
mod read;
mod token;

#[cfg(test)]
mod tests;

pub use crate::glob::Glob;
pub use read::parse;

use crate::status::Status;
use jiff::Timestamp;
use std::fmt::{self, Display};
use std::ops::Range;

/// What a person looks for. Everything given must hold; several statuses mean any of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Search {
    /// Any of these states; empty means every state.
    pub status: Vec<Status>,
    /// The document's name.
    pub document: Option<Glob>,
    /// The id of some node of the command.
    pub node: Option<Glob>,
    /// The topic's name or ARN.
    pub topic: Option<Glob>,
    /// Not changed before this.
    pub since: Option<Timestamp>,
    /// Not changed after this.
    pub until: Option<Timestamp>,
    /// Words that must all be found.
    pub text: Vec<String>,
}

impl Search {
    /// Whether nothing is asked for, so that everything fits.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A search line that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct SearchError {
    /// The bytes of the line that are meant; on character boundaries.
    pub range: Range<usize>,
    /// What is wrong and what to write, as a sentence.
    pub message: String,
}

impl Display for Search {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut words = Vec::new();
        for status in &self.status {
            words.push(match status {
                // Only quotes tell AWS's own text from a misspelt status.
                Status::Other(text) => format!("status:{}", quoted(text)),
                known => format!("status:{known}"),
            });
        }
        for (key, glob) in [("document", &self.document), ("node", &self.node), ("topic", &self.topic)] {
            words.extend(glob.iter().map(|glob| format!("{key}:{}", value(glob.as_str()))));
        }
        for (key, at) in [("since", self.since), ("until", self.until)] {
            words.extend(at.iter().map(|at| format!("{key}:{at}")));
        }
        words.extend(self.text.iter().map(|word| value_of_text(word)));
        f.write_str(&words.join(" "))
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from('"');
    for letter in text.chars() {
        if matches!(letter, '"' | '\\') {
            out.push('\\');
        }
        out.push(letter);
    }
    out.push('"');
    out
}

fn value(text: &str) -> String {
    if text.is_empty() || text.contains(|letter: char| letter.is_whitespace() || matches!(letter, '"' | '\\')) {
        quoted(text)
    } else {
        text.to_owned()
    }
}

fn value_of_text(text: &str) -> String {
    if text.contains(':') { quoted(text) } else { value(text) }
}
