//! `invocation`: the joined state of each node of each command.
//!
//! **Invariant:** exactly one row a node and command; its `rank` follows from status and detail and sorts the worst first.

use rusqlite::{Connection, OptionalExtension, Row, params};
use watchbell_core::join::LevelState;
use watchbell_core::status::{Bucket, Status, bucket};

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::{InvocationRow, Page};

pub(in crate::store) const FIRST: &str = "
CREATE TABLE invocation (
  command    INTEGER NOT NULL REFERENCES command(id),
  node_id    TEXT NOT NULL,
  rank       INTEGER NOT NULL, -- 0 failed, 1 timed out, 2 not run, 3 cancelled, 4 other, 5 in progress, 6 pending, 7 success
  status     TEXT NOT NULL,
  detail     TEXT,
  event_time INTEGER NOT NULL,
  PRIMARY KEY (command, node_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX invocation_by_node ON invocation(node_id);
CREATE INDEX invocation_failing ON invocation(command, node_id) WHERE rank < 2;
";

/// The worst first. Stored: never renumbered.
fn rank(bucket: Bucket) -> i64 {
    match bucket {
        Bucket::Failed => 0,
        Bucket::TimedOut => 1,
        Bucket::NotRun => 2,
        Bucket::Cancelled => 3,
        Bucket::Other => 4,
        Bucket::InProgress => 5,
        Bucket::Pending => 6,
        Bucket::Success => 7,
    }
}

/// The bucket of what is held of a node.
pub(in crate::store) fn bucket_of(held: &LevelState) -> Bucket {
    bucket(&held.status, held.detail.as_deref())
}

/// `status`, `detail` and `event_time`, from that column on.
fn level(row: &Row<'_>, first: usize) -> rusqlite::Result<LevelState> {
    Ok(LevelState {
        status: Status::parse(row.get_ref(first)?.as_str()?),
        detail: row.get(first + 1)?,
        event_time: from_ns(row.get(first + 2)?),
    })
}

pub(in crate::store) fn load(db: &Connection, command: i64, node_id: &str) -> Result<Option<LevelState>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT status, detail, event_time FROM invocation WHERE command = ?1 AND node_id = ?2")?;
    Ok(statement.query_row(params![command, node_id], |row| level(row, 0)).optional()?)
}

pub(in crate::store) fn put(db: &Connection, command: i64, node_id: &str, held: &LevelState) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO invocation (command, node_id, rank, status, detail, event_time) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT (command, node_id) DO UPDATE SET
           rank = excluded.rank, status = excluded.status, detail = excluded.detail, event_time = excluded.event_time",
    )?
    .execute(params![
        command,
        node_id,
        rank(bucket_of(held)),
        held.status.as_str(),
        held.detail,
        to_ns(held.event_time)
    ])?;
    Ok(())
}

/// The failing nodes of a command and how they stand, by id, at most `limit` (-1: all).
pub(in crate::store) fn failing(
    db: &Connection,
    command: i64,
    limit: i64,
) -> Result<Vec<(String, LevelState)>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT node_id, status, detail, event_time FROM invocation WHERE command = ?1 AND rank < 2 ORDER BY node_id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![command, limit], |row| Ok((row.get(0)?, level(row, 1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// The worst first, then by id; the cursor is the last row's rank and id.
pub(in crate::store) fn page(
    db: &Connection,
    command: i64,
    only: Option<Bucket>,
    after: Option<&str>,
    limit: u32,
) -> Result<Page<InvocationRow>, StoreError> {
    let (after_rank, after_node) = after.map(read_cursor).transpose()?.unwrap_or((-1, ""));
    let mut statement = db.prepare_cached(
        "SELECT node_id, status, detail, event_time, rank FROM invocation
         WHERE command = ?1 AND (?2 IS NULL OR rank = ?2) AND (rank, node_id) > (?3, ?4)
         ORDER BY rank, node_id LIMIT ?5",
    )?;
    let rows =
        statement.query_map(params![command, only.map(rank), after_rank, after_node, i64::from(limit) + 1], |row| {
            let held = InvocationRow {
                node_id: row.get(0)?,
                status: Status::parse(row.get_ref(1)?.as_str()?),
                detail: row.get(2)?,
                event_time: from_ns(row.get(3)?),
            };
            Ok((held, row.get::<_, i64>(4)?))
        })?;
    let mut rows: Vec<(InvocationRow, i64)> = rows.collect::<Result<_, _>>()?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|(row, rank)| format!("{rank}-{}", row.node_id));
    Ok(Page { rows: rows.into_iter().map(|(row, _)| row).collect(), next })
}

fn read_cursor(text: &str) -> Result<(i64, &str), StoreError> {
    text.split_once('-')
        .and_then(|(rank, node)| Some((rank.parse().ok()?, node)))
        .ok_or_else(|| StoreError::Cursor(text.chars().take(80).collect()))
}
