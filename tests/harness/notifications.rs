//! A notification server that remembers everything it was asked, and behaves like GNOME's: it closes the alerts of a sender
//! whose connection goes.

#![allow(
    missing_docs,
    clippy::needless_pass_by_value,
    clippy::unused_self,
    clippy::used_underscore_binding,
    reason = "the shapes of a D-Bus interface are the specification's"
)]

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use zbus::message::Header;
use zbus::object_server::SignalEmitter;
use zbus::zvariant::OwnedValue;
use zbus::{Connection, interface};

use super::bus::Bus;

const NAME: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// One `Notify` as it came in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notify {
    /// When it came in.
    pub at: Instant,
    /// The id that the server gave it.
    pub id: u32,
    /// The id that it was to replace, 0 for a new one.
    pub replaces: u32,
    /// The sender's unique bus name.
    pub sender: String,
    /// The application's name.
    pub app: String,
    /// The title.
    pub summary: String,
    /// The body as sent, markup escapes and all.
    pub body: String,
    /// Action keys and labels, in turn.
    pub actions: Vec<String>,
    /// The urgency hint.
    pub urgency: u8,
    /// Every hint's name, sorted.
    pub hints: Vec<String>,
    /// It asks for no sound.
    pub silent: bool,
    /// Milliseconds it asks to stay; -1 leaves it to the server, 0 is for ever.
    pub expire: i32,
}

#[derive(Default)]
struct Memory {
    notifies: Vec<Notify>,
    up: HashMap<u32, String>,
    last_id: u32,
}

/// A fake notification server on a private bus.
pub struct NotificationServer {
    connection: Connection,
    memory: Arc<Mutex<Memory>>,
    news: mpsc::UnboundedReceiver<Notify>,
    gone: tokio::task::JoinHandle<()>,
    /// Like dunst: signals go to the connection that sent the alert and to no other.
    pub to_sender_only: bool,
}

struct Face {
    memory: Arc<Mutex<Memory>>,
    news: mpsc::UnboundedSender<Notify>,
    capabilities: Vec<String>,
    replaces: bool,
}

fn lock(memory: &Mutex<Memory>) -> std::sync::MutexGuard<'_, Memory> {
    memory.lock().unwrap_or_else(PoisonError::into_inner)
}

#[interface(name = "org.freedesktop.Notifications")]
impl Face {
    #[allow(clippy::too_many_arguments, reason = "the Desktop Notifications Specification has eight")]
    fn notify(
        &self,
        app: String,
        replaces: u32,
        _icon: String,
        summary: String,
        body: String,
        actions: Vec<String>,
        hints: HashMap<String, OwnedValue>,
        expire: i32,
        #[zbus(header)] header: Header<'_>,
    ) -> u32 {
        #[allow(clippy::disallowed_methods, reason = "the measured instant itself")]
        let at = Instant::now();
        let sender = header.sender().map(ToString::to_string).unwrap_or_default();
        let urgency = hints.get("urgency").and_then(|hint| u8::try_from(hint).ok()).unwrap_or(1);
        let silent = hints.get("suppress-sound").and_then(|hint| bool::try_from(hint).ok()).unwrap_or(false);
        let mut names: Vec<_> = hints.into_keys().collect();
        names.sort();
        let mut memory = lock(&self.memory);
        let id = if self.replaces && replaces != 0 && memory.up.contains_key(&replaces) {
            replaces
        } else {
            memory.last_id += 1;
            memory.last_id
        };
        memory.up.insert(id, sender.clone());
        let hints = names;
        let notify = Notify { at, id, replaces, sender, app, summary, body, actions, urgency, hints, silent, expire };
        memory.notifies.push(notify.clone());
        let _ = self.news.send(notify);
        id
    }

    async fn close_notification(
        &self,
        id: u32,
        #[zbus(signal_emitter)] emitter: SignalEmitter<'_>,
    ) -> zbus::fdo::Result<()> {
        lock(&self.memory).up.remove(&id);
        Self::notification_closed(&emitter, id, 3).await.map_err(zbus::fdo::Error::ZBus)
    }

    fn get_capabilities(&self) -> Vec<String> {
        self.capabilities.clone()
    }

    fn get_server_information(&self) -> (String, String, String, String) {
        ("fake".into(), "watchbell-tests".into(), "1".into(), "1.2".into())
    }

    /// 1 expired, 2 dismissed by the person, 3 closed by the sender.
    #[zbus(signal)]
    async fn notification_closed(emitter: &SignalEmitter<'_>, id: u32, reason: u32) -> zbus::Result<()>;

    /// The person pressed an action.
    #[zbus(signal)]
    async fn action_invoked(emitter: &SignalEmitter<'_>, id: u32, action: String) -> zbus::Result<()>;
}

impl NotificationServer {
    /// Owns the name on `bus` with these capabilities.
    ///
    /// # Errors
    /// When the bus is gone or somebody owns the name.
    pub async fn start(bus: &Bus, capabilities: &[&str]) -> anyhow::Result<Self> {
        Self::with(bus, capabilities, true).await
    }

    /// As [`NotificationServer::start`], but each call is a new alert, whatever it is to replace.
    ///
    /// # Errors
    /// When the bus is gone or somebody owns the name.
    pub async fn without_replacement(bus: &Bus, capabilities: &[&str]) -> anyhow::Result<Self> {
        Self::with(bus, capabilities, false).await
    }

    async fn with(bus: &Bus, capabilities: &[&str], replaces: bool) -> anyhow::Result<Self> {
        let memory = Arc::new(Mutex::new(Memory::default()));
        let (news, inbox) = mpsc::unbounded_channel();
        let face = Face {
            memory: Arc::clone(&memory),
            news,
            capabilities: capabilities.iter().map(|&c| c.to_owned()).collect(),
            replaces,
        };
        let connection =
            zbus::connection::Builder::address(bus.address.as_str())?.serve_at(PATH, face)?.name(NAME)?.build().await?;
        let gone = watch_senders(&connection, Arc::clone(&memory)).await?;
        Ok(Self { connection, memory, news: inbox, gone, to_sender_only: false })
    }

    /// The next `Notify`, or `None` when none comes in time.
    pub async fn next(&mut self, within: std::time::Duration) -> Option<Notify> {
        tokio::time::timeout(within, self.news.recv()).await.ok().flatten()
    }

    /// Every `Notify` so far.
    pub fn all(&self) -> Vec<Notify> {
        lock(&self.memory).notifies.clone()
    }

    /// The ids on the screen now.
    pub fn up(&self) -> Vec<u32> {
        let mut ids: Vec<_> = lock(&self.memory).up.keys().copied().collect();
        ids.sort_unstable();
        ids
    }

    /// The person presses the alert.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn press(&self, id: u32) -> anyhow::Result<()> {
        self.press_button(id, "default").await
    }

    /// The person presses a button of the alert.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn press_button(&self, id: u32, action: &str) -> anyhow::Result<()> {
        let emitter = self.emitter(id)?;
        Face::action_invoked(&emitter, id, action.into()).await?;
        lock(&self.memory).up.remove(&id);
        Ok(Face::notification_closed(&emitter, id, 2).await?)
    }

    /// The alert leaves the screen: 1 expired, 2 dismissed by the person.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn close(&self, id: u32, reason: u32) -> anyhow::Result<()> {
        let emitter = self.emitter(id)?;
        lock(&self.memory).up.remove(&id);
        Ok(Face::notification_closed(&emitter, id, reason).await?)
    }

    fn emitter(&self, id: u32) -> anyhow::Result<SignalEmitter<'_>> {
        let emitter = SignalEmitter::new(&self.connection, PATH)?;
        let sender = lock(&self.memory).up.get(&id).cloned();
        Ok(match sender {
            Some(sender) if self.to_sender_only => emitter.set_destination(zbus::names::BusName::try_from(sender)?),
            _ => emitter,
        })
    }

    /// The server dies.
    ///
    /// # Errors
    /// When the bus is gone.
    pub async fn die(self) -> anyhow::Result<()> {
        self.gone.abort();
        Ok(self.connection.close().await?)
    }
}

/// GNOME Shell takes an alert down when the connection that sent it leaves the bus.
async fn watch_senders(
    connection: &Connection,
    memory: Arc<Mutex<Memory>>,
) -> anyhow::Result<tokio::task::JoinHandle<()>> {
    let bus = zbus::fdo::DBusProxy::new(connection).await?;
    let mut changes = bus.receive_name_owner_changed().await?;
    #[allow(clippy::disallowed_methods, reason = "owned by the server, aborted when it dies")]
    Ok(tokio::spawn(async move {
        while let Some(change) = changes.next().await {
            if let Ok(args) = change.args()
                && args.new_owner().is_none()
            {
                let name = args.name().to_string();
                lock(&memory).up.retain(|_, sender| *sender != name);
            }
        }
    }))
}
