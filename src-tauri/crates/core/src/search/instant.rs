//! Times in a search: `7d`, `12h`, `today`, `2026-11-20`, `2026-11-20T02:00`, RFC 3339.

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan, Zoned};

/// Which end of a stretch of time is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// `since:` a day means from its first instant.
    Since,
    /// `until:` a day means to its last.
    Until,
}

/// Reads a time in the person's zone; `None` if it is none.
pub(super) fn instant(text: &str, end: End, now: &Zoned) -> Option<Timestamp> {
    match text.to_ascii_lowercase().as_str() {
        "now" => return Some(now.timestamp()),
        "today" => return day(now.date(), end, now),
        "yesterday" => return day(now.date().yesterday().ok()?, end, now),
        _ => {}
    }
    if let Some(ago) = ago(text) {
        return now.timestamp().checked_sub(ago).ok();
    }
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    // `Date` reads the date of a date-time too, and would drop its time.
    if text.len() <= 10 {
        return day(text.parse().ok()?, end, now);
    }
    let at: DateTime = text.parse().ok()?;
    Some(at.to_zoned(now.time_zone().clone()).ok()?.timestamp())
}

fn ago(text: &str) -> Option<SignedDuration> {
    let (number, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    let seconds = match unit {
        "s" => 1,
        "m" => 60,
        "h" => 3_600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    if number.is_empty() || !number.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    Some(SignedDuration::from_secs(number.parse::<i64>().ok()?.checked_mul(seconds)?))
}

fn day(date: Date, end: End, now: &Zoned) -> Option<Timestamp> {
    let start =
        |date: Date| Some(date.to_datetime(Time::midnight()).to_zoned(now.time_zone().clone()).ok()?.timestamp());
    match end {
        End::Since => start(date),
        End::Until => start(date.tomorrow().ok()?)?.checked_sub(1.nanosecond()).ok(),
    }
}
