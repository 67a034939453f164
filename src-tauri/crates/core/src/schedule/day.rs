//! Which days a cron expression means: Day of month and Day of week with `?`, `L`, `W` and `#`.
//!
//! **Invariant:** [`DayOfMonth::holds`] and [`DayOfWeek::holds`] answer for every date and look at nothing else.

use super::ScheduleError;
use super::field::{DAY_OF_MONTH, DAY_OF_WEEK, number, values};
use super::piece::Piece;
use jiff::civil::{Date, Weekday};

/// The Day of month field.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DayOfMonth {
    /// `?`: the day of the week decides.
    Any,
    /// Days from 1 to 31. A month without such a day has no run on it.
    Days(Vec<u16>),
    /// `L`, `L-3`, `LW`: so many days before the last day of the month, or the weekday nearest to that day.
    Last { before: i8, weekday: bool },
    /// `15W`: the weekday nearest to that day in the same month. A month without the day has no run.
    Nearest(i8),
}

impl DayOfMonth {
    pub(super) fn read(piece: Piece<'_>) -> Result<Self, ScheduleError> {
        let text = piece.text.to_ascii_uppercase();
        if text == "?" {
            return Ok(Self::Any);
        }
        if !text.contains(['L', 'W']) {
            return values(&DAY_OF_MONTH, piece).map(Self::Days);
        }
        if text.contains(',') {
            return piece.refuse("L and W stand alone in Day of month; SSM takes them in no list.");
        }
        let (day, weekday) = match text.strip_suffix('W') {
            Some(day) => (day, true),
            None => (text.as_str(), false),
        };
        let before = match day {
            "L" => Some(0),
            _ => day.strip_prefix("L-").and_then(number).filter(|before| *before <= 30),
        };
        let nearest = number(day).filter(|day| weekday && (1..=31).contains(day));
        match (before.and_then(small), nearest.and_then(small)) {
            (Some(before), _) => Ok(Self::Last { before, weekday }),
            (None, Some(day)) => Ok(Self::Nearest(day)),
            (None, None) => piece.refuse(format!(
                "{} does not fit Day of month. L is the last day, L-3 three days before it, LW the last weekday and 15W the weekday nearest to the 15th.",
                piece.named()
            )),
        }
    }

    pub(super) fn holds(&self, date: Date) -> bool {
        let last = date.days_in_month();
        match self {
            Self::Any => true,
            Self::Days(days) => u16::try_from(date.day()).is_ok_and(|day| days.binary_search(&day).is_ok()),
            Self::Last { before, weekday: false } => date.day() == last - before,
            Self::Last { before, weekday: true } => is_nearest_weekday(date, last - before),
            Self::Nearest(day) => is_nearest_weekday(date, *day),
        }
    }
}

/// Whether `date` is the weekday nearest to the `day` of its month, never over the edge of the month.
fn is_nearest_weekday(date: Date, day: i8) -> bool {
    let last = date.days_in_month();
    let Ok(target) = Date::new(date.year(), date.month(), day) else { return false };
    let nearest = match target.weekday() {
        Weekday::Saturday if day == 1 => day + 2,
        Weekday::Saturday => day - 1,
        Weekday::Sunday if day == last => day - 2,
        Weekday::Sunday => day + 1,
        _ => day,
    };
    date.day() == nearest
}

/// The Day of week field. Days count from 1, which is Sunday.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum DayOfWeek {
    /// `?`: the day of the month decides.
    Any,
    /// Days of the week.
    Days(Vec<u16>),
    /// `6L`: the last such day of the month.
    Last(u16),
    /// `3#2`: the second such day of the month.
    Nth(u16, i8),
}

impl DayOfWeek {
    pub(super) fn read(piece: Piece<'_>) -> Result<Self, ScheduleError> {
        let text = piece.text.to_ascii_uppercase();
        let special = text.contains('#') || text.ends_with('L');
        if special && text.contains(',') {
            return piece.refuse("L and # stand alone in Day of week; SSM takes them in no list.");
        }
        if let Some((day, nth)) = piece.split_once('#') {
            let day = DAY_OF_WEEK.value(day).or_else(|_| DAY_OF_WEEK.refuse(piece))?;
            let nth = number(nth.text).filter(|nth| (1..=5).contains(nth)).and_then(small);
            return match nth {
                Some(nth) => Ok(Self::Nth(day, nth)),
                None => piece.refuse("After # Day of week takes 1 to 5, as in THU#3 for the third Thursday."),
            };
        }
        match text.as_str() {
            "?" => Ok(Self::Any),
            // Alone it is the last day of the week, which is Saturday.
            "L" => Ok(Self::Days(vec![7])),
            _ if special => {
                let day = piece.part(0, &piece.text[..piece.text.len() - 1]);
                DAY_OF_WEEK.value(day).or_else(|_| DAY_OF_WEEK.refuse(piece)).map(Self::Last)
            }
            _ => values(&DAY_OF_WEEK, piece).map(Self::Days),
        }
    }

    pub(super) fn holds(&self, date: Date) -> bool {
        let today = date.weekday().to_sunday_one_offset().unsigned_abs().into();
        match self {
            Self::Any => true,
            Self::Days(days) => days.binary_search(&today).is_ok(),
            Self::Last(day) => *day == today && date.day() + 7 > date.days_in_month(),
            Self::Nth(day, nth) => *day == today && (date.day() - 1) / 7 + 1 == *nth,
        }
    }
}

fn small(value: u16) -> Option<i8> {
    i8::try_from(value).ok()
}
