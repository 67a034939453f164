//! The clipboard, for the button on an alert: the window need not be open for it.

use tauri::{AppHandle, Wry};

/// Puts `text` into the desktop's clipboard. GTK's clipboard belongs to the main thread, and its owner is the process, which stays.
#[cfg(target_os = "linux")]
pub(crate) fn put(app: &AppHandle<Wry>, text: String) {
    let put = app.run_on_main_thread(move || {
        gtk::Clipboard::get(&gtk::gdk::SELECTION_CLIPBOARD).set_text(&text);
    });
    if let Err(error) = put {
        tracing::warn!(%error, "the command id could not be copied");
    }
}

/// Not offered: alerts have no buttons there yet.
#[cfg(not(target_os = "linux"))]
pub(crate) fn put(_app: &AppHandle<Wry>, _text: String) {}
