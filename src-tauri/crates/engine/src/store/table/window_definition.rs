//! `window_definition`: the windows as SSM's API describes them, and `window_source`: whether it lets us read them.
//!
//! **Invariant:** a cache of what AWS said last; a window that AWS names no more is taken off with the next whole reading.

use std::collections::BTreeMap;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::error::Problem;
use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::WindowSource;

pub(in crate::store) const WINDOWS: &str = "
CREATE TABLE window_definition (
  account   TEXT NOT NULL,
  region    TEXT NOT NULL,
  window_id TEXT NOT NULL,
  record    TEXT NOT NULL, -- WindowDefinition
  seen_at   INTEGER NOT NULL,
  PRIMARY KEY (account, region, window_id)
) STRICT, WITHOUT ROWID;
CREATE TABLE window_source (
  account   TEXT NOT NULL,
  region    TEXT NOT NULL,
  problem   TEXT,          -- none: it could be read
  looked_at INTEGER NOT NULL,
  read_at   INTEGER,       -- when it last could, to its end
  PRIMARY KEY (account, region)
) STRICT, WITHOUT ROWID;
";

/// One window as `DescribeMaintenanceWindows` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WindowDefinition {
    /// `mw-…`
    pub window_id: String,
    /// Its name.
    pub name: String,
    /// Whether it runs at all.
    pub enabled: bool,
    /// How long a run lasts, in hours.
    pub duration_hours: u32,
    /// How many hours before its end a run takes no new task.
    pub cutoff_hours: u32,
    /// `cron(…)`, `rate(…)` or `at(…)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<String>,
    /// Its zone by its IANA name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// Days to wait after the date of a cron expression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub offset_days: Option<u32>,
    /// From when it may run, as AWS writes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<String>,
    /// From when it runs no more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<String>,
    /// When AWS says that it runs next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Timestamp>,
}

/// A definition and where it is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::store) struct Placed {
    pub(in crate::store) account: String,
    pub(in crate::store) region: String,
    pub(in crate::store) definition: WindowDefinition,
}

/// Puts a whole reading of one account and region in place of the one before.
pub(in crate::store) fn replace(
    db: &Connection,
    account: &str,
    region: &str,
    read: &[WindowDefinition],
    now: Timestamp,
) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM window_definition WHERE account = ?1 AND region = ?2")?
        .execute(params![account, region])?;
    for one in read {
        db.prepare_cached(
            "INSERT OR REPLACE INTO window_definition (account, region, window_id, record, seen_at)
             VALUES (?1, ?2, ?3, ?4, ?5)",
        )?
        .execute(params![account, region, one.window_id, serde_json::to_string(one)?, to_ns(now)])?;
    }
    Ok(())
}

pub(in crate::store) fn get(
    db: &Connection,
    account: &str,
    region: &str,
    window_id: &str,
) -> Result<Option<WindowDefinition>, StoreError> {
    let text: Option<String> = db
        .prepare_cached("SELECT record FROM window_definition WHERE account = ?1 AND region = ?2 AND window_id = ?3")?
        .query_row([account, region, window_id], |row| row.get(0))
        .optional()?;
    Ok(text.map(|text| serde_json::from_str(&text)).transpose()?)
}

pub(in crate::store) fn all(db: &Connection) -> Result<Vec<Placed>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT account, region, record FROM window_definition ORDER BY account, region, window_id")?;
    let rows = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, String>(2)?)))?;
    rows.map(|row| {
        let (account, region, text) = row?;
        Ok(Placed { account, region, definition: serde_json::from_str(&text)? })
    })
    .collect()
}

/// Notes how a look at an account and region went.
pub(in crate::store) fn looked(
    db: &Connection,
    account: &str,
    region: &str,
    problem: Option<&Problem>,
    now: Timestamp,
) -> Result<(), StoreError> {
    let problem = problem.map(serde_json::to_string).transpose()?;
    db.prepare_cached(
        "INSERT INTO window_source (account, region, problem, looked_at, read_at)
         VALUES (?1, ?2, ?3, ?4, CASE WHEN ?3 IS NULL THEN ?4 END)
         ON CONFLICT (account, region) DO UPDATE SET problem = excluded.problem, looked_at = excluded.looked_at,
           read_at = coalesce(excluded.read_at, read_at)",
    )?
    .execute(params![account, region, problem, to_ns(now)])?;
    Ok(())
}

/// When each account and region could last be read to its end.
pub(in crate::store) fn read_at(db: &Connection) -> Result<BTreeMap<(String, String), Timestamp>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT account, region, read_at FROM window_source WHERE read_at IS NOT NULL")?;
    let rows = statement.query_map([], |row| Ok(((row.get(0)?, row.get(1)?), from_ns(row.get(2)?))))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

pub(in crate::store) fn sources(db: &Connection) -> Result<Vec<WindowSource>, StoreError> {
    let mut statement =
        db.prepare_cached("SELECT account, region, problem, looked_at FROM window_source ORDER BY account, region")?;
    let rows = statement
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get::<_, Option<String>>(2)?, from_ns(row.get(3)?))))?;
    rows.map(|row| {
        let (account, region, problem, looked_at) = row?;
        let problem = problem.map(|text| serde_json::from_str(&text)).transpose()?;
        Ok(WindowSource { account, region, problem, looked_at })
    })
    .collect()
}
