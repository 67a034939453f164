//! Leaving: the subscription first, then the queue.
//!
//! **Invariant:** an adopted queue is never deleted, nor its subscription removed: what we did not make we do not touch.
//! The queue's tags are read before anything is removed: what somebody else or another machine has under the same name
//! since is kept, with its subscription. What cannot be removed is named, and the rest is removed all the same, but for the queue of a
//! leftover, which alone leads to its subscription. An interruption ends between two calls, and what is left then is named.

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
    /// What stays, and why: it is not ours, or was only forgotten here.
    pub kept: Vec<String>,
    /// What stays because AWS, the keychain or the data folder refused or could not be reached.
    pub could_not: Vec<CouldNot>,
    /// What left the keychain.
    pub forgotten: Vec<String>,
    /// The commands by which an administrator removes what was only forgotten here.
    pub by_hand: Vec<String>,
}

/// What says that a queue may be removed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Grounds {
    /// This data folder's record of it; tags that may not be read, or are gone, are no reason against it.
    Record,
    /// Its tags alone, by which it was found. Another machine of this person may have made it.
    Tags,
}

/// What the tags say of a queue that is to be removed.
enum Verdict {
    /// It may be; what the receipt is to say of it, besides.
    Ours(&'static str),
    /// It is gone already.
    Gone,
    /// It may not, and why.
    Kept(String),
}

/// Unsubscribes, then deletes the queue. Once cancelled, the call under way is heard to its end and no other is made.
pub async fn leave(
    access: &Access,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    cancel: &CancellationToken,
) -> LeaveReport {
    remove(access, record, person, Grounds::Record, cancel).await
}

/// The same with a queue that only its tags call this person's.
pub(super) async fn leave_leftover(
    access: &Access,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    cancel: &CancellationToken,
) -> LeaveReport {
    remove(access, record, person, Grounds::Tags, cancel).await
}

async fn remove(
    access: &Access,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    grounds: Grounds,
    cancel: &CancellationToken,
) -> LeaveReport {
    let mut report = LeaveReport::default();
    if record.adopted {
        report.kept.push(kept_adopted(record));
        return report;
    }
    let queue = match arn_of(record) {
        Ok(arn) => arn,
        Err(problem) => {
            report.note(of_queue(record), Err(problem));
            return report;
        }
    };
    let sqs = access.sqs_setup(queue.region()).await;
    let verdict = tokio::select! {
        biased;
        // Before the first write an interruption may come at any moment.
        () = cancel.cancelled() => Err(interrupted()),
        verdict = judge(&sqs, record, person, &queue, grounds) => verdict,
    };
    let besides = match verdict {
        Ok(Verdict::Ours(besides)) => Some(besides),
        Ok(Verdict::Gone) => None,
        Ok(Verdict::Kept(why)) => {
            report.kept.push(format!("{} and its subscription, {why}", of_queue(record)));
            return report;
        }
        Err(problem) => return LeaveReport::untouched(record, &problem),
    };
    let unsubscribed = tokio::select! {
        biased;
        () = cancel.cancelled() => Err(interrupted()),
        found = find(access, record, &queue) => found,
    };
    let (what, unsubscribed) = match unsubscribed {
        Ok(Some(arn)) => {
            let sns = access.sns(record.topic_arn.region()).await;
            let gone = subscription::unsubscribe(&sns, &arn).await.map_err(Problem::from);
            (format!("the subscription {arn}"), gone)
        }
        Ok(None) => (of_subscription(record, &queue), Ok(())),
        Err(problem) => (of_subscription(record, &queue), Err(problem)),
    };
    let stays = unsubscribed.is_err();
    report.note(what, unsubscribed);

    let what = of_queue(record);
    let deleted = match besides {
        None => Ok(()),
        Some(_) if cancel.is_cancelled() => Err(interrupted()),
        Some(_) if stays && grounds == Grounds::Tags => Err(needed()),
        // Also when the subscription stays: what it delivers then is thrown away by SNS, not kept for nobody.
        Some(_) => queue::delete(&sqs, &record.queue_url, queue.as_str()).await.map_err(Problem::from),
    };
    report.note(format!("{what}{}", besides.filter(|_| deleted.is_ok()).unwrap_or_default()), deleted);
    report
}

/// Whose the queue of this name is by now, as its tags say.
async fn judge(
    sqs: &aws_sdk_sqs::Client,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    queue: &QueueArn,
    grounds: Grounds,
) -> Result<Verdict, Problem> {
    let held = match queue::tags(sqs, &record.queue_url, queue.as_str()).await {
        Ok(held) => held,
        Err(refused) if refused.state == SubscriptionState::QueueMissing => return Ok(Verdict::Gone),
        Err(refused) if refused.state == SubscriptionState::Denied && grounds == Grounds::Record => {
            return Ok(Verdict::Ours(" (its tags may not be read, so the record in the data folder decided)"));
        }
        Err(refused) => return Err(refused.problem),
    };
    Ok(match (whose(&held, person, &record.topic_arn), grounds) {
        (Whose::Ours, _)
        | (Whose::OtherCaller { .. }, Grounds::Record)
        | (Whose::OtherMachine { .. }, Grounds::Tags) => Verdict::Ours(""),
        (Whose::Untagged, Grounds::Record) => {
            Verdict::Ours(" (its tags were gone, so the record in the data folder decided)")
        }
        (Whose::OtherMachine { why }, Grounds::Record) => Verdict::Kept(format!(
            "which are another machine's by now: {why}; to remove them all the same, when it is gone: watchbellctl unsubscribe --leftover {}",
            record.queue_url
        )),
        (Whose::Foreign { why }, _) | (Whose::OtherCaller { why }, Grounds::Tags) => {
            Verdict::Kept(format!("which are not ours any more: {why}"))
        }
        (Whose::Untagged, Grounds::Tags) => Verdict::Kept("which are nobody's any more: its tags are gone".to_owned()),
    })
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

/// The queue of a record.
pub(crate) fn arn_of(record: &SubscriptionRecord) -> Result<QueueArn, Problem> {
    match &record.queue_arn {
        Some(arn) => Ok(arn.clone()),
        None => queue_arn_of(&record.queue_url, &record.queue_region, &record.topic_arn),
    }
}

/// What a receipt says of a queue that is an administrator's.
pub(crate) fn kept_adopted(record: &SubscriptionRecord) -> String {
    format!("{}, which an administrator made", of_queue(record))
}

/// What a receipt calls the queue.
pub(crate) fn of_queue(record: &SubscriptionRecord) -> String {
    format!("the queue {}", record.queue_url)
}

fn of_subscription(record: &SubscriptionRecord, queue: &QueueArn) -> String {
    match &record.subscription_arn {
        Some(arn) => format!("the subscription {arn}"),
        None => format!("the subscription of {} to {}", queue.name(), record.topic_arn),
    }
}

fn interrupted() -> Problem {
    Problem::new(
        Code::No,
        "interrupted before it was removed",
        "press Leave once more, or run watchbellctl unsubscribe again, to remove it",
    )
}

fn needed() -> Problem {
    Problem::new(
        Code::No,
        "it is kept until its subscription is gone: nothing else leads to that",
        "mend what kept the subscription, and remove the queue then",
    )
}

impl LeaveReport {
    /// Nothing could be removed, for this reason.
    pub(crate) fn untouched(record: &SubscriptionRecord, why: &Problem) -> Self {
        let mut report = Self::default();
        if let Ok(queue) = arn_of(record) {
            report.note(of_subscription(record, &queue), Err(why.clone()));
        }
        report.note(of_queue(record), Err(why.clone()));
        report
    }

    pub(crate) fn note(&mut self, what: String, outcome: Result<(), Problem>) {
        match outcome {
            Ok(()) => self.removed.push(what),
            Err(problem) => self.could_not.push(CouldNot { what, problem }),
        }
    }
}
