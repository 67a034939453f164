//! The subscription of a run: made, or the one that exists brought to what is wished, one attribute a call.
//!
//! **Invariant:** a subscription of an earlier run is never taken back, only what this run wrote on it.

use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::subscription_attributes;

use super::StepState;
use super::lacking;
use super::run::{Failed, Run, at};
use super::undo::Undo;
use crate::aws::subscription::{self, Answer};

impl Run<'_> {
    pub(super) async fn subscription(&mut self) -> Result<(), Failed> {
        let topic = &self.request.topic;
        let what = format!("feed the queue from {}, filter {}", topic.name(), self.request.filter.as_str());
        let (found, may_list) = match subscription::find(&self.sns, topic, &self.queue).await {
            Ok(found) => (found, true),
            Err(refused) if refused.state == SubscriptionState::Denied => {
                // A queue made now cannot have one already.
                if !self.made && !self.url.is_empty() {
                    let why = refused.problem.message;
                    self.risks.push(format!("cannot check whether the topic sends to the queue already: {why}"));
                }
                (None, false)
            }
            Err(refused) => return Err(at("subscription")(refused)),
        };
        if let Some(arn) = found {
            self.subscription = Some(arn.clone());
            return self.correct(arn, what).await;
        }
        if self.dry {
            self.steps.add("subscription", StepState::Planned, what);
            return Ok(());
        }
        let attributes = subscription_attributes(self.request.filter);
        let pen = self.write().await;
        let answer = subscription::subscribe(&self.sns, topic, &self.queue, &attributes).await;
        match &answer {
            // Without the right to list, one of an earlier run looks like one made now, unless its queue is new.
            Ok(Answer::Subscribed(arn)) if may_list || self.made => {
                self.undo.push(Undo::Subscription(Some(arn.clone())));
            }
            Err(refused) if refused.transient && may_list => self.undo.push(Undo::Subscription(None)),
            _ => {}
        }
        drop(pen);
        match answer.map_err(at("subscription"))? {
            Answer::Subscribed(arn) => {
                self.subscription = Some(arn);
                self.steps.add("subscription", StepState::Done, what);
                Ok(())
            }
            Answer::Differs(arn) => {
                self.subscription = Some(arn.clone());
                self.correct(arn, what).await
            }
        }
    }

    /// Brings a subscription that exists to what is wished.
    async fn correct(&mut self, arn: String, what: String) -> Result<(), Failed> {
        let held = match subscription::attributes(&self.sns, &arn).await {
            Ok(held) => held,
            Err(refused) if refused.state == SubscriptionState::Denied => {
                self.risks.push(format!("cannot check the subscription's filter: {}", refused.problem.message));
                self.steps.add("subscription", StepState::Unchanged, "found");
                return Ok(());
            }
            Err(refused) => return Err(at("subscription")(refused)),
        };
        let wanted = lacking::of_subscription(&held, self.request.filter);
        if wanted.is_empty() {
            self.steps.add("subscription", StepState::Unchanged, what);
            return Ok(());
        }
        if self.dry {
            self.steps.add("subscription", StepState::Planned, what);
            return Ok(());
        }
        for (name, value) in &wanted {
            let was = held.get(*name).cloned().unwrap_or_else(|| empty(name));
            let pen = self.write().await;
            let written = subscription::write(&self.sns, &arn, name, value).await;
            if written.as_ref().map_or_else(|refused| refused.transient, |()| true) {
                self.undo.push(Undo::Filter { arn: arn.clone(), before: vec![(*name, was)] });
            }
            drop(pen);
            written.map_err(at("subscription"))?;
        }
        self.steps.add("subscription", StepState::Done, what);
        Ok(())
    }
}

/// What an attribute of a subscription is when SNS does not mention it.
fn empty(name: &str) -> String {
    match name {
        "RawMessageDelivery" => "false",
        "FilterPolicyScope" => "MessageAttributes",
        _ => "{}",
    }
    .to_owned()
}
