//! Deleting what has been committed: batches of ten, and each refused entry tried again.
//!
//! **Invariant:** only receipt handles of committed messages come in here. A delete that fails for good loses nothing: the copy
//! comes again and joins into the same history; that it cannot be deleted is told. Never here: deciding what may be deleted.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use super::{Receiving, Shared};
use crate::aws::refusal::{Refusal, refusal};

/// How often one batch is tried. A message not deleted by then is received again after its visibility time-out.
const TRIES: u32 = 5;

/// Deletes `handles` (at most 10, the limit of `DeleteMessageBatch`) in a task of its own, bounded by the permits.
pub(super) async fn begin(receiving: &Arc<Receiving>, handles: Vec<String>) {
    let Ok(permit) = Arc::clone(&receiving.shared.permits).acquire_owned().await else { return };
    let (shared, sqs, cancel) = (receiving.shared.clone(), receiving.sqs.clone(), receiving.cancel.clone());
    receiving.shared.deletes.spawn(async move {
        let _permit = permit;
        batch(&shared, &sqs, &cancel, handles).await;
    });
}

/// When these pollers end (the end of the app, new clients) a refused entry is tried once more and without a pause: what is left
/// then will be received again.
async fn batch(shared: &Shared, sqs: &aws_sdk_sqs::Client, ending: &CancellationToken, mut handles: Vec<String>) {
    let mut backoff = Backoff::new(shared.limits.delete_again, Duration::from_secs(5));
    let topic = shared.topic.as_str();
    for tries in 1..=TRIES {
        match tokio::time::timeout(shared.limits.delete_within, attempt(shared, sqs, &handles)).await {
            Ok(Ok(refused)) => {
                shared.board.deletes(topic, None);
                handles = refused;
                if handles.is_empty() {
                    return;
                }
            }
            Ok(Err(refusal)) => {
                tracing::warn!(topic, problem = %refusal.problem, "deleting committed messages failed");
                // The polls meet every other trouble themselves.
                if refusal.state == SubscriptionState::Denied {
                    shared.board.deletes(topic, Some(&refusal.problem));
                }
                if !refusal.transient {
                    break;
                }
            }
            Err(_late) => tracing::warn!(topic, "deleting committed messages took too long"),
        }
        if ending.is_cancelled() && tries > 1 {
            break;
        }
        tokio::select! {
            () = ending.cancelled() => {}
            () = tokio::time::sleep(backoff.fail(fastrand::f64())) => {}
        }
    }
    tracing::warn!(topic, left = handles.len(), "committed messages are still in the queue and will be received again");
}

/// One `DeleteMessageBatch`. A 200 may carry `Failed[]`: those handles come back, but not the ones AWS calls our own mistake,
/// for a handle that is malformed or expired never deletes anything.
async fn attempt(shared: &Shared, sqs: &aws_sdk_sqs::Client, handles: &[String]) -> Result<Vec<String>, Box<Refusal>> {
    let mut by_id: HashMap<String, &String> =
        handles.iter().enumerate().map(|(index, handle)| (index.to_string(), handle)).collect();
    let entries = by_id
        .iter()
        .map(|(id, handle)| DeleteMessageBatchRequestEntry::builder().id(id).receipt_handle(*handle).build())
        .collect::<Result<Vec<_>, _>>()
        .map_err(aws_sdk_sqs::error::SdkError::construction_failure);
    let answer = match entries {
        Ok(entries) => sqs.delete_message_batch().queue_url(&shared.queue_url).set_entries(Some(entries)).send().await,
        Err(unbuilt) => Err(unbuilt),
    };
    // The permission is that of the single call; there is no action for the batch.
    let answer = answer.map_err(|error| Box::new(refusal("sqs:DeleteMessage", &shared.queue_url, &error)))?;
    let refused = answer.failed().iter().filter(|failed| {
        if failed.sender_fault() {
            tracing::warn!(topic = %shared.topic, code = failed.code(), "SQS will not delete a message with this receipt handle; its copy will come again");
        }
        !failed.sender_fault()
    });
    Ok(refused.filter_map(|failed| by_id.remove(failed.id())).cloned().collect())
}
