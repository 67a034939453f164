//! One alert that is up: a notify-rust handle, and the task that holds it until the alert is gone.
//!
//! The handle's connection is the one that sent the alert. dunst tells a press to that connection and to no other, and GNOME takes an
//! alert down when it goes, so the handle lives exactly as long as the alert, waits on its own connection, and changes the
//! alert through it.
//!
//! **Invariant:** it ends when the alert is gone, when nobody holds its orders any more, or when its connection breaks; it costs no
//! thread while it waits. Never here: which words, and whether the alert is still wanted.

use std::time::Duration;

use notify_rust::{CloseReason, Notification, NotificationHandle, NotificationResponse};
use tokio::sync::{mpsc, oneshot};

use super::notifier::OPEN;
use super::screen::Teller;

/// Waiting anew adds two match rules to the handle's connection, and a bus may allow as few as 512 (dbus-daemon(1)): after so many
/// changes the alert moves to a new connection, in place.
const CHANGES: u32 = 200;

/// What a bubble can be told.
pub(super) enum Order {
    /// Say this instead, in place; the answer is the id under which it is up now.
    Change(Box<Notification>, oneshot::Sender<notify_rust::error::Result<u32>>),
    /// Leave the screen.
    Close,
}

/// What became of it, as its own connection was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Happened {
    /// The person pressed this action; `default` is the alert itself.
    Pressed(String),
    /// The person closed it.
    Dismissed,
    /// It left by itself, or nobody says why.
    Left,
}

/// Holds the alert until it is gone, and tells what became of it.
pub(super) async fn hold(mut handle: NotificationHandle, mut orders: mpsc::Receiver<Order>, tell: &Teller) {
    let mut times = 0_u32;
    loop {
        let mut heard = None;
        let order = {
            // Every press and closing of this id ends the wait; so does a broken connection, without a word.
            let waiting = handle.wait_for_action_async(|response| heard = Some(happened(response)));
            tokio::select! {
                order = orders.recv() => Some(order),
                () = waiting => None,
            }
        };
        match (order, heard) {
            (Some(Some(Order::Change(words, answer))), _) => {
                times += 1;
                let changed = if times.is_multiple_of(CHANGES) {
                    moved(handle, *words).await
                } else {
                    change(handle, *words).await
                };
                let Some((kept, result)) = changed else { return tell.tell(Happened::Left).await };
                handle = kept;
                // Whoever asked may have stopped waiting.
                let _ = answer.send(result);
            }
            (Some(Some(Order::Close)), _) => return handle.close_async().await,
            // Nobody wants it any more: another server took over, or the engine ends and leaves it to the desktop.
            (Some(None), _) => return,
            // Its closing, if the server closes it then, comes after this.
            (None, Some(pressed @ Happened::Pressed(_))) => tell.tell(pressed).await,
            (None, Some(gone)) => return tell.tell(gone).await,
            (None, None) => return tell.tell(Happened::Left).await,
        }
    }
}

type Changed = Option<(NotificationHandle, notify_rust::error::Result<u32>)>;

/// Changes the alert over its own connection. `update` blocks until the server answers, so it runs on a thread of its own: one that
/// hangs keeps neither a worker nor the end of the program.
async fn change(mut handle: NotificationHandle, words: Notification) -> Changed {
    let (done, changed) = oneshot::channel();
    std::thread::Builder::new()
        .name("alert change".into())
        .spawn(move || {
            *handle = words;
            let result = handle.update().map(|()| handle.id());
            let _ = done.send((handle, result));
        })
        .ok()?;
    changed.await.ok()
}

/// Changes the alert over a new connection, which takes the old one's place.
async fn moved(handle: NotificationHandle, mut words: Notification) -> Changed {
    match words.id(handle.id()).show_async().await {
        Ok(new) => {
            let id = new.id();
            Some((new, Ok(id)))
        }
        Err(error) => Some((handle, Err(error))),
    }
}

fn happened(response: &NotificationResponse) -> Happened {
    match response {
        NotificationResponse::Default => Happened::Pressed(OPEN.into()),
        NotificationResponse::Action(action) => Happened::Pressed(action.clone()),
        NotificationResponse::Closed(CloseReason::Dismissed) => Happened::Dismissed,
        NotificationResponse::Closed(_) | NotificationResponse::Reply(_) => Happened::Left,
    }
}

/// A server that takes longer than this for one call is treated as not there.
pub(super) const ANSWER_WITHIN: Duration = Duration::from_secs(5);
