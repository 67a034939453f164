//! One test message through the topic, which rings here and at no colleague's Watchbell.
//!
//! **Invariant 9:** whoever calls this has said how many others will get it and has heard a yes. The probe is registered before
//! the message is out, or our own engine would take it for a colleague's.

use uuid::Uuid;
use watchbell_core::simulate::{LONGEST_RUN, RunSpec, patch_run};
use watchbell_core::status::Level;

use crate::aws::access::Access;
use crate::aws::publish;
use crate::error::Problem;
use crate::paths::DataDir;
use crate::store::{Act, SubscriptionRecord};
use crate::{clock, control};

/// The document that the test message names.
pub const DOCUMENT: &str = "Watchbell-TestMessage";

/// Publishes it; gives the id of the command that it tells of.
///
/// # Errors
/// What the store or AWS refused.
pub async fn publish_probe(dir: &DataDir, access: &Access, record: &SubscriptionRecord) -> Result<String, Problem> {
    // Who sends it waits for what comes back.
    let access = access.asked(record.topic_arn.region()).await?;
    let (id, probe) = (Uuid::new_v4(), Uuid::new_v4().to_string());
    let now = clock::now();
    let messages = patch_run(&RunSpec {
        command_id: id.to_string(),
        document: DOCUMENT.into(),
        nodes: 1,
        fail: 1,
        time_out: 0,
        not_run: 0,
        level: Level::Invocation,
        probe: Some(probe.clone()),
        topic: record.topic_arn.clone(),
        started: now.checked_sub(LONGEST_RUN).unwrap_or(now),
        seed: id.as_u64_pair().0,
    });
    control::perform(dir, Act::RegisterProbe { probe }).await?;
    // The end alone: one mail to each colleague who subscribed by mail, not two.
    let end = messages.last().cloned().into_iter().collect::<Vec<_>>();
    // Tried once: an answer that was lost on the way would bring everybody a second one.
    publish::publish(&access.once(), &record.topic_arn, &end).await?;
    Ok(id.to_string())
}
