//! The tray's menu: the state in words, the failing few, and what a person can do.

use std::sync::Arc;

use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder};
use tauri::{AppHandle, Manager, Wry};
use watchbell_core::tray::TrayModel;
use watchbell_engine::store::Act;

use crate::shell::Shell;
use crate::window;

const ACKNOWLEDGE: &str = "acknowledge";
const OPEN: &str = "open";
const QUIT: &str = "quit";
/// Before the id of a failing command.
const COMMAND: &str = "command:";

/// The menu of that model.
pub(super) fn build(app: &AppHandle<Wry>, model: &TrayModel) -> tauri::Result<Menu<Wry>> {
    let words = |id: &str, text: &str| MenuItemBuilder::with_id(id, shown(text)).enabled(false).build(app);
    let entry =
        |id: &str, text: &str| -> tauri::Result<MenuItem<Wry>> { MenuItemBuilder::with_id(id, shown(text)).build(app) };
    let mut menu = MenuBuilder::new(app).item(&words("headline", &model.headline)?);
    if let Some(explanation) = &model.explanation {
        menu = menu.item(&words("explanation", explanation)?);
    }
    if !model.failing.is_empty() {
        menu = menu.separator();
    }
    for line in &model.failing {
        menu = menu.item(&entry(&format!("{COMMAND}{}", line.command_id), &line.text)?);
    }
    let acknowledge =
        MenuItemBuilder::with_id(ACKNOWLEDGE, "Acknowledge all").enabled(model.can_acknowledge).build(app)?;
    menu.separator().item(&acknowledge).item(&entry(OPEN, "Open Watchbell")?).item(&entry(QUIT, "Quit")?).build()
}

/// Menus read `&` as the mark of a shortcut.
fn shown(text: &str) -> String {
    text.replace('&', "&&")
}

/// Does what was pressed.
#[allow(clippy::needless_pass_by_value, reason = "the shape of Tauri's menu handler")]
pub(super) fn pressed(app: &AppHandle<Wry>, event: MenuEvent) {
    let shell = Arc::clone(app.state::<Arc<Shell>>().inner());
    match event.id().as_ref() {
        ACKNOWLEDGE => {
            tauri::async_runtime::spawn(async move {
                let desk = match shell.desk() {
                    Ok(desk) => desk,
                    Err(problem) => return tracing::warn!(%problem, "nothing was acknowledged"),
                };
                if let Err(problem) = desk.act(Act::Acknowledge { command_id: None }).await {
                    tracing::warn!(%problem, "nothing was acknowledged");
                }
            });
        }
        OPEN => window::open(app, &shell, None),
        QUIT => shell.quit.cancel(),
        other => {
            if let Some(command_id) = other.strip_prefix(COMMAND) {
                window::open(app, &shell, Some(command_id.to_owned()));
            }
        }
    }
}
