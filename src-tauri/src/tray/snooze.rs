//! The tray's snooze menu: how long, which one is on, and the way back.

use std::sync::Arc;

use tauri::menu::{CheckMenuItemBuilder, MenuItemBuilder, Submenu, SubmenuBuilder};
use tauri::{AppHandle, Wry};
use watchbell_core::tray::{SnoozeChoice, TrayModel};
use watchbell_engine::clock;
use watchbell_engine::store::Act;

use crate::shell::Shell;

/// Before the word of a choice.
const CHOICE: &str = "snooze:";
const WAKE: &str = "wake";

/// The submenu of that model.
pub(super) fn build(app: &AppHandle<Wry>, model: &TrayModel) -> tauri::Result<Submenu<Wry>> {
    let mut menu = SubmenuBuilder::new(app, "Snooze");
    for line in &model.snoozes {
        let id = format!("{CHOICE}{}", line.choice.as_str());
        menu = menu.item(&CheckMenuItemBuilder::with_id(id, line.choice.label()).checked(line.checked).build(app)?);
    }
    if model.snoozed.is_some() {
        menu = menu.separator().item(&MenuItemBuilder::with_id(WAKE, "Wake now").build(app)?);
    }
    menu.build()
}

/// Does what was pressed, if it is of this menu. Whether it was.
pub(super) fn pressed(shell: &Arc<Shell>, id: &str) -> bool {
    let act = match (id, id.strip_prefix(CHOICE)) {
        (WAKE, _) => Some(Act::Unsnooze),
        (_, Some(word)) => SnoozeChoice::ALL
            .into_iter()
            .find(|choice| choice.as_str() == word)
            .and_then(|choice| snooze(shell, choice)),
        _ => return false,
    };
    let Some(act) = act else { return true };
    let shell = Arc::clone(shell);
    tauri::async_runtime::spawn(async move {
        let done = match shell.desk() {
            Ok(desk) => desk.act(act).await.map(drop),
            Err(problem) => Err(problem),
        };
        if let Err(problem) = done {
            tracing::warn!(%problem, "the snooze is as it was");
        }
    });
    true
}

fn snooze(shell: &Shell, choice: SnoozeChoice) -> Option<Act> {
    let (until, window) = match choice.span() {
        Some(span) => (clock::now().checked_add(span).ok()?, false),
        None => (shell.engine.borrow().tray().window_ends?, true),
    };
    Some(Act::Snooze { until, window })
}
