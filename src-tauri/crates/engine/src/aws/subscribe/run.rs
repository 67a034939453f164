//! One run over the steps. Dry and real go the same way, so that a plan cannot say something else than what is done.
//!
//! **Invariant:** every write is entered in `undo` before the next call is made. A step that changes something of which
//! the present state may not be read fails rather than writing over what it cannot see.

use std::collections::BTreeMap;
use std::time::Duration;

use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::{merge_policy, queue_attributes, subscription_attributes, tags};

use super::lacking;
use super::undo::{Place, Undo};
use super::{StepState, Steps, SubscribeFailed, SubscribeRequest, Subscribed};
use crate::aws::refusal::Refusal;
use crate::aws::subscription::Answer;
use crate::aws::{queue, subscription};
use crate::error::{Code, Problem};

/// A step that could not be done.
pub(super) struct Failed {
    step: &'static str,
    problem: Problem,
}

impl Failed {
    pub(super) fn new(step: &'static str, problem: Problem) -> Self {
        Self { step, problem }
    }
}

/// Names the step of which AWS refused a call.
pub(super) fn at(step: &'static str) -> impl Fn(Refusal) -> Failed {
    move |refused| Failed { step, problem: refused.problem }
}

pub(super) struct Run<'a> {
    pub(super) request: &'a SubscribeRequest,
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
    pub(super) queue: QueueArn,
    pub(super) steps: Steps<'a>,
    dry: bool,
    /// Empty as long as the queue does not exist.
    pub(super) url: String,
    /// What the queue said of itself; empty for one made now.
    held: queue::Attributes,
    made: bool,
    pub(super) subscription: Option<String>,
    pub(super) risks: Vec<String>,
    undo: Vec<Undo>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        request: &'a SubscribeRequest,
        sqs: aws_sdk_sqs::Client,
        sns: aws_sdk_sns::Client,
        queue: QueueArn,
        steps: Steps<'a>,
        dry: bool,
    ) -> Self {
        Self {
            request,
            sqs,
            sns,
            queue,
            steps,
            dry,
            url: String::new(),
            held: BTreeMap::new(),
            made: false,
            subscription: None,
            risks: Vec::new(),
            undo: Vec::new(),
        }
    }

    pub(super) async fn all(mut self) -> Result<Subscribed, SubscribeFailed> {
        match self.every_step().await {
            Ok(()) => Ok(Subscribed {
                topic_arn: self.request.topic.clone(),
                queue_url: self.url,
                queue_arn: self.queue,
                subscription_arn: self.subscription,
                steps: self.steps.into_list(),
                adopted: false,
                raw: false,
                risks: self.risks,
            }),
            Err(failed) => Err(self.take_back(failed).await),
        }
    }

    async fn every_step(&mut self) -> Result<(), Failed> {
        self.topic().await?;
        self.queue().await?;
        self.policy().await?;
        self.tags().await?;
        self.subscription().await?;
        self.verify().await
    }

    async fn take_back(mut self, failed: Failed) -> SubscribeFailed {
        let Failed { step, mut problem } = failed;
        self.steps.add(step, StepState::Failed, &problem.message);
        let place = Place { sqs: &self.sqs, sns: &self.sns, topic: &self.request.topic, queue: &self.queue };
        let mut left = Vec::new();
        for undo in self.undo.iter().rev() {
            match place.take_back(undo).await {
                Ok(()) => undo.steps().iter().for_each(|step| self.steps.undone(step)),
                Err(refused) => {
                    left.push(format!("{} ({})", undo.names(self.queue.name()), refused.problem.message));
                }
            }
        }
        if !left.is_empty() {
            problem.hint = format!("{}; left behind, remove by hand: {}", problem.hint, left.join(", "));
        }
        SubscribeFailed { problem, steps: self.steps.into_list() }
    }

    /// In a dry run what may not be looked at is planned; a real one has to see it.
    fn blind(&mut self, step: &'static str, refused: Refusal) -> Result<(), Failed> {
        if self.dry && refused.state == SubscriptionState::Denied {
            self.steps.add(step, StepState::Planned, format!("cannot check: {}", refused.problem.message));
            return Ok(());
        }
        Err(at(step)(refused))
    }

    async fn topic(&mut self) -> Result<(), Failed> {
        match subscription::topic(&self.sns, &self.request.topic).await {
            Ok(()) => self.steps.add("topic", StepState::Unchanged, self.request.topic.name()),
            // Not needed to subscribe: whether it exists comes out then.
            Err(refused) if refused.state == SubscriptionState::Denied => {
                self.risks.push(format!("cannot check the topic: {}", refused.problem.message));
            }
            Err(refused) => return Err(at("topic")(refused)),
        }
        Ok(())
    }

    async fn queue(&mut self) -> Result<(), Failed> {
        let (name, arn) = (self.queue.name().to_owned(), self.queue.to_string());
        let found = match queue::find(&self.sqs, &name, &arn).await {
            Ok(found) => found,
            Err(refused) => return self.blind("queue", refused),
        };
        let Some(url) = found else {
            let what = format!("make {name} in {}", self.queue.region());
            if self.dry {
                self.steps.add("queue", StepState::Planned, what);
                return Ok(());
            }
            let made = queue::create(&self.sqs, &name, &queue_attributes(), &arn).await;
            if made.as_ref().map_or_else(|refused| refused.transient, |_| true) {
                self.undo.push(Undo::Queue);
            }
            self.url = made.map_err(at("queue"))?;
            self.made = true;
            self.steps.add("queue", StepState::Done, what);
            return Ok(());
        };
        self.url = url;
        self.held = match queue::attributes(&self.sqs, &self.url, &arn).await {
            Ok(held) => held,
            Err(refused) => return self.blind("queue", refused),
        };
        self.write_queue("queue", lacking::of_queue(&self.held), &format!("found {name}")).await
    }

    async fn policy(&mut self) -> Result<(), Failed> {
        let existing = self.held.get("Policy").map_or("", String::as_str);
        let merged = merge_policy(existing, &self.queue, &self.request.topic).map_err(|error| Failed {
            step: "policy",
            problem: Problem::new(
                Code::AwsRefused,
                error.to_string(),
                "remove what is not needed from the queue's access policy, or subscribe with a queue of another name",
            ),
        })?;
        let wanted =
            if merged.changed { BTreeMap::from([("Policy", merged.policy.to_string())]) } else { BTreeMap::new() };
        self.write_queue("policy", wanted, &format!("let {} deliver, nobody else", self.request.topic.name())).await
    }

    async fn write_queue(
        &mut self,
        step: &'static str,
        wanted: BTreeMap<&'static str, String>,
        what: &str,
    ) -> Result<(), Failed> {
        if wanted.is_empty() {
            self.steps.add(step, StepState::Unchanged, what);
            return Ok(());
        }
        let detail = format!("{what} ({})", wanted.keys().copied().collect::<Vec<_>>().join(", "));
        if self.dry {
            self.steps.add(step, StepState::Planned, detail);
            return Ok(());
        }
        let before = wanted.keys().map(|name| (*name, self.held.get(*name).cloned().unwrap_or_default())).collect();
        let mut written = queue::write(&self.sqs, &self.url, &wanted, self.queue.as_str()).await;
        for _ in 0..5 {
            match &written {
                // A queue made now may take a second to be known everywhere (CreateQueue reference).
                Err(refused) if self.made && refused.state == SubscriptionState::QueueMissing => {
                    tokio::time::sleep(Duration::from_secs(1)).await;
                    written = queue::write(&self.sqs, &self.url, &wanted, self.queue.as_str()).await;
                }
                _ => break,
            }
        }
        if !self.made && written.as_ref().map_or_else(|refused| refused.transient, |()| true) {
            self.undo.push(Undo::Attributes { step, before });
        }
        written.map_err(at(step))?;
        self.steps.add(step, StepState::Done, detail);
        Ok(())
    }

    async fn tags(&mut self) -> Result<(), Failed> {
        let now = crate::clock::now();
        let all = tags(&self.request.user, &self.request.host, &self.request.topic, now, now);
        let held = if self.made || self.url.is_empty() {
            BTreeMap::new()
        } else {
            match queue::tags(&self.sqs, &self.url, self.queue.as_str()).await {
                Ok(held) => held,
                Err(refused) => return self.blind("tags", refused),
            }
        };
        let wanted = lacking::of_tags(&held, all);
        let detail = "say whose queue it is, and for what";
        if wanted.is_empty() {
            self.steps.add("tags", StepState::Unchanged, detail);
        } else if self.dry {
            self.steps.add("tags", StepState::Planned, detail);
        } else {
            queue::tag(&self.sqs, &self.url, &wanted, self.queue.as_str()).await.map_err(at("tags"))?;
            self.steps.add("tags", StepState::Done, detail);
        }
        Ok(())
    }

    async fn subscription(&mut self) -> Result<(), Failed> {
        let topic = &self.request.topic;
        let what = format!("feed the queue from {}, filter {}", topic.name(), self.request.filter.as_str());
        let (found, may_list) = match subscription::find(&self.sns, topic, &self.queue).await {
            Ok(found) => (found, true),
            Err(refused) if refused.state == SubscriptionState::Denied => (None, false),
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
        match subscription::subscribe(&self.sns, topic, &self.queue, &attributes).await {
            Ok(Answer::Subscribed(arn)) => {
                // Without the right to list, one of an earlier run looks like one made now, unless its queue is new.
                if may_list || self.made {
                    self.undo.push(Undo::Subscription(Some(arn.clone())));
                }
                self.subscription = Some(arn);
                self.steps.add("subscription", StepState::Done, what);
                Ok(())
            }
            Ok(Answer::Differs(arn)) => {
                self.subscription = Some(arn.clone());
                self.correct(arn, what).await
            }
            Err(refused) => {
                if refused.transient && may_list {
                    self.undo.push(Undo::Subscription(None));
                }
                Err(at("subscription")(refused))
            }
        }
    }

    /// Brings a subscription that exists to what is wished, one attribute a call.
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
        let mut before = Vec::new();
        for (name, value) in &wanted {
            let was = held.get(*name).cloned().unwrap_or_else(|| empty(name));
            before.push((*name, was));
            let written = subscription::write(&self.sns, &arn, name, value).await;
            if let Err(refused) = written {
                if !refused.transient {
                    before.pop();
                }
                if !before.is_empty() {
                    self.undo.push(Undo::Filter { arn, before });
                }
                return Err(at("subscription")(refused));
            }
        }
        self.undo.push(Undo::Filter { arn, before });
        self.steps.add("subscription", StepState::Done, what);
        Ok(())
    }

    pub(super) fn is_dry(&self) -> bool {
        self.dry
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
