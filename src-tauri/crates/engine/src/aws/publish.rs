//! Publishing a simulated run through the topic, and who else would get it.
//!
//! **Invariant 9:** nothing here decides to publish; the caller says who will get it first. Ten messages a call, in order.

use aws_sdk_sns::types::PublishBatchRequestEntry;
use watchbell_core::arn::TopicArn;
use watchbell_core::health::SubscriptionState;

use super::access::Access;
use super::refusal::refusal;
use super::subscription;
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

/// The most entries that one `PublishBatch` takes (its page in the SNS API reference).
const BATCH: usize = 10;

/// How many confirmed subscriptions besides `ours` get what is published; `None` when AWS does not let us look. Ours counts as
/// somebody else's where it is not seen to exist: rather one too many than nobody where there is one.
///
/// # Errors
/// When AWS could not be reached, or the topic does not exist.
pub async fn others(
    access: &Access,
    topic: &TopicArn,
    ours: Option<&SubscriptionRecord>,
) -> Result<Option<u32>, Problem> {
    let sns = access.asked(topic.region()).await?.sns(topic.region()).await;
    let confirmed = match subscription::topic_attributes(&sns, topic).await {
        Ok(held) => held.get("SubscriptionsConfirmed").and_then(|count| count.parse::<u32>().ok()),
        Err(refused) if refused.state == SubscriptionState::Denied => None,
        Err(refused) => return Err(refused.problem),
    };
    let Some(confirmed) = confirmed else { return Ok(None) };
    let is_among = match ours {
        Some(record) => is_confirmed(&sns, record).await,
        None => false,
    };
    Ok(Some(confirmed.saturating_sub(u32::from(is_among))))
}

/// Whether our subscription is there now, as far as AWS lets us look.
async fn is_confirmed(sns: &aws_sdk_sns::Client, record: &SubscriptionRecord) -> bool {
    let found = match (&record.subscription_arn, &record.queue_arn) {
        (Some(arn), _) => Some(arn.clone()),
        (None, Some(queue)) => subscription::find(sns, &record.topic_arn, queue).await.ok().flatten(),
        (None, None) => None,
    };
    let Some(arn) = found else { return false };
    let held = subscription::attributes(sns, &arn).await;
    held.is_ok_and(|held| held.get("PendingConfirmation").is_none_or(|pending| pending != "true"))
}

/// Publishes the messages in order.
///
/// # Errors
/// What AWS refused; messages before that are out.
pub async fn publish(access: &Access, topic: &TopicArn, messages: &[String]) -> Result<(), Problem> {
    let sns = access.sns(topic.region()).await;
    for batch in messages.chunks(BATCH) {
        let mut entries = Vec::with_capacity(batch.len());
        for (number, message) in batch.iter().enumerate() {
            let entry = PublishBatchRequestEntry::builder().id(number.to_string()).message(message).build();
            entries.push(entry.map_err(|error| refused(topic, &error.to_string()))?);
        }
        let call = sns.publish_batch().topic_arn(topic.as_str()).set_publish_batch_request_entries(Some(entries));
        // IAM knows the batch as the single call's action.
        let told = call.send().await.map_err(|error| refusal("sns:Publish", topic.as_str(), &error).problem)?;
        if let Some(failed) = told.failed.unwrap_or_default().first() {
            return Err(refused(topic, failed.message.as_deref().unwrap_or(&failed.code)));
        }
    }
    Ok(())
}

fn refused(topic: &TopicArn, why: &str) -> Problem {
    Problem::new(
        Code::AwsRefused,
        format!("SNS did not take every message for {topic}: {why}"),
        "try again in a minute",
    )
}
