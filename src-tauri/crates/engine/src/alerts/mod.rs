//! From what the store says is due to what the person sees, and back.
//!
//! **Invariant:** an alert is marked shown only after the notification server took it; a kill between the two is the one moment
//! in which an alert can be shown twice. Never here: the decision to ring.

#[cfg(target_os = "linux")]
mod bubble;
#[cfg(target_os = "linux")]
mod icon;
#[cfg(target_os = "linux")]
mod linux;
#[cfg(target_os = "linux")]
mod listen;
mod notifier;
#[cfg(not(target_os = "linux"))]
mod plain;
#[cfg(target_os = "linux")]
mod refused;
#[cfg(target_os = "linux")]
mod screen;
#[cfg(target_os = "linux")]
mod server;
#[cfg(not(target_os = "linux"))]
#[path = "server_elsewhere.rs"]
mod server;

mod deaf;
mod dispatch;
mod reports;

pub(crate) use deaf::Deafness;
pub(crate) use dispatch::{Dispatch, run};
pub use notifier::{Answer, Button, Desktop, Heard, Notifier};
pub(crate) use reports::tell as tell_reports;
pub(crate) use server::{server, show_test};

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use watchbell_core::policy::{AlertText, Urgency};

use crate::paths::DataDir;

/// What a test alert says.
fn test_text() -> AlertText {
    AlertText {
        title: "Watchbell can ring".into(),
        body: "This is a test. A failed command looks like this.".into(),
        urgency: Urgency::Normal,
        sound: true,
    }
}

/// How many signals of the notification server may wait.
const HEARD: usize = 64;

/// The desktop's own notifications.
#[cfg(target_os = "linux")]
pub(crate) fn desktop(dir: &DataDir, tasks: &TaskTracker, cancel: &CancellationToken) -> Desktop {
    let (heard, inbox) = tokio::sync::mpsc::channel(HEARD);
    let screen = screen::Screen::new(heard.clone(), tasks.clone(), icon::file(dir));
    tasks.spawn(listen::run(std::sync::Arc::clone(&screen), heard, cancel.clone()));
    Desktop { notifier: std::sync::Arc::new(linux::LinuxNotifier(screen)), heard: inbox }
}

/// The desktop's own notifications, without their signals: written from notify-rust's documentation, not yet run.
#[cfg(not(target_os = "linux"))]
pub(crate) fn desktop(_dir: &DataDir, _tasks: &TaskTracker, _cancel: &CancellationToken) -> Desktop {
    let (_heard, inbox) = tokio::sync::mpsc::channel(HEARD);
    Desktop { notifier: std::sync::Arc::new(plain::PlainNotifier), heard: inbox }
}
