//! What the rooms of the window's questions share: how the history is read for them, and how a wrong question is refused.
//!
//! **Invariant:** a reader of its own on a blocking thread for each question: the window never waits for the disk.

use std::sync::Arc;

use tauri::State;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::store::Reader;

use super::types::Problem;
use crate::shell::Shell;

pub(super) type Answer<T> = Result<T, Problem>;
pub(super) type Held<'a> = State<'a, Arc<Shell>>;

/// Reads the history on a thread that may wait for a disk.
pub(super) async fn read<T, E, W>(shell: &Shell, work: W) -> Answer<T>
where
    T: Send + 'static,
    E: Into<EngineProblem> + Send + 'static,
    W: FnOnce(&Reader) -> Result<T, E> + Send + 'static,
{
    let dir = shell.dir.clone();
    let done = tauri::async_runtime::spawn_blocking(move || -> Result<T, EngineProblem> {
        let reader = Reader::open(&dir)?;
        work(&reader).map_err(Into::into)
    });
    match done.await {
        Ok(read) => Ok(read?),
        Err(error) => {
            let told = format!("reading the history broke off: {error}");
            Err(EngineProblem::new(Code::Storage, told, "try again").into())
        }
    }
}

/// What the page sent cannot be meant.
pub(super) fn usage(error: &dyn std::fmt::Display) -> EngineProblem {
    EngineProblem::new(Code::Usage, error.to_string(), "correct it and try again; nothing was changed")
}
