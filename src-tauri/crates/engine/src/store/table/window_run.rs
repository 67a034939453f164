//! `window_run`: each run of a maintenance window that is known: an execution that SSM told of, or a run that is typed in
//! or announced by SSM's schedule, to which some command was tied.
//!
//! **Invariant:** `starts` and `closes` follow from what was heard and planned and are never edited alone. A run is told of
//! at most once: `reported_at` is set with the report, in one transaction.

use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use watchbell_core::window::{ExecutionState, LONGEST, RunLevel, RunStatus};

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};

pub(in crate::store) const WINDOWS: &str = "
CREATE TABLE window_run (
  id           INTEGER PRIMARY KEY,
  key          TEXT NOT NULL UNIQUE, -- what the outside calls it; does not depend on the order of arrival
  source       TEXT NOT NULL,        -- ssm, eventbridge, typed
  account      TEXT,                 -- none: a typed run, which holds for every account and region
  region       TEXT,
  window_id    TEXT,
  execution_id TEXT,                 -- empty: SSM's schedule announced it, and nothing told of an execution yet
  status       TEXT,
  status_time  INTEGER,
  first_heard  INTEGER NOT NULL,
  started      INTEGER,
  ended        INTEGER,
  name         TEXT,
  cutoff       INTEGER,
  planned_end  INTEGER,
  starts       INTEGER NOT NULL,
  closes       INTEGER NOT NULL,
  whole        INTEGER NOT NULL DEFAULT 0, -- SSM's API told it to its end, with its commands
  touched_at   INTEGER NOT NULL,     -- when something of it or of its commands was last received
  reported_at  INTEGER,
  report       TEXT,                 -- core::window::Report; none: there was nothing to tell
  shown_at     INTEGER
) STRICT;
CREATE INDEX window_run_by_start ON window_run(starts);
CREATE INDEX window_run_unreported ON window_run(closes) WHERE reported_at IS NULL;
CREATE INDEX window_run_untold ON window_run(id) WHERE report IS NOT NULL AND shown_at IS NULL;
CREATE INDEX command_by_request ON command(requested_at) WHERE requested_at IS NOT NULL;
";

/// No run is taken to last longer: a search by time looks back so far and no further.
pub(in crate::store) const REACH: SignedDuration = SignedDuration::from_hours(48);

/// Who told of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::store) enum Source {
    Typed,
    EventBridge,
    Ssm,
}

impl Source {
    pub(in crate::store) fn as_str(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::EventBridge => "eventbridge",
            Self::Ssm => "ssm",
        }
    }

    fn parse(text: &str) -> Self {
        match text {
            "ssm" => Self::Ssm,
            "eventbridge" => Self::EventBridge,
            _ => Self::Typed,
        }
    }
}

/// The execution's id of a run that only its window's schedule announces: SSM has not told of it yet.
pub(in crate::store) const ANNOUNCED: &str = "";

/// Which execution: of an account and region, since ids are unique no further.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Identity {
    pub(in crate::store) account: String,
    pub(in crate::store) region: String,
    pub(in crate::store) window_id: String,
    pub(in crate::store) execution_id: String,
}

impl Identity {
    pub(in crate::store) fn key(&self) -> String {
        format!("{}/{}/{}/{}", self.account, self.region, self.window_id, self.execution_id)
    }
}

/// One run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct RunRow {
    /// 0 before it is stored.
    pub(in crate::store) id: i64,
    pub(in crate::store) key: String,
    pub(in crate::store) source: Source,
    /// None for a typed run; without an execution's id for an announced one.
    pub(in crate::store) identity: Option<Identity>,
    pub(in crate::store) state: ExecutionState,
    pub(in crate::store) name: Option<String>,
    pub(in crate::store) cutoff: Option<Timestamp>,
    pub(in crate::store) planned_end: Option<Timestamp>,
    pub(in crate::store) touched_at: Timestamp,
}

impl RunRow {
    /// When it ended, or by when it is over at the latest.
    pub(in crate::store) fn closes(&self) -> Timestamp {
        let start = self.state.start();
        let after = |span| start.checked_add(span).unwrap_or(Timestamp::MAX);
        let end = self.state.ended.or(self.planned_end).unwrap_or_else(|| after(LONGEST));
        end.clamp(start, after(REACH))
    }

    /// Whether SSM told of it: it is neither typed in nor only announced by a schedule.
    pub(in crate::store) fn is_execution(&self) -> bool {
        self.identity.as_ref().is_some_and(|of| of.execution_id != ANNOUNCED)
    }

    /// What people call it: its name, else the window's id.
    pub(in crate::store) fn called(&self) -> String {
        let id = self.identity.as_ref().map(|identity| identity.window_id.clone());
        self.name.clone().or(id).unwrap_or_else(|| self.key.clone())
    }

    /// Whether it never ran, so that no command can be of it.
    pub(in crate::store) fn was_skipped(&self) -> bool {
        self.state.status() == RunStatus::SkippedOverlapping
    }
}

const COLUMNS: &str =
    "id, key, source, account, region, window_id, execution_id, status, status_time, first_heard, started,
  ended, name, cutoff, planned_end, touched_at";

fn to_row(row: &Row<'_>) -> rusqlite::Result<RunRow> {
    let instant = |column: usize| Ok::<_, rusqlite::Error>(row.get::<_, Option<i64>>(column)?.map(from_ns));
    let level = match (row.get::<_, Option<String>>(7)?, instant(8)?) {
        (Some(status), Some(at)) => Some(RunLevel { status: RunStatus::parse(&status), at }),
        _ => None,
    };
    let identity = match (row.get(3)?, row.get(4)?, row.get(5)?, row.get(6)?) {
        (Some(account), Some(region), Some(window_id), Some(execution_id)) => {
            Some(Identity { account, region, window_id, execution_id })
        }
        _ => None,
    };
    Ok(RunRow {
        id: row.get(0)?,
        key: row.get(1)?,
        source: Source::parse(row.get_ref(2)?.as_str()?),
        identity,
        state: ExecutionState { level, first_heard: from_ns(row.get(9)?), started: instant(10)?, ended: instant(11)? },
        name: row.get(12)?,
        cutoff: instant(13)?,
        planned_end: instant(14)?,
        touched_at: from_ns(row.get(15)?),
    })
}

fn all(db: &Connection, condition: &str, values: impl Params) -> Result<Vec<RunRow>, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT {COLUMNS} FROM window_run WHERE {condition}"))?;
    let rows = statement.query_map(values, to_row)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(in crate::store) fn by_key(db: &Connection, key: &str) -> Result<Option<RunRow>, StoreError> {
    Ok(all(db, "key = ?1", [key])?.pop())
}

/// The runs that take some of this time, earliest first; both ends belong to it.
pub(in crate::store) fn overlapping(
    db: &Connection,
    from: Timestamp,
    to: Timestamp,
) -> Result<Vec<RunRow>, StoreError> {
    let earliest = from.checked_sub(REACH).unwrap_or(Timestamp::MIN);
    all(
        db,
        "starts BETWEEN ?1 AND ?2 AND closes >= ?3 ORDER BY starts, key",
        params![to_ns(earliest), to_ns(to), to_ns(from)],
    )
}

/// Writes a run; gives its id. The report is not touched.
pub(in crate::store) fn put(db: &Connection, run: &RunRow) -> Result<i64, StoreError> {
    let state = &run.state;
    let of = |part: fn(&Identity) -> &String| run.identity.as_ref().map(part);
    db.prepare_cached(
        "INSERT INTO window_run (key, source, account, region, window_id, execution_id, status, status_time, first_heard,
           started, ended, name, cutoff, planned_end, starts, closes, touched_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
         ON CONFLICT (key) DO UPDATE SET
           source = excluded.source, status = excluded.status, status_time = excluded.status_time,
           first_heard = excluded.first_heard, started = excluded.started, ended = excluded.ended, name = excluded.name,
           cutoff = excluded.cutoff, planned_end = excluded.planned_end, starts = excluded.starts,
           closes = excluded.closes, touched_at = max(touched_at, excluded.touched_at)",
    )?
    .execute(params![
        run.key,
        run.source.as_str(),
        of(|identity| &identity.account),
        of(|identity| &identity.region),
        of(|identity| &identity.window_id),
        of(|identity| &identity.execution_id),
        state.level.as_ref().map(|level| level.status.as_str()),
        state.level.as_ref().map(|level| to_ns(level.at)),
        to_ns(state.first_heard),
        state.started.map(to_ns),
        state.ended.map(to_ns),
        run.name,
        run.cutoff.map(to_ns),
        run.planned_end.map(to_ns),
        to_ns(state.start()),
        to_ns(run.closes()),
        to_ns(run.touched_at),
    ])?;
    Ok(db.prepare_cached("SELECT id FROM window_run WHERE key = ?1")?.query_row([&run.key], |row| row.get(0))?)
}

/// SSM told the run to its end, with all of its commands: it is not asked again.
pub(in crate::store) fn is_whole(db: &Connection, run: i64) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE window_run SET whole = 1 WHERE id = ?1 AND whole = 0")?.execute([run])?;
    Ok(())
}

/// Something of a command was received: the run that it belongs to is not quiet yet.
pub(in crate::store) fn touch(db: &Connection, command: i64, received_at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE window_run SET touched_at = max(touched_at, ?2)
         WHERE id = (SELECT run FROM command_window WHERE command = ?1)",
    )?
    .execute(params![command, to_ns(received_at)])?;
    Ok(())
}

/// A typed or announced run that its last command left is none to keep: its window says when it was.
pub(in crate::store) fn remove_empty(db: &Connection, run: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "DELETE FROM window_run WHERE id = ?1 AND (source = 'typed' OR execution_id = '')
         AND NOT EXISTS (SELECT 1 FROM command_window WHERE run = ?1)",
    )?
    .execute([run])?;
    Ok(())
}

/// Lets go of the runs of a typed window that are not over: its schedule says now when they are.
pub(in crate::store) fn forget_open(db: &Connection, name: &str, now: Timestamp) -> Result<(), StoreError> {
    let open = "SELECT id FROM window_run WHERE source = 'typed' AND name = ?1 AND closes > ?2";
    db.prepare_cached(&format!("DELETE FROM command_window WHERE run IN ({open})"))?
        .execute(params![name, to_ns(now)])?;
    db.prepare_cached(&format!("DELETE FROM window_run WHERE id IN ({open})"))?.execute(params![name, to_ns(now)])?;
    Ok(())
}

/// What is over already when a window is typed in is told in the list, and not by an alert.
pub(in crate::store) fn silence_past(db: &Connection, now: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE window_run SET reported_at = ?1 WHERE reported_at IS NULL AND closes <= ?1")?
        .execute([to_ns(now)])?;
    Ok(())
}

/// A run that takes over commands of one that was reported needs no report of its own.
pub(in crate::store) fn inherit_report(db: &Connection, from: i64, to: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE window_run SET reported_at = (SELECT reported_at FROM window_run WHERE id = ?1)
         WHERE id = ?2 AND reported_at IS NULL",
    )?
    .execute([from, to])?;
    Ok(())
}

/// Runs that were not reported and closed by `now`, the earliest first, at most 64.
pub(in crate::store) fn closed_unreported(db: &Connection, now: Timestamp) -> Result<Vec<RunRow>, StoreError> {
    all(db, "reported_at IS NULL AND closes <= ?1 ORDER BY closes, key LIMIT 64", [to_ns(now)])
}

/// When the next run that was not reported closes.
pub(in crate::store) fn next_close(db: &Connection, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT min(closes) FROM window_run WHERE reported_at IS NULL AND closes > ?1")?;
    Ok(statement.query_row([to_ns(now)], |row| row.get::<_, Option<i64>>(0))?.map(from_ns))
}

/// Stores what is to be told of a run; `report` none and nothing is.
pub(in crate::store) fn report(
    db: &Connection,
    run: i64,
    report: Option<&str>,
    now: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE window_run SET reported_at = ?2, report = ?3 WHERE id = ?1")?.execute(params![
        run,
        to_ns(now),
        report
    ])?;
    Ok(())
}

/// Reports that were not shown yet: key, JSON and when they were decided.
pub(in crate::store) fn untold(db: &Connection) -> Result<Vec<(String, String, Timestamp)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT key, report, reported_at FROM window_run WHERE report IS NOT NULL AND shown_at IS NULL
         ORDER BY reported_at, key LIMIT 16",
    )?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, from_ns(row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The report is on the screen.
pub(in crate::store) fn told(db: &Connection, key: &str, now: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE window_run SET shown_at = ?2 WHERE key = ?1")?.execute(params![key, to_ns(now)])?;
    Ok(())
}

/// The report as it was stored.
pub(in crate::store) fn report_of(db: &Connection, key: &str) -> Result<Option<String>, StoreError> {
    let mut statement = db.prepare_cached("SELECT report FROM window_run WHERE key = ?1")?;
    Ok(statement.query_row([key], |row| row.get::<_, Option<String>>(0)).optional()?.flatten())
}
