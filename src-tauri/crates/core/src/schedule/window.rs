//! A maintenance window that can say when it is open.
//!
//! **Invariants:** a run starts no earlier than the start date and before the end date; `run_at(run.start)` is that run;
//! runs of [`Window::runs_after`] start strictly later one by one.

use super::{Cron, Schedule};
use crate::local;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, ToSpan};

/// One opening of a window.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    /// When it opens.
    pub start: Timestamp,
    /// From here on SSM starts no new task. The same as `end` with a cutoff of 0 hours.
    pub cutoff: Timestamp,
    /// When it closes; no longer part of it.
    pub end: Timestamp,
}

impl Run {
    /// Whether the window is open at `at`.
    pub fn contains(&self, at: Timestamp) -> bool {
        self.start <= at && at < self.end
    }
}

/// A window whose texts were read and found right ([`super::TypedWindow::compile`]).
#[derive(Debug, Clone, PartialEq)]
pub struct Window {
    pub(super) name: String,
    pub(super) schedule: Schedule,
    pub(super) zone: TimeZone,
    /// How long a run lasts, 1 to 24 hours.
    pub(super) duration: SignedDuration,
    /// How long before its end a run takes no new task.
    pub(super) cutoff: SignedDuration,
    /// Days from the date of the cron expression to the run, 0 to 6.
    pub(super) offset_days: i8,
    /// The start date.
    pub(super) opens: Option<Timestamp>,
    /// The end date.
    pub(super) closes: Option<Timestamp>,
    /// Where a rate counts from; the first of its runs.
    pub(super) anchor: Timestamp,
}

impl Window {
    /// What the person calls it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The zone of its schedule.
    pub fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    /// The runs that start after `after`, earliest first. Ends by itself, for a cron at the latest in the year 2199.
    pub fn runs_after(&self, after: Timestamp) -> impl Iterator<Item = Run> {
        std::iter::successors(self.next_run(after), |run| self.next_run(run.start))
    }

    /// The first run that starts after `after`.
    pub fn next_run(&self, after: Timestamp) -> Option<Run> {
        // The instant of the start date is itself inside.
        let floor = self.opens.and_then(|opens| opens.checked_sub(1.nanosecond()).ok());
        let after = floor.map_or(after, |floor| floor.max(after));
        let start = match &self.schedule {
            Schedule::Cron(cron) => self.next_of_cron(cron, after)?,
            Schedule::Rate(rate) => rate.next(self.anchor, after)?,
            Schedule::At(at) => local::first(&self.zone, *at).filter(|start| *start > after)?,
        };
        self.run(start)
    }

    /// The last run that started at `until` or before, open still or not.
    pub fn last_run(&self, until: Timestamp) -> Option<Run> {
        let ceiling = self.closes.and_then(|closes| closes.checked_sub(1.nanosecond()).ok());
        let until = ceiling.map_or(until, |ceiling| ceiling.min(until));
        let start = match &self.schedule {
            Schedule::Cron(cron) => self.last_of_cron(cron, until)?,
            Schedule::Rate(rate) => rate.last(self.anchor, until)?,
            Schedule::At(at) => local::first(&self.zone, *at).filter(|start| *start <= until)?,
        };
        self.run(start)
    }

    /// The run that is open at `at`; of several that overlap, the one that started last.
    pub fn run_at(&self, at: Timestamp) -> Option<Run> {
        self.last_run(at).filter(|run| run.contains(at))
    }

    /// Whether its schedule names no day that exists, as the thirtieth of February.
    pub fn names_no_day(&self) -> bool {
        matches!(&self.schedule, Schedule::Cron(cron) if cron.day_from(Date::constant(1970, 1, 1)).is_none())
    }

    fn run(&self, start: Timestamp) -> Option<Run> {
        if self.opens.is_some_and(|opens| start < opens) || self.closes.is_some_and(|closes| start >= closes) {
            return None;
        }
        let end = start.checked_add(self.duration).ok()?;
        Some(Run { start, cutoff: end.checked_sub(self.cutoff).ok()?, end })
    }

    fn next_of_cron(&self, cron: &Cron, after: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(after).date();
        // Local times of days gone by have had their first instant, so none of them can lie ahead.
        let mut day = cron.day_from(today.saturating_sub(self.offset_days.days()))?;
        loop {
            let passed = cron.times.partition_point(|time| self.start(day, *time).is_none_or(|start| start <= after));
            let later = cron.times.iter().skip(passed);
            if let Some(time) = later.copied().find(|time| self.counts(day, *time)) {
                return self.start(day, time);
            }
            day = cron.day_from(day.tomorrow().ok()?)?;
        }
    }

    fn last_of_cron(&self, cron: &Cron, until: Timestamp) -> Option<Timestamp> {
        let today = self.zone.to_datetime(until).date();
        // A day later, because a clock set back over midnight returns to the day before (St. John's until 2011).
        let mut day = cron.day_back(today.saturating_add(1.day()).saturating_sub(self.offset_days.days()))?;
        loop {
            let passed = cron.times.partition_point(|time| self.start(day, *time).is_none_or(|start| start <= until));
            if let Some(time) = passed.checked_sub(1).and_then(|last| cron.times.get(last)) {
                return if self.counts(day, *time) { self.start(day, *time) } else { None };
            }
            day = cron.day_back(day.yesterday().ok()?)?;
        }
    }

    /// When the run of that cron date opens, its offset added on the calendar.
    fn start(&self, day: Date, time: Time) -> Option<Timestamp> {
        local::first(&self.zone, day.checked_add(self.offset_days.days()).ok()?.to_datetime(time))
    }

    /// Whether the cron date itself is not before the start date. The guide: a date that has passed already is not run
    /// later because of its offset.
    fn counts(&self, day: Date, time: Time) -> bool {
        let Some(opens) = self.opens else { return true };
        local::first(&self.zone, day.to_datetime(time)).is_some_and(|date| date >= opens)
    }
}
