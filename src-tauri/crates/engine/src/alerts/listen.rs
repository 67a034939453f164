//! One bus connection that hears what becomes of all our alerts: pressed, closed, and another server taking over.
//!
//! **Invariant:** it hears every id, also those of a replaced server, and costs no thread an alert (notify-rust's own
//! `wait_for_action` leaves threads behind when a server vanishes). Signals are hostile until matched to an id of ours.

use std::sync::Arc;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use zbus::message::Message;
use zbus::{Connection, MatchRule, MessageStream};

use super::notifier::Heard;
use super::screen::{DesktopNotifier, Shared};

const SERVER: &str = "org.freedesktop.Notifications";
const PATH: &str = "/org/freedesktop/Notifications";

/// Closed by the person, of the Desktop Notifications Specification 1.2, "`NotificationClosed`".
const DISMISSED: u32 = 2;
/// Closed by our own `CloseNotification`.
const BY_US: u32 = 3;

/// Listens until cancelled. Without a bus it returns at once: alerts then say themselves that they cannot be shown.
pub(super) async fn run(desktop: Arc<DesktopNotifier>, heard: mpsc::Sender<Heard>, cancel: CancellationToken) {
    if let Err(error) = listen(&desktop, &heard, &cancel).await {
        tracing::warn!(%error, "the notification server cannot be listened to; a press on an alert will not open it");
    }
}

async fn listen(
    desktop: &DesktopNotifier,
    heard: &mpsc::Sender<Heard>,
    cancel: &CancellationToken,
) -> zbus::Result<()> {
    let bus = Connection::session().await?;
    let signals = MatchRule::builder().msg_type(zbus::message::Type::Signal).interface(SERVER)?.path(PATH)?.build();
    let owner = MatchRule::builder()
        .msg_type(zbus::message::Type::Signal)
        .sender("org.freedesktop.DBus")?
        .interface("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .arg(0, SERVER)?
        .build();
    let mut signals = MessageStream::for_match_rule(signals, &bus, Some(64)).await?;
    let mut owners = MessageStream::for_match_rule(owner, &bus, Some(8)).await?;
    ask_capabilities(&bus, &desktop.shared).await;
    loop {
        let news = tokio::select! {
            () = cancel.cancelled() => return Ok(()),
            Some(Ok(message)) = signals.next() => of_alert(&desktop.shared, &message),
            Some(Ok(message)) = owners.next() => {
                let (_, _, new): (String, String, String) = message.body().deserialize()?;
                desktop.screen.forget();
                if new.is_empty() {
                    None
                } else {
                    ask_capabilities(&bus, &desktop.shared).await;
                    Some(Heard::ServerChanged)
                }
            }
            else => return Ok(()),
        };
        if let Some(news) = news
            && heard.send(news).await.is_err()
        {
            return Ok(());
        }
    }
}

fn of_alert(shared: &Shared, message: &Message) -> Option<Heard> {
    let header = message.header();
    match header.member()?.as_str() {
        "ActionInvoked" => {
            let (id, _action): (u32, String) = message.body().deserialize().ok()?;
            shared.key(id).map(|key| Heard::Pressed { key })
        }
        "NotificationClosed" => {
            let (id, reason): (u32, u32) = message.body().deserialize().ok()?;
            let key = shared.gone(id)?;
            match reason {
                DISMISSED => Some(Heard::Dismissed { key }),
                BY_US => None,
                _ => Some(Heard::Expired { key }),
            }
        }
        _ => None,
    }
}

async fn ask_capabilities(bus: &Connection, shared: &Shared) {
    let asked = bus.call_method(Some(SERVER), PATH, Some(SERVER), "GetCapabilities", &()).await;
    let can: Vec<String> = asked.ok().and_then(|answer| answer.body().deserialize().ok()).unwrap_or_default();
    shared.understands_markup(can.iter().any(|capability| capability == "body-markup"));
}
