//! What `watchbellctl watch` prints a line of, as it happens.
//!
//! **Invariant:** the field `event` and its words are kept stable: scripts lean on them.

use serde::Serialize;
use watchbell_core::health::Health;

use crate::store::IngestReport;
use crate::view::SubscriptionStatus;

/// One thing that happened. Serialises to one JSON object with the field `event`.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum Progress {
    /// The engine listens.
    Started {
        /// How many subscriptions.
        subscriptions: u32,
    },
    /// A batch was stored.
    Received(IngestReport),
    /// An alert was shown, or changed in place.
    Alert {
        /// Its command, if it is about one.
        #[serde(skip_serializing_if = "Option::is_none")]
        command_id: Option<String>,
        /// What it says first.
        title: String,
        /// What it says below.
        body: String,
        /// It came up, where it was not before.
        new: bool,
    },
    /// How well Watchbell hears has changed: the whole, or the state or reason of a subscription. No poll that goes well is told.
    Health {
        /// The worst of all.
        health: Health,
        /// Failed or timed out commands that nobody acknowledged.
        unacknowledged: u32,
        /// Each subscription.
        subscriptions: Vec<SubscriptionStatus>,
    },
    /// The engine has ended.
    Stopped,
}
