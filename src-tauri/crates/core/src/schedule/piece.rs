//! A piece of the schedule's text that knows where it stands, so that a refusal can point at it.

use super::ScheduleError;
use crate::words::clean_to;

/// A part of the text and its first byte.
#[derive(Debug, Clone, Copy)]
pub(super) struct Piece<'a> {
    /// What is written.
    pub(super) text: &'a str,
    /// Where it begins in the whole text, in bytes.
    pub(super) at: usize,
}

impl<'a> Piece<'a> {
    /// The whole text without the space around it.
    pub(super) fn whole(text: &'a str) -> Self {
        Self { text, at: 0 }.trim()
    }

    /// A part of this piece: what `text`, a slice of it, covers from `offset` on.
    pub(super) fn part(self, offset: usize, text: &'a str) -> Self {
        Self { text, at: self.at + offset }
    }

    pub(super) fn trim(self) -> Self {
        let start = self.text.len() - self.text.trim_start().len();
        self.part(start, self.text.trim())
    }

    /// The words between white space.
    pub(super) fn words(self) -> Vec<Self> {
        let mut found = Vec::new();
        let mut rest = self.trim();
        while !rest.text.is_empty() {
            let length = rest.text.find(char::is_whitespace).unwrap_or(rest.text.len());
            found.push(rest.part(0, &rest.text[..length]));
            rest = rest.part(length, &rest.text[length..]).trim();
        }
        found
    }

    /// The parts between commas; always at least one.
    pub(super) fn items(self) -> impl Iterator<Item = Self> {
        let mut offset = 0;
        self.text.split(',').map(move |item| {
            let piece = self.part(offset, item);
            offset += item.len() + 1;
            piece
        })
    }

    /// What stands before and after the first `mark`.
    pub(super) fn split_once(self, mark: char) -> Option<(Self, Self)> {
        let (before, after) = self.text.split_once(mark)?;
        Some((self.part(0, before), self.part(before.len() + mark.len_utf8(), after)))
    }

    /// The piece as it may be named in a sentence.
    pub(super) fn named(self) -> String {
        clean_to(self.text, 32)
    }

    /// Refuses this piece with a sentence.
    pub(super) fn refuse<T>(self, message: impl Into<String>) -> Result<T, ScheduleError> {
        Err(ScheduleError { range: self.at..self.at + self.text.len(), message: message.into() })
    }
}
