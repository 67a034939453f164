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
async fn show() -> zbus::Result<bool> {
    use std::collections::HashMap;

    use futures_util::StreamExt;
    use zbus::zvariant::Value;
    use zbus::{MatchRule, MessageStream, message};

    const SERVER: &str = "org.freedesktop.Notifications";
    const PATH: &str = "/org/freedesktop/Notifications";

    let bus = zbus::Connection::session().await?;
    let rule = MatchRule::builder().msg_type(message::Type::Signal).interface(SERVER)?.build();
    let mut signals = MessageStream::for_match_rule(rule, &bus, None).await?;
    let hints = HashMap::from([
        ("desktop-entry", Value::from("watchbell")),
        ("urgency", Value::from(1_u8)),
        ("suppress-sound", Value::from(true)),
    ]);
    let alert = (
        "Watchbell",
        0_u32,
        "watchbell",
        "Watchbell goes on listening, minimised",
        "This desktop shows no tray icons. Press to open the window; to end Watchbell, press Quit in its settings.",
        ["default", "Open"].as_slice(),
        hints,
        -1_i32,
    );
    let answer = bus.call_method(Some(SERVER), PATH, Some(SERVER), "Notify", &alert).await?;
    let ours: u32 = answer.body().deserialize()?;
    while let Some(signal) = signals.next().await {
        let signal = signal?;
        let named = match signal.header().member().map(ToString::to_string).as_deref() {
            Some("ActionInvoked") => signal.body().deserialize::<(u32, String)>().map(|(id, _)| (id, true)),
            Some("NotificationClosed") => signal.body().deserialize::<(u32, u32)>().map(|(id, _)| (id, false)),
            _ => continue,
        };
        if let Ok((id, pressed)) = named
            && id == ours
        {
            return Ok(pressed);
        }
    }
    Ok(false)
}
