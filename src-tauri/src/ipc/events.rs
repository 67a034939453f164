//! What the window hears without asking.

use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Manager, Wry};
use tauri_specta::Event;

use super::types::Standing;
use crate::shell::{Destination, Shell};

/// How things stand has changed. The engine puts changes within 100 ms into one.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct StandingChanged(pub(crate) Standing);

/// An alert, a report or the tray asks for a page.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct Open(pub(crate) Destination);

/// Tells the window of every change until the app ends. Without a window nothing is made.
pub(crate) async fn tell(app: AppHandle<Wry>, shell: Arc<Shell>) {
    let mut engine = shell.engine.subscribe();
    let mut host = shell.tray_host.subscribe();
    loop {
        tokio::select! {
            Ok(()) = engine.changed() => {}
            Ok(()) = host.changed() => {}
            else => return,
        }
        if app.webview_windows().is_empty() {
            continue;
        }
        if let Err(error) = StandingChanged(Standing::from(shell.as_ref())).emit(&app) {
            tracing::warn!(%error, "the window did not hear of a change");
        }
    }
}
