//! The stand-in for AWS on loopback, and the topic on it.

use anyhow::Context;
use aws_sdk_sns::types::PublishBatchRequestEntry;
use aws_sdk_sqs::types::QueueAttributeName;
use watchbell_core::arn::TopicArn;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::stand_in_config;

/// SNS takes at most ten messages in one `PublishBatch`.
const BATCH: usize = 10;

/// A running stand-in with a topic.
pub(crate) struct Stage {
    /// The stand-in.
    pub(crate) ministack: Ministack,
    /// The topic that commands are told on.
    pub(crate) topic: TopicArn,
    sns: aws_sdk_sns::Client,
    sqs: aws_sdk_sqs::Client,
}

impl Stage {
    /// Starts the stand-in and makes the topic.
    pub(crate) async fn set() -> anyhow::Result<Self> {
        let ministack = Ministack::start(Auth::Enforced).await?;
        let config = stand_in_config(&ministack.url).await;
        let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
        let made = sns.create_topic().name("ssm-command-status").send().await.context("creating the topic")?;
        let topic = made.topic_arn().context("SNS named no topic")?.parse()?;
        Ok(Self { ministack, topic, sns, sqs })
    }

    /// Publishes as SSM does, in this order.
    pub(crate) async fn publish(&self, messages: &[String]) -> anyhow::Result<()> {
        let subject = format!("EC2 Run Command Notification {}", self.topic.region());
        for batch in messages.chunks(BATCH) {
            let mut call = self.sns.publish_batch().topic_arn(self.topic.as_str());
            for (id, message) in batch.iter().enumerate() {
                let entry = PublishBatchRequestEntry::builder()
                    .id(id.to_string())
                    .subject(&subject)
                    .message(message)
                    .build()?;
                call = call.publish_batch_request_entries(entry);
            }
            let sent = call.send().await.context("publishing to the topic")?;
            anyhow::ensure!(sent.failed().is_empty(), "SNS did not take every message: {:?}", sent.failed());
        }
        Ok(())
    }

    /// How many messages the queue still holds, in flight or not.
    pub(crate) async fn left_in(&self, queue_url: &str) -> anyhow::Result<u64> {
        let names = [
            QueueAttributeName::ApproximateNumberOfMessages,
            QueueAttributeName::ApproximateNumberOfMessagesNotVisible,
        ];
        let got = self
            .sqs
            .get_queue_attributes()
            .queue_url(queue_url)
            .set_attribute_names(Some(names.to_vec()))
            .send()
            .await
            .context("asking the queue")?;
        let attributes = got.attributes().context("SQS named no attributes")?;
        names.iter().map(|name| Ok(attributes.get(name).context("SQS left an attribute out")?.parse::<u64>()?)).sum()
    }
}
