//! What the dispatcher asks of a desktop's notifications, and what it hears back.
//!
//! **Invariant:** a key has at most one notification up; the id that each call returned is the one that counts, for a replaced
//! server hands out new ones. Never here: which command rings, and when.

use std::future::Future;
use std::pin::Pin;

use tokio::sync::mpsc;
use watchbell_core::policy::AlertText;

use crate::error::Problem;

/// The action of the alert itself (Desktop Notifications Specification 1.2, "default").
pub(super) const OPEN: &str = "default";

/// What the notification server said about one of our alerts, or about itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// The person pressed the alert or one of its buttons.
    Pressed {
        /// The key it was shown under.
        key: String,
        /// The button's name; `default` for the alert itself.
        action: String,
    },
    /// The person closed it.
    Dismissed {
        /// The key it was shown under.
        key: String,
    },
    /// It left the screen by itself, or for a reason the server does not tell.
    Expired {
        /// The key it was shown under.
        key: String,
    },
    /// A server is there (or would be started for an alert), and nothing of ours was lost.
    ServerThere,
    /// Another server is there than the one that showed our alerts; what was up is gone.
    ServerChanged,
    /// No server is there to show anything, and why.
    NoServer(Problem),
}

/// A button of an alert, where the server draws them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Button {
    /// What it tells of was seen.
    Acknowledge,
    /// No new alert for an hour.
    Snooze,
    /// The command's id into the clipboard.
    Copy,
}

impl Button {
    /// Every button, in the order in which they are drawn.
    pub const ALL: [Self; 3] = [Self::Acknowledge, Self::Snooze, Self::Copy];

    /// The name by which a press is heard.
    pub fn name(self) -> &'static str {
        match self {
            Self::Acknowledge => "acknowledge",
            Self::Snooze => "snooze",
            Self::Copy => "copy",
        }
    }

    /// The words on it.
    pub fn label(self) -> &'static str {
        match self {
            Self::Acknowledge => "Acknowledge",
            Self::Snooze => "Snooze 1 h",
            Self::Copy => "Copy command id",
        }
    }
}

/// A future that is boxed so that a notifier can be chosen at run time.
pub type Answer<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// Shows alerts. The real one speaks to the desktop, the tests' one to a list.
pub trait Notifier: Send + Sync {
    /// Shows `text` under `key`, or updates in place what is up there. Gives the server's id for it.
    ///
    /// # Errors
    /// A [`Problem`] in words when there is no bus, no server, or the server refused.
    fn show<'a>(&'a self, key: &'a str, text: &'a AlertText, buttons: &'a [Button])
    -> Answer<'a, Result<u32, Problem>>;

    /// Whoever orders alerts has taken in that the server changed.
    fn server_changed(&self) {}

    /// Takes down what is up under `key`, if anything is.
    fn close<'a>(&'a self, key: &'a str) -> Answer<'a, ()>;
}

/// A notifier and the stream of what is heard of it.
pub struct Desktop {
    /// Shows and closes.
    pub notifier: std::sync::Arc<dyn Notifier>,
    /// Presses, closings and server changes. Bounded: a server that floods is slowed down, not stored.
    pub heard: mpsc::Receiver<Heard>,
}
