//! `cron(Minutes Hours Day-of-month Month Day-of-week Year)`, or seven fields with Seconds first.
//!
//! **Invariants:** two starts of one day are at least [`LEAST_MINUTES`] apart; the search for a day ends at the last or
//! first year that the expression names, however impossible its date is.

use super::ScheduleError;
use super::day::{DayOfMonth, DayOfWeek};
use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, Field, HOURS, MINUTES, MONTH, SECONDS, YEAR, values};
use super::piece::Piece;
use jiff::civil::{Date, Time};

/// The guide: "Cron expressions that lead to rates faster than five (5) minute are not supported."
const LEAST_MINUTES: u32 = 5;

/// A cron expression that SSM takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cron {
    /// The times of a day, ascending.
    pub(super) times: Vec<Time>,
    days_of_month: DayOfMonth,
    months: Vec<u16>,
    days_of_week: DayOfWeek,
    years: Vec<u16>,
}

impl Cron {
    /// Reads what stands between the brackets.
    pub(super) fn read(inside: Piece<'_>) -> Result<Self, ScheduleError> {
        let words = inside.words();
        let (seconds, fields) = match words.as_slice() {
            [seconds, rest @ ..] if rest.len() == 6 => (Some(*seconds), rest),
            all => (None, all),
        };
        let &[minutes, hours, day, month, weekday, year] = fields else {
            return inside.refuse(format!(
                "cron takes six fields (Minutes, Hours, {}, {}, {}, {}), or seven with Seconds first; here are {}.",
                DAY_OF_MONTH.name,
                MONTH.name,
                DAY_OF_WEEK.name,
                YEAR.name,
                words.len()
            ));
        };
        let times = times(seconds, minutes, hours)?;
        let days_of_month = DayOfMonth::read(day)?;
        let months = values(&MONTH, month)?;
        let days_of_week = DayOfWeek::read(weekday)?;
        match (&days_of_month, &days_of_week) {
            (DayOfMonth::Any, DayOfWeek::Any) => {
                return weekday
                    .refuse("Only one of Day of month and Day of week can be ?; write * here for every day.");
            }
            (DayOfMonth::Any, _) | (_, DayOfWeek::Any) => {}
            _ => {
                let spare = if day.text == "*" { day } else { weekday };
                return spare.refuse("One of Day of month and Day of week must be ?, the one that does not matter.");
            }
        }
        Ok(Self { times, days_of_month, months, days_of_week, years: values(&YEAR, year)? })
    }

    /// The first day that the expression means, not before `from`.
    pub(super) fn day_from(&self, from: Date) -> Option<Date> {
        let mut date = from;
        loop {
            let year = date.year().unsigned_abs();
            if date.year() < 0 || self.years.binary_search(&year).is_err() {
                let next = *self.years.iter().find(|next| i32::from(**next) > i32::from(date.year()))?;
                date = Date::new(i16::try_from(next).ok()?, 1, 1).ok()?;
            } else if !self.holds_month(date) {
                date = date.last_of_month().tomorrow().ok()?;
            } else if self.holds_day(date) {
                return Some(date);
            } else {
                date = date.tomorrow().ok()?;
            }
        }
    }

    /// The last day that the expression means, not after `to`.
    pub(super) fn day_back(&self, to: Date) -> Option<Date> {
        let mut date = to;
        loop {
            let year = date.year().unsigned_abs();
            if date.year() < 0 || self.years.binary_search(&year).is_err() {
                let before = *self.years.iter().rfind(|before| i32::from(**before) < i32::from(date.year()))?;
                date = Date::new(i16::try_from(before).ok()?, 12, 31).ok()?;
            } else if !self.holds_month(date) {
                date = date.first_of_month().yesterday().ok()?;
            } else if self.holds_day(date) {
                return Some(date);
            } else {
                date = date.yesterday().ok()?;
            }
        }
    }

    fn holds_month(&self, date: Date) -> bool {
        self.months.binary_search(&date.month().unsigned_abs().into()).is_ok()
    }

    fn holds_day(&self, date: Date) -> bool {
        self.days_of_month.holds(date) && self.days_of_week.holds(date)
    }
}

fn times(seconds: Option<Piece<'_>>, minutes: Piece<'_>, hours: Piece<'_>) -> Result<Vec<Time>, ScheduleError> {
    let every = |field: &Field, piece| values(field, piece);
    let second = match seconds {
        None => 0,
        Some(piece) => match every(&SECONDS, piece)?.as_slice() {
            &[second] => second,
            _ => return piece.refuse("Seconds takes one value: SSM takes no windows closer than 5 minutes."),
        },
    };
    let in_hour = every(&MINUTES, minutes)?;
    let mut found = Vec::new();
    for hour in every(&HOURS, hours)? {
        for minute in &in_hour {
            found.push((hour, *minute));
        }
    }
    let too_close = |earlier: &(u16, u16), later: &(u16, u16)| {
        let in_day = |time: &(u16, u16)| u32::from(time.0) * 60 + u32::from(time.1);
        in_day(later).saturating_sub(in_day(earlier)) < LEAST_MINUTES
    };
    // As if every day were meant: whether two days in a row are, only the calendar knows.
    let over_midnight = match (found.first(), found.last()) {
        (Some(first), Some(last)) => too_close(last, &(first.0 + 24, first.1)),
        _ => false,
    };
    if over_midnight || found.windows(2).any(|pair| too_close(&pair[0], &pair[1])) {
        return minutes.refuse("SSM takes no cron whose starts are closer than 5 minutes.");
    }
    let time = |(hour, minute)| {
        let [hour, minute, second] = [hour, minute, second].map(|part| i8::try_from(part).unwrap_or_default());
        Time::new(hour, minute, second, 0).unwrap_or_default()
    };
    Ok(found.into_iter().map(time).collect())
}
