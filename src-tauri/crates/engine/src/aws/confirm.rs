//! Confirming a subscription that waits for it: the topic's owner made it for our queue, and SNS asked in a message of its own.
//!
//! **Invariant:** only by the API (`ConfirmSubscription`), never by the link in the message; only for the topic that the person
//! subscribed, and only while SNS itself says that a subscription of our queue to it waits.

use watchbell_core::arn::QueueArn;
use watchbell_core::parse::Confirmation;

use super::access::Access;
use super::adopt::queue_arn_of;
use super::subscription;
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

/// Confirms with the first of these requests that SNS takes, and gives the subscription's ARN. `None` when nothing waits.
pub(crate) async fn confirm(
    access: &Access,
    record: &SubscriptionRecord,
    requests: &[Confirmation],
) -> Result<Option<String>, Problem> {
    let topic = &record.topic_arn;
    let ours: Vec<&Confirmation> = requests.iter().filter(|request| request.topic_arn == *topic).collect();
    if ours.is_empty() {
        return Ok(None);
    }
    let sns = access.sns(topic.region()).await;
    if !subscription::is_pending(&sns, topic, &queue(record)?).await? {
        return Ok(None);
    }
    let mut last = None;
    for request in ours {
        match subscription::confirm(&sns, topic, &request.token).await {
            Ok(arn) if arn.starts_with(&format!("{topic}:")) => {
                tracing::info!(%topic, subscription = arn, "the subscription was confirmed");
                return Ok(Some(arn));
            }
            Ok(arn) => last = Some(foreign(record, &arn)),
            // The token of an older request does not count any more; that of a newer one may.
            Err(refused) => last = Some(refused.problem),
        }
    }
    last.map_or(Ok(None), Err)
}

fn queue(record: &SubscriptionRecord) -> Result<QueueArn, Problem> {
    match &record.queue_arn {
        Some(arn) => Ok(arn.clone()),
        None => queue_arn_of(&record.queue_url, &record.queue_region, &record.topic_arn),
    }
}

fn foreign(record: &SubscriptionRecord, arn: &str) -> Problem {
    Problem::new(
        Code::AwsRefused,
        format!(
            "what was confirmed is no subscription to {}: {}",
            record.topic_arn,
            watchbell_core::words::clean_to(arn, 200)
        ),
        "ask whoever administers the topic what sends to this queue",
    )
}
