//! Taking one subscription away: the engine stops reading, AWS is tidied up, the secret forgotten, the record removed.
//!
//! **Invariant 7:** whatever ends this half-way leaves the subscription listed, so that it can be tried again.

use tokio_util::sync::CancellationToken;

use super::{Me, secrets};
use crate::aws::access::Access;
use crate::aws::leave::{LeaveReport, leave};
use crate::control;
use crate::error::Problem;
use crate::paths::DataDir;
use crate::store::{Act, SubscriptionRecord};

/// Takes it away. `others` are the subscriptions that stay: what they share is kept.
///
/// # Errors
/// When the keychain or the store refused; what AWS refused is in the report.
pub async fn take_away(
    dir: &DataDir,
    access: &Access,
    record: &SubscriptionRecord,
    others: &[SubscriptionRecord],
    cancel: &CancellationToken,
) -> Result<LeaveReport, Problem> {
    let pause = |paused| Act::PauseSubscription { topic_arn: record.topic_arn.clone(), paused };
    // Paused, not forgotten: whatever ends this half-way leaves it listed.
    control::perform(dir, pause(true)).await?;
    let report = leave(access, record, &Me::here().person(), cancel).await;
    if !report.could_not.is_empty() {
        control::perform(dir, pause(record.paused)).await?;
        return Ok(report);
    }
    // The secret first: while it could not be forgotten the subscription stays listed.
    secrets::forget_all(record, others).await?;
    control::perform(dir, Act::RemoveSubscription { topic_arn: record.topic_arn.clone() }).await?;
    Ok(report)
}
