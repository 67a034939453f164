//! Taking back what a run has made.
//!
//! **Invariant:** only what this run wrote is taken back, last first; what cannot be is named, never passed over.

use std::collections::BTreeMap;

use watchbell_core::arn::{QueueArn, TopicArn};

use super::Step;
use super::steps::{self, Progress};
use crate::aws::refusal::Refusal;
use crate::aws::{queue, subscription};

/// One thing that this run wrote.
#[derive(Clone, Debug)]
pub(super) enum Undo {
    /// Made the queue, or asked for it and heard no answer.
    Queue,
    /// Took a queue over that was there before; nothing of it was written for that.
    TakenOver,
    /// Wrote these attributes over those of a queue that was there before.
    Attributes {
        /// The step that did so.
        step: &'static str,
        /// What they were.
        before: BTreeMap<&'static str, String>,
    },
    /// Wrote tags on a queue that was there before.
    Tags {
        /// What those were that had another value.
        before: BTreeMap<&'static str, String>,
        /// Those that were not there.
        added: Vec<&'static str>,
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
    fn steps(&self) -> &'static [&'static str] {
        match self {
            Self::Queue => &["queue", "policy", "tags"],
            Self::TakenOver | Self::Attributes { step: "queue", .. } => &["queue"],
            Self::Attributes { .. } => &["policy"],
            Self::Tags { .. } => &["tags"],
            Self::Subscription(_) | Self::Filter { .. } => &["subscription"],
        }
    }

    /// What stays behind when it cannot be undone.
    fn names(&self, name: &str) -> String {
        match self {
            Self::Queue | Self::TakenOver => format!("the queue {name}"),
            Self::Attributes { .. } => format!("the changed attributes of the queue {name}"),
            Self::Tags { .. } => format!("the changed tags of the queue {name}"),
            Self::Subscription(Some(arn)) => format!("the subscription {arn}"),
            Self::Subscription(None) => format!("a subscription of the queue {name}"),
            Self::Filter { arn, .. } => format!("the changed filter of {arn}"),
        }
    }
}

/// The way back from what one run did.
#[derive(Clone, Debug)]
pub(super) struct WayBack {
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) topic: TopicArn,
    pub(super) queue: QueueArn,
    pub(super) written: Vec<Undo>,
}

impl WayBack {
    /// Takes everything back, last first, and marks it in the list. Says what stays behind, and why.
    pub(super) async fn go(&self, list: &mut [Step], progress: &mut Progress<'_>) -> Vec<String> {
        // What was verified is so no longer.
        steps::undone(list, "verify", progress);
        let mut left = Vec::new();
        for undo in self.written.iter().rev() {
            match self.take_back(undo).await {
                Ok(()) => undo.steps().iter().for_each(|step| steps::undone(list, step, progress)),
                Err(refused) => {
                    left.push(format!("{} ({})", undo.names(self.queue.name()), refused.problem.message));
                }
            }
        }
        left
    }

    async fn take_back(&self, what: &Undo) -> Result<(), Refusal> {
        let arn = self.queue.as_str();
        match what {
            Undo::TakenOver => Ok(()),
            Undo::Queue => match self.url().await? {
                Some(url) => queue::delete(&self.sqs, &url, arn).await,
                None => Ok(()),
            },
            Undo::Attributes { before, .. } => match self.url().await? {
                Some(url) => queue::write(&self.sqs, &url, before, arn).await,
                None => Ok(()),
            },
            Undo::Tags { before, added } => match self.url().await? {
                Some(url) => {
                    if !before.is_empty() {
                        queue::tag(&self.sqs, &url, before, arn).await?;
                    }
                    queue::untag(&self.sqs, &url, added, arn).await
                }
                None => Ok(()),
            },
            Undo::Subscription(Some(arn)) => subscription::unsubscribe(&self.sns, arn).await,
            Undo::Subscription(None) => match subscription::find(&self.sns, &self.topic, &self.queue).await? {
                Some(arn) => subscription::unsubscribe(&self.sns, &arn).await,
                None => Ok(()),
            },
            Undo::Filter { arn, before } => {
                for (name, value) in before {
                    subscription::write(&self.sns, arn, name, value).await?;
                }
                Ok(())
            }
        }
    }

    async fn url(&self) -> Result<Option<String>, Refusal> {
        queue::find(&self.sqs, self.queue.name(), self.queue.as_str()).await
    }
}
