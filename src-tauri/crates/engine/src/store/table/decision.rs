//! `decision`: every decision of the alert policy with its reason (invariant 4).

use rusqlite::{Connection, params};
use watchbell_core::policy::Decision;

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::DecisionRow;

pub(in crate::store) const FIRST: &str = "
CREATE TABLE decision (
  id      INTEGER PRIMARY KEY,
  command INTEGER NOT NULL REFERENCES command(id),
  at      INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  reason  TEXT NOT NULL
) STRICT;
CREATE INDEX decision_by_command ON decision(command);
";

pub(in crate::store) fn add(db: &Connection, command: i64, decision: &Decision) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO decision (command, at, outcome, reason) VALUES (?1, ?2, ?3, ?4)")?
        .execute(params![command, to_ns(decision.at), decision.outcome.as_str(), decision.reason])?;
    Ok(())
}

/// Oldest first.
pub(in crate::store) fn of_command(db: &Connection, command: i64) -> Result<Vec<DecisionRow>, StoreError> {
    let mut statement = db.prepare_cached("SELECT at, outcome, reason FROM decision WHERE command = ?1 ORDER BY id")?;
    let rows = statement.query_map([command], |row| {
        Ok(DecisionRow { at: from_ns(row.get(0)?), outcome: row.get(1)?, reason: row.get(2)? })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
