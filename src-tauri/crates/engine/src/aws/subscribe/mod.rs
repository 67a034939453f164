//! The personal queue and its subscription: what would be done, and doing it.
//!
//! **Invariant:** a dry run makes no writing call; a second run writes nothing; a run that fails takes back what it made
//! (DESIGN §2.7). Statements and attributes that are not ours stay as they are.

mod lacking;
mod run;
mod steps;
mod undo;
mod verify;

use serde::Serialize;
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::plan::Filter;

use crate::aws::access::Access;
use crate::aws::adopt;
use crate::error::{Code, Problem};
use run::Run;
pub(crate) use steps::Steps;
pub use steps::{Step, StepState};

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
    /// The name that was stored when the queue was made, so that a renamed machine finds it again.
    pub queue_name: Option<String>,
    /// The person's name on this machine.
    pub user: String,
    /// This machine's name.
    pub host: String,
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

impl From<SubscribeFailed> for Problem {
    fn from(failed: SubscribeFailed) -> Self {
        failed.problem
    }
}

/// Looks at what exists and says what would be done. What may not be looked at is planned.
pub async fn plan(access: &Access, request: &SubscribeRequest) -> Result<SubscribePlan, Problem> {
    let mut nobody = |_: &Step| ();
    let subscribed = run(access, request, &mut nobody, true).await?;
    Ok(SubscribePlan {
        topic_arn: subscribed.topic_arn,
        queue_name: subscribed.queue_arn.name().to_owned(),
        queue_arn: subscribed.queue_arn,
        queue_url: Some(subscribed.queue_url).filter(|url| !url.is_empty()),
        subscription_arn: subscribed.subscription_arn,
        steps: subscribed.steps,
        adopted: subscribed.adopted,
        risks: subscribed.risks,
    })
}

/// Does what is missing. `progress` hears of each step as it ends, and again when it is taken back.
pub async fn apply(
    access: &Access,
    request: &SubscribeRequest,
    progress: &mut (dyn FnMut(&Step) + Send),
) -> Result<Subscribed, SubscribeFailed> {
    run(access, request, progress, false).await
}

async fn run(
    access: &Access,
    request: &SubscribeRequest,
    progress: &mut (dyn FnMut(&Step) + Send),
    dry: bool,
) -> Result<Subscribed, SubscribeFailed> {
    let mut steps = Steps::new(progress);
    if let Some(url) = &request.adopt_queue_url {
        return adopt::adopt(access, request, url, steps).await;
    }
    let account = match access.account(&request.queue_region).await {
        Ok(account) => account,
        Err(problem) => {
            steps.add("identity", StepState::Failed, &problem.message);
            return Err(SubscribeFailed { problem, steps: steps.into_list() });
        }
    };
    steps.add("identity", StepState::Unchanged, format!("account {account}"));
    let name = request
        .queue_name
        .clone()
        .unwrap_or_else(|| watchbell_core::plan::queue_name(&request.user, &request.host, &request.topic));
    let queue = match watchbell_core::plan::queue_arn(&request.topic, &request.queue_region, &account, &name) {
        Ok(queue) => queue,
        Err(error) => {
            let problem = Problem::new(Code::Usage, error.to_string(), error.hint());
            steps.add("queue", StepState::Failed, &problem.message);
            return Err(SubscribeFailed { problem, steps: steps.into_list() });
        }
    };
    let sqs = access.sqs_setup(&request.queue_region).await;
    let sns = access.sns(request.topic.region()).await;
    Run::new(request, sqs, sns, queue, steps, dry).all().await
}
