//! The file by which a team shares its rules: `{"watchbell_rules": 1, "rules": […]}`.
//!
//! **Invariants:** what is exported reads back as the same rules; what comes in is bounded, compiles, and holds nothing
//! that this version does not understand, so that a rule never does less than its author meant.

use super::{Rule, RuleBook, RuleError};
use crate::words::clean_to;
use serde::de::IgnoredAny;
use serde::{Deserialize, Serialize};

/// The version of the file that this program writes, and the newest that it reads.
pub const FILE_VERSION: u64 = 1;
/// The most bytes of a file: 1 MiB.
pub const FILE_MAX: usize = 1 << 20;

/// Why a file of rules is not taken. Nothing of it is.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileError {
    /// It is larger than [`FILE_MAX`].
    #[error("The file has {bytes} bytes; a file of rules has at most {FILE_MAX}.")]
    TooLarge {
        /// Its length.
        bytes: usize,
    },
    /// It is no whole JSON, or holds what a file of rules does not have.
    #[error("Line {line}, column {column}: {message}.")]
    Unreadable {
        /// From 1.
        line: usize,
        /// In bytes, from 1: where reading stopped, which is at the end of what is wrong.
        column: usize,
        /// What is wrong, as a clause.
        message: String,
    },
    /// It does not say that it holds rules.
    #[error("This is no file of Watchbell rules: \"watchbell_rules\": {FILE_VERSION} is missing.")]
    NotRules,
    /// It was written by a newer Watchbell.
    #[error("The file has version {version} of the rules; this Watchbell reads version {FILE_VERSION}.")]
    Newer {
        /// What it says.
        version: u64,
    },
    /// It holds rules that do not compile.
    #[error("{}", first_and_rest(.0))]
    Rules(Vec<RuleError>),
}

impl FileError {
    /// What to do next, as one sentence.
    pub fn hint(&self) -> &str {
        match self {
            FileError::TooLarge { .. } => "Check that it is the right file.",
            FileError::Unreadable { .. } => "Correct the file at that place, or export it anew.",
            FileError::NotRules => "Choose a file that was exported by Watchbell.",
            FileError::Newer { .. } => "Update Watchbell, or have the file exported by an older one.",
            FileError::Rules(errors) => errors.first().map_or("Correct the rules in the file.", |error| &error.hint),
        }
    }
}

fn first_and_rest(errors: &[RuleError]) -> String {
    let first = errors.first().map(ToString::to_string).unwrap_or_default();
    match errors.len() {
        0 | 1 => first,
        2 => format!("{first} 1 more mistake follows."),
        n => format!("{first} {} more mistakes follow.", n - 1),
    }
}

#[derive(Serialize)]
struct Sheet<'a> {
    watchbell_rules: u64,
    rules: &'a [Rule],
}

/// Enough of a file to tell whose it is, whatever else a later version holds.
#[derive(Deserialize)]
#[serde(expecting = "an object with watchbell_rules and rules")]
struct Head {
    watchbell_rules: Option<u64>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "an object with watchbell_rules and rules")]
struct ReadSheet {
    #[serde(rename = "watchbell_rules")]
    _version: IgnoredAny,
    rules: Vec<Rule>,
}

/// Writes the rules as a file: indented, in their order, its fields always in the same one, with a line break at the end.
pub fn export(rules: &[Rule]) -> String {
    let sheet = Sheet { watchbell_rules: FILE_VERSION, rules };
    // Strings, booleans and one number: nothing in it can fail to be JSON.
    let mut text = serde_json::to_string_pretty(&sheet).unwrap_or_default();
    text.push('\n');
    text
}

/// Reads a file of rules: all of it or nothing. What comes out compiles.
pub fn import(text: &str) -> Result<Vec<Rule>, FileError> {
    if text.len() > FILE_MAX {
        return Err(FileError::TooLarge { bytes: text.len() });
    }
    // Some editors put a byte order mark before everything they save.
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if !text.trim_start().starts_with('{') {
        return Err(FileError::NotRules);
    }
    match serde_json::from_str::<Head>(text).map_err(|error| unreadable(&error))?.watchbell_rules {
        None | Some(0) => return Err(FileError::NotRules),
        Some(version) if version > FILE_VERSION => return Err(FileError::Newer { version }),
        Some(_) => {}
    }
    let sheet: ReadSheet = serde_json::from_str(text).map_err(|error| unreadable(&error))?;
    let book = RuleBook::compile(&sheet.rules).map_err(FileError::Rules)?;
    Ok(book.rules().cloned().collect())
}

fn unreadable(error: &serde_json::Error) -> FileError {
    let (line, column) = (error.line(), error.column());
    let said = error.to_string();
    let said = said.strip_suffix(&format!(" at line {line} column {column}")).unwrap_or(&said);
    // It quotes the file, which may hold anything.
    FileError::Unreadable { line, column, message: clean_to(&plain(said).replace('`', "\""), 240) }
}

/// The words of serde, put so that one need not know serde.
fn plain(said: &str) -> String {
    if let Some(what) = said.strip_prefix("EOF while parsing ") {
        return format!("the file ends within {what}");
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        return format!("unknown word {rest}");
    }
    let Some((found, wanted)) = said.strip_prefix("invalid type: ").and_then(|rest| rest.rsplit_once(", expected "))
    else {
        return said.to_owned();
    };
    let noun = |word| match word {
        "sequence" | "a sequence" => "a list",
        "map" => "an object",
        "u64" => "a number",
        "null" => "nothing",
        other => other,
    };
    format!("{} stands where {} is expected", noun(found), noun(wanted))
}
