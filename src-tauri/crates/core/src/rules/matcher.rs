//! A pattern made ready: checked, and built once for all the subjects that it will see.
//!
//! **Invariant:** a pattern that could never fit any name (a misspelt status, brackets in a glob, a space at the end) is
//! refused, since a rule that silently does nothing is worse than one that is not saved.

use super::error::{Field, Refusal};
use super::subject::Name;
use super::{PATTERN_MAX, Pattern, PatternKind, expression};
use crate::arn::quotable;
use crate::glob::Pieces;
use crate::status::{Bucket, Status, bucket};
use crate::words::is_unseen;
use regex::Regex;

/// A pattern that can be asked.
#[derive(Debug, Clone)]
pub(super) enum Matcher {
    Glob(Pieces),
    Status(Vec<Bucket>),
    Expression(Regex),
}

/// Written in a glob, these show that a regular expression is meant; no name in AWS holds one.
const FOREIGN: [char; 13] = ['[', ']', '{', '}', '(', ')', '|', '^', '$', '+', '\\', ',', ';'];

impl Matcher {
    /// Builds the pattern of one field, and takes its weight from the room that the book has left.
    pub(super) fn build(field: Field, pattern: &Pattern, room: &mut u64) -> Result<Self, Refusal> {
        let text = pattern.as_str();
        seen(text)?;
        match pattern.kind() {
            PatternKind::Expression("") => Err(Refusal::new(
                0..text.len(),
                "The regular expression is empty, so it would fit everything.",
                "Leave the condition out if it should always hold.",
            )),
            PatternKind::Expression(inner) => expression::build(inner, room)
                .map(Self::Expression)
                // The first slash stands before the expression.
                .map_err(|refusal| Refusal { range: refusal.range.start + 1..refusal.range.end + 1, ..refusal }),
            PatternKind::Glob(glob) => Self::glob(field, glob),
        }
    }

    fn glob(field: Field, glob: &str) -> Result<Self, Refusal> {
        if glob.starts_with('/') {
            return Err(Refusal::new(
                0..1,
                "This regular expression is not closed.",
                "Add a / at its end. Letters fit in either case already; other flags stand at the beginning, such as (?s).",
            ));
        }
        if let Some((at, letter)) = glob.char_indices().find(|(_, letter)| FOREIGN.contains(letter)) {
            let (message, hint) = match letter {
                ',' | ';' => {
                    ("A plain pattern is one name.".into(), "For several write /^(one|two)$/, or several rules.")
                }
                _ => (
                    format!("A plain pattern knows only * and ?; no name holds a {letter}."),
                    "Put a regular expression between slashes: /…/.",
                ),
            };
            return Err(Refusal::new(at..at + letter.len_utf8(), message, hint));
        }
        if field == Field::Status && !glob.contains(['*', '?', '…']) {
            return statuses(glob).map(Self::Status);
        }
        if let Some((at, space)) = glob.char_indices().find(|(_, letter)| *letter == ' ') {
            let range = at..at + space.len_utf8();
            return Err(Refusal::new(range, "No name holds a space.", "Take it away; ? stands for any one character."));
        }
        Ok(Self::Glob(Pieces::of_rule(glob)))
    }

    /// Whether it fits the name in full or in short.
    pub(super) fn fits(&self, name: Name<'_>) -> bool {
        self.fits_text(name.full) || (name.short.len() < name.full.len() && self.fits_text(name.short))
    }

    fn fits_text(&self, text: &str) -> bool {
        match self {
            Self::Glob(pieces) => pieces.fits(text),
            Self::Status(buckets) => buckets.iter().any(|bucket| bucket.as_str() == text),
            Self::Expression(built) => built.is_match(text),
        }
    }
}

/// Whether a person can see what stands in the pattern, and where it ends.
fn seen(text: &str) -> Result<(), Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::new(
            0..text.len(),
            "The pattern is empty.",
            "Leave the condition out if it should always hold, or write * for any text.",
        ));
    }
    if let Some((at, _)) = text.char_indices().nth(PATTERN_MAX) {
        return Err(Refusal::new(
            at..text.len(),
            format!("A pattern has at most {PATTERN_MAX} characters."),
            "Shorten it, or make several rules of it.",
        ));
    }
    let hidden = |letter: char| is_unseen(letter) || (letter.is_whitespace() && letter != ' ');
    if let Some((at, letter)) = text.char_indices().find(|(_, letter)| hidden(*letter)) {
        return Err(Refusal::new(
            at..at + letter.len_utf8(),
            format!("Here stands a character that cannot be seen (U+{:04X}).", u32::from(letter)),
            format!("Take it away; in a regular expression write \\u{{{:x}}} if it is meant.", u32::from(letter)),
        ));
    }
    let (start, end) = (text.len() - text.trim_start().len(), text.trim_end().len());
    if start > 0 || end < text.len() {
        let range = if start > 0 { 0..start } else { end..text.len() };
        return Err(Refusal::new(
            range,
            "A space stands around the pattern.",
            "Take it away; no name begins or ends with one.",
        ));
    }
    Ok(())
}

/// The statuses that a word names, in any of AWS's spellings and as the search line has them.
fn statuses(word: &str) -> Result<Vec<Bucket>, Refusal> {
    let letters: String = word.chars().filter(|letter| !matches!(letter, ' ' | '_' | '-')).collect();
    match (letters.to_ascii_lowercase().as_str(), Status::parse(word)) {
        ("failing", _) => Ok(vec![Bucket::Failed, Bucket::TimedOut]),
        ("running", _) => Ok(vec![Bucket::InProgress]),
        ("notrun", _) => Ok(vec![Bucket::NotRun]),
        (_, Status::Other(_)) => Err(Refusal::new(
            0..word.len(),
            format!("{} is no status.", quotable(word)),
            "Statuses are failed, timed_out, cancelled, not_run, success, in_progress and pending; failing means failed \
             or timed_out. For a text of AWS's own use a * or /…/.",
        )),
        (_, status) => Ok(vec![bucket(&status, None)]),
    }
}
