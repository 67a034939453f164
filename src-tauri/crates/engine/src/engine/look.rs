//! Every 15 minutes, at the start, after each waking and after a change of subscriptions: a look at what an empty poll cannot tell (a
//! deleted subscription, a changed filter). Beside it what is only to be done now and then: a pending subscription is confirmed, the queue's lease renewed.
//!
//! **Invariant 3:** without the right to look the board says so, never "ok"; a look that did not come about is made up for soon.
//! Looks are spread by jitter, so that a fleet of Watchbells does not look at once. Never here: mending what was found.

use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use super::Progress;
use super::leases::Renewing;
use crate::aws::access::Access;
use crate::aws::check::{Checked, check};
use crate::aws::confirm::confirm;
use crate::clock;
use crate::error::Problem;
use crate::health::Board;
use crate::paths::DataDir;
use crate::store::{Reader, SubscriptionRecord};

/// The first look waits for the first polls, which say more; and for the network, which after a sleep takes a moment, too.
const FIRST: Duration = Duration::from_secs(5);
/// From one look to the next, plus up to [`JITTER`].
const BETWEEN: Duration = Duration::from_mins(15);
const JITTER: Duration = Duration::from_mins(2);
/// The first pause after a look that did not come about.
const AGAIN: Duration = Duration::from_mins(1);
/// A request to confirm a subscription holds for two days (SNS API reference, `ConfirmSubscription`).
const REQUEST_HOLDS: SignedDuration = SignedDuration::from_hours(48);

/// What a look needs, besides the right to.
pub(super) struct Looking {
    pub(super) dir: DataDir,
    pub(super) record: SubscriptionRecord,
    pub(super) board: Board,
    /// Tells when subscriptions changed.
    pub(super) nudges: watch::Receiver<()>,
    /// Tells when something came that could not be read: it may be SNS asking for a confirmation.
    pub(super) heard: broadcast::Receiver<Progress>,
}

/// Looks until cancelled, each time with the newest access.
pub(super) async fn now_and_then(
    access: watch::Receiver<Option<Access>>,
    mut looking: Looking,
    cancel: CancellationToken,
) {
    let mut wakes = looking.board.wakes();
    let mut again = Backoff::new(AGAIN, BETWEEN);
    let mut lease = Renewing::default();
    let mut next = clock::monotonic() + FIRST;
    let mut asked = None;
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            Ok(()) = wakes.changed() => {
                next = clock::monotonic() + FIRST;
                continue;
            }
            // Somebody changed subscriptions, perhaps to mend what the last look found.
            Ok(()) = looking.nudges.changed() => {
                next = clock::monotonic() + FIRST;
                continue;
            }
            () = unread(&mut looking.heard) => {
                // Once a minute at most: who floods the queue must not make us flood AWS.
                let now = clock::monotonic();
                if asked.is_none_or(|at: Instant| now.duration_since(at) >= AGAIN) {
                    asked = Some(now);
                    next = next.min(now + FIRST);
                }
                continue;
            }
            () = tokio::time::sleep(next.saturating_duration_since(clock::monotonic())) => {}
        }
        let access = access.borrow().clone();
        let looked = match &access {
            Some(access) => tokio::select! {
                () = cancel.cancelled() => return,
                looked = looking.look(access, &mut lease) => Some(looked),
            },
            None => None,
        };
        let pause = match looked {
            Some(Ok(found)) => {
                let topic = looking.record.topic_arn.as_str();
                looking.board.checked(topic, found.state, found.problem.as_ref(), found.backlog);
                looking.board.in_flight(topic, found.in_flight);
                again.reset();
                BETWEEN + JITTER.mul_f64(fastrand::f64())
            }
            Some(Err(problem)) => {
                tracing::warn!(topic = %looking.record.topic_arn, %problem, "the subscription could not be looked at");
                again.fail(0.5 + fastrand::f64() / 2.0)
            }
            None => again.fail(0.5 + fastrand::f64() / 2.0),
        };
        next = clock::monotonic() + pause;
    }
}

/// Resolves when something was received that could not be read; never once nobody tells any more.
async fn unread(heard: &mut broadcast::Receiver<Progress>) {
    loop {
        match heard.recv().await {
            Ok(Progress::Received(report)) if report.quarantined > 0 => return,
            Ok(_) | Err(broadcast::error::RecvError::Lagged(_)) => {}
            Err(broadcast::error::RecvError::Closed) => std::future::pending().await,
        }
    }
}

impl Looking {
    async fn look(&self, access: &Access, lease: &mut Renewing) -> Result<Checked, Problem> {
        let found = check(access, &self.record).await?;
        lease.keep(access, &self.record).await;
        // Deaf for want of a subscription that counts: one may wait for its confirmation.
        if found.state != SubscriptionState::SubscriptionMissing {
            return Ok(found);
        }
        match self.confirm(access).await {
            Ok(false) => Ok(found),
            Ok(true) => check(access, &self.record).await,
            Err(problem) => Ok(told_too(found, problem)),
        }
    }

    /// Whether a pending subscription was confirmed.
    async fn confirm(&self, access: &Access) -> Result<bool, Problem> {
        let (dir, topic) = (self.dir.clone(), self.record.topic_arn.clone());
        let since = clock::now().checked_sub(REQUEST_HOLDS).unwrap_or(Timestamp::MIN);
        let read = move || Reader::open(&dir).and_then(|reader| reader.confirmations(&topic, since));
        let requests = match tokio::task::spawn_blocking(read).await {
            Ok(read) => read?,
            Err(_) => return Ok(false),
        };
        Ok(confirm(access, &self.record, &requests).await?.is_some())
    }
}

/// What was found, and why the subscription that waits could not be confirmed.
fn told_too(mut found: Checked, why: Problem) -> Checked {
    found.problem = Some(match found.problem {
        Some(problem) => Problem {
            message: format!("{}; it could not be confirmed: {}", problem.message, why.message),
            hint: why.hint,
            ..problem
        },
        None => why,
    });
    found
}
