//! The tray's menu: the state in words, the failing few, and what a person can do.

use std::sync::Arc;

use tauri::menu::{Menu, MenuBuilder, MenuEvent, MenuItem, MenuItemBuilder};
use tauri::{AppHandle, Manager, Wry};
use watchbell_core::tray::TrayModel;
use watchbell_engine::store::Act;

use super::snooze;
use crate::shell::{Destination, Shell};
use crate::{signing_in, window};

const ACKNOWLEDGE: &str = "acknowledge";
const OPEN: &str = "open";
const QUIT: &str = "quit";
/// The most letters of one line that explains.
const WIDEST: usize = 72;
/// Before the id of a failing command.
const COMMAND: &str = "command:";

/// Before the topic of a subscription that one can sign in for.
const SIGN_IN: &str = "sign-in:";

/// Before the key of a window's run.
const RUN: &str = "window-run:";

/// The menu of that model.
pub(super) fn build(app: &AppHandle<Wry>, model: &TrayModel) -> tauri::Result<Menu<Wry>> {
    let words = |id: &str, text: &str| MenuItemBuilder::with_id(id, shown(text)).enabled(false).build(app);
    let entry =
        |id: &str, text: &str| -> tauri::Result<MenuItem<Wry>> { MenuItemBuilder::with_id(id, shown(text)).build(app) };
    let mut menu = MenuBuilder::new(app).item(&words("headline", &model.headline)?);
    let explanation = model.explanation.as_deref().map(lines).unwrap_or_default();
    for (at, line) in explanation.iter().enumerate() {
        menu = menu.item(&words(&format!("explanation {at}"), line)?);
    }
    if !model.failing.is_empty() {
        menu = menu.separator();
    }
    for line in &model.failing {
        menu = menu.item(&entry(&format!("{COMMAND}{}", line.command_id), &line.text)?);
    }
    if let Some(window) = &model.window {
        menu = menu.separator().item(&entry(&format!("{RUN}{}", window.run), &window.text)?);
    }
    if let Some(sign_in) = &model.sign_in {
        menu = menu.separator().item(&entry(&format!("{SIGN_IN}{}", sign_in.topic_arn), &sign_in.text)?);
    }
    let acknowledge =
        MenuItemBuilder::with_id(ACKNOWLEDGE, "Acknowledge all").enabled(model.can_acknowledge).build(app)?;
    let snooze = snooze::build(app, model)?;
    menu.separator()
        .item(&acknowledge)
        .item(&snooze)
        .item(&entry(OPEN, "Open Watchbell")?)
        .item(&entry(QUIT, "Quit")?)
        .build()
}

/// Cut where words end: a menu is as wide as its longest line, and panels draw no line breaks.
fn lines(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in text.split(' ') {
        match lines.last_mut() {
            Some(line) if line.chars().count() + 1 + word.chars().count() <= WIDEST => {
                line.push(' ');
                line.push_str(word);
            }
            _ => lines.push(word.to_owned()),
        }
    }
    lines
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
        other if snooze::pressed(&shell, other) => {}
        other => {
            if let Some(command_id) = other.strip_prefix(COMMAND) {
                window::open(app, &shell, Some(Destination::Command { id: command_id.to_owned() }));
            } else if let Some(topic_arn) = other.strip_prefix(SIGN_IN) {
                signing_in::pressed(app, topic_arn);
            } else if let Some(run) = other.strip_prefix(RUN) {
                window::open(app, &shell, Some(Destination::Run { run: run.to_owned() }));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_explanation_is_cut_where_words_end_and_loses_none() {
        let text = "Could not reach AWS. Check the network, VPN and proxy; Watchbell goes on trying by itself.";
        let cut = lines(text);
        assert_eq!(cut.join(" "), text, "no word is lost");
        assert!(
            cut.iter().all(|line| line.chars().count() <= WIDEST),
            "no line is wider than a menu should be: {cut:?}"
        );
        assert_eq!(lines(&"x".repeat(200)).len(), 1, "a word is never broken: an id must stay one");
    }
}
