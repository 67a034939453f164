//! Deleting what has been committed: batches of ten, and each refused entry tried again.
//!
//! **Invariant:** only receipt handles of committed messages come in here. A delete that fails for good loses nothing: the copy
//! comes again and joins into the same history. Never here: deciding what may be deleted.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;
use watchbell_core::backoff::Backoff;

use super::Receiving;

/// How often one batch is tried. A message not deleted by then is received again after its visibility time-out.
const TRIES: u32 = 5;

/// Deletes `handles` (at most 10, the limit of `DeleteMessageBatch`) in a task of its own, bounded by the permits.
pub(super) async fn begin(receiving: &Arc<Receiving>, handles: Vec<String>) {
    let Ok(permit) = Arc::clone(&receiving.deletes).acquire_owned().await else { return };
    let this = Arc::clone(receiving);
    receiving.tasks.spawn(async move {
        let _permit = permit;
        batch(&this, handles).await;
    });
}

async fn batch(receiving: &Receiving, mut handles: Vec<String>) {
    let mut backoff = Backoff::new(Duration::from_millis(200), Duration::from_secs(5));
    for _ in 0..TRIES {
        handles = match attempt(receiving, &handles).await {
            Ok(refused) if refused.is_empty() => return,
            Ok(refused) => refused,
            Err(error) => {
                tracing::warn!(queue = %receiving.queue_url, error = %aws_sdk_sqs::error::DisplayErrorContext(&error), "deleting committed messages failed");
                handles
            }
        };
        tokio::time::sleep(backoff.fail(fastrand::f64())).await;
    }
    tracing::warn!(queue = %receiving.queue_url, left = handles.len(), "committed messages are still in the queue and will be received again");
}

/// One `DeleteMessageBatch`. A 200 may carry `Failed[]`: those handles come back, but not the ones AWS calls our own mistake,
/// for a handle that is malformed or expired never deletes anything.
async fn attempt(
    receiving: &Receiving,
    handles: &[String],
) -> Result<
    Vec<String>,
    aws_sdk_sqs::error::SdkError<aws_sdk_sqs::operation::delete_message_batch::DeleteMessageBatchError>,
> {
    let entries = handles
        .iter()
        .enumerate()
        .map(|(index, handle)| {
            DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(handle).build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(aws_sdk_sqs::error::SdkError::construction_failure)?;
    let answer =
        receiving.sqs.delete_message_batch().queue_url(&receiving.queue_url).set_entries(Some(entries)).send().await?;
    let refused = answer.failed().iter().filter(|failed| {
        if failed.sender_fault() {
            tracing::warn!(queue = %receiving.queue_url, code = failed.code(), "SQS will not delete a message with this receipt handle; its copy will come again");
        }
        !failed.sender_fault()
    });
    Ok(refused.filter_map(|failed| handles.get(failed.id().parse::<usize>().ok()?)).cloned().collect())
}
