//! Publishing a simulated run through the topic, and who else would get it.
//!
//! **Invariant 9:** nothing here decides to publish; the caller says who will get it first. Ten messages a call, in order.

use aws_sdk_sns::types::PublishBatchRequestEntry;
use watchbell_core::arn::TopicArn;

use super::access::Access;
use super::refusal::refusal;
use crate::error::{Code, Problem};

/// The most entries that one `PublishBatch` takes (its page in the SNS API reference).
const BATCH: usize = 10;

/// How many confirmed subscriptions besides ours (`with_ours`) get what is published; `None` when AWS does not let us look.
///
/// # Errors
/// When AWS could not be reached, or the topic does not exist.
pub async fn others(access: &Access, topic: &TopicArn, with_ours: bool) -> Result<Option<u32>, Problem> {
    let sns = access.asked(topic.region()).await?.sns(topic.region()).await;
    match sns.get_topic_attributes().topic_arn(topic.as_str()).send().await {
        Ok(told) => {
            let confirmed = told.attributes.and_then(|held| held.get("SubscriptionsConfirmed")?.parse::<u32>().ok());
            Ok(confirmed.map(|all| all.saturating_sub(u32::from(with_ours))))
        }
        Err(error) => match refusal("sns:GetTopicAttributes", topic.as_str(), &error) {
            refused if refused.state == watchbell_core::health::SubscriptionState::Denied => Ok(None),
            refused => Err(refused.problem),
        },
    }
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
