//! The search line cut into words: `key:value`, `key:"quoted value"`, `word`, `"some words"`.

use super::SearchError;
use std::ops::Range;

/// One word of the line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Token {
    /// What stands before the first colon, where that is a name of letters.
    pub(super) key: Option<String>,
    /// The rest, its quotes and escapes undone.
    pub(super) value: String,
    /// Whether the value was in quotes.
    pub(super) quoted: bool,
    /// Where the whole word stands.
    pub(super) range: Range<usize>,
    /// Where its value stands.
    pub(super) value_range: Range<usize>,
}

pub(super) fn tokens(line: &str) -> Result<Vec<Token>, SearchError> {
    let mut found = Vec::new();
    let mut rest = line;
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Ok(found);
        }
        let start = line.len() - rest.len();
        let key = key_of(rest);
        let value_start = start + key.map_or(0, |key| key.len() + 1);
        let (value, length, quoted) = value_of(&line[value_start..], value_start)?;
        let end = value_start + length;
        let key = key.map(str::to_owned);
        found.push(Token { key, value, quoted, range: start..end, value_range: value_start..end });
        rest = &line[end..];
    }
}

fn key_of(word: &str) -> Option<&str> {
    let (key, _) = word.split_once(':')?;
    (!key.is_empty() && key.bytes().all(|byte| byte.is_ascii_alphabetic())).then_some(key)
}

/// The value at the start of `text`, the bytes it takes, and whether it was quoted.
fn value_of(text: &str, at: usize) -> Result<(String, usize, bool), SearchError> {
    let Some(inside) = text.strip_prefix('"') else {
        let length = text.find(char::is_whitespace).unwrap_or(text.len());
        return Ok((text[..length].to_owned(), length, false));
    };
    let mut value = String::new();
    let mut escaped = false;
    for (place, letter) in inside.char_indices() {
        match letter {
            _ if escaped => {
                value.push(letter);
                escaped = false;
            }
            '\\' => escaped = true,
            '"' => return Ok((value, place + 2, true)),
            _ => value.push(letter),
        }
    }
    Err(SearchError { range: at..at + text.len(), message: "This quote is not closed: add a \" at its end.".into() })
}
