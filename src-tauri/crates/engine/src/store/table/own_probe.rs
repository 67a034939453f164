//! `own_probe`: the test messages that this Watchbell sent. Theirs ring; those of colleagues do not (invariant 9).

use jiff::Timestamp;
use rusqlite::{Connection, params};

use crate::store::error::StoreError;
use crate::store::instant::to_ns;

pub(in crate::store) const FIRST: &str = "
CREATE TABLE own_probe (
  id      TEXT NOT NULL PRIMARY KEY,
  made_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
";

pub(in crate::store) fn put(db: &Connection, id: &str, made_at: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached("INSERT INTO own_probe (id, made_at) VALUES (?1, ?2) ON CONFLICT DO NOTHING")?
        .execute(params![id, to_ns(made_at)])?;
    Ok(())
}

pub(in crate::store) fn is_ours(db: &Connection, id: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("SELECT 1 FROM own_probe WHERE id = ?1")?.exists([id])?)
}
