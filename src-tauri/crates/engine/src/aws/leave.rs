//! Leaving: the subscription first, then the queue.
//!
//! **Invariant:** an adopted queue is never deleted, nor its subscription removed: what we did not make we do not touch
//! (DESIGN §2.7), and what somebody else made under the same name since is kept, too. What cannot be removed is named, and the
//! rest is removed all the same. An interruption ends between two calls, and what is left then is named.

use serde::Serialize;
use tokio_util::sync::CancellationToken;
use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::{Person, Whose, whose};

use super::access::Access;
use super::adopt::queue_arn_of;
use super::{queue, subscription};
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

/// Something that stays although it should have gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CouldNot {
    /// `the queue …` or `the subscription …`.
    pub what: String,
    /// Why, and what to do.
    pub problem: Problem,
}

/// What became of it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct LeaveReport {
    /// What is gone now; what was gone before counts too.
    pub removed: Vec<String>,
    /// What stays because it is not ours.
    pub kept: Vec<String>,
    /// What stays because AWS refused or could not be reached.
    pub could_not: Vec<CouldNot>,
}

/// Unsubscribes, then deletes the queue. Once cancelled, the call under way is heard to its end and no other is made.
pub async fn leave(
    access: &Access,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    cancel: &CancellationToken,
) -> LeaveReport {
    let mut report = LeaveReport::default();
    if record.adopted {
        report.kept.push(format!("the queue {}, which an administrator made", record.queue_url));
        return report;
    }
    let queue_arn = match &record.queue_arn {
        Some(arn) => Ok(arn.clone()),
        None => queue_arn_of(&record.queue_url, &record.queue_region, &record.topic_arn),
    };
    let queue_arn = match queue_arn {
        Ok(arn) => arn,
        Err(problem) => {
            report.note(format!("the queue {}", record.queue_url), Err(problem));
            return report;
        }
    };
    let (what, unsubscribed) = tokio::select! {
        biased;
        // Before the first write an interruption may come at any moment.
        () = cancel.cancelled() => (subscription_of(record, &queue_arn), Err(interrupted())),
        found = find(access, record, &queue_arn) => match found {
            Ok(Some(arn)) => {
                let sns = access.sns(record.topic_arn.region()).await;
                let gone = subscription::unsubscribe(&sns, &arn).await.map_err(Problem::from);
                (format!("the subscription {arn}"), gone)
            }
            Ok(None) => (subscription_of(record, &queue_arn), Ok(())),
            Err(problem) => (subscription_of(record, &queue_arn), Err(problem)),
        },
    };
    report.note(what, unsubscribed);

    // Also when the subscription stays: what it delivers then is thrown away by SNS, not kept for nobody.
    let what = format!("the queue {}", record.queue_url);
    if cancel.is_cancelled() {
        report.note(what, Err(interrupted()));
        return report;
    }
    let sqs = access.sqs_setup(queue_arn.region()).await;
    if let Some(why) = foreign(&sqs, record, person, &queue_arn).await {
        report.kept.push(format!("{what}, which is not ours any more: {why}"));
        return report;
    }
    let deleted = queue::delete(&sqs, &record.queue_url, queue_arn.as_str()).await;
    report.note(what, deleted.map_err(Problem::from));
    report
}

async fn find(access: &Access, record: &SubscriptionRecord, queue: &QueueArn) -> Result<Option<String>, Problem> {
    if record.subscription_arn.is_some() {
        return Ok(record.subscription_arn.clone());
    }
    let sns = access.sns(record.topic_arn.region()).await;
    match subscription::find(&sns, &record.topic_arn, queue).await {
        // Without its topic a subscription delivers nothing.
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => Ok(None),
        found => found.map_err(Problem::from),
    }
}

/// Why the queue of this name is somebody else's by now, if its tags say so. Without the right to look our record counts.
async fn foreign(
    sqs: &aws_sdk_sqs::Client,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    queue: &QueueArn,
) -> Option<String> {
    let held = queue::tags(sqs, &record.queue_url, queue.as_str()).await.ok()?;
    match whose(&held, person, &record.topic_arn) {
        Whose::Foreign { why } => Some(why),
        Whose::Ours | Whose::OtherMachine { .. } | Whose::Untagged => None,
    }
}

fn subscription_of(record: &SubscriptionRecord, queue: &QueueArn) -> String {
    format!("the subscription of {} to {}", queue.name(), record.topic_arn)
}

fn interrupted() -> Problem {
    Problem::new(
        Code::No,
        "interrupted before it was removed",
        "press Leave once more, or run watchbellctl unsubscribe again, to remove it",
    )
}

impl LeaveReport {
    fn note(&mut self, what: String, outcome: Result<(), Problem>) {
        match outcome {
            Ok(()) => self.removed.push(what),
            Err(problem) => self.could_not.push(CouldNot { what, problem }),
        }
    }
}
