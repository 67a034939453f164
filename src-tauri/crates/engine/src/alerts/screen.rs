//! The screen of a Linux desktop: every alert goes out on one bus connection that lives as long as the engine.
//!
//! Not through notify-rust, which opens a connection for each alert: dunst sends `ActionInvoked` and `NotificationClosed` to the
//! connection that sent the alert and to no other, so a press would never be heard, and GNOME closes an alert when that connection
//! goes. One connection of our own answers both, without a thread, and a hung server costs a time-out and nothing else.
//!
//! **Invariant:** a key has at most one alert up, and the id that the last call returned is the one that counts. An id is never
//! used again across runs or servers.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::Mutex as Turn;
use watchbell_core::policy::{AlertText, Urgency};
use watchbell_core::words;
use zbus::Connection;
use zbus::zvariant::Value;

use super::notifier::{Answer, Notifier};
use crate::error::{Code, Problem};

pub(super) const SERVER: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// A server that takes longer than this for one call is treated as not there.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);
/// A critical alert says for itself how long it stays: dunst and KDE would keep it for ever (wezterm#7555).
const CRITICAL_STAYS_MS: i32 = 120_000;
const SERVER_DECIDES: i32 = -1;

/// What is up, and the way to the server. Shared by the dispatcher, which shows, and the listener, which hears.
#[derive(Default)]
pub(super) struct Screen {
    bus: Turn<Option<Connection>>,
    /// Held while an alert is being shown: a press may be heard before the id that it names has been written down.
    showing: Turn<()>,
    up: Mutex<HashMap<String, Up>>,
    can: Mutex<Option<Capabilities>>,
}

/// One alert that is up.
struct Up {
    id: u32,
    /// The unique bus name of the server that took it.
    server: String,
}

/// What the server understands (`GetCapabilities`).
#[derive(Debug, Clone, Copy)]
struct Capabilities {
    markup: bool,
    actions: bool,
}

impl Screen {
    /// The connection, made at the first need and after each loss.
    pub(super) async fn bus(&self) -> zbus::Result<Connection> {
        let mut bus = self.bus.lock().await;
        if let Some(bus) = bus.as_ref() {
            return Ok(bus.clone());
        }
        let made = Connection::session().await?;
        *bus = Some(made.clone());
        Ok(made)
    }

    /// The connection broke: the alerts that it sent are nobody's any more. Says whether there were any.
    pub(super) async fn lost(&self) -> bool {
        *self.bus.lock().await = None;
        self.owner_is("").await
    }

    /// The server is now the one with this unique name (empty: none). Forgets what others took, for this one knows nothing of
    /// it, and says whether there was any. A server that was started for an alert keeps that alert.
    pub(super) async fn owner_is(&self, server: &str) -> bool {
        let _shown = self.showing.lock().await;
        *lock(&self.can) = None;
        let mut up = lock(&self.up);
        let before = up.len();
        up.retain(|_, of| of.server == server);
        up.len() < before
    }

    /// Whose alert `id` is.
    pub(super) async fn key_of(&self, id: u32) -> Option<String> {
        let known = |up: &HashMap<String, Up>| up.iter().find(|(_, of)| of.id == id).map(|(key, _)| key.clone());
        let key = known(&lock(&self.up));
        if key.is_some() {
            return key;
        }
        let _shown = self.showing.lock().await;
        known(&lock(&self.up))
    }

    /// The alert left the screen.
    pub(super) fn gone(&self, key: &str) {
        lock(&self.up).remove(key);
    }

    async fn notify(&self, bus: &Connection, key: &str, text: &AlertText) -> zbus::Result<u32> {
        let _alone = self.showing.lock().await;
        let can = self.capabilities(bus).await?;
        let replaces = lock(&self.up).get(key).map_or(0, |of| of.id);
        let body = if can.markup { words::escape_markup(&text.body) } else { text.body.as_str().into() };
        let actions: &[&str] = if can.actions { &["default", "Open"] } else { &[] };
        let (urgency, stays) = match text.urgency {
            Urgency::Critical => (2_u8, CRITICAL_STAYS_MS),
            Urgency::Normal => (1_u8, SERVER_DECIDES),
        };
        let hints = HashMap::from([
            ("desktop-entry", Value::from("watchbell")),
            ("urgency", Value::from(urgency)),
            ("suppress-sound", Value::from(!text.sound)),
        ]);
        let alert = ("Watchbell", replaces, "watchbell", text.title.as_str(), body.as_ref(), actions, hints, stays);
        let answer = bus.call_method(Some(SERVER), PATH, Some(SERVER), "Notify", &alert).await?;
        let id = answer.body().deserialize()?;
        let server = answer.header().sender().map(ToString::to_string).unwrap_or_default();
        lock(&self.up).insert(key.to_owned(), Up { id, server });
        Ok(id)
    }

    async fn capabilities(&self, bus: &Connection) -> zbus::Result<Capabilities> {
        let known = *lock(&self.can);
        if let Some(can) = known {
            return Ok(can);
        }
        let answer = bus.call_method(Some(SERVER), PATH, Some(SERVER), "GetCapabilities", &()).await?;
        let told: Vec<String> = answer.body().deserialize()?;
        let has = |wanted: &str| told.iter().any(|capability| capability == wanted);
        let can = Capabilities { markup: has("body-markup"), actions: has("actions") };
        *lock(&self.can) = Some(can);
        Ok(can)
    }
}

impl Notifier for Screen {
    fn show<'a>(&'a self, key: &'a str, text: &'a AlertText) -> Answer<'a, Result<u32, Problem>> {
        Box::pin(async move {
            let bus = self.bus().await.map_err(|error| no_bus(&error))?;
            match tokio::time::timeout(ANSWER_WITHIN, self.notify(&bus, key, text)).await {
                Ok(shown) => shown.map_err(|error| refused(&error)),
                Err(_late) => Err(silent()),
            }
        })
    }

    fn close<'a>(&'a self, key: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            // Forgotten first: the server's echo of our own closing is then nobody's.
            let Some(Up { id, .. }) = lock(&self.up).remove(key) else { return };
            let Ok(bus) = self.bus().await else { return };
            let closing = bus.call_method(Some(SERVER), PATH, Some(SERVER), "CloseNotification", &id);
            if !matches!(tokio::time::timeout(ANSWER_WITHIN, closing).await, Ok(Ok(_))) {
                tracing::debug!(key, "the notification server did not close an alert; it may be gone already");
            }
        })
    }
}

fn lock<T>(of: &Mutex<T>) -> MutexGuard<'_, T> {
    // Each change is one call on a map or an option, so a poisoned lock still guards a whole one.
    of.lock().unwrap_or_else(PoisonError::into_inner)
}

/// No session bus to speak on.
pub(super) fn no_bus(error: &zbus::Error) -> Problem {
    Problem::new(
        Code::No,
        format!("no alert can be shown: there is no session bus ({error})"),
        "start Watchbell inside the desktop session, where DBUS_SESSION_BUS_ADDRESS is set",
    )
}

/// Nobody owns the name, and nobody would be started for it.
pub(super) fn no_server() -> Problem {
    Problem::new(
        Code::No,
        "no alert can be shown: no notification server runs",
        "install or start one (dunst, mako, or your desktop's own); waiting alerts are shown when it comes",
    )
}

fn refused(error: &zbus::Error) -> Problem {
    let absent = ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"];
    match error {
        zbus::Error::MethodError(name, ..) if absent.contains(&name.as_str()) => no_server(),
        other => Problem::new(
            Code::No,
            format!("the notification server refused an alert: {other}"),
            "restart the desktop's notification server; waiting alerts are shown when it answers",
        ),
    }
}

fn silent() -> Problem {
    Problem::new(
        Code::No,
        format!("the notification server did not answer within {} s", ANSWER_WITHIN.as_secs()),
        "restart the desktop's notification server; waiting alerts are shown when it answers",
    )
}
