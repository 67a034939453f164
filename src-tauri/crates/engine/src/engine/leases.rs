//! Keeping the leases of the personal queues: beside the looks, and where there are none, in a drain and while a subscription is paused. A
//! queue that is drained from a timer, or paused for a holiday, is not abandoned.
//!
//! **Invariant:** that a lease cannot be renewed is told once and does no harm; nothing waits for it longer than [`WITHIN`].

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::aws::access::Access;
use crate::aws::lease::{A_DAY, Lease, renew};
use crate::clock;
use crate::keychain::Patience;
use crate::setup::{Me, access_of};
use crate::store::SubscriptionRecord;

/// A drain ends with it.
const WITHIN: Duration = Duration::from_secs(10);
/// The network takes a moment after the start and after a sleep.
const FIRST: Duration = Duration::from_secs(5);
/// From one try to the next while it could not be renewed.
const AGAIN: Duration = Duration::from_hours(1);

/// Renews the lease once, beside a drain, as soon as it has credentials.
pub(super) async fn once(
    mut access: watch::Receiver<Option<Access>>,
    record: SubscriptionRecord,
    cancel: CancellationToken,
) {
    let renewed = async {
        // The drain ended without any: it says why.
        let Ok(granted) = access.wait_for(Option::is_some).await.map(|granted| granted.clone()) else { return };
        if let Some(access) = granted {
            let _ = tokio::time::timeout(WITHIN, Renewing::default().keep(&access, &record)).await;
        }
    };
    tokio::select! {
        () = cancel.cancelled() => {}
        () = renewed => {}
    }
}

/// Renews the lease of a queue that is paused: now, when it is due, and after each waking.
pub(super) async fn while_paused(
    record: SubscriptionRecord,
    endpoint_url: Option<String>,
    once: bool,
    mut wakes: watch::Receiver<u64>,
    cancel: CancellationToken,
) {
    if record.adopted {
        return;
    }
    let mut lease = Renewing::default();
    let mut pause = if once { Duration::ZERO } else { FIRST };
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            Ok(()) = wakes.changed() => {
                pause = FIRST;
                continue;
            }
            () = tokio::time::sleep(pause) => {}
        }
        if lease.is_due(clock::now()) {
            let renewed = async {
                // Without them it is tried again: nobody is to be asked for a queue that rests.
                if let Ok(access) = access_of(&record, endpoint_url.as_deref(), Patience::Background).await {
                    lease.keep(&access, &record).await;
                }
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                _ = tokio::time::timeout(WITHIN, renewed) => {}
            }
        }
        if once {
            return;
        }
        pause = lease
            .due
            .and_then(|due| Duration::try_from(due.duration_since(clock::now())).ok())
            .unwrap_or(AGAIN)
            .max(FIRST);
    }
}

/// When the lease is due, as far as this run knows; the tag itself knows it over restarts.
#[derive(Default)]
pub(super) struct Renewing {
    due: Option<Timestamp>,
    told: bool,
}

impl Renewing {
    fn is_due(&self, now: Timestamp) -> bool {
        self.due.is_none_or(|due| now >= due)
    }

    /// Renews the lease when it is due. That it cannot be is told once, and does no harm: the queue is heard all the same.
    pub(super) async fn keep(&mut self, access: &Access, record: &SubscriptionRecord) {
        let now = clock::now();
        if record.adopted || !self.is_due(now) {
            return;
        }
        let me = Me::here();
        let from = match renew(access, record, &me.person(), now).await {
            Ok(Lease::Renewed) => now,
            Ok(Lease::Fresh { since }) => since.min(now),
            Ok(Lease::NotOurs(why)) => {
                self.tell(record, &format!("the queue's lease is not renewed: {why}"), "");
                now
            }
            Err(refused) if refused.transient => return,
            Err(refused) => {
                let message = format!("the queue's lease cannot be renewed: {}", refused.problem.message);
                self.tell(record, &message, &refused.problem.hint);
                now
            }
        };
        self.due = from.checked_add(A_DAY).ok();
    }

    fn tell(&mut self, record: &SubscriptionRecord, message: &str, hint: &str) {
        if !std::mem::replace(&mut self.told, true) {
            tracing::warn!(topic = %record.topic_arn, hint, "{message}");
        }
    }
}
