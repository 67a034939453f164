//! Changing what an existing subscription lets through, and nothing else of it.
//!
//! **Invariant:** only a subscription of ours is changed; what differs is written, one attribute a call, and put back when a later
//! call fails. SNS may take up to 15 minutes to act on it (SNS developer guide, "Message filtering"), which whoever asks is told.

use watchbell_core::plan::Filter;

use super::access::Access;
use super::subscribe::lacking;
use super::subscription;
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

/// Writes the filter. Says whether anything had to be written.
///
/// # Errors
/// When the subscription is an administrator's or gone, or AWS refuses.
pub async fn refilter(access: &Access, record: &SubscriptionRecord, filter: Filter) -> Result<bool, Problem> {
    let Some(arn) = record.subscription_arn.as_deref().filter(|_| !record.adopted) else {
        return Err(Problem::new(
            Code::No,
            format!("the subscription to {} is not Watchbell's to change", record.topic_arn.name()),
            "ask the administrator who made the queue and its subscription",
        ));
    };
    let sns = access.sns(record.topic_arn.region()).await;
    let held = subscription::attributes(&sns, arn).await?;
    let wanted = lacking::of_subscription(&held, filter);
    let mut written: Vec<&'static str> = Vec::new();
    for (name, value) in &wanted {
        if let Err(refused) = subscription::write(&sns, arn, name, value).await {
            let mut problem = refused.problem;
            for name in written.iter().rev() {
                let before = held.get(*name).map_or("{}", String::as_str);
                if let Err(stays) = subscription::write(&sns, arn, name, before).await {
                    problem.hint = format!("{}; {name} could not be put back: {}", problem.hint, stays.problem.message);
                }
            }
            return Err(problem);
        }
        written.push(name);
    }
    Ok(!written.is_empty())
}
