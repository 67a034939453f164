//! What the window may ask about when Watchbell rings, by one press: snooze and its end, and watching one command.
//!
//! **Invariant:** a snooze always has an end. That of a maintenance window is the program's to say, never the page's.

use jiff::SignedDuration;
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::store::Act;

use super::reading::{Answer, Held, usage};

/// Holds new alerts back for so many minutes, at most a week.
#[tauri::command]
#[specta::specta]
pub(crate) async fn snooze(shell: Held<'_>, minutes: u32) -> Answer<()> {
    let span = SignedDuration::from_mins(minutes.clamp(1, 7 * 24 * 60).into());
    let until = clock::now().checked_add(span).map_err(|error| usage(&error))?;
    shell.desk()?.act(Act::Snooze { until, window: false }).await?;
    Ok(())
}

/// Holds new alerts back until the maintenance window that is open ends; of several, the last.
#[tauri::command]
#[specta::specta]
pub(crate) async fn snooze_window(shell: Held<'_>) -> Answer<()> {
    let ends = shell.engine.borrow().tray().window_ends;
    let until = ends.ok_or_else(|| {
        EngineProblem::new(Code::No, "no maintenance window with a known end is open now", "snooze for a time instead")
    })?;
    shell.desk()?.act(Act::Snooze { until, window: true }).await?;
    Ok(())
}

/// Lets new alerts ring again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unsnooze(shell: Held<'_>) -> Answer<()> {
    shell.desk()?.act(Act::Unsnooze).await?;
    Ok(())
}

/// Tells when the command ends, or does not any more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn watch(shell: Held<'_>, id: String, on: bool) -> Answer<()> {
    shell.desk()?.act(Act::Watch { command_id: id, on }).await?;
    Ok(())
}
