//! A moment as a person types it: `7d`, `2h`, `2026-11-01`, `2026-11-01T09:30` or an RFC 3339 time.
//!
//! **Invariant:** nothing is guessed. What is neither a span back from now nor a calendar time is refused with what would be right.

use std::str::FromStr;

use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// A moment, still relative to a `now` that the caller holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moment {
    /// So long ago.
    Ago(SignedDuration),
    /// This instant.
    At(Timestamp),
}

/// What was typed is no moment.
#[derive(Debug, thiserror::Error)]
#[error("it must be a span back from now (45m, 2h, 7d, 2w), a date (2026-11-01) or an RFC 3339 time")]
pub(crate) struct NoMoment;

impl Moment {
    /// The instant that is meant; a span that reaches before the calendar's start is the calendar's start.
    pub(crate) fn at(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(instant) => instant,
            Self::Ago(span) => now.checked_sub(span).unwrap_or(Timestamp::MIN),
        }
    }
}

impl FromStr for Moment {
    type Err = NoMoment;

    fn from_str(typed: &str) -> Result<Self, NoMoment> {
        let typed = typed.trim();
        if let Some(span) = span(typed) {
            return Ok(Self::Ago(span));
        }
        if let Ok(instant) = typed.parse::<Timestamp>() {
            return Ok(Self::At(instant));
        }
        // A date or time without a zone is the person's own.
        let local = typed.parse::<civil::DateTime>().map_err(|_| NoMoment)?;
        let zoned = local.to_zoned(TimeZone::system()).map_err(|_| NoMoment)?;
        Ok(Self::At(zoned.timestamp()))
    }
}

/// A span as it is typed: `90s`, `45m`, `2h`, `7d`, `2w`.
pub(super) fn span(typed: &str) -> Option<SignedDuration> {
    let unit = typed.chars().last()?;
    let count: i64 = typed.strip_suffix(unit)?.parse().ok().filter(|count| *count >= 0)?;
    let seconds = match unit {
        's' => 1,
        'm' => 60,
        'h' => 3_600,
        'd' => 86_400,
        'w' => 604_800,
        _ => return None,
    };
    count.checked_mul(seconds).map(SignedDuration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn now() -> Timestamp {
        "2026-11-23T10:00:00Z".parse().unwrap()
    }

    #[test]
    fn a_span_counts_back_from_now() {
        for (typed, instant) in [
            ("7d", "2026-11-16T10:00:00Z"),
            ("2h", "2026-11-23T08:00:00Z"),
            ("45m", "2026-11-23T09:15:00Z"),
            ("0s", "2026-11-23T10:00:00Z"),
            ("1w", "2026-11-16T10:00:00Z"),
        ] {
            let moment: Moment = typed.parse().unwrap();
            assert_eq!(moment.at(now()).to_string(), instant, "{typed} counts back from now");
        }
    }

    #[test]
    fn an_rfc_3339_time_is_that_instant_in_any_zone() {
        let moment: Moment = "2026-11-01T09:30:00+02:00".parse().unwrap();
        assert_eq!(moment.at(now()).to_string(), "2026-11-01T07:30:00Z", "the offset is honoured");
    }

    #[test]
    fn a_date_is_its_first_instant_in_the_persons_zone() {
        let moment: Moment = "2026-11-01".parse().unwrap();
        let midnight = civil::date(2026, 11, 1).to_zoned(TimeZone::system()).unwrap().timestamp();
        assert_eq!(moment.at(now()), midnight, "a date without a time starts at local midnight");
    }

    #[test]
    fn a_span_beyond_the_calendar_is_everything() {
        let moment: Moment = "9000000w".parse().unwrap();
        assert_eq!(moment.at(now()), Timestamp::MIN, "a span beyond the calendar reaches its start");
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for typed in ["", "d", "yesterday", "-7d", "7", "7y", "2026-13-01", "99999999999999999999d", "7 d", "é"] {
            assert!(typed.parse::<Moment>().is_err(), "{typed:?} must be refused, never guessed");
        }
    }
}
