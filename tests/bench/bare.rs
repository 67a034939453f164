//! The baseline: a bare SDK loop that receives, parses and deletes, and remembers nothing.

use std::time::Instant;

use aws_sdk_sqs::types::DeleteMessageBatchRequestEntry;

/// One receive of at most ten; each body parsed twice as JSON, then one batch delete. Gives the bodies' inner messages.
pub(crate) async fn turn(sqs: &aws_sdk_sqs::Client, queue: &str, wait: i32) -> anyhow::Result<Vec<serde_json::Value>> {
    let answer =
        sqs.receive_message().queue_url(queue).max_number_of_messages(10).wait_time_seconds(wait).send().await?;
    let messages = answer.messages.unwrap_or_default();
    if messages.is_empty() {
        return Ok(Vec::new());
    }
    let mut inner = Vec::with_capacity(messages.len());
    let mut entries = Vec::with_capacity(messages.len());
    for (index, message) in messages.iter().enumerate() {
        let envelope: serde_json::Value = serde_json::from_str(message.body().unwrap_or_default())?;
        inner.push(serde_json::from_str(envelope["Message"].as_str().unwrap_or("null"))?);
        let handle = message.receipt_handle().unwrap_or_default();
        entries.push(DeleteMessageBatchRequestEntry::builder().id(index.to_string()).receipt_handle(handle).build()?);
    }
    sqs.delete_message_batch().queue_url(queue).set_entries(Some(entries)).send().await?;
    Ok(inner)
}

/// Drains `messages` from the queue; messages a second from the first receive to the last delete.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) async fn drain(sqs: &aws_sdk_sqs::Client, queue: &str, messages: usize) -> anyhow::Result<f64> {
    let began = Instant::now();
    let mut seen = 0;
    while seen < messages {
        seen += turn(sqs, queue, 1).await?.len();
    }
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    Ok(messages as f64 / began.elapsed().as_secs_f64())
}
