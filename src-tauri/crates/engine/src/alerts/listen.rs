//! Hears what servers tell everybody of our alerts, and another server taking over. On a connection of its own that is there before
//! the first alert; what a server tells the sender alone, the alert's own bubble hears.
//!
//! **Invariant:** it costs no thread and no timer while the bus is there, and it comes back by itself when the bus does.
//! Signals are hostile until matched to an id of ours.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt;
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use zbus::fdo::DBusProxy;
use zbus::message::{Message, Type};
use zbus::{MatchRule, MessageStream};

use super::bubble::Happened;
use super::notifier::Heard;
use super::refused::{no_bus, no_server};
use super::screen::{PATH, SERVER, Screen};

/// The person closed it (Desktop Notifications Specification 1.2, `NotificationClosed`).
const DISMISSED: u32 = 2;

/// Listens until cancelled.
pub(super) async fn run(screen: Arc<Screen>, heard: mpsc::Sender<Heard>, cancel: CancellationToken) {
    let mut backoff = Backoff::new(Duration::from_secs(30), Duration::from_mins(5));
    let mut orphans = false;
    loop {
        let ended = tokio::select! {
            () = cancel.cancelled() => return,
            ended = listen(&screen, &heard, orphans) => ended,
        };
        orphans |= screen.lost().await;
        let Err(error) = ended else { return };
        tracing::warn!(%error, "the session bus cannot be listened to");
        if heard.send(Heard::NoServer(no_bus(&error))).await.is_err() {
            return;
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(backoff.fail(1.0)) => {}
        }
    }
}

/// Ends with `Ok` when nobody wants to hear any more. `orphans`: alerts were up that no server shows now.
async fn listen(screen: &Screen, heard: &mpsc::Sender<Heard>, mut orphans: bool) -> zbus::Result<()> {
    let bus = screen.bus().await?;
    let ours = MatchRule::builder().msg_type(Type::Signal).interface(SERVER)?.path(PATH)?.build();
    let owner = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.DBus")?
        .interface("org.freedesktop.DBus")?
        .member("NameOwnerChanged")?
        .arg(0, SERVER)?
        .build();
    let mut signals = MessageStream::for_match_rule(ours, &bus, Some(64)).await?;
    let mut owners = MessageStream::for_match_rule(owner, &bus, Some(8)).await?;
    let broker = DBusProxy::new(&bus).await?;
    // Asked after listening began, so that no change falls in between.
    let owner = broker.get_name_owner(SERVER.try_into()?).await;
    orphans |= screen.owner_is(owner.as_ref().map_or("", |name| name.as_str())).await;
    if heard.send(presence(&broker, &mut orphans).await?).await.is_err() {
        return Ok(());
    }
    loop {
        tokio::select! {
            message = signals.next() => of_alert(screen, &message.ok_or(zbus::Error::InputOutput(gone()))??).await,
            message = owners.next() => {
                let message = message.ok_or(zbus::Error::InputOutput(gone()))??;
                let (_name, _old, new): (String, String, String) = message.body().deserialize()?;
                orphans |= screen.owner_is(&new).await;
                if heard.send(presence(&broker, &mut orphans).await?).await.is_err() {
                    return Ok(());
                }
            }
        }
    }
}

/// Whether somebody shows notifications, or would be started to. Orphans are told of once, when somebody can take them.
async fn presence(broker: &DBusProxy<'_>, orphans: &mut bool) -> zbus::Result<Heard> {
    let there = broker.name_has_owner(SERVER.try_into()?).await?
        || broker.list_activatable_names().await?.iter().any(|name| name.as_str() == SERVER);
    Ok(match (there, there && std::mem::take(orphans)) {
        (false, _) => Heard::NoServer(no_server()),
        (true, false) => Heard::ServerThere,
        (true, true) => Heard::ServerChanged,
    })
}

async fn of_alert(screen: &Screen, message: &Message) {
    let header = message.header();
    let body = message.body();
    let told = match header.member().map(zbus::names::MemberName::as_str) {
        Some("ActionInvoked") => {
            body.deserialize::<(u32, String)>().ok().map(|(id, action)| (id, Happened::Pressed(action)))
        }
        Some("NotificationClosed") => body
            .deserialize::<(u32, u32)>()
            .ok()
            .map(|(id, reason)| (id, if reason == DISMISSED { Happened::Dismissed } else { Happened::Left })),
        _ => None,
    };
    if let Some((id, happened)) = told {
        screen.told(id, happened).await;
    }
}

fn gone() -> Arc<std::io::Error> {
    Arc::new(std::io::Error::new(std::io::ErrorKind::ConnectionAborted, "the session bus went away"))
}
