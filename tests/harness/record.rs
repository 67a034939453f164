//! A subscription as a data folder remembers it, for programs that are not to be asked to subscribe first.

use jiff::Timestamp;
use watchbell_core::arn::TopicArn;
use watchbell_core::plan::Filter;
use watchbell_engine::store::{CredentialSource, RoleTerms, SubscriptionRecord};

/// A queue of the topic's own region, read with the SDK's own chain at this endpoint. It hears everything.
pub fn record(topic: &TopicArn, queue_url: &str, endpoint: &str) -> SubscriptionRecord {
    SubscriptionRecord {
        topic_arn: topic.clone(),
        queue_url: queue_url.to_owned(),
        queue_arn: None,
        queue_region: topic.region().to_owned(),
        subscription_arn: None,
        endpoint_url: Some(endpoint.to_owned()),
        credentials: CredentialSource::Profile { name: None },
        role_arn: None,
        role_terms: RoleTerms::default(),
        filter: Filter::All,
        adopted: false,
        raw: false,
        created_at: Timestamp::UNIX_EPOCH,
        paused: false,
    }
}
