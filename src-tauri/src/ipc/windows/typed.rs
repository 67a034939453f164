//! A maintenance window as the person types it, what is wrong with it, and when it runs.
//!
//! **Invariant:** what is wrong is marked at its place, in UTF-16 units as JavaScript counts them.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use specta::Type;
use watchbell_core::schedule::{self, Run, WindowError, WindowField};
use watchbell_engine::schedule::{preview, refused};

use crate::ipc::convert::text;
use crate::ipc::reading::{Answer, usage};
use crate::ipc::units;

/// A window in the words of SSM. Empty texts are as absent ones.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct TypedWindow {
    pub(crate) name: String,
    /// `cron(…)`, `rate(…)` or `at(…)`.
    pub(crate) schedule: String,
    pub(crate) duration_hours: u32,
    pub(crate) cutoff_hours: u32,
    /// An IANA name; UTC where none is given.
    pub(crate) time_zone: Option<String>,
    pub(crate) offset_days: Option<u32>,
    /// ISO 8601.
    pub(crate) start: Option<String>,
    pub(crate) end: Option<String>,
    /// Where a rate counts from, where no start date says it; kept as it came.
    pub(crate) anchor: Option<String>,
}

/// A typed window and when it runs next.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct TypedWindowRow {
    pub(crate) window: TypedWindow,
    pub(crate) next: Option<PlannedRun>,
}

/// One run to come.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct PlannedRun {
    pub(crate) start: String,
    pub(crate) cutoff: String,
    pub(crate) end: String,
}

/// What is wrong with a window, or else when it runs next.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct TypedWindowCheck {
    pub(crate) mistake: Option<TypedWindowMistake>,
    /// None when no run is to come; `open` and `never` say why.
    pub(crate) next: Vec<PlannedRun>,
    /// The run that is open now.
    pub(crate) open: Option<PlannedRun>,
    /// The schedule names no day that exists.
    pub(crate) never: bool,
}

/// What SSM would refuse, and where it stands.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct TypedWindowMistake {
    /// The field's name in [`TypedWindow`].
    pub(crate) field: String,
    /// The wrong place in the field's text; empty for numbers and for what is missing.
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) message: String,
    pub(crate) hint: String,
}

impl TypedWindow {
    /// The form as the core's window.
    pub(super) fn core(self) -> Answer<schedule::TypedWindow> {
        let filled = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
        let anchor = filled(self.anchor).map(|text| text.parse::<Timestamp>()).transpose();
        Ok(schedule::TypedWindow {
            name: self.name.trim().to_owned(),
            schedule: self.schedule,
            duration_hours: self.duration_hours,
            cutoff_hours: self.cutoff_hours,
            time_zone: filled(self.time_zone),
            offset_days: self.offset_days,
            start: filled(self.start),
            end: filled(self.end),
            anchor: anchor.map_err(|error| usage(&error))?,
        })
    }
}

impl From<schedule::TypedWindow> for TypedWindow {
    fn from(window: schedule::TypedWindow) -> Self {
        Self {
            name: window.name,
            schedule: window.schedule,
            duration_hours: window.duration_hours,
            cutoff_hours: window.cutoff_hours,
            time_zone: window.time_zone,
            offset_days: window.offset_days,
            start: window.start,
            end: window.end,
            anchor: window.anchor.map(|anchor| anchor.to_string()),
        }
    }
}

impl From<Run> for PlannedRun {
    fn from(run: Run) -> Self {
        Self { start: text(&run.start), cutoff: text(&run.cutoff), end: text(&run.end) }
    }
}

impl TypedWindowRow {
    pub(super) fn of(window: schedule::TypedWindow, now: Timestamp) -> Self {
        // A zone that the system has no more is told where the window is edited.
        let next = preview(&window, now, 1).unwrap_or_default().into_iter().next();
        Self { next: next.map(Into::into), window: window.into() }
    }
}

impl TypedWindowMistake {
    pub(super) fn of(error: &WindowError, window: &schedule::TypedWindow) -> Self {
        let told = field_text(window, error.field);
        Self {
            field: field_name(error.field).to_owned(),
            from: units(told, error.range.start),
            to: units(told, error.range.end),
            message: error.message.clone(),
            hint: hint(error),
        }
    }

    /// Of a whole field.
    pub(super) fn whole(field: WindowField, told: &str, message: &str) -> Self {
        Self {
            field: field_name(field).to_owned(),
            from: 0,
            to: units(told, told.len()),
            message: message.to_owned(),
            hint: String::new(),
        }
    }
}

/// The next step for the fields that have one; the others say all in their message.
fn hint(error: &WindowError) -> String {
    match error.field {
        WindowField::Schedule | WindowField::Start | WindowField::End | WindowField::Anchor | WindowField::TimeZone => {
            refused(error).hint
        }
        _ => String::new(),
    }
}

fn field_name(field: WindowField) -> &'static str {
    match field {
        WindowField::Name => "name",
        WindowField::Schedule => "schedule",
        WindowField::DurationHours => "duration_hours",
        WindowField::CutoffHours => "cutoff_hours",
        WindowField::TimeZone => "time_zone",
        WindowField::OffsetDays => "offset_days",
        WindowField::Start | WindowField::Anchor => "start",
        WindowField::End => "end",
    }
}

fn field_text(window: &schedule::TypedWindow, field: WindowField) -> &str {
    let text = match field {
        WindowField::Name => return &window.name,
        WindowField::Schedule => return &window.schedule,
        WindowField::TimeZone => &window.time_zone,
        WindowField::Start => &window.start,
        WindowField::End => &window.end,
        WindowField::DurationHours | WindowField::CutoffHours | WindowField::OffsetDays | WindowField::Anchor => {
            return "";
        }
    };
    text.as_deref().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(schedule: &str) -> TypedWindow {
        TypedWindow {
            name: " Sunday patch ".into(),
            schedule: schedule.into(),
            duration_hours: 4,
            cutoff_hours: 1,
            time_zone: Some("  ".into()),
            offset_days: None,
            start: None,
            end: Some(String::new()),
            anchor: None,
        }
    }

    fn mistake(form: TypedWindow) -> TypedWindowMistake {
        let window = form.core().unwrap();
        TypedWindowMistake::of(&preview(&window, Timestamp::UNIX_EPOCH, 1).unwrap_err(), &window)
    }

    #[test]
    fn empty_fields_are_absent_and_the_name_is_without_the_spaces_around_it() {
        let window = form("cron(0 2 ? * SUN *)").core().unwrap();
        assert_eq!(window.name, "Sunday patch");
        assert_eq!((window.time_zone, window.end), (None, None), "an empty field of the page is no field");
    }

    #[test]
    fn a_mistake_is_placed_as_javascript_counts_and_names_its_field() {
        let wrong = mistake(form("cron(0 2 ? * \u{1f514}SUN *)"));
        assert_eq!(wrong.field, "schedule");
        assert_eq!((wrong.from, wrong.to), (13, 18), "a bell is a pair of surrogates: {wrong:?}");
        let rate = mistake(form("rate(7 days)"));
        assert_eq!(rate.field, "start", "a rate that counts from nowhere is mended at the start date");
        assert!(rate.hint.contains("2026-"), "and the hint shows how a date is written: {rate:?}");
    }

    #[test]
    fn a_window_whose_times_are_over_runs_no_more() {
        let over = form("at(2020-01-01T00:00:00)").core().unwrap();
        assert_eq!(TypedWindowRow::of(over, Timestamp::MAX).next, None);
    }
}
