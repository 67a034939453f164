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
    sns.get_topic_attributes()
        .topic_arn(topic.as_str())
        .send()
        .await
        .map(drop)
        .map_err(|error| refusal("sns:GetTopicAttributes", topic.as_str(), &error))
}

/// The ARN of the subscription that feeds this queue from this topic, if there is one.
pub(crate) async fn find(sns: &Client, topic: &TopicArn, queue: &QueueArn) -> Result<Option<String>, Refusal> {
    let mut pages = sns.list_subscriptions_by_topic().topic_arn(topic.as_str()).into_paginator().send();
    while let Some(page) = pages.next().await {
        let page = page.map_err(|error| refusal("sns:ListSubscriptionsByTopic", topic.as_str(), &error))?;
        let found = page.subscriptions.unwrap_or_default().into_iter().find_map(|held| {
            // "PendingConfirmation" and "Deleted" stand where the ARN would.
            let arn = held.subscription_arn.filter(|arn| arn.starts_with("arn:"))?;
            (held.endpoint.as_deref() == Some(queue.as_str())).then_some(arn)
        });
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
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
