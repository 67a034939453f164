//! What a press in the tray's menu of snoozes does.
//!
//! **Invariant:** afterwards the marks are drawn again, whether it was done or not.

use std::sync::Arc;

use watchbell_core::tray::SnoozeChoice;
use watchbell_engine::clock;
use watchbell_engine::store::Act;

use crate::shell::Shell;

/// Holds new alerts back as that choice says.
pub(super) fn pressed(shell: &Arc<Shell>, word: &str) {
    let choice = SnoozeChoice::ALL.into_iter().find(|choice| choice.as_str() == word);
    act(Arc::clone(shell), choice.and_then(|choice| snooze(shell, choice)));
}

/// Lets new alerts ring again.
pub(super) fn wake(shell: Arc<Shell>) {
    act(shell, Some(Act::Unsnooze));
}

fn act(shell: Arc<Shell>, act: Option<Act>) {
    tauri::async_runtime::spawn(async move {
        if let Some(act) = act {
            let done = match shell.desk() {
                Ok(desk) => desk.act(act).await.map(drop),
                Err(problem) => Err(problem),
            };
            if let Err(problem) = done {
                tracing::warn!(%problem, "the snooze is as it was");
            }
        }
        shell.tray_pressed.notify_one();
    });
}

fn snooze(shell: &Shell, choice: SnoozeChoice) -> Option<Act> {
    let (until, window) = match choice.span() {
        Some(span) => (clock::now().checked_add(span).ok()?, false),
        None => (shell.engine.borrow().tray().window_ends?, true),
    };
    Some(Act::Snooze { until, window })
}
