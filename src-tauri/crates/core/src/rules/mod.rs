//! Rules: which failures ring, which stay quiet and which are muted, in the person's own order.
//!
//! **Invariants:**
//! - The first enabled rule all of whose conditions hold decides. Where none does, it is loud.
//! - What is not known fits no pattern, so a rule never silences what it cannot see.
//! - Judging never fails, allocates nothing and takes time linear in the text. A pattern that could hang or eat memory
//!   does not become part of a [`RuleBook`]: it is refused, with its place marked and a hint.
//! - A rule that exists can be read: no name and no pattern holds what cannot be seen on a screen.
//!
//! Never here: the history and its replay, the database, the settings, and what else keeps an alert quiet (a snooze, an
//! acknowledgement). The policy asks for a [`Verdict`] and stores its [`Verdict::reason`].

mod book;
mod error;
mod expression;
mod file;
mod matcher;
mod mistake;
mod pattern;
mod rule;
mod subject;
mod verdict;
mod weight;

#[cfg(test)]
mod tests;

pub use book::RuleBook;
pub use error::{Field, RuleError};
pub use file::{FILE_MAX, FILE_VERSION, FileError, export, import};
pub use pattern::{Pattern, PatternKind};
pub use rule::{InWindow, Route, Rule, When};
pub use subject::{Subject, status_word};
pub use verdict::{Chosen, Verdict};

/// The most rules of one book.
pub const RULES_MAX: usize = 200;
/// The most characters of a rule's name.
pub const NAME_MAX: usize = 80;
/// The most characters of a pattern, with its slashes.
pub const PATTERN_MAX: usize = 500;
/// The most bytes of a text that a pattern looks at: the longest ARN of AWS. What is longer is no name and fits no pattern.
pub const SUBJECT_MAX: usize = 2_048;
