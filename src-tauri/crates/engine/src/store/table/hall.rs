//! `hall`: what the alert policy remembers for all commands together, and the person's rules and quiet hours.
//!
//! **Invariant:** one row. Its `state` is written in the transaction of what changed it.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use watchbell_core::policy::Hall;
use watchbell_core::quiet::QuietHours;
use watchbell_core::rules::Rule;

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};

pub(in crate::store) const ADDED: &str = "
CREATE TABLE hall (
  id        INTEGER PRIMARY KEY CHECK (id = 1),
  state     TEXT NOT NULL,            -- core::policy::Hall
  next_wake INTEGER,
  rules     TEXT NOT NULL,            -- [core::rules::Rule]
  quiet     TEXT NOT NULL             -- core::quiet::QuietHours
) STRICT;
INSERT INTO hall (id, state, rules, quiet) VALUES (1, '{}', '[]', '{}');
";

/// What is remembered.
pub(in crate::store) fn load(db: &Connection) -> Result<Hall, StoreError> {
    let mut statement = db.prepare_cached("SELECT state FROM hall")?;
    let state: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(state.map(|state| serde_json::from_str(&state)).transpose()?.unwrap_or_default())
}

pub(in crate::store) fn put(db: &Connection, hall: &Hall, next_wake: Option<Timestamp>) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE hall SET state = ?1, next_wake = ?2")?
        .execute(params![serde_json::to_string(hall)?, next_wake.map(to_ns)])?;
    Ok(())
}

/// When it wants to be looked at again.
pub(in crate::store) fn next_wake(db: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = db.prepare_cached("SELECT next_wake FROM hall")?;
    Ok(statement.query_row([], |row| row.get::<_, Option<i64>>(0)).optional()?.flatten().map(from_ns))
}

/// The person's rules, in their order.
pub(in crate::store) fn rules(db: &Connection) -> Result<Vec<Rule>, StoreError> {
    let mut statement = db.prepare_cached("SELECT rules FROM hall")?;
    let rules: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(rules.map(|rules| serde_json::from_str(&rules)).transpose()?.unwrap_or_default())
}

pub(in crate::store) fn put_rules(db: &Connection, rules: &[Rule]) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE hall SET rules = ?1")?.execute([serde_json::to_string(rules)?])?;
    Ok(())
}

/// The person's quiet hours.
pub(in crate::store) fn quiet(db: &Connection) -> Result<QuietHours, StoreError> {
    let mut statement = db.prepare_cached("SELECT quiet FROM hall")?;
    let quiet: Option<String> = statement.query_row([], |row| row.get(0)).optional()?;
    Ok(quiet.map(|quiet| serde_json::from_str(&quiet)).transpose()?.unwrap_or_default())
}

pub(in crate::store) fn put_quiet(db: &Connection, quiet: &QuietHours) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE hall SET quiet = ?1")?.execute([serde_json::to_string(quiet)?])?;
    Ok(())
}
