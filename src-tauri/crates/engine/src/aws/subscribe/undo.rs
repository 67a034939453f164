//! Taking back what a failed run has made.
//!
//! **Invariant:** only what this run wrote is taken back, last first; what cannot be is named, never passed over.

use std::collections::BTreeMap;

use watchbell_core::arn::{QueueArn, TopicArn};

use crate::aws::refusal::Refusal;
use crate::aws::{queue, subscription};

/// One thing that this run wrote.
#[derive(Debug)]
pub(super) enum Undo {
    /// Made the queue, or asked for it and heard no answer.
    Queue,
    /// Wrote these attributes over those of a queue that was there before.
    Attributes {
        /// The step that did so.
        step: &'static str,
        /// What they were.
        before: BTreeMap<&'static str, String>,
    },
    /// Made the subscription; `None` when SNS was asked and gave no answer.
    Subscription(Option<String>),
    /// Wrote these attributes over those of a subscription that was there before.
    Filter {
        /// The subscription.
        arn: String,
        /// What they were.
        before: Vec<(&'static str, String)>,
    },
}

impl Undo {
    /// The steps that are as before when this is undone.
    pub(super) fn steps(&self) -> &'static [&'static str] {
        match self {
            Self::Queue => &["queue", "policy", "tags"],
            Self::Attributes { step: "queue", .. } => &["queue"],
            Self::Attributes { .. } => &["policy"],
            Self::Subscription(_) | Self::Filter { .. } => &["subscription"],
        }
    }

    /// What stays behind when it cannot be undone.
    pub(super) fn names(&self, name: &str) -> String {
        match self {
            Self::Queue => format!("the queue {name}"),
            Self::Attributes { .. } => format!("the changed attributes of the queue {name}"),
            Self::Subscription(Some(arn)) => format!("the subscription {arn}"),
            Self::Subscription(None) => format!("a subscription of the queue {name}"),
            Self::Filter { arn, .. } => format!("the changed filter of {arn}"),
        }
    }
}

/// Where things are taken back.
pub(super) struct Place<'a> {
    pub(super) sqs: &'a aws_sdk_sqs::Client,
    pub(super) sns: &'a aws_sdk_sns::Client,
    pub(super) topic: &'a TopicArn,
    pub(super) queue: &'a QueueArn,
}

impl Place<'_> {
    pub(super) async fn take_back(&self, what: &Undo) -> Result<(), Refusal> {
        let arn = self.queue.as_str();
        match what {
            Undo::Queue => match queue::find(self.sqs, self.queue.name(), arn).await? {
                Some(url) => queue::delete(self.sqs, &url, arn).await,
                None => Ok(()),
            },
            Undo::Attributes { before, .. } => match queue::find(self.sqs, self.queue.name(), arn).await? {
                Some(url) => queue::write(self.sqs, &url, before, arn).await,
                None => Ok(()),
            },
            Undo::Subscription(Some(arn)) => subscription::unsubscribe(self.sns, arn).await,
            Undo::Subscription(None) => match subscription::find(self.sns, self.topic, self.queue).await? {
                Some(arn) => subscription::unsubscribe(self.sns, &arn).await,
                None => Ok(()),
            },
            Undo::Filter { arn, before } => {
                for (name, value) in before {
                    subscription::write(self.sns, arn, name, value).await?;
                }
                Ok(())
            }
        }
    }
}
