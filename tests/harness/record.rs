//! A subscription as a data folder remembers it, for programs that are not to be asked to subscribe first.

use watchbell_core::arn::TopicArn;
use watchbell_engine::store::SubscriptionRecord;

/// A queue of the topic's own region, read with the SDK's own chain at this endpoint. It hears everything.
pub fn record(topic: &TopicArn, queue_url: &str, endpoint: &str) -> SubscriptionRecord {
    SubscriptionRecord {
        endpoint_url: Some(endpoint.to_owned()),
        ..SubscriptionRecord::of(topic.clone(), queue_url, topic.region())
    }
}
