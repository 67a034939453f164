//! The ways to the end: the menu's Quit, a signal, the end of the session. All lead through the engine's ordered shutdown.
//!
//! **Invariant:** no window that closes ends the app, and no signal ends it without that order.

use std::sync::Arc;

use tauri::{AppHandle, RunEvent, Wry};

use crate::shell::Shell;

/// Ends the app when the system asks for it.
#[cfg(unix)]
pub(crate) async fn on_signals(shell: Arc<Shell>) {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = (signal(SignalKind::terminate()), signal(SignalKind::interrupt()), signal(SignalKind::hangup()));
    let (Ok(mut terminate), Ok(mut interrupt), Ok(mut hangup)) = signals else {
        tracing::warn!("signals cannot be heard: the session's end will not be orderly");
        return;
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
        _ = hangup.recv() => {}
        () = shell.quit.cancelled() => {}
    }
    shell.quit.cancel();
}

/// Ends the app on Ctrl-C; Windows tells of the session's end through the event loop. Not tried there.
#[cfg(not(unix))]
pub(crate) async fn on_signals(shell: Arc<Shell>) {
    if tokio::signal::ctrl_c().await.is_ok() {
        shell.quit.cancel();
    }
}

/// Keeps the app alive when its last window closes. An exit with a code is ours, and passes.
pub(crate) fn on_event(_app: &AppHandle<Wry>, event: &RunEvent) {
    if let RunEvent::ExitRequested { code: None, api, .. } = event {
        api.prevent_exit();
    }
}
