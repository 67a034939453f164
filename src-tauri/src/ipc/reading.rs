//! What the rooms of the window's questions share: how the history is read for them, and how a wrong question is refused.
//!
//! **Invariant:** whatever may wait for the disk does so on a thread of its own: the window never waits for it, nor the engine.

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
    Ok(apart(move || work(&Reader::open(&dir)?).map_err(Into::into)).await?)
}

/// Does what may wait for a disk on a thread that may.
pub(crate) async fn apart<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, EngineProblem> + Send + 'static,
) -> Result<T, EngineProblem> {
    tauri::async_runtime::spawn_blocking(work).await.unwrap_or_else(|error| {
        let told = format!("a fault in Watchbell itself: {error}");
        Err(EngineProblem::new(
            Code::Storage,
            told,
            "try again; please report this with the newest file of the logs folder",
        ))
    })
}

/// What the page sent cannot be meant.
pub(super) fn usage(error: &dyn std::fmt::Display) -> EngineProblem {
    EngineProblem::new(Code::Usage, error.to_string(), "correct it and try again; nothing was changed")
}
