//! A stand-in with one topic, seen with its root's eyes.

use serde_json::{Value, json};
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::stand_in_config;

/// The stand-in and what is in it.
pub(crate) struct World {
    pub(crate) aws: Ministack,
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) topic: String,
}

/// Everything that a test may have changed.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Inventory {
    queues: Vec<Queue>,
    subscriptions: Vec<(String, String, String)>,
}

/// A queue's URL, attributes and tags.
type Queue = (String, Pairs, Pairs);
type Pairs = Vec<(String, String)>;

impl World {
    pub(crate) async fn new(auth: Auth) -> Self {
        let aws = Ministack::start(auth).await.unwrap();
        let config = stand_in_config(&aws.url).await;
        let sns = aws_sdk_sns::Client::new(&config);
        let topic = sns.create_topic().name("ssm-notify").send().await.unwrap().topic_arn.unwrap();
        Self { aws, sqs: aws_sdk_sqs::Client::new(&config), sns, topic }
    }

    /// The access key of a person who may do everything but these.
    pub(crate) async fn all_but(&self, actions: &[&str]) -> (String, String) {
        let mut statements = vec![json!({ "Effect": "Allow", "Action": "*", "Resource": "*" })];
        if !actions.is_empty() {
            statements.push(json!({ "Effect": "Deny", "Action": actions, "Resource": "*" }));
        }
        self.person(&json!(statements)).await
    }

    pub(crate) async fn person(&self, statements: &Value) -> (String, String) {
        let name = format!("u{}", uuid::Uuid::new_v4().simple());
        self.aws.user(&name, &json!({ "Version": "2012-10-17", "Statement": statements })).await.unwrap()
    }

    pub(crate) async fn queues(&self) -> Vec<String> {
        let mut urls = self.sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
        urls.sort();
        urls
    }

    pub(crate) async fn subscriptions(&self) -> Vec<String> {
        let told = self.sns.list_subscriptions_by_topic().topic_arn(&self.topic).send().await.unwrap();
        told.subscriptions.unwrap_or_default().into_iter().filter_map(|held| held.subscription_arn).collect()
    }

    /// Queues with attributes and tags, subscriptions with filter and delivery: equal when nothing was changed.
    pub(crate) async fn inventory(&self) -> Inventory {
        let mut queues = Vec::new();
        for url in self.queues().await {
            let asked = self.sqs.get_queue_attributes().queue_url(&url).attribute_names("All".into());
            let held = asked.send().await.unwrap().attributes.unwrap_or_default();
            let mut attributes: Pairs = held
                .into_iter()
                .map(|(name, value)| (name.as_str().to_owned(), value))
                .filter(|(name, _)| !name.starts_with("Approximate") && name != "LastModifiedTimestamp")
                .collect();
            attributes.sort();
            let held = self.sqs.list_queue_tags().queue_url(&url).send().await.unwrap().tags.unwrap_or_default();
            let mut tags: Pairs = held.into_iter().collect();
            tags.sort();
            queues.push((url, attributes, tags));
        }
        let mut subscriptions = Vec::new();
        for arn in self.subscriptions().await {
            let told = self.sns.get_subscription_attributes().subscription_arn(&arn).send().await.unwrap();
            let mut held = told.attributes.unwrap_or_default();
            let mut text = |name: &str| held.remove(name).unwrap_or_default();
            subscriptions.push((arn, text("FilterPolicy"), text("RawMessageDelivery")));
        }
        subscriptions.sort();
        Inventory { queues, subscriptions }
    }

    pub(crate) async fn publish(&self, message: &str) {
        self.sns.publish().topic_arn(&self.topic).message(message).send().await.unwrap();
    }
}

/// The states of the steps by name, from a document of `subscribe`.
pub(crate) fn steps(document: &Value) -> Vec<(&str, &str)> {
    let steps = document["steps"].as_array().unwrap_or_else(|| panic!("steps are told: {document}"));
    steps.iter().map(|step| (step["name"].as_str().unwrap(), step["state"].as_str().unwrap())).collect()
}
