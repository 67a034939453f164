//! Runs as they are shown: lists, the one that is open, and a run with all of its commands and nodes.
//!
//! **Invariant:** pure reading. A typed run is in a list unless an execution is that run; a run is open until SSM says that
//! it ended or its time is over.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, params};
use watchbell_core::command::Counts;
use watchbell_core::schedule::TypedWindow;
use watchbell_core::status::Status;
use watchbell_core::window::{Current, Progress, Report, RunStatus, Worst, is_run_of};

use super::plan::{self, Plan, TypedRun};
use super::settle::row_of;
use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::store::table::window_definition::{self, Placed, WindowDefinition};
use crate::store::table::window_run::{self, RunRow};
use crate::store::table::{command, command_window, window_event};
use crate::view::{CommandRow, FailedNode, WindowReport, WindowRun, WindowState};

/// The most nodes or events in one report.
const LIMIT: u32 = 1000;

/// Nodes cancelled (3) or timed out (1) at the cutoff or after, or in a run that SSM says timed out.
const CUT_OFF: &str = "w.run = ?1 AND i.rank IN (1, 3) AND (?2 OR i.event_time >= ?3)";

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
    rows.extend(announced(db, &rows, now.max(from), to)?);
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
        known.iter().any(|row| row.key == key || (row.identity.is_some() && is_run_of(row.state.start(), of.run.start)))
    };
    Ok(typed.iter().filter(|of| !there(of)).map(row_of).collect())
}

/// Runs to come of the windows that SSM's API described, where no typed run says the same.
fn announced(db: &Connection, known: &[RunRow], from: Timestamp, to: Timestamp) -> Result<Vec<RunRow>, StoreError> {
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
fn coming(placed: &Placed, from: Timestamp, to: Timestamp) -> Vec<watchbell_core::schedule::Run> {
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
        Some(watchbell_core::schedule::Run { start, cutoff: end.checked_sub(hours(of.cutoff_hours)).ok()?, end })
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

/// The runs that are open at `now`, the one with the nearest cutoff or end first.
pub(in crate::store) fn current(db: &Connection, now: Timestamp) -> Result<Vec<Current>, StoreError> {
    let mut rows = window_run::overlapping(db, now, now)?;
    rows.extend(unstored(db, &Plan::load(db)?, now, now)?);
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
    let near = |of: &Current| of.cutoff.filter(|at| *at > now).or(of.end).unwrap_or(Timestamp::MAX);
    open.sort_by(|one, other| (near(one), &one.run).cmp(&(near(other), &other.run)));
    Ok(open)
}

/// When a run next opens, reaches its cutoff or closes, by the clock alone.
pub(in crate::store) fn next_change(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let plan = Plan::load(db)?;
    let mut rows = window_run::overlapping(db, now, now)?;
    rows.extend(unstored(db, &plan, now, now)?);
    let open = rows.iter().filter(|row| state(row, now) == WindowState::Running);
    let edges = open.flat_map(|row| [row.cutoff, row.planned_end, Some(row.closes())]);
    Ok(edges.flatten().chain(plan.next_start(now)).filter(|at| *at > now).min())
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
    rows.extend(announced(db, &[], start, start)?);
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

#[derive(Default)]
struct Totals {
    progress: Progress,
    counts: Counts,
    commands_failed: u32,
}

/// The commands of a run, counted. A command without its nodes counts by its targets once it has ended.
fn totals(db: &Connection, run: i64) -> Result<Totals, StoreError> {
    if run == 0 {
        return Ok(Totals::default());
    }
    let mut statement = db.prepare_cached(
        "SELECT count(*), coalesce(sum(known), 0), coalesce(min(complete), 0), coalesce(sum(whole), 0),
           coalesce(sum(pending), 0), coalesce(sum(in_progress), 0), coalesce(sum(success), 0),
           coalesce(sum(failed), 0), coalesce(sum(timed_out), 0), coalesce(sum(cancelled), 0),
           coalesce(sum(not_run), 0), coalesce(sum(other), 0), coalesce(sum(broken), 0)
         FROM (SELECT c.*, max(heard, coalesce(target_count, 0)) AS known,
             coalesce(target_count, 0) >= heard AND target_count IS NOT NULL AS complete,
             CASE WHEN heard = 0 AND status IN ('success', 'failed', 'timed_out', 'cancelled')
               THEN coalesce(target_count, 0) ELSE 0 END AS whole,
             state IN ('failed', 'timed_out') AND failed + timed_out + not_run = 0 AS broken
           FROM (SELECT *, pending + in_progress + success + failed + timed_out + cancelled + not_run + other AS heard
             FROM command) c
           JOIN command_window w ON w.command = c.id WHERE w.run = ?1)",
    )?;
    Ok(statement.query_row([run], |row| {
        let counts = Counts {
            pending: row.get(4)?,
            in_progress: row.get(5)?,
            success: row.get(6)?,
            failed: row.get(7)?,
            timed_out: row.get(8)?,
            cancelled: row.get(9)?,
            not_run: row.get(10)?,
            other: row.get(11)?,
        };
        let ended = counts.heard() - counts.pending - counts.in_progress - counts.other;
        let progress = Progress {
            commands: row.get(0)?,
            known: row.get(1)?,
            complete: row.get(2)?,
            done: ended + row.get::<_, u32>(3)?,
            failed: counts.failed,
            timed_out: counts.timed_out,
        };
        Ok(Totals { progress, counts, commands_failed: row.get(12)? })
    })?)
}

fn cut_off(row: &RunRow) -> (i64, bool, i64) {
    let timed_out = row.state.status() == RunStatus::TimedOut;
    (row.id, timed_out, row.cutoff.map_or(i64::MAX, to_ns))
}

fn count_cut_off(db: &Connection, row: &RunRow) -> Result<u32, StoreError> {
    if row.id == 0 {
        return Ok(0);
    }
    let sql =
        format!("SELECT count(*) FROM command_window w JOIN invocation i ON i.command = w.command WHERE {CUT_OFF}");
    Ok(db.prepare_cached(&sql)?.query_row(cut_off(row), |row| row.get(0))?)
}

fn commands(db: &Connection, run: i64) -> Result<Vec<CommandRow>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {} FROM command WHERE id IN (SELECT command FROM command_window WHERE run = ?1)
         ORDER BY requested_at, id",
        command::VIEW
    ))?;
    let rows = statement.query_map([run], command::to_view)?;
    let mut rows: Vec<CommandRow> = rows.collect::<Result<_, _>>()?;
    command_window::fill(db, &mut rows)?;
    Ok(rows)
}

fn nodes(db: &Connection, which: &str, values: impl rusqlite::Params) -> Result<Vec<FailedNode>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT c.command_id, c.document, i.node_id, i.status, i.detail, i.event_time
         FROM command_window w JOIN invocation i ON i.command = w.command JOIN command c ON c.id = w.command
         WHERE {which} ORDER BY i.rank, i.node_id, c.id LIMIT {LIMIT}"
    ))?;
    let rows = statement.query_map(values, |row| {
        Ok(FailedNode {
            command_id: row.get(0)?,
            document: row.get(1)?,
            node_id: row.get(2)?,
            status: Status::parse(row.get_ref(3)?.as_str()?),
            detail: row.get(4)?,
            event_time: from_ns(row.get(5)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
