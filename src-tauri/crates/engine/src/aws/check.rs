//! Looking at what an empty poll cannot tell: a deleted topic or subscription, a changed filter or policy.
//!
//! **Invariant:** without the right to look the answer is "cannot check", never "ok" (DESIGN §2.3). Nothing is written, and
//! nothing that was deleted is made again.

use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::{filter_policy, policy_lets_in, same_json};

use super::access::Access;
use super::adopt::queue_arn_of;
use super::refusal::Refusal;
use super::{queue, subscription};
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// `ok`, `unchecked`, `denied`, `signed_out`, `queue_missing` or `subscription_missing`.
    pub state: SubscriptionState,
    /// What is wrong, or could not be looked at.
    pub problem: Option<Problem>,
    /// Messages that wait in the queue, as near as SQS knows.
    pub backlog: Option<u64>,
}

/// Looks at queue, policy, topic and subscription. `Err` when AWS could not be asked: then nothing is known that was not
/// before, and the pollers tell of it.
pub async fn check(access: &Access, record: &SubscriptionRecord) -> Result<Checked, Problem> {
    let arn = match &record.queue_arn {
        Some(arn) => arn.clone(),
        None => queue_arn_of(&record.queue_url, &record.queue_region, &record.topic_arn)?,
    };
    let mut unseen = None;
    let mut backlog = None;
    let sqs = access.sqs_setup(arn.region()).await;
    match queue::attributes(&sqs, &record.queue_url, arn.as_str()).await {
        Ok(held) => {
            backlog = held.get("ApproximateNumberOfMessages").and_then(|count| count.parse().ok());
            if !policy_lets_in(held.get("Policy").map_or("", String::as_str), &arn, &record.topic_arn) {
                return Ok(Checked { backlog, ..deaf(record, "the queue's policy no longer lets the topic deliver") });
            }
        }
        Err(refused) => match unseen_or_found("the queue's policy", refused)? {
            Found::Unseen(problem) => unseen = Some(problem),
            Found::Trouble(checked) => return Ok(checked),
        },
    }
    match delivery(access, record, &arn).await {
        Ok(None) => {}
        Ok(Some(wrong)) => return Ok(Checked { backlog, ..deaf(record, &wrong) }),
        Err(refused) => match unseen_or_found("the subscription", refused)? {
            Found::Unseen(problem) => unseen = Some(problem),
            Found::Trouble(checked) => return Ok(Checked { backlog, ..checked }),
        },
    }
    let state = if unseen.is_some() { SubscriptionState::Unchecked } else { SubscriptionState::Ok };
    Ok(Checked { state, problem: unseen, backlog })
}

/// Why the topic does not send everything that it should to the queue.
async fn delivery(access: &Access, record: &SubscriptionRecord, queue: &QueueArn) -> Result<Option<String>, Refusal> {
    let sns = access.sns(record.topic_arn.region()).await;
    match subscription::topic(&sns, &record.topic_arn).await {
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => {
            return Ok(Some(format!("the topic {} was deleted", record.topic_arn)));
        }
        // The subscription tells more; whether it may be read is asked next.
        Ok(()) => {}
        Err(refused) if refused.state == SubscriptionState::Denied => {}
        Err(refused) => return Err(refused),
    }
    let arn = match &record.subscription_arn {
        Some(arn) => arn.clone(),
        None => match subscription::find(&sns, &record.topic_arn, queue).await? {
            Some(arn) => arn,
            None => return Ok(Some("the topic does not send to the queue".to_owned())),
        },
    };
    let held = match subscription::attributes(&sns, &arn).await {
        Ok(held) => held,
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => {
            return Ok(Some("the subscription was deleted".to_owned()));
        }
        Err(refused) => return Err(refused),
    };
    if held.get("PendingConfirmation").is_some_and(|pending| pending == "true") {
        return Ok(Some("the subscription waits for a confirmation".to_owned()));
    }
    let filter = held.get("FilterPolicy").map_or("", String::as_str);
    let wished = filter_policy(record.filter).map(|policy| policy.to_string()).unwrap_or_default();
    // An administrator's filter is his; one that was taken off lets more through, and nothing is missed.
    if !record.adopted && !same_json(filter, "") && !same_json(filter, &wished) {
        return Ok(Some("somebody changed the subscription's filter: what it holds back is never heard".to_owned()));
    }
    Ok(None)
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
        _ => Ok(Found::Trouble(Checked { state, problem: Some(problem), backlog: None })),
    }
}

fn deaf(record: &SubscriptionRecord, wrong: &str) -> Checked {
    let hint = if record.adopted {
        "ask the administrator who made the queue"
    } else {
        "run watchbellctl subscribe again to mend it; what was sent meanwhile did not arrive"
    };
    let problem = Problem::new(Code::AwsRefused, format!("{wrong} ({})", record.topic_arn.name()), hint);
    Checked { state: SubscriptionState::SubscriptionMissing, problem: Some(problem), backlog: None }
}
