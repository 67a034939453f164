//! What is told when a run has ended: decided once, stored, then shown.
//!
//! **Invariants:** a run is reported when it is over and nothing of it came for two minutes; one without commands, or one
//! that was over for a day before anybody could tell, is not told of. The decision is committed before it is shown, and waits
//! for the end of a snooze or of quiet hours.

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use watchbell_core::policy::{AlertMode, AlertText};
use watchbell_core::window::Report;

use super::read;
use crate::store::error::StoreError;
use crate::store::table::hall;
use crate::store::table::window_run::{self, RunRow};
use crate::store::{Rules, Store};

/// After so long without news a run that is over is told of.
const QUIET: SignedDuration = SignedDuration::from_mins(2);

/// What ended longer ago is read in the list.
const STALE: SignedDuration = SignedDuration::from_hours(24);

/// A report that waits for the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowAlert {
    /// The run.
    pub run: String,
    /// Its words.
    pub text: AlertText,
}

/// The reports that wait, and when to ask again if nothing is committed before.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportsDue {
    /// In the order in which they were decided.
    pub waiting: Vec<WindowAlert>,
    /// When the next run may have to be told of.
    pub next: Option<Timestamp>,
}

impl Store {
    /// Decides what is to be told by now, and hands out what was not shown yet.
    pub async fn window_reports(&self, now: Timestamp) -> Result<ReportsDue, StoreError> {
        self.on_writer(move |writer| {
            let closed = window_run::closed_unreported(writer.connection()?, now)?;
            let (due, still): (Vec<_>, Vec<_>) = closed.into_iter().partition(|run| quiet_from(run) <= now);
            if !due.is_empty() {
                writer.transact(|db, rules| due.iter().try_for_each(|run| decide(db, rules, run, now)))?;
            }
            let db = writer.connection()?;
            let mut untold = Vec::new();
            for (run, report, _) in window_run::untold(db)? {
                let report: Report = serde_json::from_str(&report)?;
                untold.push(WindowAlert { run, text: report.text() });
            }
            let next_close = window_run::next_close(db, now)?.map(|at| at.checked_add(QUIET).unwrap_or(at));
            // More than one portion was due: the rest at once.
            let more = (due.len() == 64).then_some(now);
            let next = still.iter().map(quiet_from).chain(next_close).chain(more).min();
            let rules = writer.rules();
            let waits = hall::load(writer.connection()?)?.waits(&rules.policy, now);
            Ok(match waits.filter(|_| !untold.is_empty()) {
                Some(until) => ReportsDue { waiting: Vec::new(), next: next.into_iter().chain(until).min() },
                None => ReportsDue { waiting: untold, next },
            })
        })
        .await
    }

    /// The report of a run is on the screen, or was not wanted there.
    pub async fn window_told(&self, run: &str, now: Timestamp) -> Result<(), StoreError> {
        let run = run.to_owned();
        self.on_writer(move |writer| writer.transact(|db, _| window_run::told(db, &run, now))).await
    }
}

fn quiet_from(run: &RunRow) -> Timestamp {
    let last = run.closes().max(run.touched_at);
    last.checked_add(QUIET).unwrap_or(last)
}

fn decide(db: &Connection, rules: &Rules, run: &RunRow, now: Timestamp) -> Result<(), StoreError> {
    let report = read::report(db, run)?;
    if report.progress.commands == 0 {
        return window_run::report(db, run.id, None, now);
    }
    window_run::report(db, run.id, Some(&serde_json::to_string(&report)?), now)?;
    let stale = run.closes().checked_add(STALE).is_ok_and(|until| until < now);
    if stale || rules.policy.alerts == AlertMode::None {
        window_run::told(db, &run.key, now)?;
    }
    Ok(())
}
