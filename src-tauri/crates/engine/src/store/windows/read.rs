//! Runs as they are shown: lists, the one that is open, and a run with all of its commands and nodes.
//!
//! **Invariant:** pure reading. A typed or announced run is in a list unless an execution is that run; a run is open until SSM says that
//! it ended or its time is over.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use watchbell_core::window::{Current, Report, Worst, is_run_of};

use super::announced::{Announced, is_told_by, is_typed_as};
use super::plan::{Plan, TypedRun};
use super::settle::row_of;
use super::tally::{CUT_OFF, LIMIT, Totals, commands, count_cut_off, cut_off, nodes, totals};
use crate::store::error::StoreError;
use crate::store::table::window_event;
use crate::store::table::window_run::{self, RunRow};
use crate::view::{WindowReport, WindowRun, WindowState};

/// The runs that take some of this time, the latest first.
pub(in crate::store) fn list(
    db: &Connection,
    from: Timestamp,
    to: Timestamp,
    now: Timestamp,
) -> Result<Vec<WindowRun>, StoreError> {
    let plan = Plan::load(db)?;
    let mut rows = window_run::overlapping(db, from, to)?;
    rows.extend(unstored(db, &plan, from, to)?);
    let announced = Announced::load(db)?;
    rows.extend(unheard(db, (&plan, &announced), now.max(from), to)?);
    let mut runs = rows.iter().map(|row| view(db, row, now)).collect::<Result<Vec<_>, _>>()?;
    runs.sort_by(|one, other| (other.start, &other.run).cmp(&(one.start, &one.run)));
    Ok(runs)
}

/// Typed runs of this time of which no row is kept and that no execution is.
fn unstored(db: &Connection, plan: &Plan, from: Timestamp, to: Timestamp) -> Result<Vec<RunRow>, StoreError> {
    let typed = plan.overlapping(from, to);
    let (Some(first), Some(last)) =
        (typed.iter().map(|of| of.run.start).min(), typed.iter().map(|of| of.run.start).max())
    else {
        return Ok(Vec::new());
    };
    let minutes = |at: Timestamp, by| at.checked_add(SignedDuration::from_mins(by)).unwrap_or(at);
    let known = window_run::overlapping(db, minutes(first, -6), minutes(last, 6))?;
    let there = |of: &TypedRun| {
        let key = of.key();
        known.iter().any(|row| row.key == key || (row.is_execution() && is_run_of(row.state.start(), of.run.start)))
    };
    Ok(typed.iter().filter(|of| !there(of)).map(row_of).collect())
}

/// Runs of this time that only the schedule of SSM's window announces, where no typed run says the same.
fn unheard(
    db: &Connection,
    (plan, announced): (&Plan, &Announced),
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<RunRow>, StoreError> {
    let mut rows = announced.overlapping(from, to);
    let (Some(first), Some(last)) =
        (rows.iter().map(|row| row.state.start()).min(), rows.iter().map(|row| row.state.start()).max())
    else {
        return Ok(rows);
    };
    let minutes = |at: Timestamp, by| at.checked_add(SignedDuration::from_mins(by)).unwrap_or(at);
    let known = window_run::overlapping(db, minutes(first, -6), minutes(last, 6))?;
    let typed = plan.overlapping(first, last);
    rows.retain(|row| {
        let told = |of: &RunRow| {
            is_told_by(row, of) || (of.identity.is_none() && is_typed_as(row, of.name.as_deref(), of.state.start()))
        };
        !known.iter().any(told) && !typed.iter().any(|of| is_typed_as(row, Some(&of.name), of.run.start))
    });
    Ok(rows)
}

/// The runs of this instant, however they are known, and what is announced and typed.
fn around(db: &Connection, now: Timestamp) -> Result<(Vec<RunRow>, Plan, Announced), StoreError> {
    let (plan, announced) = (Plan::load(db)?, Announced::load(db)?);
    let mut rows = window_run::overlapping(db, now, now)?;
    rows.extend(unstored(db, &plan, now, now)?);
    rows.extend(unheard(db, (&plan, &announced), now, now)?);
    Ok((rows, plan, announced))
}

/// The runs that are open at `now`: the one with the nearest cutoff first, and after all of them those that are past it.
pub(in crate::store) fn current(db: &Connection, now: Timestamp) -> Result<Vec<Current>, StoreError> {
    let (rows, ..) = around(db, now)?;
    let mut open = Vec::new();
    for row in rows.iter().filter(|row| state(row, now) == WindowState::Running) {
        open.push(Current {
            run: row.key.clone(),
            name: row.called(),
            start: row.state.start(),
            cutoff: row.cutoff,
            end: row.planned_end,
            progress: totals(db, row.id)?.progress,
        });
    }
    let near = |of: &Current| {
        let past = of.cutoff.is_some_and(|at| at <= now);
        (past, of.cutoff.filter(|_| !past).or(of.end).unwrap_or(Timestamp::MAX))
    };
    open.sort_by(|one, other| (near(one), &one.run).cmp(&(near(other), &other.run)));
    Ok(open)
}

/// When a run next opens, reaches its cutoff or closes, by the clock alone.
pub(in crate::store) fn next_change(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let (rows, plan, announced) = around(db, now)?;
    let open = rows.iter().filter(|row| state(row, now) == WindowState::Running);
    let edges = open.flat_map(|row| [row.cutoff, row.planned_end, Some(row.closes())]);
    Ok(edges.flatten().chain(plan.next_start(now)).chain(announced.next_start(now)).filter(|at| *at > now).min())
}

/// One run with everything.
pub(in crate::store) fn describe(
    db: &Connection,
    key: &str,
    now: Timestamp,
) -> Result<Option<WindowReport>, StoreError> {
    let Some(row) = found(db, key)? else { return Ok(None) };
    let told = match window_run::report_of(db, key)? {
        Some(text) => {
            let text = serde_json::from_str::<Report>(&text)?.text();
            Some([text.title, text.body])
        }
        None => None,
    };
    Ok(Some(WindowReport {
        window: view(db, &row, now)?,
        told,
        commands: commands(db, row.id)?,
        failed: nodes(db, "w.run = ?1 AND i.rank < 2", params![row.id])?,
        cut_off: nodes(db, CUT_OFF, cut_off(&row))?,
        events: window_event::of_run(db, row.id, LIMIT)?,
    }))
}

/// By its key; a typed run of which no row is kept is found by its window.
fn found(db: &Connection, key: &str) -> Result<Option<RunRow>, StoreError> {
    if let Some(row) = window_run::by_key(db, key)? {
        return Ok(Some(row));
    }
    let Some(start) = key.rsplit('/').next().and_then(|text| text.parse::<Timestamp>().ok()) else { return Ok(None) };
    let plan = Plan::load(db)?;
    let mut rows: Vec<_> = plan.overlapping(start, start).iter().map(row_of).collect();
    rows.extend(Announced::load(db)?.overlapping(start, start));
    Ok(rows.into_iter().find(|row| row.key == key))
}

/// One run as it is told at its end.
pub(super) fn report(db: &Connection, row: &RunRow) -> Result<Report, StoreError> {
    let Totals { progress, commands_failed, .. } = totals(db, row.id)?;
    let worst = commands(db, row.id)?
        .into_iter()
        .max_by_key(|of| of.counts.failing())
        .map(|of| Worst { failing: of.counts.failing(), document: of.document.unwrap_or(of.command_id) });
    Ok(Report {
        name: row.called(),
        status: row.state.level.as_ref().map(|level| level.status.clone()),
        progress,
        commands_failed,
        cut_off: count_cut_off(db, row)?,
        worst: worst.filter(|worst| worst.failing > 0),
    })
}

fn state(row: &RunRow, now: Timestamp) -> WindowState {
    if row.state.is_over() || row.closes() <= now {
        WindowState::Ended
    } else if row.state.start() > now {
        WindowState::Upcoming
    } else {
        WindowState::Running
    }
}

fn view(db: &Connection, row: &RunRow, now: Timestamp) -> Result<WindowRun, StoreError> {
    let Totals { progress, counts, commands_failed } = totals(db, row.id)?;
    let of = row.identity.as_ref();
    Ok(WindowRun {
        run: row.key.clone(),
        state: state(row, now),
        source: row.source.as_str().to_owned(),
        name: row.name.clone(),
        window_id: of.map(|of| of.window_id.clone()),
        execution_id: of.map(|of| of.execution_id.clone()).filter(|id| !id.is_empty()),
        account: of.map(|of| of.account.clone()),
        region: of.map(|of| of.region.clone()),
        status: row.state.level.as_ref().map(|level| level.status.clone()),
        start: row.state.start(),
        cutoff: row.cutoff,
        end: row.state.ended.or(row.planned_end),
        progress,
        counts,
        commands_failed,
        cut_off: count_cut_off(db, row)?,
    })
}
