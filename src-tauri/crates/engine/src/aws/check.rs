//! Looking at what an empty poll cannot tell: a deleted topic or subscription, a changed filter or policy.
//!
//! **Invariant:** without the right to look the answer is "cannot check", never "ok" (invariant 3). Nothing is written, and
//! nothing that was deleted is made again. Each thing that can be wrong has its own words and its own way out: see [`Wrong`].

mod wrong;

use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{LetsIn, lets_in};
use watchbell_core::plan::{filter_policy, same_json};

use super::access::Access;
use super::adopt::queue_arn_of;
use super::queue;
use super::refusal::Refusal;
use super::subscription::{self, Feed};
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;
pub use wrong::Wrong;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// `ok`, `unchecked`, `denied`, `signed_out`, `queue_missing` or `subscription_missing`.
    pub state: SubscriptionState,
    /// What is wrong, or could not be looked at.
    pub problem: Option<Problem>,
    /// Messages that wait in the queue, as near as SQS knows.
    pub backlog: Option<u64>,
    /// Messages that were received and are not deleted yet, as near as SQS knows.
    pub in_flight: Option<u64>,
}

/// Looks at queue, policy, topic and subscription. `Err` when AWS could not be asked: then nothing is known that was not
/// before, and the pollers tell of it.
pub async fn check(access: &Access, record: &SubscriptionRecord) -> Result<Checked, Problem> {
    let arn = match &record.queue_arn {
        Some(arn) => arn.clone(),
        None => queue_arn_of(&record.queue_url, &record.queue_region, &record.topic_arn)?,
    };
    let mut unseen = Vec::new();
    let (mut backlog, mut in_flight) = (None, None);
    let sqs = access.sqs_setup(arn.region()).await;
    match queue::attributes(&sqs, &record.queue_url, arn.as_str()).await {
        Ok(held) => {
            let count = |name: &str| held.get(name).and_then(|count| count.parse().ok());
            backlog = count("ApproximateNumberOfMessages");
            in_flight = count("ApproximateNumberOfMessagesNotVisible");
            match lets_in(held.get("Policy").map_or("", String::as_str), &arn, &record.topic_arn) {
                LetsIn::Yes => {}
                LetsIn::No => return Ok(Checked { in_flight, ..Wrong::Policy.checked(record, backlog) }),
                LetsIn::CannotTell { why } => unseen.push(Problem::new(Code::AwsRefused, cannot_tell(&why), TRY_IT)),
            }
        }
        Err(refused) => match unseen_or_found("the queue's policy", refused)? {
            Found::Unseen(problem) => unseen.push(problem),
            Found::Trouble(checked) => return Ok(checked),
        },
    }
    match delivery(access, record, &arn).await {
        Ok(None) => {}
        Ok(Some(wrong)) => return Ok(Checked { in_flight, ..wrong.checked(record, backlog) }),
        Err(refused) => match unseen_or_found("the subscription", refused)? {
            Found::Unseen(problem) => unseen.push(problem),
            Found::Trouble(checked) => return Ok(Checked { backlog, ..checked }),
        },
    }
    let state = if unseen.is_empty() { SubscriptionState::Ok } else { SubscriptionState::Unchecked };
    Ok(Checked { state, problem: together(unseen), backlog, in_flight })
}

/// The queue's policy hangs on something that is not seen from here.
pub(crate) fn cannot_tell(why: &str) -> String {
    format!("cannot tell whether the queue's access policy lets the topic deliver: {why}")
}

/// Only a message tells then.
pub(crate) const TRY_IT: &str = "send a test message and see whether it comes: with the doctor's button in the window, or watchbellctl doctor --publish";

/// What keeps the topic from sending everything that it should to the queue.
async fn delivery(access: &Access, record: &SubscriptionRecord, queue: &QueueArn) -> Result<Option<Wrong>, Refusal> {
    let sns = access.sns(record.topic_arn.region()).await;
    match subscription::topic(&sns, &record.topic_arn).await {
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => return Ok(Some(Wrong::TopicGone)),
        // The subscription tells more; whether it may be read is asked next.
        Ok(()) => {}
        Err(refused) if refused.state == SubscriptionState::Denied => {}
        Err(refused) => return Err(refused),
    }
    let arn = match &record.subscription_arn {
        Some(arn) => arn.clone(),
        None => match subscription::feed(&sns, &record.topic_arn, queue).await? {
            Feed::Subscription(arn) => arn,
            Feed::Pending => return Ok(Some(Wrong::Pending)),
            Feed::Nothing => return Ok(Some(Wrong::NotSubscribed)),
        },
    };
    match subscription::attributes(&sns, &arn).await {
        Ok(held) => Ok(differs(record, &held)),
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => Ok(Some(Wrong::SubscriptionGone)),
        Err(refused) => Err(refused),
    }
}

/// The worst of what somebody changed on the subscription.
fn differs(record: &SubscriptionRecord, held: &subscription::Attributes) -> Option<Wrong> {
    changed(record, held).into_iter().next()
}

/// What somebody changed on the subscription, the worst first.
pub(crate) fn changed(record: &SubscriptionRecord, held: &subscription::Attributes) -> Vec<Wrong> {
    let text = |name: &str| held.get(name).map_or("", String::as_str);
    if text("PendingConfirmation") == "true" {
        return vec![Wrong::Pending];
    }
    // An administrator's subscription is his; what it held back when it was adopted was said then.
    if record.adopted {
        return Vec::new();
    }
    let mut wrong = Vec::new();
    let filter = text("FilterPolicy");
    // One that was taken off lets more through, and nothing is missed.
    if !same_json(filter, "") {
        let wished = filter_policy(record.filter).map(|policy| policy.to_string()).unwrap_or_default();
        if !same_json(filter, &wished) {
            wrong.push(Wrong::Filter);
        }
        // SNS leaves the scope out where it is the usual one.
        if text("FilterPolicyScope") != "MessageBody" {
            wrong.push(Wrong::Scope);
        }
    }
    if text("RawMessageDelivery") == "true" && !record.raw {
        wrong.push(Wrong::Raw);
    }
    wrong
}

enum Found {
    /// It may not be looked at.
    Unseen(Problem),
    /// It was looked at, and is not well.
    Trouble(Checked),
}

fn unseen_or_found(what: &str, refused: Refusal) -> Result<Found, Problem> {
    let Refusal { problem, state, transient } = refused;
    match state {
        SubscriptionState::Denied => {
            Ok(Found::Unseen(Problem { message: format!("cannot check {what}: {}", problem.message), ..problem }))
        }
        _ if transient => Err(problem),
        _ => Ok(Found::Trouble(Checked { state, problem: Some(problem), backlog: None, in_flight: None })),
    }
}

/// Everything that could not be looked at, in one problem.
fn together(unseen: Vec<Problem>) -> Option<Problem> {
    unseen.into_iter().reduce(|mut all, next| {
        all.message = format!("{}; {}", all.message, next.message);
        all.hint = format!("{}; and {}", all.hint, next.hint);
        all
    })
}
