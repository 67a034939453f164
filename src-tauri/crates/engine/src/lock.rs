//! One engine per data folder: an OS lock on a file that also says who holds it.
//!
//! **Invariant:** the operating system releases the lock when the process dies, however it dies; the text in the file is
//! for people and is never the proof.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, Write};
use std::path::PathBuf;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::error::{Code, Problem};
use crate::paths::{self, DataDir};

/// How often and how long apart a busy lock is tried: someone who only looks holds it for some microseconds.
const ATTEMPTS: u32 = 8;
const PAUSE: Duration = Duration::from_millis(15);

/// Who runs an engine on a data folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The process id; 0 when it could not be read.
    pub pid: u32,
    /// The program: `watchbell`, `watchbellctl watch`, …
    pub who: String,
    /// Where its engine listens: its environment may differ from that of the one who asks.
    pub socket: Option<PathBuf>,
}

/// Why the lock was not to be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LockError {
    /// Another process runs an engine here.
    #[error("{who} (process {pid}) already runs on this data folder")]
    Held {
        /// Its process id; 0 when unknown.
        pid: u32,
        /// Its program.
        who: String,
    },
    /// The lock file itself failed.
    #[error("cannot use the lock file {path}: {cause}")]
    Io {
        /// The lock file.
        path: String,
        /// The system's words.
        cause: String,
    },
}

impl From<LockError> for Problem {
    fn from(error: LockError) -> Self {
        let message = error.to_string();
        match error {
            LockError::Held { pid, .. } => {
                Self::new(Code::No, message, format!("use that one, or end process {pid} first"))
            }
            LockError::Io { .. } => {
                Self::new(Code::Storage, message, "check that the data folder exists and that you may write to it")
            }
        }
    }
}

/// The right to write to a data folder, held until dropped.
#[derive(Debug)]
pub struct EngineLock {
    file: File,
}

impl EngineLock {
    /// Takes the lock for `who`, or says who has it.
    pub fn take(dir: &DataDir, who: &str) -> Result<Self, LockError> {
        let path = dir.lock();
        let failed =
            |error: std::io::Error| LockError::Io { path: path.display().to_string(), cause: error.to_string() };
        let mut file =
            paths::open_private(&path, OpenOptions::new().read(true).write(true).create(true).truncate(false))
                .map_err(failed)?;
        for attempt in 1.. {
            match file.try_lock() {
                Ok(()) => break,
                Err(TryLockError::WouldBlock) if attempt < ATTEMPTS => std::thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    let holder = read_holder(&mut file);
                    return Err(LockError::Held { pid: holder.pid, who: holder.who });
                }
                Err(TryLockError::Error(error)) => return Err(failed(error)),
            }
        }
        let holder = Holder { pid: std::process::id(), who: who.into(), socket: Some(dir.socket().into()) };
        let line = serde_json::to_vec(&holder).map_err(|error| failed(error.into()))?;
        // A full disk must not keep the app from saying so: the name is for people, the lock is already ours.
        let written = file.set_len(0).and_then(|()| file.rewind()).and_then(|()| file.write_all(&line));
        if let Err(error) = written {
            tracing::warn!(%error, "the lock file does not name its holder");
        }
        Ok(Self { file })
    }

    /// Who holds the lock now, if anyone. A look, no more: it may have changed by the time it is read.
    pub fn holder(dir: &DataDir) -> Option<Holder> {
        let mut file = OpenOptions::new().read(true).open(dir.lock()).ok()?;
        match file.try_lock_shared() {
            Err(TryLockError::WouldBlock) => Some(read_holder(&mut file)),
            Ok(()) | Err(TryLockError::Error(_)) => None,
        }
    }
}

impl Drop for EngineLock {
    fn drop(&mut self) {
        // The name goes before the lock does, so that nobody reads the name of one who left.
        if let Err(error) = self.file.set_len(0).and_then(|()| self.file.unlock()) {
            tracing::warn!(%error, "the engine lock could not be released in order");
        }
    }
}

fn read_holder(file: &mut File) -> Holder {
    let mut text = String::new();
    let read = file.rewind().and_then(|()| file.read_to_string(&mut text));
    read.ok().and_then(|_| serde_json::from_str(&text).ok()).unwrap_or_else(|| Holder {
        pid: 0,
        who: "another Watchbell".into(),
        socket: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_engine_is_told_who_runs_and_may_start_when_it_left() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::resolve(Some(temp.path())).unwrap();
        assert_eq!(EngineLock::holder(&dir), None, "nobody runs on a new folder");
        let first = EngineLock::take(&dir, "watchbell").unwrap();
        let refused = EngineLock::take(&dir, "watchbellctl watch").unwrap_err();
        let pid = std::process::id();
        assert_eq!(refused, LockError::Held { pid, who: "watchbell".into() }, "the one who runs is named");
        let holder = EngineLock::holder(&dir).unwrap();
        assert_eq!((holder.pid, holder.socket.as_deref()), (pid, Some(dir.socket())), "the socket can be found");
        assert_eq!(Problem::from(refused).code, Code::No, "a running engine is a 'no', exit 1");
        drop(first);
        EngineLock::take(&dir, "watchbellctl watch").unwrap();
    }
}
