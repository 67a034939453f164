//! The database's shape, as steps from one version to the next.
//!
//! **Invariant:** a migration that was released is never modified: a change is a new step at the end. Each table's own
//! file in `table/` is the only one that reads and writes it.

use rusqlite::Connection;
use rusqlite_migration::{M, Migrations};

use super::error::StoreError;
use super::table;

/// The newest format that this program knows: the number of steps in [`migrate`].
pub(super) const KNOWN: i64 = 4;

/// Brings a database up to date, step by step, each in a transaction of its own.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), StoreError> {
    use rusqlite_migration::Error as E;
    let first = table::FIRST.concat();
    let (across, windows) = (table::ACROSS.concat(), table::WINDOWS.concat());
    // Append only.
    let steps = [M::up(&first), M::up(table::heard::LISTENING), M::up(&across), M::up(&windows)];
    Migrations::from_slice(&steps).to_latest(connection).map_err(|error| match error {
        E::RusqliteError { err, .. } => StoreError::from(err),
        other => StoreError::Sql(other.to_string()),
    })
}

/// Refuses a format that only a newer version understands; says which one was found.
pub(super) fn refuse_newer(connection: &Connection) -> Result<i64, StoreError> {
    let found = connection.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
    if found > KNOWN {
        return Err(StoreError::NewerVersion { found, known: KNOWN });
    }
    Ok(found)
}

/// Whether there is anything to read: a database that was made and not filled yet is an empty history.
pub(super) fn is_readable(connection: &Connection) -> Result<bool, StoreError> {
    match refuse_newer(connection)? {
        0 => Ok(false),
        KNOWN => Ok(true),
        found => Err(StoreError::OlderVersion { found, known: KNOWN }),
    }
}
