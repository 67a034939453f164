//! Takes single fields out of a JSON object, with a reason for each way in which they can be wrong.
//!
//! **Invariant:** a field that only describes is never a cause for quarantine by its type, so that a failure still
//! rings; one that identifies always is. Lengths are bounded, because what comes out becomes keys and names.

use jiff::Timestamp;
use jiff::civil::DateTime;
use serde_json::{Map, Value};

use super::reason::{Reason, ReasonKind};
use crate::arn::quotable;
use crate::event::is_plausible;
use crate::status::Status;

pub(super) type Fields = Map<String, Value>;

/// Longest id, node id or status, in characters. SSM's own are at most 36.
const ID_MAX: usize = 256;
/// Longest describing text, in characters. SSM's own are at most 500 (the S3 prefix).
const TEXT_MAX: usize = 2048;

/// Reads a text as a JSON object; `what` begins the sentence when it is none.
pub(super) fn object(text: &str, what: &str) -> Result<Fields, Reason> {
    if text.trim().is_empty() {
        return Err(Reason::new(ReasonKind::NotJson, format!("{what} is empty.")));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => {
            Err(Reason::new(ReasonKind::WrongShape, format!("{what} is {}, not a JSON object.", kind_of(&other))))
        }
        // serde_json has no kind of its own for this error.
        Err(error) if error.to_string().starts_with("recursion limit") => Err(Reason::new(
            ReasonKind::TooDeep,
            format!("{what} is nested more than 127 levels deep. No message of AWS is; it was not read."),
        )),
        Err(error) => {
            Err(Reason::new(ReasonKind::NotJson, format!("{what} is not JSON ({error}): “{}”", quotable(text))))
        }
    }
}

/// `a number`, `a list`, … for sentences.
pub(super) fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    }
}

/// The keys of an object for a sentence: `the keys “a”, “b” and 3 more`.
pub(super) fn listed_keys(fields: &Fields) -> String {
    const SHOWN: usize = 5;
    let mut keys: Vec<_> = fields.keys().collect();
    keys.sort_unstable();
    let keys: Vec<_> = keys.into_iter().take(SHOWN).map(|key| format!("“{}”", quotable(key))).collect();
    match fields.len() {
        0 => "no keys".to_owned(),
        1 => format!("the key {}", keys.concat()),
        all if all > SHOWN => format!("the keys {} and {} more", keys.join(", "), all - SHOWN),
        _ => format!("the keys {}", keys.join(", ")),
    }
}

/// A text that identifies: it must be there, not blank and at most 256 characters.
pub(super) fn required_id(fields: &mut Fields, key: &str) -> Result<String, Reason> {
    optional_id(fields, key)?.ok_or_else(|| missing(key))
}

/// The same where it may be absent, null or blank.
pub(super) fn optional_id(fields: &mut Fields, key: &str) -> Result<Option<String>, Reason> {
    match fields.remove(key) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => Ok(None),
        Some(Value::String(text)) => bounded(text, key, ID_MAX).map(Some),
        Some(other) => Err(Reason::new(
            ReasonKind::WrongShape,
            format!("The field “{key}” is {}, where AWS writes a text.", kind_of(&other)),
        )),
    }
}

/// A text that only describes: empty is absent, numbers become text, lists and objects count as absent.
pub(super) fn described(fields: &mut Fields, key: &str) -> Result<Option<String>, Reason> {
    match fields.remove(key) {
        Some(Value::String(text)) if !text.is_empty() => bounded(text, key, TEXT_MAX).map(Some),
        Some(number @ (Value::Number(_) | Value::Bool(_))) => Ok(Some(number.to_string())),
        _ => Ok(None),
    }
}

fn bounded(text: String, key: &str, longest: usize) -> Result<String, Reason> {
    // Bytes first: counting characters is for the few that could be too long.
    if text.len() <= longest || text.chars().nth(longest).is_none() {
        return Ok(text);
    }
    Err(Reason::new(
        ReasonKind::WrongShape,
        format!(
            "The field “{key}” is longer than {longest} characters, as no message of AWS is: “{}”",
            quotable(&text)
        ),
    ))
}

pub(super) fn missing(key: &str) -> Reason {
    Reason::new(
        ReasonKind::MissingField,
        format!("The field “{key}” is missing, so nobody can tell what this is about."),
    )
}

/// The instant of the event: must be there and in the years 2010 to 2200, as the order of the history hangs on it.
pub(super) fn event_time(fields: &mut Fields, key: &str) -> Result<Timestamp, Reason> {
    let bad = |text: String| Err(Reason::new(ReasonKind::BadTime, text));
    match fields.remove(key) {
        None | Some(Value::Null) => bad(format!("The field “{key}” is missing, so this has no place in the history.")),
        Some(Value::String(text)) => match text.trim().parse::<Timestamp>() {
            Ok(at) if is_plausible(at) => Ok(at),
            // The last hours of the year 9999 are a date, but no instant that can be computed with.
            parsed if parsed.is_ok() || text.trim().trim_end_matches('Z').parse::<DateTime>().is_ok() => {
                bad(format!("The field “{key}” is {}, outside of the years 2010 to 2200.", quotable(&text)))
            }
            _ => bad(format!(
                "The field “{key}” is “{}”, which is not a time such as 2026-10-01T09:38:01.356Z.",
                quotable(&text)
            )),
        },
        Some(other) => bad(format!("The field “{key}” is {}, where AWS writes a time as text.", kind_of(&other))),
    }
}

/// A time that only describes: unreadable or implausible ones count as absent.
pub(super) fn described_time(fields: &mut Fields, key: &str) -> Option<Timestamp> {
    fields.remove(key)?.as_str()?.trim().parse().ok().filter(|&at| is_plausible(at))
}

/// The coarse status and the detail. One of AWS's detail words in the place of the status is taken for both.
pub(super) fn status(fields: &mut Fields, key: &str, detail_key: &str) -> Result<(Status, Option<String>), Reason> {
    let text = optional_id(fields, key)?;
    let detail = described(fields, detail_key)?;
    match (text.as_deref().map(Status::parse), detail) {
        (Some(Status::Other(word)), None) => match Status::of_detail(&word) {
            Some(coarse) => Ok((coarse, Some(word))),
            None => Ok((Status::Other(word), None)),
        },
        (Some(status), detail) => Ok((status, detail)),
        (None, Some(detail)) => {
            let status = Status::of_detail(&detail).ok_or_else(|| missing(key))?;
            Ok((status, Some(detail)))
        }
        (None, None) => Err(missing(key)),
    }
}
