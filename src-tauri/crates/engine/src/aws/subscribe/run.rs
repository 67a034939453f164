//! One run over the steps. Dry and real go the same way, so that a plan cannot say something else than what is done.
//!
//! **Invariant:** every write is entered in `undo` before the next call is made, and an interruption waits for the write under
//! way, so that what was made is known. A step that changes something of which the present state may not be read fails rather
//! than writing over what it cannot see.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::sync::{Mutex, OwnedMutexGuard};
use tokio_util::sync::CancellationToken;
use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::Person;

use super::undo::{Undo, WayBack};
use super::{StepState, Steps, SubscribeFailed, SubscribeRequest, Subscribed, interrupted};
use crate::aws::access::Access;
use crate::aws::refusal::Refusal;
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

/// Where the queue and the topic are.
#[derive(Clone)]
pub(super) struct Clients {
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
}

impl Clients {
    pub(super) async fn of(access: &Access, request: &SubscribeRequest) -> Self {
        Self { sqs: access.sqs_setup(&request.queue_region).await, sns: access.sns(request.topic.region()).await }
    }
}

pub(super) struct Run<'a> {
    pub(super) request: &'a SubscribeRequest,
    /// Who AWS says that we are, where that tells a person.
    caller: Option<String>,
    /// For the first look at each of the two, which soon says when nobody answers there.
    pub(super) first: Clients,
    pub(super) sqs: aws_sdk_sqs::Client,
    pub(super) sns: aws_sdk_sns::Client,
    /// The queue that is made or used: of the first name that is free or ours.
    pub(super) queue: QueueArn,
    pub(super) steps: Steps<'a>,
    pub(super) dry: bool,
    /// Empty as long as the queue does not exist.
    pub(super) url: String,
    /// What the queue said of itself; empty for one made now.
    pub(super) held: queue::Attributes,
    /// Its tags; `None` when they may not be read.
    pub(super) tags: Option<BTreeMap<String, String>>,
    /// Whether this run made the queue.
    pub(super) made: bool,
    pub(super) subscription: Option<String>,
    pub(super) risks: Vec<String>,
    pub(super) undo: Vec<Undo>,
    /// The step under way, for an interruption.
    step: &'static str,
    /// Held over each write and its entry in `undo`.
    pen: Arc<Mutex<()>>,
    cancel: CancellationToken,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        (request, caller): (&'a SubscribeRequest, Option<String>),
        (first, Clients { sqs, sns }): (Clients, Clients),
        queue: QueueArn,
        steps: Steps<'a>,
        dry: bool,
        cancel: CancellationToken,
    ) -> Self {
        Self {
            request,
            caller,
            first,
            sqs,
            sns,
            queue,
            steps,
            dry,
            url: String::new(),
            held: BTreeMap::new(),
            tags: Some(BTreeMap::new()),
            made: false,
            subscription: None,
            risks: Vec::new(),
            undo: Vec::new(),
            step: "topic",
            pen: Arc::default(),
            cancel,
        }
    }

    pub(super) async fn all(mut self) -> Result<Subscribed, SubscribeFailed> {
        let (pen, cancel) = (Arc::clone(&self.pen), self.cancel.clone());
        let asked_to_end = async {
            cancel.cancelled().await;
            // A write that was begun is heard to its end: what is not known to be made cannot be taken back.
            let _ = pen.lock().await;
        };
        let outcome = tokio::select! {
            biased;
            () = asked_to_end => None,
            outcome = self.every_step() => Some(outcome),
        };
        match outcome {
            Some(Ok(())) => Ok(self.subscribed()),
            Some(Err(failed)) => Err(self.take_back(failed).await),
            None => {
                let failed = Failed::new(self.step, interrupted(!self.undo.is_empty()));
                Err(self.take_back(failed).await)
            }
        }
    }

    /// Who asks, and from where.
    pub(super) fn person(&self) -> Person<'_> {
        self.request.person(self.caller.as_deref())
    }

    async fn every_step(&mut self) -> Result<(), Failed> {
        self.topic().await?;
        self.step = "queue";
        self.queue().await?;
        self.step = "policy";
        self.policy().await?;
        self.step = "tags";
        self.tags().await?;
        self.step = "subscription";
        self.subscription().await?;
        self.step = "verify";
        self.verify().await
    }

    fn subscribed(self) -> Subscribed {
        Subscribed {
            topic_arn: self.request.topic.clone(),
            queue_url: self.url,
            queue_arn: self.queue.clone(),
            subscription_arn: self.subscription,
            steps: self.steps.into_list(),
            adopted: false,
            raw: false,
            risks: self.risks,
            receives: false,
            way_back: Some(WayBack {
                sqs: self.sqs,
                sns: self.sns,
                topic: self.request.topic.clone(),
                queue: self.queue,
                written: self.undo,
            }),
        }
    }

    async fn take_back(mut self, failed: Failed) -> SubscribeFailed {
        let Failed { step, mut problem } = failed;
        self.steps.add(step, StepState::Failed, &problem.message);
        let back = WayBack {
            sqs: self.sqs,
            sns: self.sns,
            topic: self.request.topic.clone(),
            queue: self.queue,
            written: self.undo,
        };
        let (list, progress) = self.steps.parts();
        let left = back.go(list, progress).await;
        if problem.code == Code::No && !left.is_empty() {
            "interrupted: not everything that was made could be taken back".clone_into(&mut problem.message);
        }
        problem = super::with_left(problem, &left);
        SubscribeFailed { problem, steps: self.steps.into_list() }
    }

    /// Taken for the time of one write and its entry in `undo`.
    // The future keeps nothing of the run: whoever listens to its steps need not be `Sync`.
    pub(super) fn write(&self) -> impl Future<Output = OwnedMutexGuard<()>> + use<> {
        Arc::clone(&self.pen).lock_owned()
    }

    /// In a dry run what may not be looked at is planned; a real one has to see it.
    pub(super) fn blind(&mut self, step: &'static str, refused: Refusal) -> Result<(), Failed> {
        if self.dry && refused.state == SubscriptionState::Denied {
            self.steps.add(step, StepState::Planned, format!("cannot check: {}", refused.problem.message));
            return Ok(());
        }
        Err(at(step)(refused))
    }

    async fn topic(&mut self) -> Result<(), Failed> {
        match subscription::topic(&self.first.sns, &self.request.topic).await {
            Ok(()) => self.steps.add("topic", StepState::Unchanged, self.request.topic.name()),
            // Not needed to subscribe: whether it exists comes out then.
            Err(refused) if refused.state == SubscriptionState::Denied => {
                self.risks.push(format!("cannot check the topic: {}", refused.problem.message));
            }
            Err(refused) => return Err(at("topic")(refused)),
        }
        Ok(())
    }
}
