//! The tray: one mark, and a menu that says in words how things stand.
//!
//! **Invariants:** redrawn only when its model changed, or a mark in its menu was pressed. Without the library or without a host the app goes on, and a
//! window stays in sight. Never here: what the words are; `core::tray` has them.

mod host;
mod icon;
mod library;
mod lines;
mod menu;
mod notice;
mod snooze;

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tauri::tray::{TrayIcon, TrayIconBuilder};
use tauri::{AppHandle, Wry};
use tokio::sync::oneshot;
use watchbell_core::tray::TrayModel;

use crate::shell::Shell;
use crate::window;

pub(crate) use notice::once as tell_once;

/// At the session's start the panel may come after us; a panel that restarts is back sooner.
const HOST_COMES: Duration = Duration::from_secs(8);

/// Puts the mark into the tray and keeps it true. Call on the main thread.
pub(crate) fn start(app: &AppHandle<Wry>, shell: &Arc<Shell>) {
    let model = shell.engine.borrow().tray();
    let tray = build(app, model);
    shell.tray_library.store(tray.is_some(), Ordering::Relaxed);
    if let Some(tray) = tray {
        tauri::async_runtime::spawn(host::watch(Arc::clone(shell)));
        tauri::async_runtime::spawn(follow(app.clone(), Arc::clone(shell), tray));
    }
    tauri::async_runtime::spawn(keep_reachable(app.clone(), Arc::clone(shell)));
}

/// The mark in the tray and what it shows.
struct Tray {
    icon: TrayIcon<Wry>,
    menu: menu::Drawn,
    model: TrayModel,
}

fn build(app: &AppHandle<Wry>, model: TrayModel) -> Option<Tray> {
    if !library::is_there() {
        tracing::warn!("libayatana-appindicator3 is not installed: no tray; the window stays in sight instead");
        return None;
    }
    let menu =
        menu::Drawn::new(app, &model).inspect_err(|error| tracing::warn!(%error, "no menu for the tray")).ok()?;
    // The library is found by name, and loading it may still fail, which its binding answers with a panic.
    let built = without_a_trace(|| {
        TrayIconBuilder::with_id("watchbell")
            .icon(icon::of(model.mark))
            .tooltip(&model.title)
            .menu(&menu.menu)
            .on_menu_event(menu::pressed)
            .build(app)
    });
    match built {
        Ok(Ok(icon)) => Some(Tray { icon, menu, model }),
        Ok(Err(error)) => {
            tracing::warn!(%error, "no tray");
            None
        }
        Err(_) => {
            tracing::warn!("libayatana-appindicator3 cannot be loaded: no tray; the window stays in sight instead");
            None
        }
    }
}

/// Runs `work` and catches its panic, which is expected and answered in words: it leaves no report on the terminal.
fn without_a_trace<T>(work: impl FnOnce() -> T) -> std::thread::Result<T> {
    let usual = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| ()));
    let done = std::panic::catch_unwind(std::panic::AssertUnwindSafe(work));
    std::panic::set_hook(usual);
    done
}

async fn follow(app: AppHandle<Wry>, shell: Arc<Shell>, mut tray: Tray) {
    let mut engine = shell.engine.subscribe();
    loop {
        let pressed = tokio::select! {
            changed = engine.changed() => match changed {
                Ok(()) => false,
                Err(_) => return,
            },
            () = shell.tray_pressed.notified() => true,
        };
        let model = engine.borrow_and_update().tray();
        if model == tray.model && !pressed {
            continue;
        }
        let (done, drawn) = oneshot::channel();
        let handle = app.clone();
        let draw = app.run_on_main_thread(move || {
            if let Err(error) = tray.redraw(&handle, model) {
                tracing::warn!(%error, "the tray could not be redrawn");
            }
            // Nobody waits for it once the app ends.
            let _ = done.send(tray);
        });
        match (draw, drawn.await) {
            (Ok(()), Ok(back)) => tray = back,
            _ => return,
        }
    }
}

impl Tray {
    /// Shows that model. Call on the main thread.
    fn redraw(&mut self, app: &AppHandle<Wry>, model: TrayModel) -> tauri::Result<()> {
        if model.mark != self.model.mark {
            self.icon.set_icon(Some(icon::of(model.mark)))?;
        }
        self.icon.set_tooltip(Some(&model.title))?;
        if let Err(error) = self.menu.follow(app, &model) {
            tracing::warn!(%error, "the tray's menu is made anew");
            self.menu = menu::Drawn::new(app, &model)?;
            self.icon.set_menu(Some(self.menu.menu.clone()))?;
        }
        self.model = model;
        Ok(())
    }
}

/// Opens a minimised window whenever there is neither a window nor a tray in which the app could be found.
async fn keep_reachable(app: AppHandle<Wry>, shell: Arc<Shell>) {
    let mut host = shell.tray_host.subscribe();
    loop {
        if host.wait_for(|there| !there).await.is_err() {
            return;
        }
        if tokio::time::timeout(HOST_COMES, host.wait_for(|there| *there)).await.is_err() {
            window::stay_in_sight(&app, &shell);
        }
        if host.wait_for(|there| *there).await.is_err() {
            return;
        }
    }
}
