//! A window as the person typed it or imported it: stored as it is, checked when it is compiled.
//!
//! Ranges: `CreateMaintenanceWindow` in the API's model (Duration 1-24, Cutoff 0-23, `ScheduleOffset` 1-6).
//! Never here: the zone database. Who compiles looks the zone's name up.

use super::{Schedule, ScheduleError, Window};
use crate::words::clean_to;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// The most characters of a name (`MaintenanceWindowName` in the API's model). Other than SSM's, ours may hold spaces.
const NAME_LIMIT: usize = 128;

/// A window in the words of SSM.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TypedWindow {
    /// What the person calls it; 1 to 128 characters.
    pub name: String,
    /// `cron(…)`, `rate(…)` or `at(…)`.
    pub schedule: String,
    /// How long a run lasts, 1 to 24 hours.
    pub duration_hours: u32,
    /// How many hours before its end a run takes no new task; 0 to 23 and less than the duration.
    pub cutoff_hours: u32,
    /// The schedule's zone by its IANA name; UTC where none is given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Days to wait after the date of a cron expression, 1 to 6. For cron alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_days: Option<u32>,
    /// From when it may run, ISO 8601; read as UTC without an offset, whatever the schedule's zone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// From when it runs no more, ISO 8601 likewise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// For a rate: its creation, or any start known. SSM counts a rate from the start date, or from the window's creation
    /// where that is later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub anchor: Option<Timestamp>,
}

/// The part of a [`TypedWindow`] that an error is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowField {
    /// Its name.
    Name,
    /// The schedule expression.
    Schedule,
    /// The duration.
    DurationHours,
    /// The cutoff.
    CutoffHours,
    /// The zone.
    TimeZone,
    /// The offset.
    OffsetDays,
    /// The start date.
    Start,
    /// The end date.
    End,
    /// Where a rate counts from.
    Anchor,
}

/// A window that SSM would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct WindowError {
    /// Which field is wrong.
    pub field: WindowField,
    /// The bytes of that field that are meant; empty for numbers and for what is missing.
    pub range: Range<usize>,
    /// What is wrong and what SSM takes, as a sentence.
    pub message: String,
}

impl From<ScheduleError> for WindowError {
    fn from(error: ScheduleError) -> Self {
        Self { field: WindowField::Schedule, range: error.range, message: error.message }
    }
}

impl TypedWindow {
    /// Checks every field, in the order in which they are shown. `zone` looks a zone up by its IANA name; it is not asked
    /// when none is given.
    pub fn compile(&self, zone: impl FnOnce(&str) -> Option<TimeZone>) -> Result<Window, WindowError> {
        if self.name.trim().is_empty() || self.name.chars().count() > NAME_LIMIT {
            return refuse(WindowField::Name, &self.name, format!("A name has 1 to {NAME_LIMIT} characters."));
        }
        let schedule = Schedule::parse(&self.schedule)?;
        if !(1..=24).contains(&self.duration_hours) {
            let message = "A window lasts 1 to 24 hours.".to_owned();
            return refuse(WindowField::DurationHours, "", message);
        }
        if self.cutoff_hours > 23 || self.cutoff_hours >= self.duration_hours {
            let message = "The cutoff is 0 to 23 hours and shorter than the duration.".to_owned();
            return refuse(WindowField::CutoffHours, "", message);
        }
        let zone = match self.time_zone.as_deref() {
            None => TimeZone::UTC,
            Some(name) => match zone(name) {
                Some(zone) => zone,
                None => return refuse(WindowField::TimeZone, name, no_such_zone(name)),
            },
        };
        let offset_days = self.offset(&schedule)?;
        let opens = date(WindowField::Start, self.start.as_deref())?;
        let closes = date(WindowField::End, self.end.as_deref())?;
        if let (Some(from), Some(to), Some(end)) = (opens, closes, self.end.as_deref())
            && from >= to
        {
            return refuse(WindowField::End, end, "The end date is not later than the start date.".into());
        }
        let anchor = match (&schedule, opens.max(self.anchor)) {
            (_, Some(anchor)) => anchor,
            (Schedule::Rate(_), None) => {
                let message = "A rate counts from somewhere: give a start date, or a time at which the window started.";
                return refuse(WindowField::Anchor, "", message.into());
            }
            (_, None) => Timestamp::UNIX_EPOCH,
        };
        let name = self.name.trim().to_owned();
        let [duration, cutoff] =
            [self.duration_hours, self.cutoff_hours].map(|hours| SignedDuration::from_hours(i64::from(hours)));
        Ok(Window { name, schedule, zone, duration, cutoff, offset_days, opens, closes, anchor })
    }

    fn offset(&self, schedule: &Schedule) -> Result<i8, WindowError> {
        let Some(days) = self.offset_days else { return Ok(0) };
        if !matches!(schedule, Schedule::Cron(_)) {
            return refuse(WindowField::OffsetDays, "", "SSM takes an offset with cron alone; leave it out.".into());
        }
        match i8::try_from(days) {
            Ok(days @ 1..=6) => Ok(days),
            _ => refuse(WindowField::OffsetDays, "", "The offset is 1 to 6 days; leave it out for none.".into()),
        }
    }
}

fn no_such_zone(name: &str) -> String {
    format!("There is no time zone {}. SSM takes IANA names, such as UTC or Europe/Berlin.", clean_to(name, 48))
}

fn date(field: WindowField, text: Option<&str>) -> Result<Option<Timestamp>, WindowError> {
    let Some(text) = text else { return Ok(None) };
    let instant = text.parse::<Timestamp>().ok();
    let without_offset = || TimeZone::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    if let Some(at) = instant.or_else(without_offset) {
        return Ok(Some(at));
    }
    let message = format!("{} is no date in ISO 8601, such as 2026-04-07T14:29:00-08:00.", clean_to(text, 48));
    refuse(field, text, message)
}

fn refuse<T>(field: WindowField, text: &str, message: String) -> Result<T, WindowError> {
    Err(WindowError { field, range: 0..text.len(), message })
}
