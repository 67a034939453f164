//! Typed windows at the edge: the next runs of one that is being typed, and what is wrong with it, in words.
//!
//! **Invariant:** a refusal says which field it is about and shows the place in it. Never here: the store.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use watchbell_core::schedule::{Run, TypedWindow, WindowError, WindowField};

use crate::error::{Code, Problem};

/// The next `count` runs of a window that starts after `now`.
///
/// # Errors
/// What SSM would refuse, with its place.
pub fn preview(window: &TypedWindow, now: Timestamp, count: usize) -> Result<Vec<Run>, WindowError> {
    let compiled = window.compile(|name| TimeZone::get(name).ok())?;
    Ok(compiled.runs_after(now).take(count).collect())
}

/// When a window runs next, and if it does not, why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outlook {
    /// The next runs, earliest first.
    pub next: Vec<Run>,
    /// The run that is open now.
    pub open: Option<Run>,
    /// The schedule names no day that exists.
    pub never: bool,
}

/// The next runs of a window, at most `count`, and what there is to say where there are none.
///
/// # Errors
/// What SSM would refuse in it.
pub fn outlook(window: &TypedWindow, now: Timestamp, count: usize) -> Result<Outlook, WindowError> {
    let compiled = window.compile(|name| TimeZone::get(name).ok())?;
    let next = compiled.runs_after(now).take(count).collect();
    Ok(Outlook { next, open: compiled.run_at(now), never: compiled.names_no_day() })
}

/// A refused window as a person reads it.
pub fn refused(error: &WindowError) -> Problem {
    let field = match error.field {
        WindowField::Name => "name",
        WindowField::Schedule => "schedule",
        WindowField::DurationHours => "duration",
        WindowField::CutoffHours => "cutoff",
        WindowField::TimeZone => "time zone",
        WindowField::OffsetDays => "offset",
        WindowField::Start | WindowField::Anchor => "start",
        WindowField::End => "end",
    };
    let place = match (error.range.start, error.range.end) {
        (from, to) if to <= from => String::new(),
        (from, to) if to == from + 1 => format!(" at character {to}"),
        (from, to) => format!(" at characters {} to {to}", from + 1),
    };
    let message = format!("the {field} of the window is wrong{place}: {}", error.message.trim_end_matches('.'));
    let hint = match error.field {
        WindowField::Schedule => "as in the console: cron(0 2 ? * SUN *), rate(7 days) or at(2026-12-24T22:00:00)",
        WindowField::Start | WindowField::End | WindowField::Anchor => "a date is written 2026-11-01T00:00:00Z",
        WindowField::TimeZone => "leave the zone out for UTC",
        _ => "see watchbellctl windows add --help",
    };
    Problem::new(Code::Usage, message, hint)
}
