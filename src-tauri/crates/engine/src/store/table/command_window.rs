//! `command_window`: which run a command belongs to, and `window_told`: what SSM itself said about that.
//!
//! **Invariant:** what SSM told outranks every guess, also when it was told before the command was heard of.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use watchbell_core::policy::Within;

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::{CommandRow, WindowRef};

pub(in crate::store) const WINDOWS: &str = "
CREATE TABLE command_window (
  command INTEGER PRIMARY KEY REFERENCES command(id),
  run     INTEGER NOT NULL REFERENCES window_run(id),
  guess   INTEGER NOT NULL -- told by the time alone
) STRICT;
CREATE INDEX command_window_by_run ON command_window(run);
CREATE TABLE window_told (
  command_id TEXT NOT NULL PRIMARY KEY,
  run        INTEGER NOT NULL REFERENCES window_run(id)
) STRICT, WITHOUT ROWID;
";

/// The columns of [`read_within`].
const WITHIN: &str = "coalesce(r.name, r.window_id, r.key), r.cutoff, r.planned_end,
  coalesce(r.status, '') = 'timed_out'";

fn read_within(row: &Row<'_>) -> rusqlite::Result<Within> {
    let at = |nanoseconds: Option<i64>| nanoseconds.map(from_ns);
    Ok(Within { name: row.get(0)?, cutoff: at(row.get(1)?), end: at(row.get(2)?), timed_out: row.get(3)? })
}

/// The run that a command belongs to.
pub(in crate::store) fn within(db: &Connection, command: i64) -> Result<Option<Within>, StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {WITHIN} FROM command_window w JOIN window_run r ON r.id = w.run WHERE w.command = ?1"
    ))?;
    Ok(statement.query_row([command], read_within).optional()?)
}

/// Every command that belongs to a run, and that run.
pub(in crate::store) fn each_within(db: &Connection, mut each: impl FnMut(String, Within)) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(&format!(
        "SELECT {WITHIN}, c.command_id FROM command_window w JOIN window_run r ON r.id = w.run
         JOIN command c ON c.id = w.command"
    ))?;
    let mut rows = statement.query([])?;
    while let Some(row) = rows.next()? {
        each(row.get(4)?, read_within(row)?);
    }
    Ok(())
}

/// A command as far as its tie depends on it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Tied {
    pub(in crate::store) command: i64,
    pub(in crate::store) requested_at: Option<Timestamp>,
    pub(in crate::store) topic_arn: Option<String>,
    pub(in crate::store) simulated: bool,
    /// The run that SSM named.
    pub(in crate::store) told: Option<i64>,
    /// The run and whether it is a guess, as it stands.
    pub(in crate::store) link: Option<(i64, bool)>,
}

const COLUMNS: &str = "SELECT c.id, c.requested_at, c.topic_arn, c.simulated, t.run, w.run, w.guess FROM command c
  LEFT JOIN window_told t ON t.command_id = c.command_id LEFT JOIN command_window w ON w.command = c.id";

fn to_tied(row: &rusqlite::Row<'_>) -> rusqlite::Result<Tied> {
    Ok(Tied {
        command: row.get(0)?,
        requested_at: row.get::<_, Option<i64>>(1)?.map(from_ns),
        topic_arn: row.get(2)?,
        simulated: row.get(3)?,
        told: row.get(4)?,
        link: row.get::<_, Option<i64>>(5)?.zip(row.get::<_, Option<bool>>(6)?),
    })
}

pub(in crate::store) fn one(db: &Connection, command_id: &str) -> Result<Option<Tied>, StoreError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE c.command_id = ?1"))?;
    Ok(statement.query_row([command_id], to_tied).optional()?)
}

/// The commands that were sent in this time.
pub(in crate::store) fn sent_between(db: &Connection, from: Timestamp, to: Timestamp) -> Result<Vec<Tied>, StoreError> {
    let mut statement = db.prepare_cached(&format!("{COLUMNS} WHERE c.requested_at BETWEEN ?1 AND ?2"))?;
    let rows = statement.query_map(params![to_ns(from), to_ns(to)], to_tied)?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Ties a command to a run, or to none.
pub(in crate::store) fn put(db: &Connection, command: i64, link: Option<(i64, bool)>) -> Result<(), StoreError> {
    match link {
        None => db.prepare_cached("DELETE FROM command_window WHERE command = ?1")?.execute([command])?,
        Some((run, guess)) => db
            .prepare_cached(
                "INSERT INTO command_window (command, run, guess) VALUES (?1, ?2, ?3)
                 ON CONFLICT (command) DO UPDATE SET run = excluded.run, guess = excluded.guess",
            )?
            .execute(params![command, run, guess])?,
    };
    Ok(())
}

/// SSM said that this command is of that run; says whether that is news.
pub(in crate::store) fn tell(db: &Connection, command_id: &str, run: i64) -> Result<bool, StoreError> {
    let changed = db
        .prepare_cached(
            "INSERT INTO window_told (command_id, run) VALUES (?1, ?2)
             ON CONFLICT (command_id) DO UPDATE SET run = excluded.run WHERE run <> excluded.run",
        )?
        .execute(params![command_id, run])?;
    Ok(changed > 0)
}

/// Says of each command which run it belongs to.
pub(in crate::store) fn fill(db: &Connection, rows: &mut [CommandRow]) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT r.key, r.window_id, nullif(r.execution_id, ''), r.name, r.source, w.guess
         FROM command c JOIN command_window w ON w.command = c.id JOIN window_run r ON r.id = w.run
         WHERE c.command_id = ?1",
    )?;
    for row in rows {
        let found = statement.query_row([&row.command_id], |of| {
            let (id, name): (Option<String>, Option<String>) = (of.get(1)?, of.get(3)?);
            Ok(WindowRef {
                run: of.get(0)?,
                id: id.or_else(|| name.clone()).unwrap_or_default(),
                execution_id: of.get(2)?,
                name,
                source: of.get(4)?,
                guess: of.get(5)?,
            })
        });
        row.window = found.optional()?;
    }
    Ok(())
}
