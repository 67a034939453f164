//! One quiet alert for the moment in which the app's only place becomes a minimised window: a person who closed it, or never
//! saw it, would look for a mark that no tray shows.
//!
//! **Invariant:** once a run, without a sound, and not at all where the person switched alerts off. The engine's alerts have a
//! connection of their own; this one ends with its alert.

use std::sync::Arc;

use tauri::{AppHandle, Wry};

use crate::shell::Shell;

/// Tells it, unless it was told.
#[cfg(target_os = "linux")]
pub(crate) fn once(app: &AppHandle<Wry>, shell: &Arc<Shell>) {
    use watchbell_engine::settings::Settings;
    if shell.told_of_no_tray() || !Settings::load(&shell.dir).unwrap_or_default().alerts {
        return;
    }
    let (app, shell) = (app.clone(), Arc::clone(shell));
    tauri::async_runtime::spawn(async move {
        match show().await {
            Ok(true) => crate::window::open(&app, &shell, None),
            Ok(false) => {}
            Err(error) => tracing::info!(%error, "that there is no tray was told in the window alone"),
        }
    });
}

/// macOS and Windows always have a tray.
#[cfg(not(target_os = "linux"))]
pub(crate) fn once(_app: &AppHandle<Wry>, _shell: &Arc<Shell>) {}

/// Shows it and waits until it is gone. Whether it was pressed.
#[cfg(target_os = "linux")]
async fn show() -> notify_rust::error::Result<bool> {
    use notify_rust::{Hint, Notification, NotificationResponse, Urgency};

    const OPEN: &str = "default";

    let alert = Notification::new()
        .appname("Watchbell")
        .icon("watchbell")
        .summary("Watchbell goes on listening, minimised")
        .body(
            "This desktop shows no tray icons. Press to open the window; to end Watchbell, press Quit in its settings.",
        )
        .hint(Hint::DesktopEntry("watchbell".into()))
        .hint(Hint::SuppressSound(true))
        .urgency(Urgency::Normal)
        .action(OPEN, "Open")
        .show_async()
        .await?;
    let mut pressed = false;
    alert
        .wait_for_action_async(|answer: &NotificationResponse| {
            pressed = matches!(answer, NotificationResponse::Default);
        })
        .await;
    Ok(pressed)
}
