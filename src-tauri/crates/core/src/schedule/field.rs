//! The fields of a cron expression and the values they take (Systems Manager User Guide, "Reference: Cron and rate
//! expressions", tables of supported values and wildcards).
//!
//! **Invariant:** the values that [`values`] gives are in the field's range, ascending, each once, and never none.

use super::ScheduleError;
use super::piece::Piece;

/// One field of a cron expression.
#[derive(Debug)]
pub(super) struct Field {
    /// As the guide names it.
    pub(super) name: &'static str,
    /// The least value.
    min: u16,
    /// The greatest value.
    max: u16,
    /// The names of the values from `min` on, where they have names.
    names: &'static [&'static str],
    /// What it takes, as the end of a sentence.
    takes: &'static str,
    /// Whether a range may run past the greatest value and go on at the least, as `FRI-MON` does.
    wraps: bool,
}

const MONTHS: &[&str] = &["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];
const WEEKDAYS: &[&str] = &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"];

pub(super) const SECONDS: Field =
    Field { name: "Seconds", min: 0, max: 59, names: &[], takes: "0-59 and , - * /", wraps: true };
pub(super) const MINUTES: Field =
    Field { name: "Minutes", min: 0, max: 59, names: &[], takes: "0-59 and , - * /", wraps: true };
pub(super) const HOURS: Field =
    Field { name: "Hours", min: 0, max: 23, names: &[], takes: "0-23 and , - * /", wraps: true };
pub(super) const DAY_OF_MONTH: Field =
    Field { name: "Day of month", min: 1, max: 31, names: &[], takes: "1-31 and , - * ? / L W", wraps: true };
pub(super) const MONTH: Field =
    Field { name: "Month", min: 1, max: 12, names: MONTHS, takes: "1-12 or JAN-DEC and , - * /", wraps: true };
pub(super) const DAY_OF_WEEK: Field = Field {
    name: "Day of week",
    min: 1,
    max: 7,
    names: WEEKDAYS,
    takes: "1-7 (1 is Sunday) or SUN-SAT and , - * ? / L #",
    wraps: true,
};
pub(super) const YEAR: Field =
    Field { name: "Year", min: 1970, max: 2199, names: &[], takes: "1970-2199 and , - * /", wraps: false };

impl Field {
    /// Refuses `piece` because it is none of what the field takes.
    pub(super) fn refuse<T>(&self, piece: Piece<'_>) -> Result<T, ScheduleError> {
        let Self { name, takes, .. } = self;
        piece.refuse(format!("{} does not fit {name}. {name} takes {takes}.", piece.named()))
    }

    /// One value, by number or name. Names go in either case.
    pub(super) fn value(&self, piece: Piece<'_>) -> Result<u16, ScheduleError> {
        if let Some(place) = self.names.iter().position(|name| name.eq_ignore_ascii_case(piece.text)) {
            return Ok(self.min + u16::try_from(place).unwrap_or_default());
        }
        match number(piece.text) {
            Some(value) if (self.min..=self.max).contains(&value) => Ok(value),
            _ => self.refuse(piece),
        }
    }
}

/// Reads digits and nothing else. `09` is nine, as in the guide's own examples.
pub(super) fn number(text: &str) -> Option<u16> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    text.parse().ok()
}

/// Reads a list of values, ranges and increments.
pub(super) fn values(field: &Field, piece: Piece<'_>) -> Result<Vec<u16>, ScheduleError> {
    let mut found = Vec::new();
    for item in piece.items() {
        if item.text.is_empty() {
            return piece.refuse(format!("{} has a comma with no value beside it; take it out.", field.name));
        }
        add(field, item, &mut found)?;
    }
    found.sort_unstable();
    found.dedup();
    Ok(found)
}

fn add(field: &Field, item: Piece<'_>, found: &mut Vec<u16>) -> Result<(), ScheduleError> {
    let (range, step) = match item.split_once('/') {
        Some((range, by)) => (range, Some(step(field, by, item)?)),
        None => (item, None),
    };
    let (from, to) = match (range.text, range.split_once('-')) {
        // Quartz reads `/15` as `*/15`.
        ("*" | "", _) => (field.min, field.max),
        (_, Some((from, to))) => {
            (field.value(from).or_else(|_| field.refuse(item))?, field.value(to).or_else(|_| field.refuse(item))?)
        }
        (_, None) => {
            let from = field.value(range)?;
            (from, if step.is_some() { field.max } else { from })
        }
    };
    if from > to && !field.wraps {
        return item.refuse(format!("{} runs backwards; write the earlier year first.", item.named()));
    }
    let span = field.max - field.min + 1;
    let to = if from > to { to + span } else { to };
    found.extend((from..=to).step_by(step.unwrap_or(1)).map(|value| (value - field.min) % span + field.min));
    Ok(())
}

/// An increment: at least 1 and not past the field's range (Quartz, `checkIncrementRange`).
fn step(field: &Field, by: Piece<'_>, item: Piece<'_>) -> Result<usize, ScheduleError> {
    let most = if field.wraps { field.max } else { field.max - field.min };
    match number(by.text) {
        Some(step) if (1..=most).contains(&step) => Ok(usize::from(step)),
        _ => item.refuse(format!("After / {} takes an increment from 1 to {most}.", field.name)),
    }
}
