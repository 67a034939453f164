//! Leaving: one subscription with a receipt, and queues that were left behind elsewhere.
//!
//! **Invariant 7:** only what our record or the queue's own tags call ours is removed; what stays is named with its reason.

use std::sync::Arc;

use watchbell_engine::aws::access::Access;
use watchbell_engine::aws::leave::LeaveReport;
use watchbell_engine::aws::leftover;
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::setup::{self, Me};
use watchbell_engine::store::{CredentialSource, SubscriptionRecord};

use super::types::{Elsewhere, FoundBy, LeftoverRow, Leftovers, Receipt};
use super::{Answer, Held, access, access_of, record, records};
use crate::shell::Shell;

/// Unsubscribes, deletes the queue, forgets the secret. Says what became of each.
#[tauri::command]
#[specta::specta]
pub(crate) async fn leave_subscription(shell: Held<'_>, topic_arn: String) -> Answer<Receipt> {
    gone(&shell, &topic_arn, false).await
}

/// Forgets it here without a call to AWS, when that cannot be reached with its credentials any more. Says what stays there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn forget_subscription(shell: Held<'_>, topic_arn: String) -> Answer<Receipt> {
    gone(&shell, &topic_arn, true).await
}

async fn gone(shell: &Held<'_>, topic_arn: &str, only_here: bool) -> Answer<Receipt> {
    let leaving = record(shell, topic_arn).await?;
    let others: Vec<SubscriptionRecord> =
        records(shell).await?.into_iter().filter(|one| one.topic_arn != leaving.topic_arn).collect();
    let shell = Arc::clone(shell);
    let runs = shell.onboarding.runs().clone();
    // In a task of its own: a window that closes half-way must not leave half.
    let run = runs.spawn(async move {
        let run = shell.onboarding.begin(&shell.quit)?;
        if only_here {
            return setup::forget_here(&shell.dir, &leaving, &others).await;
        }
        setup::take_away(&shell.dir, shell.endpoint_url.as_deref(), &leaving, &others, &run.cancel).await
    });
    receipt(run.await)
}

/// Queues of this person's that nothing here reads: in the regions and with the rights of the subscriptions that there are, or where
/// `place` says.
#[tauri::command]
#[specta::specta]
pub(crate) async fn leftovers(shell: Held<'_>, place: Option<Elsewhere>) -> Answer<Leftovers> {
    let held = records(&shell).await?;
    let places = match place {
        Some(place) => vec![(FoundBy::Profile { name: place.profile }, place.region)],
        None => places(&held),
    };
    let mut looked = Leftovers { queues: Vec::new(), problems: Vec::new() };
    let (me, now) = (Me::here(), clock::now());
    for (found_by, region) in places {
        let found = match access_by(&shell, &found_by).await {
            Ok(access) => leftover::leftovers(&access, &region, &me.person(), &held).await,
            Err(problem) => Err(problem),
        };
        match found {
            Ok(found) => {
                looked.problems.extend(found.untold.map(|(_, problem)| problem.into()));
                let new = found.leftovers.into_iter().map(|one| LeftoverRow {
                    fresh: one.is_fresh(now),
                    queue_url: one.queue_url,
                    region: region.clone(),
                    host: one.host,
                    topic_arn: one.topic_arn,
                    created: one.created,
                    last_seen: one.last_seen,
                    here: one.here,
                    found_by: found_by.clone(),
                });
                for row in new {
                    if looked.queues.iter().all(|held| held.queue_url != row.queue_url) {
                        looked.queues.push(row);
                    }
                }
            }
            Err(problem) => looked.problems.push(problem.into()),
        }
    }
    Ok(looked)
}

/// Each region with each rights once.
fn places(held: &[SubscriptionRecord]) -> Vec<(FoundBy, String)> {
    let mut places: Vec<&SubscriptionRecord> = Vec::new();
    for record in held {
        let same = |one: &&SubscriptionRecord| {
            (&one.credentials, &one.role_arn, &one.queue_region)
                == (&record.credentials, &record.role_arn, &record.queue_region)
        };
        if !places.iter().any(same) {
            places.push(record);
        }
    }
    let place = |record: &SubscriptionRecord| {
        (FoundBy::Subscription { topic_arn: record.topic_arn.to_string() }, record.queue_region.clone())
    };
    places.into_iter().map(place).collect()
}

async fn access_by(shell: &Shell, found_by: &FoundBy) -> Result<Access, EngineProblem> {
    match found_by {
        FoundBy::Subscription { topic_arn } => access_of(shell, &record(shell, topic_arn).await?).await,
        FoundBy::Profile { name } => {
            access(shell, &setup::Rights::plain(CredentialSource::Profile { name: name.clone() })).await
        }
    }
}

/// Removes one of them, after the person's yes. Its tags are read again first: one that was read meanwhile is not what was agreed to.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_leftover(shell: Held<'_>, queue: LeftoverRow) -> Answer<Receipt> {
    if leftover::is_known(&queue.queue_url, &records(&shell).await?) {
        let message = format!("{} is read here: it is not left over", queue.queue_url);
        return Err(EngineProblem::new(Code::No, message, "leave its subscription instead").into());
    }
    let access = access_by(&shell, &queue.found_by).await?;
    let shell = Arc::clone(&shell);
    let runs = shell.onboarding.runs().clone();
    let run = runs.spawn(async move {
        let run = shell.onboarding.begin(&shell.quit)?;
        let me = Me::here();
        let (region, person) = (queue.region, me.person());
        let found = leftover::find(&access, &region, &person, &queue.queue_url).await?;
        if !queue.fresh && found.leftover.is_fresh(clock::now()) {
            let message = format!("{} was read since you looked: a Watchbell may be hearing by it", queue.queue_url);
            return Err(EngineProblem::new(Code::No, message, "look for queues left over again, and decide then"));
        }
        Ok(found.remove(&access, &person, &run.cancel).await)
    });
    receipt(run.await)
}

fn receipt(ended: Result<Result<LeaveReport, EngineProblem>, tokio::task::JoinError>) -> Answer<Receipt> {
    match ended {
        Ok(report) => Ok(report?.into()),
        Err(error) => {
            let hint =
                "look in the settings for what is left (watchbellctl subscriptions lists it, too), and try again";
            Err(EngineProblem::new(Code::No, format!("leaving broke off: {error}"), hint).into())
        }
    }
}
