//! What must be so before the toolkit starts: a screen, and a web view that paints.
//!
//! **Invariant:** without a screen the app says so and ends; it never panics in the toolkit.

use watchbell_engine::error::{Code, Problem};

/// `WebKitGTK`'s DMA-BUF renderer leaves the window blank on several drivers (tauri#13899).
#[cfg(target_os = "linux")]
const RENDERER: &str = "WEBKIT_DISABLE_DMABUF_RENDERER";
/// GDK loads the screen's OpenGL driver at its start, to look at its visuals: 30 MB with Mesa's software driver. Without the DMA-BUF
/// renderer nothing here draws with it; the web view's own process is not touched by this.
#[cfg(target_os = "linux")]
const OPENGL: (&str, &str) = ("GDK_GL", "disable");

/// Sees to it that a window can be shown.
#[cfg(target_os = "linux")]
pub(crate) fn prepare() -> Result<(), Problem> {
    if std::env::var_os(RENDERER).is_none() {
        return become_prepared();
    }
    gtk::init().map_err(|_| {
        Problem::new(
            Code::No,
            "there is no screen: neither DISPLAY nor WAYLAND_DISPLAY leads to one",
            "start watchbell in a desktop session; without one, watchbellctl watch does the same work",
        )
    })
}

/// Starts this very program anew in this very process, with the variable set. Changing the environment of a running
/// process is not sound once threads exist, and so is `unsafe`; a new image gets it from the start. The process id stays.
#[cfg(target_os = "linux")]
fn become_prepared() -> Result<(), Problem> {
    use std::os::unix::process::CommandExt;
    let mut arguments = std::env::args_os();
    let called = arguments.next();
    let failed = |error: std::io::Error| {
        Problem::new(
            Code::No,
            format!("cannot start the window's process: {error}"),
            format!("set {RENDERER}=1 and start watchbell again"),
        )
    };
    let mut command = std::process::Command::new(std::env::current_exe().map_err(failed)?);
    if let Some(called) = called {
        command.arg0(called);
    }
    if std::env::var_os(OPENGL.0).is_none() {
        command.env(OPENGL.0, OPENGL.1);
    }
    Err(failed(command.args(arguments).env(RENDERER, "1").exec()))
}

/// macOS and Windows always have a screen to draw on. Not tried on either.
#[cfg(not(target_os = "linux"))]
pub(crate) fn prepare() -> Result<(), Problem> {
    Ok(())
}
