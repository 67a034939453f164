//! Topics and queues on the stand-in, and the messages in them.

use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use jiff::Timestamp;
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::envelope;
use watchbell_tests::harness::{fauxqs::Fauxqs, stand_in_config};

/// The clients of a stand-in.
pub(crate) struct Aws {
    /// Queues.
    pub(crate) sqs: aws_sdk_sqs::Client,
    /// Topics.
    pub(crate) sns: aws_sdk_sns::Client,
}

impl Aws {
    /// For this fauxqs.
    pub(crate) async fn of(fauxqs: &Fauxqs) -> Self {
        let config = stand_in_config(&fauxqs.url).await;
        Self { sqs: aws_sdk_sqs::Client::new(&config), sns: aws_sdk_sns::Client::new(&config) }
    }

    /// A topic.
    pub(crate) async fn topic(&self, name: &str) -> anyhow::Result<TopicArn> {
        let made = self.sns.create_topic().name(name).send().await?;
        Ok(made.topic_arn().unwrap_or_default().parse()?)
    }

    /// An empty queue; its URL.
    pub(crate) async fn queue(&self, name: &str) -> anyhow::Result<String> {
        let made = self.sqs.create_queue().queue_name(name).send().await?;
        Ok(made.queue_url().unwrap_or_default().to_owned())
    }

    /// Subscribes the queue to the topic.
    pub(crate) async fn subscribe(&self, topic: &TopicArn, queue: &str) -> anyhow::Result<()> {
        let name = queue.rsplit('/').next().unwrap_or_default();
        let arn = format!("arn:aws:sqs:{}:{}:{name}", topic.region(), topic.account());
        self.sns.subscribe().topic_arn(topic.as_str()).protocol("sqs").endpoint(arn).send().await?;
        Ok(())
    }

    /// Puts SNS envelopes of `messages` into the queue as a topic would have.
    pub(crate) async fn fill(&self, queue: &str, topic: &TopicArn, messages: &[String]) -> anyhow::Result<()> {
        for (index, batch) in messages.chunks(10).enumerate() {
            let entries = batch.iter().enumerate().map(|(offset, inner)| {
                let id = uuid::Uuid::new_v4().to_string();
                SendMessageBatchRequestEntry::builder()
                    .id(format!("{index}-{offset}"))
                    .message_body(envelope(inner, topic, &id, Timestamp::UNIX_EPOCH))
                    .build()
            });
            let entries = entries.collect::<Result<Vec<_>, _>>()?;
            self.sqs.send_message_batch().queue_url(queue).set_entries(Some(entries)).send().await?;
        }
        Ok(())
    }
}
