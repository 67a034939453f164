//! Whether the app starts with the session, as the settings say.
//!
//! Never here: a second place where that choice is kept. The settings are; this carries them out.

use tauri::{AppHandle, Wry};
use tauri_plugin_autostart::ManagerExt;
use watchbell_engine::error::{Code, Problem};

/// Makes it so. Says nothing when it was so before.
pub(crate) fn apply(app: &AppHandle<Wry>, wanted: bool) -> Result<(), Problem> {
    let autostart = app.autolaunch();
    if autostart.is_enabled().unwrap_or(false) == wanted {
        return Ok(());
    }
    let done = if wanted { autostart.enable() } else { autostart.disable() };
    done.map_err(|error| {
        Problem::new(
            Code::No,
            format!("cannot change whether Watchbell starts with the session: {error}"),
            "add or remove `watchbell --hidden` in your desktop's own list of start-up programs",
        )
    })
}
