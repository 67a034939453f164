//! One span of quiet hours, and whether some of them fill the week.

use super::weekdays::Weekdays;
use crate::local;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};

/// From a time to a time, beginning on each of some weekdays.
///
/// A `to` that is not later than `from` means the next day: 22:00 to 07:00 crosses midnight, and 00:00 to 00:00 is the
/// whole day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietSpan {
    /// The days on which it begins.
    pub days: Weekdays,
    /// When it begins, on the person's clock.
    pub from: Time,
    /// When it ends, on the person's clock; no longer part of it.
    pub to: Time,
}

impl QuietSpan {
    /// When the span ends, if it holds at `at`, whose local date is `today`.
    pub(super) fn end_if_holding(&self, zone: &TimeZone, today: Date, at: Timestamp) -> Option<Timestamp> {
        // It can have begun the day before; a clock set back over midnight adds a day on either side (St. John's until 2011).
        (-2..=1)
            .filter_map(|days| self.on(zone, today.checked_add(days.days()).ok()?))
            .filter(|(start, end)| *start <= at && at < *end)
            .map(|(_, end)| end)
            .max()
    }

    /// When the span begins next, after `at`, whose local date is `today`.
    pub(super) fn next_start(&self, zone: &TimeZone, today: Date, at: Timestamp) -> Option<Timestamp> {
        // A day that the clock skips (Samoa's Friday in 2011) makes it wait for another week.
        let starts = (-1..=15).filter_map(|days| self.on(zone, today.checked_add(days.days()).ok()?));
        starts.map(|(start, _)| start).filter(|start| *start > at).min()
    }

    /// Start and end of the span that begins on `date`, if one does. One that the clock skips as a whole does not.
    fn on(&self, zone: &TimeZone, date: Date) -> Option<(Timestamp, Timestamp)> {
        if !self.days.contains(date.weekday()) {
            return None;
        }
        let until = if self.to > self.from { date } else { date.tomorrow().ok()? };
        let start = local::first(zone, date.to_datetime(self.from))?;
        let end = local::last(zone, until.to_datetime(self.to))?;
        (start < end).then_some((start, end))
    }

    /// Its stretches on a week's clock, in nanoseconds from Monday 00:00; an end can lie in the next week.
    fn in_week(self) -> impl Iterator<Item = (i128, i128)> {
        let nanos = |time: Time| time.duration_since(Time::midnight()).as_nanos();
        let (from, to) = (nanos(self.from), nanos(self.to));
        let length = if to > from { to - from } else { DAY - from + to };
        jiff::civil::Weekday::Monday.cycle_forward().take(7).filter(move |day| self.days.contains(*day)).map(
            move |day| {
                let start = i128::from(day.to_monday_zero_offset()) * DAY + from;
                (start, start + length)
            },
        )
    }
}

const DAY: i128 = 86_400_000_000_000;
const WEEK: i128 = 7 * DAY;

/// Whether no time of a week is left outside the spans.
pub(super) fn cover_the_week(spans: &[QuietSpan]) -> bool {
    let mut stretches: Vec<_> = spans.iter().flat_map(|span| span.in_week()).collect();
    // Sunday's night reaches into Monday.
    stretches.extend(stretches.clone().into_iter().map(|(start, end)| (start - WEEK, end - WEEK)));
    stretches.sort_unstable();
    let mut covered = 0;
    for (start, end) in stretches {
        if start > covered {
            break;
        }
        covered = covered.max(end);
    }
    covered >= WEEK
}
