//! `rate(value unit)`: every so often, counted from an anchor.
//!
//! **Invariant:** a day is 24 hours, also when the clock is changed. SSM's guide does not say; EventBridge Scheduler's
//! (User Guide, "Schedule types", daylight saving) says so of its own rates.

use super::ScheduleError;
use super::piece::Piece;
use jiff::{SignedDuration, Timestamp};

/// A rate that SSM takes: a whole number of minutes, hours or days.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    period: SignedDuration,
}

impl Rate {
    /// Reads what stands between the brackets.
    pub(super) fn read(inside: Piece<'_>) -> Result<Self, ScheduleError> {
        let words = inside.words();
        let &[value, unit] = words.as_slice() else {
            return inside
                .refuse("rate takes a number and a unit, as in rate(30 minutes), rate(1 hour) or rate(7 days).");
        };
        let Some(count) = count(value.text).filter(|count| *count > 0) else {
            return value
                .refuse(format!("{} is no value for rate, which takes a whole number from 1 on.", value.named()));
        };
        let (singular, seconds) = match unit.text {
            "minute" | "minutes" => ("minute", 60),
            "hour" | "hours" => ("hour", 3_600),
            "day" | "days" => ("day", 86_400),
            _ => {
                return unit.refuse(format!(
                    "{} is no unit for rate, which takes minute, minutes, hour, hours, day or days.",
                    unit.named()
                ));
            }
        };
        let plural = unit.text.len() > singular.len();
        match (count, plural) {
            (1, true) => unit.refuse(format!("With 1 the unit is singular: rate(1 {singular}).")),
            (2.., false) => unit.refuse(format!("With {count} the unit is plural: rate({count} {singular}s).")),
            _ => Ok(Self { period: SignedDuration::from_secs(i64::from(count) * seconds) }),
        }
    }

    /// The time from one start to the next.
    pub fn period(self) -> SignedDuration {
        self.period
    }

    /// The first start after `after`, of those at `anchor` and every period from it on.
    pub(super) fn next(self, anchor: Timestamp, after: Timestamp) -> Option<Timestamp> {
        if after < anchor {
            return Some(anchor);
        }
        let period = self.period.as_nanos();
        let passed = after.as_nanosecond() - anchor.as_nanosecond();
        instant(anchor.as_nanosecond() + (passed / period + 1) * period)
    }

    /// The last start not after `until`.
    pub(super) fn last(self, anchor: Timestamp, until: Timestamp) -> Option<Timestamp> {
        if until < anchor {
            return None;
        }
        let period = self.period.as_nanos();
        let passed = until.as_nanosecond() - anchor.as_nanosecond();
        instant(anchor.as_nanosecond() + passed / period * period)
    }
}

fn instant(nanosecond: i128) -> Option<Timestamp> {
    Timestamp::from_nanosecond(nanosecond).ok()
}

fn count(text: &str) -> Option<u32> {
    if text.bytes().all(|byte| byte.is_ascii_digit()) { text.parse().ok() } else { None }
}
