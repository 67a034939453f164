//! Runs of the windows that SSM's API described, as far as their schedules say when they are.
//!
//! **Invariant:** a guess that ends with the next whole reading: a run counts until SSM's API was read five minutes after its
//! start or later, because from then on it is an execution or it was none. An execution of the same window that began
//! closely after it is that run.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use watchbell_core::schedule::{Run, TypedWindow, Window};
use watchbell_core::window::{ABSORBS, is_run_of};

use super::plan::{self, TypedRun};
use super::settle::row_of;
use crate::store::error::StoreError;
use crate::store::table::window_definition::{self, Placed, WindowDefinition};
use crate::store::table::window_run::{self, Identity, RunRow, Source};

/// What SSM's API described, compiled, and when it was last read.
pub(super) struct Announced {
    windows: Vec<Described>,
    read_at: BTreeMap<(String, String), Timestamp>,
}

struct Described {
    placed: Placed,
    /// None where the schedule is not understood.
    window: Option<Window>,
}

impl Announced {
    pub(super) fn load(db: &Connection) -> Result<Self, StoreError> {
        let enabled = window_definition::all(db)?.into_iter().filter(|placed| placed.definition.enabled);
        let windows = enabled.map(|placed| Described { window: plan::compiled(&typed(&placed.definition)), placed });
        Ok(Self { windows: windows.collect(), read_at: window_definition::read_at(db)? })
    }

    /// The runs that take some of this time and that nobody but their schedule tells of yet.
    pub(super) fn overlapping(&self, from: Timestamp, to: Timestamp) -> Vec<RunRow> {
        if from > to {
            return Vec::new();
        }
        let rows = self.windows.iter().flat_map(|of| of.runs(from, to).into_iter().map(|run| row(&of.placed, run)));
        rows.filter(|row| self.may_be(row)).collect()
    }

    /// When the next run begins.
    pub(super) fn next_start(&self, after: Timestamp) -> Option<Timestamp> {
        let starts = self.windows.iter().filter_map(|of| match &of.window {
            Some(window) => window.next_run(after).map(|run| run.start),
            None => of.placed.definition.next.filter(|next| *next > after),
        });
        starts.min()
    }

    /// Whether SSM's API was not read since it would have told an execution of this announced run.
    pub(super) fn may_be(&self, row: &RunRow) -> bool {
        let Some(of) = &row.identity else { return true };
        let read_at = self.read_at.get(&(of.account.clone(), of.region.clone()));
        read_at.is_none_or(|read_at| read_at.duration_since(row.state.start()) < ABSORBS)
    }
}

/// Whether this execution, or the row that is kept of this announced run, is the announced run `row`.
pub(super) fn is_told_by(row: &RunRow, other: &RunRow) -> bool {
    let (Some(of), Some(told)) = (&row.identity, &other.identity) else { return false };
    let place = |identity: &Identity| (identity.account.clone(), identity.region.clone(), identity.window_id.clone());
    other.key == row.key
        || (other.is_execution() && place(of) == place(told) && is_run_of(other.state.start(), row.state.start()))
}

/// Whether a typed run of this name and start says the same as the announced run `row`.
pub(super) fn is_typed_as(row: &RunRow, name: Option<&str>, start: Timestamp) -> bool {
    row.name.as_deref() == name && row.state.start() == start
}

impl Described {
    /// When it runs, from its schedule; where that is not understood, the next time that AWS names.
    fn runs(&self, from: Timestamp, to: Timestamp) -> Vec<Run> {
        if let Some(window) = &self.window {
            return plan::runs(window, from, to);
        }
        let of = &self.placed.definition;
        let hours = |hours: u32| SignedDuration::from_hours(hours.into());
        let run = of.next.and_then(|start| {
            let end = start.checked_add(hours(of.duration_hours)).ok()?;
            Some(Run { start, cutoff: end.checked_sub(hours(of.cutoff_hours)).ok()?, end })
        });
        run.into_iter().filter(|run| run.start <= to && from <= run.end).collect()
    }
}

fn row(placed: &Placed, run: Run) -> RunRow {
    let Placed { account, region, definition } = placed;
    let identity = Identity {
        account: account.clone(),
        region: region.clone(),
        window_id: definition.window_id.clone(),
        execution_id: window_run::ANNOUNCED.to_owned(),
    };
    let typed = TypedRun { name: definition.name.clone(), run };
    let key = format!("{account}/{region}/{}/{}", definition.window_id, run.start);
    RunRow { key, source: Source::Ssm, identity: Some(identity), ..row_of(&typed) }
}

/// A described window in the words of a typed one; a rate counts from the next time that AWS names.
pub(super) fn typed(of: &WindowDefinition) -> TypedWindow {
    TypedWindow {
        name: of.name.clone(),
        schedule: of.schedule.clone().unwrap_or_default(),
        duration_hours: of.duration_hours,
        cutoff_hours: of.cutoff_hours,
        time_zone: of.time_zone.clone(),
        offset_days: of.offset_days,
        start: of.start.clone(),
        end: of.end.clone(),
        anchor: of.next,
    }
}
