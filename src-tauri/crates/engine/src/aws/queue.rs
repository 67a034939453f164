//! The calls on one queue, each with its refusal in words.
//!
//! **Invariant:** nothing here decides; a function makes one call (or the pages of one) and says what AWS said.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::QueueAttributeName;
use watchbell_core::health::SubscriptionState;

use super::refusal::{Refusal, refusal};

/// What a queue says of itself: attribute names as AWS spells them.
pub(crate) type Attributes = BTreeMap<String, String>;

/// The queue's URL, or `None` when no queue of this name exists. `resource` is its ARN, for the sentence.
pub(crate) async fn find(sqs: &Client, name: &str, resource: &str) -> Result<Option<String>, Refusal> {
    match sqs.get_queue_url().queue_name(name).send().await {
        Ok(found) => Ok(found.queue_url),
        Err(error) => match refusal("sqs:GetQueueUrl", resource, &error) {
            refused if refused.state == SubscriptionState::QueueMissing => Ok(None),
            refused => Err(refused),
        },
    }
}

/// Makes the queue, tagged from its first moment, and says its URL.
pub(crate) async fn create(
    sqs: &Client,
    name: &str,
    attributes: &BTreeMap<&'static str, String>,
    tags: &BTreeMap<&'static str, String>,
    resource: &str,
) -> Result<String, Refusal> {
    let made = sqs
        .create_queue()
        .queue_name(name)
        .set_attributes(Some(named(attributes)))
        .set_tags(Some(owned(tags)))
        .send()
        .await
        .map_err(|error| refusal("sqs:CreateQueue", resource, &error))?;
    Ok(made.queue_url.unwrap_or_default())
}

/// Every attribute.
pub(crate) async fn attributes(sqs: &Client, url: &str, resource: &str) -> Result<Attributes, Refusal> {
    let told = sqs
        .get_queue_attributes()
        .queue_url(url)
        .attribute_names(QueueAttributeName::All)
        .send()
        .await
        .map_err(|error| refusal("sqs:GetQueueAttributes", resource, &error))?;
    Ok(told.attributes.unwrap_or_default().into_iter().map(|(name, value)| (name.as_str().to_owned(), value)).collect())
}

/// Writes these attributes; the others stay as they are.
pub(crate) async fn write(
    sqs: &Client,
    url: &str,
    attributes: &BTreeMap<&'static str, String>,
    resource: &str,
) -> Result<(), Refusal> {
    sqs.set_queue_attributes()
        .queue_url(url)
        .set_attributes(Some(named(attributes)))
        .send()
        .await
        .map(drop)
        .map_err(|error| refusal("sqs:SetQueueAttributes", resource, &error))
}

/// The queue's tags.
pub(crate) async fn tags(sqs: &Client, url: &str, resource: &str) -> Result<BTreeMap<String, String>, Refusal> {
    let told = sqs
        .list_queue_tags()
        .queue_url(url)
        .send()
        .await
        .map_err(|error| refusal("sqs:ListQueueTags", resource, &error))?;
    Ok(told.tags.unwrap_or_default().into_iter().collect())
}

/// Adds these tags; others stay.
pub(crate) async fn tag(
    sqs: &Client,
    url: &str,
    tags: &BTreeMap<&'static str, String>,
    resource: &str,
) -> Result<(), Refusal> {
    sqs.tag_queue()
        .queue_url(url)
        .set_tags(Some(owned(tags)))
        .send()
        .await
        .map(drop)
        .map_err(|error| refusal("sqs:TagQueue", resource, &error))
}

/// Takes these tags off; none is no call.
pub(crate) async fn untag(sqs: &Client, url: &str, names: &[&'static str], resource: &str) -> Result<(), Refusal> {
    if names.is_empty() {
        return Ok(());
    }
    sqs.untag_queue()
        .queue_url(url)
        .set_tag_keys(Some(names.iter().map(|name| (*name).to_owned()).collect()))
        .send()
        .await
        .map(drop)
        .map_err(|error| refusal("sqs:UntagQueue", resource, &error))
}

/// Deletes the queue. One that is gone already is gone.
pub(crate) async fn delete(sqs: &Client, url: &str, resource: &str) -> Result<(), Refusal> {
    match sqs.delete_queue().queue_url(url).send().await {
        Ok(_) => Ok(()),
        Err(error) => match refusal("sqs:DeleteQueue", resource, &error) {
            refused if refused.state == SubscriptionState::QueueMissing => Ok(()),
            refused => Err(refused),
        },
    }
}

fn named(attributes: &BTreeMap<&'static str, String>) -> HashMap<QueueAttributeName, String> {
    attributes.iter().map(|(name, value)| (QueueAttributeName::from(*name), value.clone())).collect()
}

fn owned(tags: &BTreeMap<&'static str, String>) -> HashMap<String, String> {
    tags.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}
