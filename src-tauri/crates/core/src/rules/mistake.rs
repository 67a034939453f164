//! The sentences for a regular expression that cannot be taken, and their places.
//!
//! **Invariant:** every mistake marks at least one byte, on character boundaries, of the expression and the slash behind it.

use super::error::Refusal;
use super::weight::Unfit;
use regex_syntax::{ast, hir};
use std::ops::Range;

/// The bytes of a span; where it is empty, the one character behind it (at the end that is the closing slash).
fn place(span: &ast::Span, text: &str) -> Range<usize> {
    let (start, end) = (span.start.offset, span.end.offset);
    if start < end {
        return start..end;
    }
    let next = text.get(start..).and_then(|rest| rest.chars().next()).map_or(1, char::len_utf8);
    start..start.saturating_add(next)
}

/// What cannot be parsed.
pub(super) fn of_syntax(kind: &ast::ErrorKind, span: &ast::Span, text: &str) -> Refusal {
    use ast::ErrorKind as K;
    let own = |message: &str, hint: &str| Refusal::new(place(span, text), message, hint);
    match kind {
        K::GroupUnclosed => own("This ( is not closed.", "Add a ) or write \\( for the character itself."),
        K::GroupUnopened => own("This ) closes nothing.", "Take it away or write \\) for the character itself."),
        K::ClassUnclosed => own("This [ is not closed.", "Add a ] or write \\[ for the character itself."),
        K::ClassRangeInvalid => own("This range runs backwards.", "Write the lower end first, such as a-z or 0-9."),
        K::RepetitionMissing => own(
            "There is nothing here to repeat.",
            "* in a regular expression repeats what stands before it; any text is .* (a plain * needs no slashes).",
        ),
        K::RepetitionCountUnclosed | K::RepetitionCountDecimalEmpty | K::DecimalInvalid | K::DecimalEmpty => {
            own("This is no count of repetitions.", "Write {3}, {3,} or {3,5}, or \\{ for the character itself.")
        }
        K::RepetitionCountInvalid => {
            own("The least count is above the most.", "Write the smaller number first: {3,5}.")
        }
        K::EscapeUnexpectedEof => own(
            "The \\ before the last slash has nothing to escape.",
            "Take it away, or write \\\\ for the character itself.",
        ),
        K::EscapeUnrecognized | K::ClassEscapeInvalid => {
            own("This escape means nothing.", "Leave out the \\, or write \\\\ for the character itself.")
        }
        K::UnsupportedLookAround => own(
            "Looking ahead or behind is left out, so that no pattern can hang.",
            "Use two rules: the first that fits decides.",
        ),
        K::UnsupportedBackreference => own(
            "Referring back to a group is left out, so that no pattern can hang.",
            "Write out what may stand there, such as (a|b).",
        ),
        K::FlagUnrecognized => {
            own("There is no such flag.", "(?-i) heeds upper and lower case; (?s) lets . fit a line break too.")
        }
        K::NestLimitExceeded(limit) => {
            own(&format!("It is nested more than {limit} deep."), "Take out brackets, or make several rules of it.")
        }
        other => {
            own(&sentence(&other.to_string()), "Write it as the regular expressions of Rust's regex crate are written.")
        }
    }
}

/// What can be parsed and means nothing.
pub(super) fn of_meaning(kind: &hir::ErrorKind, span: &ast::Span) -> Refusal {
    let range = span.start.offset..span.end.offset;
    match kind {
        hir::ErrorKind::InvalidUtf8 | hir::ErrorKind::UnicodeNotAllowed => {
            Refusal::new(range, "Without Unicode this could fit half a character.", "Take out the u of (?-u).")
        }
        other => {
            Refusal::new(range, sentence(&other.to_string()), "Write out the characters that may stand there: [a-z].")
        }
    }
}

/// What grows too large, and what this program leaves out.
pub(super) fn of_weight(unfit: Unfit) -> Refusal {
    match unfit {
        Unfit::Heavy(span) => too_large(span.start.offset..span.end.offset),
        Unfit::UnicodeClass(span) => Refusal::new(
            span.start.offset..span.end.offset,
            "Classes of Unicode characters are left out: names in AWS do not need them.",
            "Write \\w, \\d or the characters themselves, such as [a-zà-þ].",
        ),
    }
}

/// An expression, or a part of it, that takes more room than a pattern may.
pub(super) fn too_large(range: Range<usize>) -> Refusal {
    Refusal::new(
        range,
        "Written out, this is too large for a pattern.",
        "Repeat fewer times, or without a count: * or +. [a-z] is lighter than \\w.",
    )
}

/// A pattern of `length` bytes for which the other rules leave no room.
pub(super) fn together_too_large(length: usize) -> Refusal {
    Refusal::new(
        0..length,
        "Together with the rules before it this is too large.",
        "Use fewer counted repetitions, such as {17}; [a-z] is lighter than \\w.",
    )
}

/// The engine's own words as a sentence.
fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    let mut sentence: String = first.into_iter().chain(letters).collect();
    if !sentence.ends_with('.') {
        sentence.push('.');
    }
    sentence
}
