//! `typed_window`: the windows that the person typed in, as they were typed.
//!
//! **Invariant:** only what compiles is stored; one that compiles no more (its zone is gone from the machine) stays.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use watchbell_core::schedule::TypedWindow;

use crate::store::error::StoreError;
use crate::store::instant::to_ns;

pub(in crate::store) const WINDOWS: &str = "
CREATE TABLE typed_window (
  name   TEXT NOT NULL PRIMARY KEY,
  put_at INTEGER NOT NULL,
  record TEXT NOT NULL -- core::schedule::TypedWindow
) STRICT, WITHOUT ROWID;
";

pub(in crate::store) fn put(db: &Connection, window: &TypedWindow, now: Timestamp) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO typed_window (name, put_at, record) VALUES (?1, ?2, ?3)
         ON CONFLICT (name) DO UPDATE SET put_at = excluded.put_at, record = excluded.record",
    )?
    .execute(params![window.name, to_ns(now), serde_json::to_string(window)?])?;
    Ok(())
}

/// Says whether there was one.
pub(in crate::store) fn remove(db: &Connection, name: &str) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("DELETE FROM typed_window WHERE name = ?1")?.execute([name])? > 0)
}

/// By name.
pub(in crate::store) fn all(db: &Connection) -> Result<Vec<TypedWindow>, StoreError> {
    let mut statement = db.prepare_cached("SELECT record FROM typed_window ORDER BY name")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
}
