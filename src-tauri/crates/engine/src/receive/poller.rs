//! The polls themselves: one leader that waits long, followers that help while batches come back full.
//!
//! **Invariant:** a batch is stored before the same poller asks for the next one, so what is unsaved is bounded by the pollers.
//! Never here: deleting before the commit, or waiting on a timer while the queue could be asked.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use super::{COMMIT_WITHIN, Ended, RECEIVE_WITHIN, Receiving, delete};
use crate::aws::refusal::{Refusal, refusal};
use crate::clock;
use crate::engine::Progress;
use crate::error::{Code, Problem};
use crate::store::Incoming;

/// The most that one `ReceiveMessage` gives.
const FULL: usize = 10;
/// How long a poll under way may still bring something when receiving is to stop. What it would bring after that is visible
/// in the queue again within 60 s.
const LAST_POLL: Duration = Duration::from_secs(1);
/// The longest long poll that SQS offers.
const LONG_POLL: i32 = 20;

/// Polls until cancelled; with `once`, until the queue was empty twice while no follower was at work, or it cannot be read:
/// the board then says why.
pub(super) async fn lead(receiving: &Arc<Receiving>) -> Ended {
    // A short first poll says soon whether the queue can be read.
    let mut wait = 1;
    let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_mins(1));
    let mut empty = 0;
    loop {
        let Some(received) = poll(receiving, wait).await else { return Ended::Cancelled };
        match received {
            Ok(messages) => {
                wait = if receiving.once { 1 } else { LONG_POLL };
                let recovered = backoff.failures() > 0;
                backoff.reset();
                receiving.board.completed(receiving.topic.as_str(), messages.len());
                empty = if messages.is_empty() && receiving.is_alone() { empty + 1 } else { 0 };
                if messages.len() >= FULL {
                    receiving.grow();
                }
                keep(receiving, messages).await;
                if receiving.once && empty >= 2 {
                    return Ended::Drained;
                }
                if recovered {
                    return Ended::Stale; // connections pooled before an outage may be dead (aws-sdk-rust#827)
                }
            }
            Err(refused) => {
                wait = 1;
                receiving.board.troubled(receiving.topic.as_str(), refused.state, &refused.problem);
                tracing::warn!(topic = %receiving.topic, problem = %refused.problem, "a poll failed");
                if receiving.once && !refused.transient {
                    return Ended::Drained;
                }
                let pause = backoff.fail(fastrand::f64());
                tokio::select! {
                    () = receiving.cancel.cancelled() => return Ended::Cancelled,
                    () = tokio::time::sleep(pause) => {}
                }
                if backoff.failures() >= 3 {
                    return if receiving.once { Ended::Drained } else { Ended::Stale };
                }
            }
        }
    }
}

/// Helps while batches come back full, and is gone at the first that does not.
pub(super) async fn follow(receiving: &Arc<Receiving>) {
    loop {
        // The leader meets the same error, reports it and backs off.
        let Some(Ok(messages)) = poll(receiving, 0).await else { return };
        let full = messages.len() >= FULL;
        if full {
            receiving.grow();
        }
        keep(receiving, messages).await;
        if !full {
            return;
        }
    }
}

/// One poll, or `None` when receiving is to stop. A poll under way is not cut off at once: what it brings is kept.
async fn poll(receiving: &Receiving, wait_seconds: i32) -> Option<Result<Vec<Message>, Box<Refusal>>> {
    if receiving.cancel.is_cancelled() {
        return None;
    }
    let mut receive = std::pin::pin!(receive(receiving, wait_seconds));
    tokio::select! {
        biased;
        received = &mut receive => Some(received),
        () = receiving.cancel.cancelled() => match tokio::time::timeout(LAST_POLL, receive).await {
            Ok(Ok(messages)) if !messages.is_empty() => Some(Ok(messages)),
            _ => None,
        },
    }
}

async fn receive(receiving: &Receiving, wait_seconds: i32) -> Result<Vec<Message>, Box<Refusal>> {
    let poll = receiving
        .sqs
        .receive_message()
        .queue_url(&receiving.queue_url)
        .max_number_of_messages(10)
        .wait_time_seconds(wait_seconds)
        .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
        .send();
    match tokio::time::timeout(RECEIVE_WITHIN, poll).await {
        Ok(Ok(answer)) => Ok(answer.messages.unwrap_or_default()),
        Ok(Err(error)) => Err(Box::new(refusal("sqs:ReceiveMessage", &receiving.queue_url, &error))),
        Err(_late) => Err(Box::new(Refusal {
            problem: Problem::new(
                Code::AwsUnreachable,
                format!("a poll of {} did not come back within {} s", receiving.queue_url, RECEIVE_WITHIN.as_secs()),
                "check the network, VPN and proxy; Watchbell makes a new connection by itself",
            ),
            state: SubscriptionState::Blind,
            transient: true,
        })),
    }
}

/// Stores a batch, then begins its deletes. While storing fails the batch is tried again, which keeps this poller from receiving.
async fn keep(receiving: &Arc<Receiving>, messages: Vec<Message>) {
    if messages.is_empty() {
        return;
    }
    let received = clock::monotonic();
    let received_at = clock::now();
    let mut handles = Vec::with_capacity(messages.len());
    let mut batch = Vec::with_capacity(messages.len());
    for message in messages {
        handles.extend(message.receipt_handle);
        batch.push(Incoming {
            body: message.body.unwrap_or_default(),
            topics: Arc::clone(&receiving.topics),
            subscription_topic: receiving.topic.clone(),
            sqs_message_id: message.message_id.unwrap_or_default(),
            received_at,
        });
    }
    let mut backoff = Backoff::new(Duration::from_millis(500), Duration::from_secs(10));
    let mut failed = false;
    loop {
        match receiving.store.ingest(batch.clone()).await {
            Ok(report) => {
                let _ = receiving.progress.send(Progress::Received(report));
                if failed {
                    receiving.board.completed(receiving.topic.as_str(), 0);
                }
                if received.elapsed() < COMMIT_WITHIN {
                    delete::begin(receiving, handles).await;
                }
                return;
            }
            Err(error) => {
                failed = true;
                let problem = Problem::from(error);
                receiving.board.troubled(receiving.topic.as_str(), SubscriptionState::Blind, &problem);
                tracing::error!(topic = %receiving.topic, %problem, "storing failed; nothing is deleted from the queue");
                // Tried for as long as it fails, past the time to delete it: that is what keeps this poller from receiving.
                tokio::select! {
                    () = receiving.cancel.cancelled() => return,
                    () = tokio::time::sleep(backoff.fail(fastrand::f64())) => {}
                }
            }
        }
    }
}
