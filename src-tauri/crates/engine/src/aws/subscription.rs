//! The calls on one topic and its subscription, each with its refusal in words.
//!
//! **Invariant:** nothing here decides. SNS does not enforce IAM on single subscriptions, so their resource is `*`.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sns::Client;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::health::SubscriptionState;

use super::refusal::{Refusal, refusal};

/// What a subscription says of itself: attribute names as AWS spells them.
pub(crate) type Attributes = BTreeMap<String, String>;

/// Asks whether the topic exists.
pub(crate) async fn topic(sns: &Client, topic: &TopicArn) -> Result<(), Refusal> {
    topic_attributes(sns, topic).await.map(drop)
}

/// What the topic says of itself.
pub(crate) async fn topic_attributes(sns: &Client, topic: &TopicArn) -> Result<Attributes, Refusal> {
    let told = sns
        .get_topic_attributes()
        .topic_arn(topic.as_str())
        .send()
        .await
        .map_err(|error| refusal("sns:GetTopicAttributes", topic.as_str(), &error))?;
    Ok(told.attributes.unwrap_or_default().into_iter().collect())
}

/// What feeds a queue from a topic, as the topic's list has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Feed {
    /// The subscription with this ARN. It may wait all the same; its attributes tell.
    Subscription(String),
    /// One that waits to be confirmed, and has no ARN yet.
    Pending,
    /// None.
    Nothing,
}

/// What feeds this queue from this topic.
pub(crate) async fn feed(sns: &Client, topic: &TopicArn, queue: &QueueArn) -> Result<Feed, Refusal> {
    Ok(match listed(sns, topic, queue).await? {
        Some(arn) if arn.starts_with("arn:") => Feed::Subscription(arn),
        // "PendingConfirmation" and "Deleted" stand where the ARN would.
        Some(other) if other.to_ascii_lowercase().starts_with("pending") => Feed::Pending,
        _ => Feed::Nothing,
    })
}

/// The ARN of the subscription that feeds this queue from this topic, if there is one.
pub(crate) async fn find(sns: &Client, topic: &TopicArn, queue: &QueueArn) -> Result<Option<String>, Refusal> {
    Ok(match feed(sns, topic, queue).await? {
        Feed::Subscription(arn) => Some(arn),
        Feed::Pending | Feed::Nothing => None,
    })
}

/// Whether a subscription of this queue to this topic waits to be confirmed.
pub(crate) async fn is_pending(sns: &Client, topic: &TopicArn, queue: &QueueArn) -> Result<bool, Refusal> {
    match feed(sns, topic, queue).await? {
        Feed::Subscription(arn) => {
            Ok(attributes(sns, &arn).await?.get("PendingConfirmation").is_some_and(|pending| pending == "true"))
        }
        Feed::Pending => Ok(true),
        Feed::Nothing => Ok(false),
    }
}

/// Confirms a subscription by the API, so that only somebody who is signed in can end it, and gives its ARN.
pub(crate) async fn confirm(sns: &Client, topic: &TopicArn, token: &str) -> Result<String, Refusal> {
    let told = sns
        .confirm_subscription()
        .topic_arn(topic.as_str())
        .token(token)
        .authenticate_on_unsubscribe("true")
        .send()
        .await
        .map_err(|error| refusal("sns:ConfirmSubscription", topic.as_str(), &error))?;
    Ok(told.subscription_arn.unwrap_or_default())
}

/// What the list has in the place of the ARN of this queue's subscription: one that counts before those that do not.
async fn listed(sns: &Client, topic: &TopicArn, queue: &QueueArn) -> Result<Option<String>, Refusal> {
    let mut other = None;
    let mut pages = sns.list_subscriptions_by_topic().topic_arn(topic.as_str()).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refusal("sns:ListSubscriptionsByTopic", topic.as_str(), &error))?;
        for held in page.subscriptions.unwrap_or_default() {
            let Some(arn) = held.subscription_arn.filter(|_| held.endpoint.as_deref() == Some(queue.as_str())) else {
                continue;
            };
            if arn.starts_with("arn:") {
                return Ok(Some(arn));
            }
            other = Some(arn);
        }
    }
    Ok(other)
}

/// What came of asking to subscribe.
pub(crate) enum Answer {
    /// Made now, or there already with the same attributes.
    Subscribed(String),
    /// There already with other attributes, under this ARN.
    Differs(String),
}

/// Subscribes the queue. `attributes` are those of `watchbell_core::plan::subscription_attributes`.
pub(crate) async fn subscribe(
    sns: &Client,
    topic: &TopicArn,
    queue: &QueueArn,
    attributes: &BTreeMap<&'static str, String>,
) -> Result<Answer, Refusal> {
    let attributes: HashMap<String, String> =
        attributes.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
    let ask = || {
        sns.subscribe().topic_arn(topic.as_str()).protocol("sqs").endpoint(queue.as_str()).return_subscription_arn(true)
    };
    let refused = |error| refusal("sns:Subscribe", topic.as_str(), &error);
    match ask().set_attributes(Some(attributes)).send().await {
        Ok(told) => Ok(Answer::Subscribed(told.subscription_arn.unwrap_or_default())),
        Err(error) if error.message().is_some_and(|said| said.contains("already exists with different attributes")) => {
            // SNS compares only the attributes in the request: without any it says the ARN (AWS-validated in localstack#9167).
            let told = ask().send().await.map_err(refused)?;
            Ok(Answer::Differs(told.subscription_arn.unwrap_or_default()))
        }
        Err(error) => Err(refused(error)),
    }
}

/// Every attribute.
pub(crate) async fn attributes(sns: &Client, arn: &str) -> Result<Attributes, Refusal> {
    match sns.get_subscription_attributes().subscription_arn(arn).send().await {
        Ok(told) => Ok(told.attributes.unwrap_or_default().into_iter().collect()),
        Err(error) => {
            let denied = refusal("sns:GetSubscriptionAttributes", "*", &error);
            Err(if denied.state == SubscriptionState::Denied {
                denied
            } else {
                refusal("sns:GetSubscriptionAttributes", arn, &error)
            })
        }
    }
}

/// Writes one attribute: SNS takes one a call.
pub(crate) async fn write(sns: &Client, arn: &str, name: &str, value: &str) -> Result<(), Refusal> {
    sns.set_subscription_attributes()
        .subscription_arn(arn)
        .attribute_name(name)
        .attribute_value(value)
        .send()
        .await
        .map(drop)
        .map_err(|error| refusal("sns:SetSubscriptionAttributes", "*", &error))
}

/// Unsubscribes. One that is gone already is gone.
pub(crate) async fn unsubscribe(sns: &Client, arn: &str) -> Result<(), Refusal> {
    match sns.unsubscribe().subscription_arn(arn).send().await {
        Ok(_) => Ok(()),
        Err(error) => match refusal("sns:Unsubscribe", "*", &error) {
            refused if refused.state == SubscriptionState::SubscriptionMissing => Ok(()),
            refused => Err(refused),
        },
    }
}
