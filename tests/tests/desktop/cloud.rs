//! A topic, a personal queue and its subscription on a stand-in, as `watchbellctl subscribe` would leave them.

use aws_sdk_sqs::types::QueueAttributeName;
use watchbell_core::arn::TopicArn;
use watchbell_core::plan::{queue_arn, queue_policy};
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, CredentialSource, SubscriptionRecord};
use watchbell_tests::harness::record::record;
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::stand_in_config;

/// The AWS side.
pub(crate) struct Cloud {
    url: String,
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    pub(crate) topic: TopicArn,
    queue_url: String,
    subscription: String,
}

impl Cloud {
    pub(crate) async fn on(url: &str) -> Self {
        let config = stand_in_config(url).await;
        let (sqs, sns) = (aws_sdk_sqs::Client::new(&config), aws_sdk_sns::Client::new(&config));
        let topic = sns.create_topic().name("ssm-notify").send().await.unwrap();
        let topic: TopicArn = topic.topic_arn().unwrap().parse().unwrap();
        let queue_url = make_queue(&sqs, &topic).await;
        let queue = queue_arn(&topic, topic.region(), topic.account(), "personal").unwrap();
        let told = sns.subscribe().topic_arn(topic.as_str()).protocol("sqs").endpoint(queue.as_str()).send().await;
        let subscription = told.unwrap().subscription_arn.unwrap();
        Self { url: url.to_owned(), sqs, sns, topic, queue_url, subscription }
    }

    /// Remembers the subscription in a data folder: with the engine running over its socket, else directly.
    pub(crate) async fn subscribe(&self, dir: &DataDir, endpoint: Option<&str>, credentials: CredentialSource) {
        let record = SubscriptionRecord {
            subscription_arn: Some(self.subscription.clone()),
            credentials,
            ..record(&self.topic, &self.queue_url, endpoint.unwrap_or(&self.url))
        };
        control::perform(dir, Act::PutSubscription(Box::new(record))).await.unwrap();
    }

    pub(crate) async fn publish(&self, messages: &[String]) {
        for message in messages {
            self.sns.publish().topic_arn(self.topic.as_str()).message(message).send().await.unwrap();
        }
    }

    pub(crate) async fn delete_queue(&self) {
        self.sqs.delete_queue().queue_url(&self.queue_url).send().await.unwrap();
    }

    /// Makes the queue anew, under its name.
    pub(crate) async fn make_queue_again(&self) {
        assert_eq!(make_queue(&self.sqs, &self.topic).await, self.queue_url, "the name makes the URL");
    }
}

async fn make_queue(sqs: &aws_sdk_sqs::Client, topic: &TopicArn) -> String {
    let arn = queue_arn(topic, topic.region(), topic.account(), "personal").unwrap();
    let policy = queue_policy(&arn, topic).to_string();
    let made = sqs.create_queue().queue_name("personal").attributes(QueueAttributeName::Policy, policy).send().await;
    made.unwrap().queue_url.unwrap()
}

/// Credentials from the environment, as of this user.
pub(crate) fn sign_in(session: &mut Session, id: &str, secret: &str) -> CredentialSource {
    session.set("AWS_ACCESS_KEY_ID", id);
    session.set("AWS_SECRET_ACCESS_KEY", secret);
    session.set("AWS_REGION", "us-east-1");
    CredentialSource::Profile { name: None }
}
