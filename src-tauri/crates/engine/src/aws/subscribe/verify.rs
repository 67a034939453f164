//! Reading back what was written, so that "done" means that it is there.
//!
//! **Invariant:** what may not be read back is named as a risk, never called verified. What AWS took and does not show yet undoes nothing
//! until it has had the time that AWS gives itself. Nothing is sent to the topic.

use std::time::Duration;

use watchbell_core::iam::{LetsIn, lets_in};

use super::StepState;
use super::lacking;
use super::run::{Failed, Run};
use crate::aws::check::cannot_tell;
use crate::aws::refusal::Refusal;
use crate::aws::{queue, subscription};
use crate::error::{Code, Problem};
use watchbell_core::health::SubscriptionState;

/// Reads are eventually consistent: as often, a second apart, before it is worth a word.
const SOON: u32 = 3;
/// As often before it counts as not there. Attributes of a queue may take 60 s to be the same everywhere (SQS API reference,
/// `SetQueueAttributes`).
const READS: u32 = 60;

impl Run<'_> {
    pub(super) async fn verify(&mut self) -> Result<(), Failed> {
        if self.dry {
            if self.subscription.is_none() || self.url.is_empty() {
                self.steps.add("verify", StepState::Planned, "read back policy and subscription");
            }
            return Ok(());
        }
        let mut reads = 0;
        let wrong = loop {
            let risks = self.risks.len();
            let Some(wrong) = self.read_back().await? else {
                if self.risks.len() == risks {
                    let state = if self.steps.changed() { StepState::Done } else { StepState::Unchanged };
                    self.steps.add("verify", state, "policy and subscription read back as written");
                }
                return Ok(());
            };
            self.risks.truncate(risks);
            reads += 1;
            if reads == READS {
                break wrong;
            }
            if reads == SOON {
                let why = format!("AWS took it and does not show it everywhere yet, which may take a minute: {wrong}");
                self.steps.waits("verify", why);
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        };
        let hint = "another program may be changing the queue or the subscription: try again";
        Err(Failed::new("verify", Problem::new(Code::AwsRefused, wrong, hint)))
    }

    /// What is not as it was written.
    async fn read_back(&mut self) -> Result<Option<String>, Failed> {
        match queue::attributes(&self.sqs, &self.url, self.queue.as_str()).await {
            Ok(held) => {
                let policy = held.get("Policy").map_or("", String::as_str);
                match lets_in(policy, &self.queue, &self.request.topic) {
                    LetsIn::Yes => {}
                    LetsIn::No => {
                        return Ok(Some(format!("the policy of {} does not let the topic deliver", self.queue.name())));
                    }
                    LetsIn::CannotTell { why } => self.risks.push(cannot_tell(&why)),
                }
            }
            Err(refused) => self.unread("the queue's policy", refused)?,
        }
        let Some(arn) = &self.subscription else { return Ok(None) };
        match subscription::attributes(&self.sns, arn).await {
            Ok(held) if held.get("PendingConfirmation").is_some_and(|pending| pending == "true") => {
                Ok(Some(format!("the subscription {arn} waits for a confirmation")))
            }
            Ok(held) => {
                let lacking = lacking::of_subscription(&held, self.request.filter);
                Ok(lacking.first().map(|(name, _)| format!("{name} of {arn} is not as it was written")))
            }
            Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => {
                Ok(Some(format!("the subscription {arn} is not there")))
            }
            Err(refused) => self.unread("the subscription", refused).map(|()| None),
        }
    }

    fn unread(&mut self, what: &str, refused: Refusal) -> Result<(), Failed> {
        if refused.state != SubscriptionState::Denied {
            return Err(super::run::at("verify")(refused));
        }
        self.risks.push(format!("cannot check {what}: {}", refused.problem.message));
        Ok(())
    }
}
