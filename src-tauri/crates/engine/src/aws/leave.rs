//! Leaving: the subscription first, then the queue.
//!
//! **Invariant:** an adopted queue is never deleted, nor its subscription removed: what we did not make we do not touch
//! (DESIGN §2.7). What cannot be removed is named, and the rest is removed all the same.

use serde::Serialize;
use watchbell_core::health::SubscriptionState;

use super::access::Access;
use super::adopt::queue_arn_of;
use super::{queue, subscription};
use crate::error::Problem;
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

/// Unsubscribes, then deletes the queue.
pub async fn leave(access: &Access, record: &SubscriptionRecord) -> LeaveReport {
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
    let sns = access.sns(record.topic_arn.region()).await;
    let sqs = access.sqs_setup(queue_arn.region()).await;

    let arn = match &record.subscription_arn {
        Some(arn) => Ok(Some(arn.clone())),
        None => match subscription::find(&sns, &record.topic_arn, &queue_arn).await {
            // Without its topic a subscription delivers nothing.
            Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => Ok(None),
            found => found,
        },
    };
    let unsubscribed = match &arn {
        Ok(Some(arn)) => subscription::unsubscribe(&sns, arn).await,
        Ok(None) => Ok(()),
        Err(refused) => Err(refused.clone()),
    };
    let what = match arn {
        Ok(Some(arn)) => format!("the subscription {arn}"),
        _ => format!("the subscription of {} to {}", queue_arn.name(), record.topic_arn),
    };
    report.note(what, unsubscribed.map_err(Problem::from));

    // Also when the subscription stays: what it delivers then is thrown away by SNS, not kept for nobody.
    let deleted = queue::delete(&sqs, &record.queue_url, queue_arn.as_str()).await;
    report.note(format!("the queue {}", record.queue_url), deleted.map_err(Problem::from));
    report
}

impl LeaveReport {
    fn note(&mut self, what: String, outcome: Result<(), Problem>) {
        match outcome {
            Ok(()) => self.removed.push(what),
            Err(problem) => self.could_not.push(CouldNot { what, problem }),
        }
    }
}
