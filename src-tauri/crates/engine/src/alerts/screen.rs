//! The screen of a Linux desktop: what is up, by key, each alert held by a notify-rust handle in a task of its own.
//!
//! What becomes of an alert is heard twice over, and told once: on the handle's own connection, for servers that tell the sender alone
//! (dunst), and on the listener's, which is there before the first alert and hears everybody else.
//!
//! **Invariant:** a key has at most one alert up, and the id that the last call returned is the one that counts. An id is never
//! used again across runs or servers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_util::FutureExt;
use notify_rust::{Hint, Notification, Timeout};
use tokio::sync::{Mutex as Turn, mpsc, oneshot};
use tokio_util::task::TaskTracker;
use watchbell_core::policy::{AlertText, Urgency};
use watchbell_core::words;
use zbus::Connection;
use zbus::fdo::DBusProxy;
use zbus::names::BusName;

use super::bubble::{self, Happened, Order};
use super::notifier::{Button, Heard, OPEN};
use super::refused::{changing, no_bus, refused};
use crate::error::Problem;
use crate::store::AlertKey;

pub(super) const SERVER: &str = "org.freedesktop.Notifications";
pub(super) const PATH: &str = "/org/freedesktop/Notifications";

/// A critical alert says for itself how long it stays: dunst and KDE would keep it for ever (wezterm#7555).
const CRITICAL_STAYS_MS: u32 = 120_000;
/// The most alerts up at once; each holds a connection to the bus. The one that was up the longest makes room.
const MOST_UP: usize = 64;

/// What is up, and the way to the server. Shared by the dispatcher, which shows, the listener, and the bubbles, which hear.
pub(super) struct Screen {
    /// The listener's connection, which also asks what the server can do.
    bus: Turn<Option<Connection>>,
    /// Held while an alert is being shown: a press may be heard before the id that it names has been written down.
    showing: Turn<()>,
    state: Mutex<State>,
    heard: mpsc::Sender<Heard>,
    tasks: TaskTracker,
    /// The picture beside the words: a file, or the name of a theme's icon.
    icon: String,
}

#[derive(Default)]
struct State {
    up: HashMap<String, Up>,
    /// The unique bus name of the notification server, empty while there is none.
    server: String,
    can: Option<Capabilities>,
    shown: u64,
    /// What was up went with its server, and whoever orders alerts has not been told yet.
    orphaned: bool,
}

/// One alert that is up.
struct Up {
    id: u32,
    /// The server that took it; empty until the one that was started for it is known.
    server: String,
    /// Grows with each alert, so that a late word about an earlier one of the same key is not taken for this one's.
    serial: u64,
    pressed: bool,
    /// Its title and body.
    said: (String, String),
    orders: mpsc::Sender<Order>,
}

/// What the server understands (`GetCapabilities`).
#[derive(Debug, Clone, Copy)]
struct Capabilities {
    markup: bool,
    actions: bool,
}

impl Screen {
    pub(super) fn new(heard: mpsc::Sender<Heard>, tasks: TaskTracker, icon: Option<PathBuf>) -> Arc<Self> {
        let icon = icon.map_or_else(|| "watchbell".into(), |path| path.to_string_lossy().into_owned());
        Arc::new(Self { bus: Turn::default(), showing: Turn::default(), state: Mutex::default(), heard, tasks, icon })
    }

    /// The listener's connection, made at the first need and after each loss.
    pub(super) async fn bus(&self) -> zbus::Result<Connection> {
        let mut bus = self.bus.lock().await;
        if let Some(bus) = bus.as_ref() {
            return Ok(bus.clone());
        }
        let made = Connection::session().await?;
        *bus = Some(made.clone());
        Ok(made)
    }

    /// The bus broke: its alerts are nobody's any more. Says whether there were any.
    pub(super) async fn lost(&self) -> bool {
        *self.bus.lock().await = None;
        self.owner_is("").await
    }

    /// The server is now the one with this unique name (empty: none). Lets go of what others took, for this one knows nothing of
    /// it, and says whether there was any. A server that was started for an alert keeps that alert.
    pub(super) async fn owner_is(&self, server: &str) -> bool {
        let _shown = self.showing.lock().await;
        let mut state = self.lock();
        state.can = None;
        server.clone_into(&mut state.server);
        let before = state.up.len();
        state.up.retain(|_, of| {
            if of.server.is_empty() {
                server.clone_into(&mut of.server);
            }
            of.server == server
        });
        let orphans = state.up.len() < before;
        state.orphaned |= orphans;
        orphans
    }

    /// A server told everybody that `id` was pressed or closed.
    pub(super) async fn told(&self, id: u32, happened: Happened) {
        let known =
            |state: &State| state.up.iter().find(|(_, of)| of.id == id).map(|(key, of)| (key.clone(), of.serial));
        let mut named = known(&self.lock());
        if named.is_none() {
            let _shown = self.showing.lock().await;
            named = known(&self.lock());
        }
        if let Some((key, serial)) = named {
            self.happened(&key, serial, happened).await;
        }
    }

    /// Passes on what became of an alert, once: two ears may have heard it.
    async fn happened(&self, key: &str, serial: u64, happened: Happened) {
        let key = key.to_owned();
        let heard = {
            let mut state = self.lock();
            let Some(of) = state.up.get_mut(&key).filter(|of| of.serial == serial) else { return };
            match happened {
                Happened::Pressed(_) if std::mem::replace(&mut of.pressed, true) => return,
                Happened::Pressed(action) => Heard::Pressed { key, action },
                Happened::Dismissed => {
                    state.up.remove(&key);
                    Heard::Dismissed { key }
                }
                Happened::Left => {
                    state.up.remove(&key);
                    Heard::Expired { key }
                }
            }
        };
        // Nobody listens once the engine ends.
        let _ = self.heard.send(heard).await;
    }

    pub(super) async fn show_or_change(
        self: &Arc<Self>,
        key: &str,
        text: &AlertText,
        buttons: &[Button],
    ) -> Result<u32, Problem> {
        let _alone = self.showing.lock().await;
        self.check_server().await?;
        let text = &self.told_apart(key, text);
        let words = self.words(text, buttons).await?;
        let said = (text.title.clone(), text.body.clone());
        let up = self.lock().up.get(key).map(|of| (of.serial, of.orders.clone()));
        if let Some((serial, orders)) = up {
            let (answer, changed) = oneshot::channel();
            let order = Order::Change(Box::new(words.clone()), answer);
            // A bubble that is gone by now has told so; then this is a new alert.
            if orders.send(order).await.is_ok()
                && let Ok(changed) = changed.await
            {
                let id = changed.map_err(|error| refused(&error))?;
                let before = self.lock().up.get_mut(key).filter(|of| of.serial == serial).map(|of| {
                    of.pressed = false;
                    of.said.clone_from(&said);
                    (std::mem::replace(&mut of.id, id), of.server.clone())
                });
                if let Some((old, server)) = before.filter(|(old, _)| *old != id) {
                    self.take_away(old, &server).await;
                }
                return Ok(id);
            }
        }
        self.show_new(key, words, said).await
    }

    /// Words that another alert has up name their command: nobody could tell the two apart, and dunst shows equal alerts as one.
    fn told_apart<'a>(&self, key: &str, text: &'a AlertText) -> Cow<'a, AlertText> {
        let said = |of: &Up| of.said.0 == text.title && of.said.1 == text.body;
        let twice = self.lock().up.iter().any(|(other, of)| other != key && said(of));
        match AlertKey::parse(key).as_ref().and_then(AlertKey::command_id).filter(|_| twice) {
            Some(command_id) => Cow::Owned(words::told_apart(text, command_id)),
            None => Cow::Borrowed(text),
        }
    }

    /// A server that replaces nothing shows the new words beside the old: those go, so that the key has one alert up. Asked of that very
    /// server, for to another one the id may mean somebody else's.
    async fn take_away(&self, id: u32, server: &str) {
        let Ok(bus) = self.bus().await else { return };
        if let Err(error) = bus.call_method(Some(server), PATH, Some(SERVER), "CloseNotification", &id).await {
            tracing::debug!(%error, "an alert that was replaced could not be taken away");
        }
    }

    /// Refuses while a change of the server has not been heard by all: its alerts come up again once, by count, and a change of one
    /// of them must not go before.
    async fn check_server(&self) -> Result<(), Problem> {
        let bus = self.bus().await.map_err(|error| no_bus(&error))?;
        let broker = DBusProxy::new(&bus).await.map_err(|error| refused(&error))?;
        let name = BusName::try_from(SERVER).map_err(|error| refused(&error))?;
        let owner = broker.get_name_owner(name).await;
        let state = self.lock();
        let known = owner.as_ref().map_or("", |owner| owner.as_str()) == state.server;
        if known && !state.orphaned { Ok(()) } else { Err(changing()) }
    }

    async fn show_new(
        self: &Arc<Self>,
        key: &str,
        words: Notification,
        said: (String, String),
    ) -> Result<u32, Problem> {
        let server = self.lock().server.clone();
        let handle = words.show_async().await.map_err(|error| refused(&error))?;
        let id = handle.id();
        let (orders, inbox) = mpsc::channel(1);
        let serial = {
            let mut state = self.lock();
            state.shown += 1;
            let serial = state.shown;
            make_room(&mut state.up);
            state.up.insert(key.to_owned(), Up { id, server, serial, pressed: false, said, orders });
            serial
        };
        let tell = Teller { screen: Arc::clone(self), key: key.to_owned(), serial };
        self.tasks.spawn(async move {
            // notify-rust gives up with a panic when the bus refuses it a match rule; for the alert that is its end.
            let held = AssertUnwindSafe(bubble::hold(handle, inbox, &tell)).catch_unwind().await;
            if held.is_err() {
                tell.tell(Happened::Left).await;
            }
        });
        Ok(id)
    }

    async fn words(&self, text: &AlertText, buttons: &[Button]) -> Result<Notification, Problem> {
        let bus = self.bus().await.map_err(|error| no_bus(&error))?;
        let can = self.capabilities(&bus).await.map_err(|error| refused(&error))?;
        let body = if can.markup { words::escape_markup(&text.body) } else { text.body.as_str().into() };
        let mut words = Notification::new();
        words
            .appname("Watchbell")
            .icon(&self.icon)
            .summary(&text.title)
            .body(&body)
            .hint(Hint::DesktopEntry("watchbell".into()))
            .hint(Hint::SuppressSound(!text.sound));
        match text.urgency {
            Urgency::Critical => {
                words.urgency(notify_rust::Urgency::Critical).timeout(Timeout::Milliseconds(CRITICAL_STAYS_MS))
            }
            Urgency::Normal => words.urgency(notify_rust::Urgency::Normal).timeout(Timeout::Default),
        };
        if can.actions {
            words.action(OPEN, "Open");
            for button in buttons {
                words.action(button.name(), button.label());
            }
        }
        Ok(words)
    }

    async fn capabilities(&self, bus: &Connection) -> zbus::Result<Capabilities> {
        let known = self.lock().can;
        if let Some(can) = known {
            return Ok(can);
        }
        let answer = bus.call_method(Some(SERVER), PATH, Some(SERVER), "GetCapabilities", &()).await?;
        let told: Vec<String> = answer.body().deserialize()?;
        let has = |wanted: &str| told.iter().any(|capability| capability == wanted);
        let can = Capabilities { markup: has("body-markup"), actions: has("actions") };
        self.lock().can = Some(can);
        Ok(can)
    }

    /// Lets go of every alert, so that the tasks that hold them end.
    pub(super) fn let_go(&self) {
        self.lock().up.clear();
    }

    /// Whoever orders alerts knows that what was up went with its server.
    pub(super) fn orphans_are_known(&self) {
        self.lock().orphaned = false;
    }

    /// Forgets the alert of this key, and gives the way to the task that holds it.
    pub(super) fn forget(&self, key: &str) -> Option<mpsc::Sender<Order>> {
        Some(self.lock().up.remove(key)?.orders)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        // Each change is one call on a map or a value, so a poisoned lock still guards a whole state.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Lets go of the alert that was up the longest, where there are too many. The history and the tray still have its command.
fn make_room(up: &mut HashMap<String, Up>) {
    if up.len() < MOST_UP {
        return;
    }
    let oldest = up.iter().min_by_key(|(_, of)| of.serial).map(|(key, _)| key.clone());
    if let Some(of) = oldest.and_then(|key| up.remove(&key)) {
        let _ = of.orders.try_send(Order::Close);
    }
}

/// A bubble's way back to the screen.
pub(super) struct Teller {
    screen: Arc<Screen>,
    key: String,
    serial: u64,
}

impl Teller {
    pub(super) async fn tell(&self, happened: Happened) {
        self.screen.happened(&self.key, self.serial, happened).await;
    }
}
