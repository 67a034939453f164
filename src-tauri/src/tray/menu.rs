//! The tray's menu as Tauri draws it, and what a press on a line does.
//!
//! **Invariant:** what stays in the menu is never made anew (see `lines`). Call on the main thread.

use std::sync::Arc;

use tauri::menu::{
    CheckMenuItemBuilder, IsMenuItem, Menu, MenuEvent, MenuItemBuilder, MenuItemKind, PredefinedMenuItem, Submenu,
    SubmenuBuilder,
};
use tauri::{AppHandle, Manager, Wry};
use watchbell_core::tray::TrayModel;
use watchbell_engine::store::Act;

use super::lines::{self, Kind, Line, Step};
use super::snooze;
use crate::shell::{Destination, Shell};
use crate::{signing_in, window};

/// The menu and the lines that it shows.
pub(super) struct Drawn {
    /// The menu.
    pub(super) menu: Menu<Wry>,
    lines: Vec<Line>,
    snoozes: Submenu<Wry>,
    snooze_lines: Vec<Line>,
}

impl Drawn {
    /// The menu of that model.
    pub(super) fn new(app: &AppHandle<Wry>, model: &TrayModel) -> tauri::Result<Self> {
        let snoozes = SubmenuBuilder::new(app, "Snooze").build()?;
        let mut drawn = Self { menu: Menu::new(app)?, lines: Vec::new(), snoozes, snooze_lines: Vec::new() };
        drawn.follow(app, model)?;
        Ok(drawn)
    }

    /// Shows that model. After an error nobody knows what it shows.
    pub(super) fn follow(&mut self, app: &AppHandle<Wry>, model: &TrayModel) -> tauri::Result<()> {
        let made = |line: &Line| item(app, line, &self.snoozes);
        let wanted = lines::snoozes(model);
        take(&self.snoozes, lines::steps(&self.snooze_lines, &wanted), made)?;
        self.snooze_lines = wanted;
        let wanted = lines::menu(model, &self.lines);
        take(&self.menu, lines::steps(&self.lines, &wanted), made)?;
        self.lines = wanted;
        // A press turns a mark over by itself, whatever came of it.
        for (item, line) in self.snoozes.items()?.iter().zip(&self.snooze_lines) {
            if let (MenuItemKind::Check(item), Kind::Choice { checked }) = (item, line.kind) {
                item.set_checked(checked)?;
            }
        }
        Ok(())
    }
}

/// A list of items: a menu or a submenu.
trait List {
    fn put(&self, item: &dyn IsMenuItem<Wry>, at: usize) -> tauri::Result<()>;
    fn take_out(&self, at: usize) -> tauri::Result<()>;
    fn all(&self) -> tauri::Result<Vec<MenuItemKind<Wry>>>;
}

/// Tauri's two kinds have these methods and no trait for them.
macro_rules! lists {
    ($($kind:ty),+) => {$(
        impl List for $kind {
            fn put(&self, item: &dyn IsMenuItem<Wry>, at: usize) -> tauri::Result<()> {
                self.insert(item, at)
            }

            fn take_out(&self, at: usize) -> tauri::Result<()> {
                self.remove_at(at).map(drop)
            }

            fn all(&self) -> tauri::Result<Vec<MenuItemKind<Wry>>> {
                self.items()
            }
        }
    )+};
}
lists!(Menu<Wry>, Submenu<Wry>);

fn take(
    list: &impl List,
    steps: Vec<Step>,
    made: impl Fn(&Line) -> tauri::Result<MenuItemKind<Wry>>,
) -> tauri::Result<()> {
    for step in steps {
        match step {
            Step::Remove(at) => list.take_out(at)?,
            Step::Insert(at, line) => list.put(&made(&line)?, at)?,
            Step::Change(at, line) => match (list.all()?.get(at), line.kind) {
                (Some(MenuItemKind::MenuItem(item)), kind) => {
                    item.set_text(shown(&line.text))?;
                    item.set_enabled(kind == (Kind::Entry { enabled: true }))?;
                }
                (Some(MenuItemKind::Check(item)), _) => item.set_text(shown(&line.text))?,
                _ => {}
            },
        }
    }
    Ok(())
}

fn item(app: &AppHandle<Wry>, line: &Line, snoozes: &Submenu<Wry>) -> tauri::Result<MenuItemKind<Wry>> {
    let words = |enabled| MenuItemBuilder::with_id(&line.id, shown(&line.text)).enabled(enabled).build(app);
    Ok(match line.kind {
        Kind::Words => MenuItemKind::MenuItem(words(false)?),
        Kind::Entry { enabled } => MenuItemKind::MenuItem(words(enabled)?),
        Kind::Choice { checked } => {
            MenuItemKind::Check(CheckMenuItemBuilder::with_id(&line.id, shown(&line.text)).checked(checked).build(app)?)
        }
        Kind::Separator => MenuItemKind::Predefined(PredefinedMenuItem::separator(app)?),
        Kind::Snoozes => MenuItemKind::Submenu(snoozes.clone()),
    })
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
        lines::ACKNOWLEDGE => {
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
        lines::OPEN => window::open(app, &shell, None),
        lines::QUIT => shell.quit.cancel(),
        lines::WAKE => snooze::wake(shell),
        other => {
            if let Some(word) = other.strip_prefix(lines::SNOOZE) {
                snooze::pressed(&shell, word);
            } else if let Some(command_id) = other.strip_prefix(lines::COMMAND) {
                window::open(app, &shell, Some(Destination::Command { id: command_id.to_owned() }));
            } else if let Some(topic_arn) = other.strip_prefix(lines::SIGN_IN) {
                signing_in::pressed(app, topic_arn);
            } else if let Some(run) = other.strip_prefix(lines::RUN) {
                window::open(app, &shell, Some(Destination::Run { run: run.to_owned() }));
            }
        }
    }
}
