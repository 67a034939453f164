//! Every 15 minutes, at the start, after each waking and after a change of subscriptions: a look at what an empty poll cannot tell (a deleted subscription, a
//! changed filter).
//!
//! **Invariant 3:** without the right to look the board says so, never "ok"; a look that did not come about is made up for soon.
//! Looks are spread by jitter, so that a fleet of Watchbells does not look at once. Never here: mending what was found.

use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use crate::aws::access::Access;
use crate::aws::check::check;
use crate::aws::lease;
use crate::clock;
use crate::health::Board;
use crate::setup::Me;
use crate::store::SubscriptionRecord;

/// The first look waits for the first polls, which say more; and for the network, which after a sleep takes a moment, too.
const FIRST: Duration = Duration::from_secs(5);
/// From one look to the next, plus up to [`JITTER`].
const BETWEEN: Duration = Duration::from_mins(15);
const JITTER: Duration = Duration::from_mins(2);
/// The first pause after a look that did not come about.
const AGAIN: Duration = Duration::from_mins(1);

/// Looks until cancelled, each time with the newest access.
pub(super) async fn now_and_then(
    access: watch::Receiver<Option<Access>>,
    record: SubscriptionRecord,
    board: Board,
    mut nudges: watch::Receiver<()>,
    cancel: CancellationToken,
) {
    let mut wakes = board.wakes();
    let mut leased = None::<Timestamp>;
    let mut again = Backoff::new(AGAIN, BETWEEN);
    let mut pause = FIRST;
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            Ok(()) = wakes.changed() => {
                pause = FIRST;
                continue;
            }
            // Somebody changed subscriptions, perhaps to mend what the last look found.
            Ok(()) = nudges.changed() => {
                pause = FIRST;
                continue;
            }
            () = tokio::time::sleep(pause) => {}
        }
        let access = access.borrow().clone();
        let looked = match &access {
            Some(access) => tokio::select! {
                () = cancel.cancelled() => return,
                looked = check(access, &record) => Some(looked),
            },
            None => None,
        };
        match looked {
            Some(Ok(found)) => {
                board.checked(record.topic_arn.as_str(), found.state, found.problem.as_ref(), found.backlog);
                board.in_flight(record.topic_arn.as_str(), found.in_flight);
                if let Some(access) = access.filter(|_| found.state == SubscriptionState::Ok) {
                    renew(&access, &record, &mut leased).await;
                }
                again.reset();
                pause = BETWEEN + JITTER.mul_f64(fastrand::f64());
                continue;
            }
            Some(Err(problem)) => {
                tracing::warn!(topic = %record.topic_arn, %problem, "the subscription could not be looked at");
            }
            None => {}
        }
        pause = again.fail(0.5 + fastrand::f64() / 2.0);
    }
}

/// At most once in 20 hours, and at the start; what is refused is tried again with a later look.
async fn renew(access: &Access, record: &SubscriptionRecord, leased: &mut Option<Timestamp>) {
    let now = clock::now();
    if leased.is_some_and(|at| now.duration_since(at) < lease::RENEWED_AFTER) {
        return;
    }
    match lease::renew(access, record, &Me::here().person(), now).await {
        Ok(_) => *leased = Some(now),
        Err(problem) => {
            tracing::debug!(topic = %record.topic_arn, %problem, "the queue's last-seen tag was not renewed")
        }
    }
}
