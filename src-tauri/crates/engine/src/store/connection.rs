//! Opens the database: privately, durably, and never one that a newer version wrote.
//!
//! **Invariant:** `synchronous=FULL` and WAL on every writing connection: what has been committed survives a loss of
//! power. Readers cannot write.

use std::fs::OpenOptions;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use super::error::StoreError;
use super::schema;
use crate::paths;

/// How long to wait for another process's lock.
const BUSY: Duration = Duration::from_secs(5);

/// A connection that may write. Makes the file (0600) and brings it up to date.
pub(super) fn open_writer(path: &Path) -> Result<Connection, StoreError> {
    // SQLite would make it with the umask's rights; the -wal and -shm files take theirs from it.
    paths::open_private(path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
        .map_err(|error| io_error(path, &error))?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    schema::refuse_newer(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "cache_size", -4096)?; // KiB
    connection.pragma_update(None, "wal_autocheckpoint", 2000)?; // pages of 4 KiB
    connection.pragma_update(None, "journal_size_limit", 16 << 20)?; // bytes
    connection.set_prepared_statement_cache_capacity(64);
    schema::migrate(&mut connection)?;
    Ok(connection)
}

/// A connection that only reads; `None` when there is no history yet.
pub(super) fn open_reader(path: &Path) -> Result<Option<Connection>, StoreError> {
    match std::fs::metadata(path) {
        Ok(meta) if meta.len() == 0 => return Ok(None),
        Ok(_) => {}
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(io_error(path, &error)),
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "query_only", true)?;
    connection.pragma_update(None, "trusted_schema", false)?;
    connection.pragma_update(None, "cache_size", -2048)?; // KiB
    connection.set_prepared_statement_cache_capacity(32);
    Ok(schema::is_readable(&connection)?.then_some(connection))
}

pub(super) fn io_error(path: &Path, error: &std::io::Error) -> StoreError {
    if error.kind() == std::io::ErrorKind::StorageFull {
        StoreError::Full
    } else {
        StoreError::Io(format!("{}: {error}", path.display()))
    }
}

/// Which file a path led to when it was opened.
///
/// SQLite goes on writing to a file that was deleted or replaced under it. Messages must not be deleted from the queue
/// because of what was written there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct FileIdentity(u64, u64);

impl FileIdentity {
    pub(super) fn of(path: &Path) -> Result<Self, StoreError> {
        let meta = std::fs::metadata(path).map_err(|error| io_error(path, &error))?;
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            Ok(Self(meta.dev(), meta.ino()))
        }
        #[cfg(not(unix))]
        {
            // An open database cannot be replaced there.
            let _ = meta;
            Ok(Self(0, 0))
        }
    }
}
