//! The queue of a run: made, or one of ours that exists brought to what is wished.
//!
//! **Invariant 7:** a queue that was there before is changed only when its tags say that it is ours and either our own record
//! or the person's yes says so, too. Whose cannot be told, or is somebody else's, is not touched.

use std::collections::BTreeMap;
use std::time::Duration;

use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::{
    TAG_CREATED, TAG_HOST, Whose, merge_policy, queue_arn, queue_attributes, queue_name_besides, tags, whose,
};

use super::StepState;
use super::lacking;
use super::run::{Failed, Run, at};
use super::undo::Undo;
use crate::aws::queue;
use crate::clock;
use crate::error::{Code, Problem};

/// The most names that are tried when those before belong to somebody else.
const NAMES: u8 = 9;

impl Run<'_> {
    pub(super) async fn queue(&mut self) -> Result<(), Failed> {
        let stored = self.request.stored.is_some();
        for nth in 1..=if stored { 1 } else { NAMES } {
            if nth > 1 {
                self.queue = self.besides(nth)?;
            }
            let (name, arn) = (self.queue.name().to_owned(), self.queue.to_string());
            let found = match queue::find(&self.first.sqs, &name, &arn).await {
                Ok(found) => found,
                Err(refused) => return self.blind("queue", refused),
            };
            let Some(url) = found else { return self.make(name, arn).await };
            let why = match self.whose(&url).await? {
                // Nor does our own record forget a queue because its credentials were replaced; its tags are brought up to date.
                Whose::Ours | Whose::OtherCaller { .. } if stored => {
                    return self.reuse(url, format!("found {name}"), false).await;
                }
                Whose::Ours => return self.take_over(url).await,
                // Our own record says more than a name: the machine was made anew, or the data folder moved.
                Whose::OtherMachine { why } if stored => {
                    self.risks.push(format!("{why}: if Watchbell still runs there, each of the two hears only a part"));
                    return self.reuse(url, format!("found {name}"), false).await;
                }
                Whose::Untagged if stored => {
                    return self.reuse(url, format!("found {name}, without tags"), false).await;
                }
                Whose::Foreign { why } if stored => return Err(Failed::new("queue", replaced(&name, &why))),
                Whose::OtherMachine { why } | Whose::OtherCaller { why } | Whose::Foreign { why } => why,
                Whose::Untagged => "it has no tags of Watchbell's".to_owned(),
            };
            self.risks.push(format!("a queue {name} exists already and is left alone: {why}"));
        }
        let hint = "have an administrator remove those that nobody uses, or make one for you, and give its URL here (in a terminal with --queue-url)";
        let message = format!("{NAMES} queues of such a name exist, the last {}, and none is ours", self.queue.name());
        Err(Failed::new("queue", Problem::new(Code::AwsRefused, message, hint)))
    }

    fn besides(&self, nth: u8) -> Result<QueueArn, Failed> {
        let request = self.request;
        let name = queue_name_besides(&request.user, &request.host, &request.topic, nth);
        queue_arn(&request.topic, self.queue.region(), self.queue.account(), &name)
            .map_err(|error| Failed::new("queue", Problem::new(Code::Usage, error.to_string(), error.hint())))
    }

    /// Reads the tags. Without the right to, only our own record can say that the queue is ours.
    async fn whose(&mut self, url: &str) -> Result<Whose, Failed> {
        match queue::tags(&self.sqs, url, self.queue.as_str()).await {
            Ok(held) => {
                let whose = whose(&held, &self.person(), &self.request.topic);
                self.tags = Some(held);
                Ok(whose)
            }
            Err(refused) if refused.state != SubscriptionState::Denied => Err(at("queue")(refused)),
            Err(_) if self.request.stored.is_some() => {
                self.tags = None;
                Ok(Whose::Ours)
            }
            Err(refused) => {
                let name = self.queue.name();
                let message = format!(
                    "a queue {name} exists already, and whose it is cannot be told: {}",
                    refused.problem.message
                );
                let hint = format!("{}; nothing was changed", refused.problem.hint);
                Err(Failed::new("queue", Problem { message, hint, ..refused.problem }))
            }
        }
    }

    async fn make(&mut self, name: String, arn: String) -> Result<(), Failed> {
        let what = format!("make {name} in {}", self.queue.region());
        if self.dry {
            self.steps.add("queue", StepState::Planned, what);
            return Ok(());
        }
        let now = clock::now();
        // With its tags at once: a queue without them could not be told from somebody else's.
        let tags = tags(&self.person(), &self.request.topic, now, now);
        let pen = self.write().await;
        let made = queue::create(&self.sqs, &name, &queue_attributes(), &tags, &arn).await;
        if made.as_ref().map_or_else(|refused| refused.transient, |_| true) {
            self.undo.push(Undo::Queue);
        }
        drop(pen);
        self.url = made.map_err(at("queue"))?;
        self.made = true;
        self.steps.add("queue", StepState::Done, what);
        Ok(())
    }

    /// One of ours that no record here knows: an earlier installation's, or another data folder's.
    async fn take_over(&mut self, url: String) -> Result<(), Failed> {
        let name = self.queue.name().to_owned();
        let said = |tag: &str| self.tags.as_ref().and_then(|tags| tags.get(tag)).map_or("?", String::as_str).to_owned();
        let made = format!("made on {} at {}", said(TAG_HOST), said(TAG_CREATED));
        self.risks.push(format!(
            "the queue {name} was found again, {made}: if another Watchbell still reads it, each of the two hears only a part"
        ));
        if !self.dry && !self.request.take_over {
            let message = format!("a queue {name} of yours exists already, {made}, and is not in this data folder");
            let hint = "say yes to take it over, with what still waits in it";
            return Err(Failed::new("queue", Problem::new(Code::Usage, message, hint)));
        }
        if !self.dry {
            self.undo.push(Undo::TakenOver);
        }
        self.reuse(url, format!("take over {name}, {made}"), true).await
    }

    async fn reuse(&mut self, url: String, what: String, taken_over: bool) -> Result<(), Failed> {
        self.url = url;
        self.held = match queue::attributes(&self.sqs, &self.url, self.queue.as_str()).await {
            Ok(held) => held,
            Err(refused) => return self.blind("queue", refused),
        };
        let wanted = lacking::of_queue(&self.held);
        if taken_over && wanted.is_empty() {
            let state = if self.dry { StepState::Planned } else { StepState::Done };
            self.steps.add("queue", state, what);
            return Ok(());
        }
        self.write_queue("queue", wanted, &what).await
    }

    pub(super) async fn policy(&mut self) -> Result<(), Failed> {
        let existing = self.held.get("Policy").map_or("", String::as_str);
        let merged = merge_policy(existing, &self.queue, &self.request.topic).map_err(|error| {
            let hint =
                "remove what is not needed from the queue's access policy, or subscribe with a queue of another name";
            Failed::new("policy", Problem::new(Code::AwsRefused, error.to_string(), hint))
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
        let mut tries = 0;
        let written = loop {
            let pen = self.write().await;
            let written = queue::write(&self.sqs, &self.url, &wanted, self.queue.as_str()).await;
            if !self.made && written.as_ref().map_or_else(|refused| refused.transient, |()| true) {
                let before =
                    wanted.keys().map(|name| (*name, self.held.get(*name).cloned().unwrap_or_default())).collect();
                self.undo.push(Undo::Attributes { step, before });
            }
            drop(pen);
            match written {
                // A queue made now may take a second to be known everywhere (CreateQueue reference).
                Err(refused) if self.made && refused.state == SubscriptionState::QueueMissing && tries < 5 => {
                    tries += 1;
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
                told => break told,
            }
        };
        written.map_err(at(step))?;
        self.steps.add(step, StepState::Done, detail);
        Ok(())
    }

    pub(super) async fn tags(&mut self) -> Result<(), Failed> {
        let detail = "say whose queue it is, and for what";
        if self.made || self.url.is_empty() {
            let state = if self.dry { StepState::Planned } else { StepState::Done };
            self.steps.add("tags", state, detail);
            return Ok(());
        }
        let Some(held) = &self.tags else {
            self.risks.push("cannot check the queue's tags: AWS denied sqs:ListQueueTags".to_owned());
            return Ok(());
        };
        let now = clock::now();
        let wanted = lacking::of_tags(held, tags(&self.person(), &self.request.topic, now, now));
        if wanted.is_empty() {
            self.steps.add("tags", StepState::Unchanged, detail);
            return Ok(());
        }
        if self.dry {
            self.steps.add("tags", StepState::Planned, detail);
            return Ok(());
        }
        let before = wanted.keys().filter_map(|name| Some((*name, held.get(*name)?.clone()))).collect();
        let added = wanted.keys().filter(|name| !held.contains_key(**name)).copied().collect();
        let pen = self.write().await;
        let written = queue::tag(&self.sqs, &self.url, &wanted, self.queue.as_str()).await;
        if written.as_ref().map_or_else(|refused| refused.transient, |()| true) {
            self.undo.push(Undo::Tags { before, added });
        }
        drop(pen);
        written.map_err(at("tags"))?;
        self.steps.add("tags", StepState::Done, detail);
        Ok(())
    }
}

/// What our record calls ours is somebody else's now.
fn replaced(name: &str, why: &str) -> Problem {
    Problem::new(
        Code::AwsRefused,
        format!("the queue {name} is not ours any more: {why}"),
        "somebody made a new queue of that name; press Leave in the window's settings or run watchbellctl unsubscribe, which leaves theirs alone, and subscribe again",
    )
}
