//! The personal queue and its subscription: what would be done, and doing it.
//!
//! **Invariant:** a dry run makes no writing call; a second run writes nothing; a run that fails or is interrupted takes back
//! what it made (invariant 7). Queues, statements and attributes that are not ours stay as they are.

mod calls;
pub(crate) mod lacking;
mod own_queue;
mod own_subscription;
mod run;
mod steps;
mod undo;
mod verify;

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::plan::{Filter, Person, stable_caller};

use crate::aws::access::Access;
use crate::aws::adopt;
use crate::error::{Code, Problem};
pub use calls::{Explained, PlannedCall, explain};
use run::{Clients, Run};
pub(crate) use steps::Steps;
pub use steps::{Step, StepState};
use undo::WayBack;

/// What the person asked for. That the topic is a standard one was settled when its ARN was parsed.
#[derive(Clone, Debug)]
pub struct SubscribeRequest {
    /// The topic of the commands.
    pub topic: TopicArn,
    /// Where the queue lives, or is to live.
    pub queue_region: String,
    /// What the subscription lets through.
    pub filter: Filter,
    /// The URL of a queue that an administrator made; nothing of it is changed.
    pub adopt_queue_url: Option<String>,
    /// The queue that this data folder has for the topic, so that a renamed machine finds it again.
    pub stored: Option<QueueArn>,
    /// Whether the person agreed to take a queue over that its tags call ours, but of which this data folder knows nothing.
    pub take_over: bool,
    /// The person's name on this machine.
    pub user: String,
    /// This machine's name.
    pub host: String,
    /// What tells it apart from another machine of the same name: [`crate::machine::tag`].
    pub machine: Option<String>,
}

impl SubscribeRequest {
    /// Who asks, and from where; `caller` is who AWS says that is.
    pub fn person<'a>(&'a self, caller: Option<&'a str>) -> Person<'a> {
        Person { user: &self.user, host: &self.host, machine: self.machine.as_deref(), caller }
    }
}

/// What `subscribe --dry-run` says.
#[derive(Clone, Debug, Serialize)]
pub struct SubscribePlan {
    /// The topic.
    pub topic_arn: TopicArn,
    /// The queue's name.
    pub queue_name: String,
    /// The queue's ARN, made of the caller's account.
    pub queue_arn: QueueArn,
    /// The queue's URL when it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub queue_url: Option<String>,
    /// The subscription when it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_arn: Option<String>,
    /// Every step, `planned` or `unchanged`.
    pub steps: Vec<Step>,
    /// Whether an administrator's queue is used.
    pub adopted: bool,
    /// What the person should know.
    pub risks: Vec<String>,
    /// Whether a message is received to see that it may be; only of an administrator's queue.
    #[serde(skip)]
    pub receives: bool,
}

/// What `subscribe` did.
#[derive(Clone, Debug, Serialize)]
pub struct Subscribed {
    /// The topic.
    pub topic_arn: TopicArn,
    /// The queue's URL.
    pub queue_url: String,
    /// The queue's ARN.
    pub queue_arn: QueueArn,
    /// The subscription; unknown when an adopted queue's could not be looked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subscription_arn: Option<String>,
    /// Every step.
    pub steps: Vec<Step>,
    /// Whether an administrator's queue is used.
    pub adopted: bool,
    /// Whether the subscription delivers raw, without the SNS envelope (adopted ones may).
    pub raw: bool,
    /// What the person should know.
    pub risks: Vec<String>,
    /// Whether a message was received to see that it may be.
    #[serde(skip)]
    receives: bool,
    /// How to take back what this run wrote; none for an adopted queue, of which nothing was written.
    #[serde(skip)]
    way_back: Option<WayBack>,
}

impl Subscribed {
    /// The outcome of adopting a queue, of which nothing was written.
    pub(in crate::aws) fn adopted(
        request: &SubscribeRequest,
        url: &str,
        looked: adopt::Looked,
        steps: Vec<Step>,
    ) -> Self {
        Self {
            topic_arn: request.topic.clone(),
            queue_url: url.to_owned(),
            queue_arn: looked.queue,
            subscription_arn: looked.subscription,
            steps,
            adopted: true,
            raw: looked.raw,
            risks: looked.risks,
            receives: looked.received,
            way_back: None,
        }
    }

    /// Takes back what this run wrote, because what comes after it failed for this reason.
    pub async fn take_back(mut self, why: Problem) -> SubscribeFailed {
        let Some(back) = self.way_back else { return SubscribeFailed { problem: why, steps: self.steps } };
        let left = back.go(&mut self.steps, &mut |_| ()).await;
        SubscribeFailed { problem: with_left(why, &left), steps: self.steps }
    }
}

/// A run that failed, with what became of each step.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{problem}")]
pub struct SubscribeFailed {
    /// Why; the hint names what could not be taken back.
    pub problem: Problem,
    /// Every step up to the one that failed.
    pub steps: Vec<Step>,
}

impl SubscribeFailed {
    /// It was called off before anything was changed.
    pub fn called_off() -> Self {
        interrupted(false).into()
    }
}

impl From<Problem> for SubscribeFailed {
    /// Before the first step.
    fn from(problem: Problem) -> Self {
        Self { problem, steps: Vec::new() }
    }
}

impl From<SubscribeFailed> for Problem {
    fn from(failed: SubscribeFailed) -> Self {
        failed.problem
    }
}

/// Looks at what exists and says what would be done. What may not be looked at is planned.
pub async fn plan(access: &Access, request: &SubscribeRequest) -> Result<SubscribePlan, Problem> {
    let mut nobody = |_: &Step| ();
    let subscribed = run(access, request, &mut nobody, &CancellationToken::new(), true).await?;
    Ok(SubscribePlan {
        topic_arn: subscribed.topic_arn,
        queue_name: subscribed.queue_arn.name().to_owned(),
        queue_arn: subscribed.queue_arn,
        queue_url: Some(subscribed.queue_url).filter(|url| !url.is_empty()),
        subscription_arn: subscribed.subscription_arn,
        steps: subscribed.steps,
        adopted: subscribed.adopted,
        risks: subscribed.risks,
        receives: subscribed.receives,
    })
}

/// Does what is missing. `progress` hears of each step as it ends, and again when it is taken back. Cancelled, it takes back
/// what it has made so far and fails with [`Code::No`].
pub async fn apply(
    access: &Access,
    request: &SubscribeRequest,
    progress: &mut (dyn FnMut(&Step) + Send),
    cancel: &CancellationToken,
) -> Result<Subscribed, SubscribeFailed> {
    run(access, request, progress, cancel, false).await
}

async fn run(
    access: &Access,
    request: &SubscribeRequest,
    progress: &mut (dyn FnMut(&Step) + Send),
    cancel: &CancellationToken,
    dry: bool,
) -> Result<Subscribed, SubscribeFailed> {
    let mut steps = Steps::new(progress);
    // Whoever began this waits for its first answers at the screen.
    let asked = Box::pin(access.asked(&request.queue_region));
    if let Some(url) = &request.adopt_queue_url {
        // Only looks, so an interruption may come at any moment.
        return tokio::select! {
            biased;
            () = cancel.cancelled() => Err(SubscribeFailed::called_off()),
            adopted = async {
                match asked.await {
                    Ok(asked) => Box::pin(adopt::adopt(&asked, request, url, steps)).await,
                    Err(problem) => {
                        steps.add("queue", StepState::Failed, &problem.message);
                        Err(SubscribeFailed { problem, steps: steps.into_list() })
                    }
                }
            } => adopted,
        };
    }
    let who = Box::pin(async {
        let asked = asked.await?;
        let caller = asked.caller(&request.queue_region).await?;
        Ok((asked, caller))
    });
    let who = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(interrupted(false)),
        who = who => who,
    };
    let queue = who.and_then(|(asked, who)| queue_of(request, &who.account).map(|queue| (asked, who, queue)));
    let (asked, who, queue) = match queue {
        Ok(known) => known,
        Err(problem) => {
            steps.add("identity", StepState::Failed, &problem.message);
            return Err(SubscribeFailed { problem, steps: steps.into_list() });
        }
    };
    steps.add("identity", StepState::Unchanged, format!("account {}", who.account));
    let caller = stable_caller(&who.arn);
    let first = Clients::of(&asked, request).await;
    // A write whose answer is not waited for might have to be taken back for nothing.
    let clients = if dry { first.clone() } else { Clients::of(access, request).await };
    Box::pin(Run::new((request, caller), (first, clients), queue, steps, dry, cancel.clone()).all()).await
}

/// The queue that this data folder has, or the one to begin with.
fn queue_of(request: &SubscribeRequest, account: &str) -> Result<QueueArn, Problem> {
    let Some(stored) = &request.stored else {
        let name = watchbell_core::plan::queue_name(&request.user, &request.host, &request.topic);
        return watchbell_core::plan::queue_arn(&request.topic, &request.queue_region, account, &name)
            .map_err(|error| Problem::new(Code::Usage, error.to_string(), error.hint()));
    };
    if stored.account() == account && stored.region() == request.queue_region {
        return Ok(stored.clone());
    }
    Err(Problem::new(
        Code::Usage,
        format!(
            "{} is subscribed already, through a queue in {} of account {}; this would be another one, in {} of account {account}",
            request.topic,
            stored.region(),
            stored.account(),
            request.queue_region
        ),
        "to move, first press Leave in the window's settings or run watchbellctl unsubscribe for this topic: it removes the queue there",
    ))
}

/// The person, or the system, wished the end.
fn interrupted(something_made: bool) -> Problem {
    let message = if something_made {
        "interrupted: what was made so far was taken back"
    } else {
        "interrupted: nothing was changed"
    };
    Problem::new(Code::No, message, "begin again when you want to go on")
}

/// Names in the hint what could not be taken back.
fn with_left(mut problem: Problem, left: &[String]) -> Problem {
    if !left.is_empty() {
        problem.hint = format!("{}; left behind, remove by hand: {}", problem.hint, left.join(", "));
    }
    problem
}
