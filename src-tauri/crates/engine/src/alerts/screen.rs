//! The thread that holds every alert's handle: notify-rust speaks to the bus blocking, and a handle must live as long as its alert.
//!
//! **Invariant:** an update goes through the handle that showed the alert, for GNOME closes an alert when the connection that
//! sent it goes. At most [`MOST_HANDLES`] are held; the oldest is let go first.
//! Never here: the tokio runtime. A hung notification server hangs this thread alone.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use notify_rust::{Hint, Notification, NotificationHandle, Timeout, Urgency as Weight};
use tokio::sync::{mpsc, oneshot};
use watchbell_core::policy::{AlertText, Urgency};
use watchbell_core::words;

use super::notifier::{Answer, Notifier};
use crate::error::{Code, Problem};

/// Each held alert holds one connection to the bus.
const MOST_HANDLES: usize = 32;
/// A server that takes longer than this for one call is treated as not there.
const ANSWER_WITHIN: Duration = Duration::from_secs(5);

/// The desktop's notifications, through notify-rust.
pub(super) struct Screen {
    orders: mpsc::Sender<Order>,
}

enum Order {
    Show { key: String, text: AlertText, markup: bool, reply: oneshot::Sender<Result<u32, Problem>> },
    Close { key: String, reply: oneshot::Sender<()> },
    Forget,
}

/// What the listener needs to translate the server's ids back to keys, and the screen to know what the server can do.
#[derive(Debug, Default)]
pub(super) struct Shared {
    keys: std::sync::Mutex<HashMap<u32, String>>,
    markup: std::sync::atomic::AtomicBool,
}

impl Shared {
    pub(super) fn key(&self, id: u32) -> Option<String> {
        self.lock().get(&id).cloned()
    }

    pub(super) fn gone(&self, id: u32) -> Option<String> {
        self.lock().remove(&id)
    }

    pub(super) fn understands_markup(&self, yes: bool) {
        self.markup.store(yes, std::sync::atomic::Ordering::Relaxed);
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<u32, String>> {
        self.keys.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

impl Screen {
    /// Starts the thread.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub(super) fn start(shared: std::sync::Arc<Shared>) -> Result<(Self, std::sync::Arc<Shared>), Problem> {
        let (orders, inbox) = mpsc::channel(64);
        let of_thread = std::sync::Arc::clone(&shared);
        std::thread::Builder::new().name("alerts".into()).spawn(move || serve(inbox, &of_thread)).map_err(|error| {
            Problem::new(
                Code::No,
                format!("no thread for the alerts: {error}"),
                "close other programs and start Watchbell again",
            )
        })?;
        Ok((Self { orders }, shared))
    }

    /// Lets go of every handle: another server does not know them.
    pub(super) fn forget(&self) {
        let _ = self.orders.try_send(Order::Forget);
    }

    async fn ask<T>(&self, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> Option<T> {
        let (reply, answer) = oneshot::channel();
        let asked = async {
            self.orders.send(order(reply)).await.ok()?;
            answer.await.ok()
        };
        tokio::time::timeout(ANSWER_WITHIN, asked).await.ok().flatten()
    }
}

/// A [`Screen`] with what it shares with the listener, as a [`Notifier`].
pub(super) struct DesktopNotifier {
    pub(super) screen: Screen,
    pub(super) shared: std::sync::Arc<Shared>,
}

impl Notifier for DesktopNotifier {
    fn show<'a>(&'a self, key: &'a str, text: &'a AlertText) -> Answer<'a, Result<u32, Problem>> {
        Box::pin(async move {
            let markup = self.shared.markup.load(std::sync::atomic::Ordering::Relaxed);
            let order = |reply| Order::Show { key: key.to_owned(), text: text.clone(), markup, reply };
            self.screen.ask(order).await.unwrap_or_else(|| Err(silent()))
        })
    }

    fn close<'a>(&'a self, key: &'a str) -> Answer<'a, ()> {
        Box::pin(async move {
            let _ = self.screen.ask(|reply| Order::Close { key: key.to_owned(), reply }).await;
        })
    }
}

fn serve(mut inbox: mpsc::Receiver<Order>, shared: &Shared) {
    let mut up = HashMap::<String, NotificationHandle>::new();
    let mut age = VecDeque::<String>::new();
    while let Some(order) = inbox.blocking_recv() {
        match order {
            Order::Show { key, text, markup, reply } => {
                let shown = show(&mut up, &key, &text, markup);
                if let Ok(id) = shown {
                    shared.lock().retain(|_, of| *of != key);
                    shared.lock().insert(id, key.clone());
                    age.retain(|of| *of != key);
                    age.push_back(key);
                    while age.len() > MOST_HANDLES {
                        age.pop_front().and_then(|oldest| up.remove(&oldest));
                    }
                }
                let _ = reply.send(shown);
            }
            Order::Close { key, reply } => {
                if let Some(handle) = up.remove(&key) {
                    shared.gone(handle.id());
                    handle.close();
                }
                age.retain(|of| *of != key);
                let _ = reply.send(());
            }
            Order::Forget => {
                up.clear();
                age.clear();
                shared.lock().clear();
            }
        }
    }
}

fn show(
    up: &mut HashMap<String, NotificationHandle>,
    key: &str,
    text: &AlertText,
    markup: bool,
) -> Result<u32, Problem> {
    if let Some(handle) = up.get_mut(key) {
        fill(handle, text, markup);
        if handle.update().is_ok() {
            return Ok(handle.id());
        }
        up.remove(key);
    }
    let mut notification = Notification::new();
    fill(&mut notification, text, markup);
    let handle = notification.show().map_err(|error| refused(&error))?;
    let id = handle.id();
    up.insert(key.to_owned(), handle);
    Ok(id)
}

fn fill(notification: &mut Notification, text: &AlertText, markup: bool) {
    let body = if markup { words::escape_markup(&text.body) } else { text.body.as_str().into() };
    notification.appname("Watchbell").summary(&text.title).body(&body).icon("watchbell");
    notification.actions.clear();
    notification.action("default", "Open");
    notification.hints.clear();
    notification.hint(Hint::DesktopEntry("watchbell".into())).hint(Hint::SuppressSound(!text.sound));
    // Critical alerts never leave a Linux screen by themselves (wezterm#7555), so the weight is normal and the time is ours.
    let (weight, time) = match text.urgency {
        Urgency::Critical => (Weight::Critical, Timeout::Milliseconds(120_000)),
        Urgency::Normal => (Weight::Normal, Timeout::Default),
    };
    notification.urgency(weight).timeout(time);
}

fn refused(error: &notify_rust::error::Error) -> Problem {
    let told = error.to_string();
    let hint = if told.contains("ServiceUnknown") || told.contains("not provided by any") {
        "install or start a notification server (dunst, mako, or your desktop's own); waiting alerts are shown when it comes"
    } else {
        "start Watchbell from inside the desktop session, where DBUS_SESSION_BUS_ADDRESS is set"
    };
    Problem::new(Code::No, format!("no alert can be shown: {told}"), hint)
}

fn silent() -> Problem {
    Problem::new(
        Code::No,
        format!("the notification server did not answer within {} s", ANSWER_WITHIN.as_secs()),
        "restart the desktop's notification server; waiting alerts are shown when it answers",
    )
}
