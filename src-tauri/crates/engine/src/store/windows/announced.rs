//! Runs to come of the windows that SSM's API described.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use watchbell_core::schedule::{Run, TypedWindow};
use watchbell_core::window::is_run_of;

use super::plan::{self, TypedRun};
use super::settle::row_of;
use crate::store::error::StoreError;
use crate::store::table::window_definition::{self, Placed, WindowDefinition};
use crate::store::table::window_run::{self, RunRow};

/// Runs to come of the windows that SSM's API described, where no typed run says the same.
pub(super) fn announced(
    db: &Connection,
    known: &[RunRow],
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<RunRow>, StoreError> {
    let mut rows = Vec::new();
    if from > to {
        return Ok(rows);
    }
    for placed in window_definition::all(db)? {
        for run in coming(&placed, from, to) {
            let typed = TypedRun { name: placed.definition.name.clone(), run };
            let told = |row: &&RunRow| match &row.identity {
                None => row.name.as_deref() == Some(&typed.name) && row.state.start() == run.start,
                Some(of) => of.window_id == placed.definition.window_id && is_run_of(row.state.start(), run.start),
            };
            if known.iter().any(|row| told(&row)) {
                continue;
            }
            let Placed { account, region, definition } = &placed;
            let key = format!("{account}/{region}/{}/{}", definition.window_id, run.start);
            let identity = window_run::Identity {
                account: account.clone(),
                region: region.clone(),
                window_id: definition.window_id.clone(),
                execution_id: String::new(),
            };
            let source = window_run::Source::Ssm;
            rows.push(RunRow { key, source, identity: Some(identity), ..row_of(&typed) });
        }
    }
    Ok(rows)
}

/// When a described window runs, from its schedule; where that is not understood, the next time that AWS names.
fn coming(placed: &Placed, from: Timestamp, to: Timestamp) -> Vec<Run> {
    let of = &placed.definition;
    if !of.enabled {
        return Vec::new();
    }
    if let Some(window) = plan::compiled(&typed(of)) {
        return plan::runs(&window, from, to);
    }
    let hours = |hours: u32| SignedDuration::from_hours(hours.into());
    let next = of.next.filter(|next| (from..=to).contains(next));
    let run = next.and_then(|start| {
        let end = start.checked_add(hours(of.duration_hours)).ok()?;
        Some(Run { start, cutoff: end.checked_sub(hours(of.cutoff_hours)).ok()?, end })
    });
    run.into_iter().collect()
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
