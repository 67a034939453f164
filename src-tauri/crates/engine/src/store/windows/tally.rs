//! The commands of a run and their nodes, counted and listed.
//!
//! **Invariant:** counts come from the same rows that the history shows; what was cut off counts under its status as well.

use rusqlite::Connection;
use watchbell_core::command::Counts;
use watchbell_core::status::Status;
use watchbell_core::window::{Progress, RunStatus};

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::store::table::window_run::RunRow;
use crate::store::table::{command, command_window};
use crate::view::{CommandRow, FailedNode};

/// The most nodes or events in one report.
pub(super) const LIMIT: u32 = 1000;

/// `core::window::was_cut_off` in SQL, for nodes that were cancelled (3) or timed out (1).
pub(super) const CUT_OFF: &str = "w.run = ?1 AND (
  i.rank = 3 AND (i.event_time >= ?3 OR ?2)
  OR i.rank = 1 AND coalesce(i.detail, '') NOT IN ('Undeliverable', 'DeliveryTimedOut')
    AND (i.event_time >= ?3 OR ?2 AND coalesce(i.detail, '') <> 'ExecutionTimedOut'))";

/// What the commands of a run add up to.
#[derive(Default)]
pub(super) struct Totals {
    pub(super) progress: Progress,
    pub(super) counts: Counts,
    pub(super) commands_failed: u32,
}

/// The commands of a run, counted. A command without its nodes counts by its targets once it has ended.
pub(super) fn totals(db: &Connection, run: i64) -> Result<Totals, StoreError> {
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

pub(super) fn cut_off(row: &RunRow) -> (i64, bool, i64) {
    let timed_out = row.state.status() == RunStatus::TimedOut;
    (row.id, timed_out, row.cutoff.map_or(i64::MAX, to_ns))
}

pub(super) fn count_cut_off(db: &Connection, row: &RunRow) -> Result<u32, StoreError> {
    if row.id == 0 {
        return Ok(0);
    }
    let sql =
        format!("SELECT count(*) FROM command_window w JOIN invocation i ON i.command = w.command WHERE {CUT_OFF}");
    Ok(db.prepare_cached(&sql)?.query_row(cut_off(row), |row| row.get(0))?)
}

pub(super) fn commands(db: &Connection, run: i64) -> Result<Vec<CommandRow>, StoreError> {
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

pub(super) fn nodes(
    db: &Connection,
    which: &str,
    values: impl rusqlite::Params,
) -> Result<Vec<FailedNode>, StoreError> {
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
