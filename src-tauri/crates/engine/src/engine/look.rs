//! Every 15 minutes, and at the start: a look at what an empty poll cannot tell (a deleted subscription, a changed filter).
//!
//! **Invariant 3:** without the right to look the board says so, never "ok". Looks are spread by jitter, so that a fleet of
//! Watchbells does not look at once. Never here: mending what was found.

use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::aws::access::Access;
use crate::aws::check::check;
use crate::health::Board;
use crate::store::SubscriptionRecord;

/// The first look waits for the first polls, which say more.
const FIRST: Duration = Duration::from_secs(5);
/// From one look to the next, plus up to [`JITTER`].
const BETWEEN: Duration = Duration::from_mins(15);
const JITTER: Duration = Duration::from_mins(2);

/// Looks until cancelled.
pub(super) async fn now_and_then(access: Access, record: SubscriptionRecord, board: Board, cancel: CancellationToken) {
    let mut pause = FIRST;
    loop {
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(pause) => {}
        }
        let looked = tokio::select! {
            () = cancel.cancelled() => return,
            looked = check(&access, &record) => looked,
        };
        match looked {
            Ok(found) => board.checked(record.topic_arn.as_str(), found.state, found.problem.as_ref(), found.backlog),
            Err(problem) => {
                tracing::warn!(topic = %record.topic_arn, %problem, "the subscription could not be looked at");
            }
        }
        pause = BETWEEN + JITTER.mul_f64(fastrand::f64());
    }
}
