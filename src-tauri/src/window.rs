//! The window: made on demand, destroyed on close, and never hidden to where nobody finds it again.
//!
//! **Invariants:** it can go at any time without a loss, for it holds nothing. Without a tray to live in, closing
//! minimises. It shows our own pages and no other origin.

use std::sync::Arc;

use tauri::webview::{NewWindowResponse, PageLoadEvent};
use tauri::{AppHandle, Manager, Url, WebviewUrl, WebviewWindow, WebviewWindowBuilder, WindowEvent, Wry};
use tauri_specta::Event;

use crate::ipc::Open;
use crate::shell::{Destination, Shell};
use crate::tray;

const LABEL: &str = "main";

/// Shows the window, on what is wanted if anything is.
pub(crate) fn open(app: &AppHandle<Wry>, shell: &Shell, wanted: Option<Destination>) {
    shell.want(wanted.clone());
    let Some(window) = app.get_webview_window(LABEL) else {
        make(app, false);
        return;
    };
    front(&window);
    // A page that is still loading does not hear this; it asks what it is to open when it is ready.
    if let Some(wanted) = wanted
        && let Err(error) = Open(wanted).emit(app)
    {
        tracing::warn!(%error, "the window did not hear what it is to show");
    }
}

/// Leaves a window where a person can find the app: there is no tray to live in.
pub(crate) fn stay_in_sight(app: &AppHandle<Wry>, shell: &Arc<Shell>) {
    if app.get_webview_window(LABEL).is_none() {
        // What an earlier page was to show is not wanted any more.
        shell.want(None);
        make(app, true);
        tray::tell_once(app, shell);
    }
}

fn front(window: &WebviewWindow<Wry>) {
    for step in [window.unminimize(), window.show(), window.set_focus()] {
        if let Err(error) = step {
            tracing::warn!(%error, "the window could not be brought to the front");
        }
    }
}

fn make(app: &AppHandle<Wry>, minimised: bool) {
    let built = WebviewWindowBuilder::new(app, LABEL, WebviewUrl::App("index.html".into()))
        .title("Watchbell")
        .inner_size(1080.0, 720.0)
        .min_inner_size(720.0, 480.0)
        .center()
        .visible(false)
        .on_navigation(is_ours)
        .on_new_window(|_, _| NewWindowResponse::Deny)
        .on_page_load(move |window, load| {
            // Shown with its first page, not before: an empty window flashes in the wrong colour.
            if load.event() == PageLoadEvent::Finished {
                let shown = if minimised { window.show().and_then(|()| window.minimize()) } else { window.show() };
                if let Err(error) = shown {
                    tracing::warn!(%error, "the window could not be shown");
                }
            }
        })
        .build();
    match built {
        Ok(window) => keep_in_sight(&window),
        Err(error) => tracing::error!(%error, "the window could not be made"),
    }
}

/// Without a tray, a closed window would be an app that nobody can reach: it is minimised instead.
fn keep_in_sight(window: &WebviewWindow<Wry>) {
    let kept = window.clone();
    window.on_window_event(move |event| {
        if let WindowEvent::CloseRequested { api, .. } = event {
            let shell = kept.state::<Arc<Shell>>();
            if !*shell.tray_host.borrow() && !shell.quit.is_cancelled() {
                api.prevent_close();
                if let Err(error) = kept.minimize() {
                    tracing::warn!(%error, "the window could not be minimised");
                }
                tray::tell_once(kept.app_handle(), shell.inner());
            }
        }
    });
}

/// Our own pages, under the names that the platforms give them; in a debug build the dev server too.
fn is_ours(url: &Url) -> bool {
    match url.scheme() {
        "tauri" => url.host_str() == Some("localhost"),
        "http" | "https" if url.host_str() == Some("tauri.localhost") => true,
        "http" => tauri::is_dev() && url.host_str() == Some("127.0.0.1"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_other_origin_is_opened_in_the_window() {
        for (url, ours) in [
            ("tauri://localhost/index.html", true),
            ("http://tauri.localhost/", true),
            ("https://example.com/", false),
            ("tauri://elsewhere/", false),
            ("file:///etc/passwd", false),
            ("data:text/html,x", false),
        ] {
            assert_eq!(is_ours(&url.parse().unwrap()), ours, "the window shows our own pages only: {url}");
        }
    }
}
