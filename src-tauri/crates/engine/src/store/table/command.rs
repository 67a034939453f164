//! `command`: the joined state of each command, its counts, and what the alert policy remembers of it.
//!
//! **Invariant:** `state`, `target_count` and the counts are written from one [`CommandState`] and never edited alone, so
//! that filters and screens agree with the join. `acknowledged` follows from `policy`.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Params, Row, params};
use watchbell_core::command::{CommandState, Counts};
use watchbell_core::join::LevelState;
use watchbell_core::policy::GroupState;
use watchbell_core::status::{Level, Status};

use crate::store::cursor;
use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::CommandRow;

pub(in crate::store) const FIRST: &str = "
CREATE TABLE command (
  id               INTEGER PRIMARY KEY,
  command_id       TEXT NOT NULL UNIQUE,
  document         TEXT,
  topic_arn        TEXT,
  state            TEXT NOT NULL,
  status           TEXT,
  detail           TEXT,
  status_time      INTEGER,
  heard_command    INTEGER NOT NULL,
  heard_invocation INTEGER NOT NULL,
  requested_at     INTEGER,
  updated_at       INTEGER NOT NULL,
  target_count     INTEGER,
  pending          INTEGER NOT NULL,
  in_progress      INTEGER NOT NULL,
  success          INTEGER NOT NULL,
  failed           INTEGER NOT NULL,
  timed_out        INTEGER NOT NULL,
  cancelled        INTEGER NOT NULL,
  not_run          INTEGER NOT NULL,
  other            INTEGER NOT NULL,
  simulated        INTEGER NOT NULL,
  own_probe        INTEGER NOT NULL, -- some probe of it is in own_probe: it may ring
  acknowledged     INTEGER NOT NULL,
  next_wake        INTEGER,
  policy           TEXT NOT NULL,    -- core::policy::GroupState
  fields           TEXT NOT NULL     -- core::join::CommandFields, each value with the event that said it
) STRICT;
CREATE INDEX command_by_time ON command(updated_at, id);
CREATE INDEX command_failing ON command(updated_at, id)
  WHERE acknowledged = 0 AND state IN ('failed', 'timed_out');
CREATE INDEX command_wake ON command(next_wake) WHERE next_wake IS NOT NULL;
";

/// What is muted came with the second format.
pub(in crate::store) const MUTED: &str = "
ALTER TABLE command ADD COLUMN muted INTEGER NOT NULL DEFAULT 0;
";

/// What makes a command count as unacknowledged, but for its age.
pub(in crate::store) const OPEN: &str =
    "acknowledged = 0 AND state IN ('failed', 'timed_out') AND simulated = 0 AND muted = 0";

/// A command as the writer holds it during a transaction.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::store) struct Held {
    pub(in crate::store) state: CommandState,
    pub(in crate::store) own_probe: bool,
    pub(in crate::store) group: GroupState,
    pub(in crate::store) next_wake: Option<Timestamp>,
}

const HELD: &str =
    "id, command_id, status, detail, status_time, heard_command, heard_invocation, requested_at, updated_at,
  pending, in_progress, success, failed, timed_out, cancelled, not_run, other, simulated, own_probe, next_wake, policy,
  fields";

pub(in crate::store) fn load(db: &Connection, command_id: &str) -> Result<Option<(i64, Held)>, StoreError> {
    one(db, &format!("SELECT {HELD} FROM command WHERE command_id = ?1"), [command_id])
}

pub(in crate::store) fn load_by_id(db: &Connection, id: i64) -> Result<Option<(i64, Held)>, StoreError> {
    one(db, &format!("SELECT {HELD} FROM command WHERE id = ?1"), [id])
}

fn one(db: &Connection, sql: &str, key: impl Params) -> Result<Option<(i64, Held)>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let mut rows = statement.query(key)?;
    rows.next()?.map(held).transpose()
}

fn held(row: &Row<'_>) -> Result<(i64, Held), StoreError> {
    let level = match (row.get::<_, Option<String>>(2)?, row.get::<_, Option<i64>>(4)?) {
        (Some(status), Some(at)) => {
            Some(LevelState { status: Status::parse(&status), detail: row.get(3)?, event_time: from_ns(at) })
        }
        _ => None,
    };
    let state = CommandState {
        command_id: row.get(1)?,
        fields: serde_json::from_str(row.get_ref(21)?.as_str().map_err(rusqlite::Error::from)?)?,
        requested_at: row.get::<_, Option<i64>>(7)?.map(from_ns),
        updated_at: from_ns(row.get(8)?),
        command_level: level,
        heard_command: row.get(5)?,
        heard_invocation: row.get(6)?,
        counts: counts(row, 9)?,
        simulated: row.get(17)?,
    };
    let held = Held {
        state,
        own_probe: row.get(18)?,
        next_wake: row.get::<_, Option<i64>>(19)?.map(from_ns),
        group: serde_json::from_str(row.get_ref(20)?.as_str().map_err(rusqlite::Error::from)?)?,
    };
    Ok((row.get(0)?, held))
}

fn counts(row: &Row<'_>, first: usize) -> rusqlite::Result<Counts> {
    Ok(Counts {
        pending: row.get(first)?,
        in_progress: row.get(first + 1)?,
        success: row.get(first + 2)?,
        failed: row.get(first + 3)?,
        timed_out: row.get(first + 4)?,
        cancelled: row.get(first + 5)?,
        not_run: row.get(first + 6)?,
        other: row.get(first + 7)?,
    })
}

/// Writes a command: a new one without `id`. Gives its id.
pub(in crate::store) fn put(db: &Connection, id: Option<i64>, held: &Held) -> Result<i64, StoreError> {
    let state = &held.state;
    let (fields, counts, level) = (&state.fields, &state.counts, state.command_level.as_ref());
    db.prepare_cached(
        "INSERT INTO command (id, command_id, document, topic_arn, state, status, detail, status_time, heard_command,
           heard_invocation, requested_at, updated_at, target_count, pending, in_progress, success, failed, timed_out,
           cancelled, not_run, other, simulated, own_probe, acknowledged, next_wake, policy, fields, muted)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23,
           ?24, ?25, ?26, ?27, ?28)
         ON CONFLICT (id) DO UPDATE SET
           document = excluded.document, topic_arn = excluded.topic_arn, state = excluded.state, status = excluded.status,
           detail = excluded.detail, status_time = excluded.status_time, heard_command = excluded.heard_command,
           heard_invocation = excluded.heard_invocation, requested_at = excluded.requested_at,
           updated_at = excluded.updated_at, target_count = excluded.target_count, pending = excluded.pending,
           in_progress = excluded.in_progress, success = excluded.success, failed = excluded.failed,
           timed_out = excluded.timed_out, cancelled = excluded.cancelled, not_run = excluded.not_run,
           other = excluded.other, simulated = excluded.simulated, own_probe = excluded.own_probe,
           acknowledged = excluded.acknowledged, next_wake = excluded.next_wake, policy = excluded.policy,
           fields = excluded.fields, muted = excluded.muted",
    )?
    .execute(params![
        id,
        state.command_id,
        fields.document.as_ref().map(|document| &document.value),
        fields.topic_arn.as_ref().map(|topic| &topic.value),
        state.state().as_str(),
        level.map(|level| level.status.as_str()),
        level.and_then(|level| level.detail.as_ref()),
        level.map(|level| to_ns(level.event_time)),
        state.heard_command,
        state.heard_invocation,
        state.requested_at.map(to_ns),
        to_ns(state.updated_at),
        state.target_count(),
        counts.pending,
        counts.in_progress,
        counts.success,
        counts.failed,
        counts.timed_out,
        counts.cancelled,
        counts.not_run,
        counts.other,
        state.simulated,
        held.own_probe,
        held.group.is_acknowledged(),
        held.next_wake.map(to_ns),
        serde_json::to_string(&held.group)?,
        serde_json::to_string(fields)?,
        held.group.is_muted(),
    ])?;
    Ok(id.unwrap_or_else(|| db.last_insert_rowid()))
}

/// The ids of the commands whose group wants a tick by now.
pub(in crate::store) fn due(db: &Connection, now: Timestamp) -> Result<Vec<i64>, StoreError> {
    ids(db, "SELECT id FROM command WHERE next_wake <= ?1 ORDER BY next_wake", [to_ns(now)])
}

/// When the next group wants a tick.
pub(in crate::store) fn next_wake(db: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = db.prepare_cached("SELECT min(next_wake) FROM command WHERE next_wake IS NOT NULL")?;
    Ok(statement.query_row([], |row| row.get::<_, Option<i64>>(0))?.map(from_ns))
}

/// The ids of all groups that want to be looked at again some time.
pub(in crate::store) fn waking(db: &Connection) -> Result<Vec<i64>, StoreError> {
    ids(db, "SELECT id FROM command WHERE next_wake IS NOT NULL ORDER BY next_wake", [])
}

/// The ids of the commands that fail and are not acknowledged, simulated ones too.
pub(in crate::store) fn unacknowledged(db: &Connection) -> Result<Vec<i64>, StoreError> {
    ids(db, "SELECT id FROM command WHERE acknowledged = 0 AND state IN ('failed', 'timed_out')", [])
}

fn ids(db: &Connection, sql: &str, key: impl Params) -> Result<Vec<i64>, StoreError> {
    let mut statement = db.prepare_cached(sql)?;
    let rows = statement.query_map(key, |row| row.get(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The row id of a command.
pub(in crate::store) fn id_of(db: &Connection, command_id: &str) -> Result<Option<i64>, StoreError> {
    let mut statement = db.prepare_cached("SELECT id FROM command WHERE command_id = ?1")?;
    Ok(statement.query_row([command_id], |row| row.get(0)).optional()?)
}

/// The columns that [`to_view`] reads, in its order.
pub(in crate::store) const VIEW: &str = "id, command_id, document, state, status, heard_command, heard_invocation,
  requested_at, updated_at, topic_arn, target_count, acknowledged, simulated, pending, in_progress, success, failed,
  timed_out, cancelled, not_run, other, muted";

/// A row of [`VIEW`] as it is shown.
pub(in crate::store) fn to_view(row: &Row<'_>) -> rusqlite::Result<CommandRow> {
    let mut levels = Vec::with_capacity(2);
    if row.get(5)? {
        levels.push(Level::Command);
    }
    if row.get(6)? {
        levels.push(Level::Invocation);
    }
    let counts = counts(row, 13)?;
    let updated_at: i64 = row.get(8)?;
    Ok(CommandRow {
        command_id: row.get(1)?,
        document: row.get(2)?,
        state: Status::parse(row.get_ref(3)?.as_str()?),
        status: row.get::<_, Option<String>>(4)?.as_deref().map(Status::parse),
        levels,
        requested_at: row.get::<_, Option<i64>>(7)?.map(from_ns),
        updated_at: from_ns(updated_at),
        topic_arn: row.get(9)?,
        target_count: row.get(10)?,
        nodes_heard: counts.heard(),
        counts,
        acknowledged: row.get(11)?,
        simulated: row.get(12)?,
        muted: row.get(21)?,
        window: None,
        cursor: cursor::write([updated_at, row.get(0)?]),
    })
}
