//! Leaving: one subscription with a receipt, and queues that were left behind elsewhere.
//!
//! **Invariant 7:** only what our record or the queue's own tags call ours is removed; what stays is named with its reason.

use std::sync::Arc;

use watchbell_engine::aws::leave::LeaveReport;
use watchbell_engine::aws::leftover;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::setup::{self, Me};
use watchbell_engine::store::SubscriptionRecord;

use super::types::{LeftoverRow, Leftovers, Receipt};
use super::{Answer, Held, access_of, record, records};

/// Unsubscribes, deletes the queue, forgets the secret. Says what became of each.
#[tauri::command]
#[specta::specta]
pub(crate) async fn leave_subscription(shell: Held<'_>, topic_arn: String) -> Answer<Receipt> {
    let leaving = record(&shell, &topic_arn).await?;
    let others: Vec<SubscriptionRecord> =
        records(&shell).await?.into_iter().filter(|one| one.topic_arn != leaving.topic_arn).collect();
    let access = access_of(&shell, &leaving).await?;
    let shell = Arc::clone(&shell);
    let runs = shell.onboarding.runs().clone();
    // In a task of its own: a window that closes half-way must not leave half.
    let run = runs.spawn(async move {
        let run = shell.onboarding.begin(&shell.quit)?;
        setup::take_away(&shell.dir, &access, &leaving, &others, &run.cancel).await
    });
    receipt(run.await)
}

/// Queues of this person's that nothing here reads, in the regions and with the rights of the subscriptions that there are.
#[tauri::command]
#[specta::specta]
pub(crate) async fn leftovers(shell: Held<'_>) -> Answer<Leftovers> {
    let held = records(&shell).await?;
    let mut looked = Leftovers { queues: Vec::new(), problems: Vec::new() };
    let mut places: Vec<&SubscriptionRecord> = Vec::new();
    for record in &held {
        let same = |one: &&SubscriptionRecord| {
            (&one.credentials, &one.role_arn, &one.queue_region)
                == (&record.credentials, &record.role_arn, &record.queue_region)
        };
        if !places.iter().any(same) {
            places.push(record);
        }
    }
    let me = Me::here();
    for place in places {
        let found = match access_of(&shell, place).await {
            Ok(access) => leftover::leftovers(&access, &place.queue_region, &me.person(), &held).await,
            Err(problem) => Err(problem),
        };
        match found {
            Ok(found) => {
                looked.problems.extend(found.untold.map(|(_, problem)| problem.into()));
                let new = found.leftovers.into_iter().map(|one| LeftoverRow {
                    queue_url: one.queue_url,
                    region: place.queue_region.clone(),
                    host: one.host,
                    topic_arn: one.topic_arn,
                    created: one.created,
                    last_seen: one.last_seen,
                    here: one.here,
                    found_by: place.topic_arn.to_string(),
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

/// Removes one of them, after the person's yes. Its tags are read again first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn remove_leftover(shell: Held<'_>, queue: LeftoverRow) -> Answer<Receipt> {
    let by = record(&shell, &queue.found_by).await?;
    if records(&shell).await?.iter().any(|one| one.queue_url == queue.queue_url) {
        let message = format!("{} is read here: it is not left over", queue.queue_url);
        return Err(EngineProblem::new(Code::No, message, "leave its subscription instead").into());
    }
    let access = access_of(&shell, &by).await?;
    let shell = Arc::clone(&shell);
    let runs = shell.onboarding.runs().clone();
    let run = runs.spawn(async move {
        let run = shell.onboarding.begin(&shell.quit)?;
        let me = Me::here();
        let (region, person) = (queue.region, me.person());
        let found = leftover::find(&access, &region, &person, &queue.queue_url).await?;
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
