//! How the store fails, told apart by what the person can do about it.
//!
//! **Invariant:** only [`StoreError::Refused`] and [`StoreError::Panicked`] may speak of one row; everything else speaks of the whole
//! store, so the caller must keep its messages and try again.

use watchbell_core::schedule::WindowError;

use crate::error::{Code, Problem};

/// Why the store did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// A newer Watchbell wrote this database.
    #[error("the history was written by a newer version of Watchbell (format {found}; this one knows {known})")]
    NewerVersion {
        /// The format found.
        found: i64,
        /// The newest format that this program knows.
        known: i64,
    },
    /// An older Watchbell wrote this database, and only an engine may bring it up to date.
    #[error("the history was written by an older version of Watchbell (format {found}; this one reads {known})")]
    OlderVersion {
        /// The format found.
        found: i64,
        /// The format that this program reads.
        known: i64,
    },
    /// No space is left.
    #[error("the disk is full: the history cannot grow")]
    Full,
    /// The file could not be read or written.
    #[error("the history cannot be read or written: {0}")]
    Io(String),
    /// The file is damaged or no database.
    #[error("the history is damaged: {0}")]
    Corrupt(String),
    /// Another process keeps it locked.
    #[error("another program keeps the history locked")]
    Busy,
    /// The database refused one row.
    #[error("the history refused a row: {0}")]
    Refused(String),
    /// The database did not understand us; a fault of this program.
    #[error("the history did not understand a statement: {0}")]
    Sql(String),
    /// A fault of this program, met in the middle of a transaction, which was undone.
    #[error("the history met a fault in Watchbell itself")]
    Panicked,
    /// The writer has ended.
    #[error("the history is closed")]
    Closed,
    /// The search line cannot be read.
    #[error("{0}")]
    Search(String),
    /// The cursor is none of ours.
    #[error("this is no place in the list: {0}")]
    Cursor(String),
    /// What was asked for makes no sense.
    #[error("{0}")]
    Invalid(String),
    /// No such command in the history.
    #[error("the history knows no command {0}")]
    NoSuchCommand(String),
    /// A typed window that SSM would refuse.
    #[error("{0}")]
    Window(Box<WindowError>),
    /// No typed window of that name.
    #[error("there is no typed window \"{0}\"")]
    NoSuchWindow(String),
}

impl StoreError {
    /// Whether the connection may be spoilt, so that it is better made anew.
    pub(super) fn spoils_connection(&self) -> bool {
        matches!(self, Self::Io(_) | Self::Corrupt(_) | Self::Panicked)
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        use rusqlite::ErrorCode as C;
        let text = error.to_string();
        let rusqlite::Error::SqliteFailure(failure, _) = &error else {
            return match error {
                rusqlite::Error::ToSqlConversionFailure(_)
                | rusqlite::Error::IntegralValueOutOfRange(..)
                | rusqlite::Error::FromSqlConversionFailure(..) => Self::Refused(text),
                _ => Self::Sql(text),
            };
        };
        match failure.code {
            C::DiskFull => Self::Full,
            C::SystemIoFailure
            | C::CannotOpen
            | C::ReadOnly
            | C::PermissionDenied
            | C::NoLargeFileSupport
            | C::FileLockingProtocolFailed
            | C::OutOfMemory => Self::Io(text),
            C::DatabaseCorrupt | C::NotADatabase => Self::Corrupt(text),
            C::DatabaseBusy | C::DatabaseLocked => Self::Busy,
            C::ConstraintViolation | C::TooBig | C::TypeMismatch | C::ParameterOutOfRange => Self::Refused(text),
            _ => Self::Sql(text),
        }
    }
}

impl From<serde_json::Error> for StoreError {
    fn from(error: serde_json::Error) -> Self {
        Self::Refused(error.to_string())
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let (code, hint) = match &error {
            StoreError::NewerVersion { .. } => {
                (Code::Storage, "install the newest Watchbell, or use another data folder with --data-dir")
            }
            StoreError::OlderVersion { .. } => (
                Code::Storage,
                "start Watchbell (or `watchbellctl watch --once`) once: it brings the history up to date",
            ),
            StoreError::Full => {
                (Code::Storage, "free some space; nothing is lost, the messages wait in the queue until then")
            }
            StoreError::Io(_) => {
                (Code::Storage, "check the disk and that the data folder is yours; the messages wait in the queue")
            }
            StoreError::Corrupt(_) => (
                Code::Storage,
                "end Watchbell, move history.db (and its -wal and -shm) out of the data folder and start again",
            ),
            StoreError::Busy => (Code::Storage, "end the program that has history.db open"),
            StoreError::Refused(_) | StoreError::Sql(_) | StoreError::Panicked => {
                (Code::Storage, "please report this with the newest file of the logs folder")
            }
            StoreError::Closed => (Code::Storage, "start Watchbell again"),
            StoreError::Search(_) => (Code::Usage, "try: status:failed document:AWS-Run* since:7d words"),
            StoreError::Invalid(_) => (Code::Usage, "correct it and try again; nothing was changed"),
            StoreError::Cursor(_) => (Code::Usage, "use the `cursor` of a row as it was printed"),
            StoreError::NoSuchCommand(_) => (Code::No, "look it up with `watchbellctl history`"),
            StoreError::Window(error) => return crate::schedule::refused(error),
            StoreError::NoSuchWindow(_) => (Code::No, "look it up with `watchbellctl windows`"),
        };
        Self::new(code, error.to_string(), hint)
    }
}
