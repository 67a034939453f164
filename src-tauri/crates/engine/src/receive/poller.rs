//! The polls themselves: one leader that waits long, followers that help while batches come back full.
//!
//! **Invariant:** a batch is stored before the same poller asks for the next one, so what is unsaved is bounded by the pollers.
//! Never here: deleting before the commit, waiting on a timer while the queue could be asked, or trying again after a refusal.

use std::sync::Arc;
use std::time::Duration;

use aws_sdk_sqs::types::{Message, MessageSystemAttributeName};
use jiff::{SignedDuration, Timestamp};
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use super::{Ended, Receiving, delete};
use crate::aws::refusal::{Refusal, refusal};
use crate::clock;
use crate::engine::Progress;
use crate::error::{Code, Problem};
use crate::store::Incoming;

/// The most that one `ReceiveMessage` gives.
const FULL: usize = 10;
/// The longest long poll that SQS offers.
const LONG_POLL: i32 = 20;
/// How often a drain tries to store a batch.
const STORE_TRIES: u32 = 3;

/// What one poll brought.
enum Polled {
    Messages(Vec<Message>),
    Refused(Box<Refusal>),
    /// Receiving is to stop.
    Stopped,
    /// The machine slept.
    Woken,
}

/// Polls until something ends it; with `once`, until the queue was empty twice while no follower was at work.
pub(super) async fn lead(receiving: &Arc<Receiving>) -> Ended {
    let shared = &receiving.shared;
    // A short first poll says soon whether the queue can be read.
    let mut wait = 1;
    let mut heard = false;
    let mut empty = 0;
    // An earlier client may have left a digest open.
    let mut catching_up = true;
    loop {
        let messages = match poll(receiving, wait).await {
            Polled::Messages(messages) => messages,
            Polled::Stopped => return Ended::Cancelled,
            Polled::Woken => return Ended::Woken,
            Polled::Refused(refusal) => {
                if refusal.state == SubscriptionState::QueueMissing {
                    shared.ear.queue_gone().await;
                }
                return Ended::Refused { refusal, heard };
            }
        };
        heard = true;
        wait = if shared.once { 1 } else { LONG_POLL };
        shared.board.completed(shared.topic.as_str(), messages.len());
        shared.ear.completed().await;
        empty = if messages.is_empty() && receiving.is_alone() { empty + 1 } else { 0 };
        catching_up |= !messages.is_empty();
        if messages.len() >= FULL {
            receiving.grow();
        }
        if !keep(receiving, messages).await {
            return if receiving.cancel.is_cancelled() { Ended::Cancelled } else { Ended::Unstored };
        }
        if catching_up && empty >= 2 && shared.board.is_drained() {
            catching_up = !caught_up(receiving).await;
        }
        if shared.once && empty >= 2 {
            return Ended::Drained;
        }
    }
}

/// Every queue was empty twice: a digest of what came late takes no more. Whether that was stored.
async fn caught_up(receiving: &Receiving) -> bool {
    let stored = receiving.shared.store.caught_up(clock::now()).await;
    stored.inspect_err(|error| tracing::warn!(%error, "the end of a catch-up could not be stored")).is_ok()
}

/// Helps while batches come back full, and is gone at the first that does not.
pub(super) async fn follow(receiving: &Arc<Receiving>) {
    // The leader meets the same refusal and reports it.
    while let Polled::Messages(messages) = poll(receiving, 0).await {
        let full = messages.len() >= FULL;
        if full {
            receiving.grow();
        }
        if !keep(receiving, messages).await || !full {
            return;
        }
    }
}

/// One poll. When receiving is to stop, a poll under way is not cut off at once: what it brings is kept. After a sleep it is: its
/// connection may be dead without anybody saying so, and its messages would come again.
async fn poll(receiving: &Receiving, wait_seconds: i32) -> Polled {
    let polled = |received| match received {
        Ok(messages) => Polled::Messages(messages),
        Err(refusal) => Polled::Refused(refusal),
    };
    if receiving.cancel.is_cancelled() {
        return Polled::Stopped;
    }
    let mut wakes = receiving.wakes.clone();
    let mut receive = std::pin::pin!(receive(receiving, wait_seconds));
    tokio::select! {
        biased;
        received = &mut receive => polled(received),
        Ok(()) = wakes.changed() => Polled::Woken,
        () = receiving.cancel.cancelled() => match tokio::time::timeout(receiving.shared.limits.last_poll, receive).await {
            Ok(Ok(messages)) if !messages.is_empty() => Polled::Messages(messages),
            _ => Polled::Stopped,
        },
    }
}

async fn receive(receiving: &Receiving, wait_seconds: i32) -> Result<Vec<Message>, Box<Refusal>> {
    let (queue_url, within) = (&receiving.shared.queue_url, receiving.shared.limits.receive_within);
    let poll = receiving
        .sqs
        .receive_message()
        .queue_url(queue_url)
        .max_number_of_messages(10)
        .wait_time_seconds(wait_seconds)
        .message_system_attribute_names(MessageSystemAttributeName::SentTimestamp)
        .send();
    match tokio::time::timeout(within, poll).await {
        Ok(Ok(answer)) => Ok(answer.messages.unwrap_or_default()),
        Ok(Err(error)) => Err(Box::new(refusal("sqs:ReceiveMessage", queue_url, &error))),
        Err(_late) => Err(Box::new(Refusal {
            problem: Problem::new(
                Code::AwsUnreachable,
                format!("a poll of {queue_url} did not come back within {} s", within.as_secs()),
                "check the network, VPN and proxy; Watchbell makes a new connection by itself",
            ),
            state: SubscriptionState::Blind,
            transient: true,
        })),
    }
}

/// How long the oldest of them had waited in the queue, in seconds; `skew` is what AWS's clock, which says when each was sent, is ahead of ours.
fn waited(messages: &[Message], received_at: Timestamp, skew: SignedDuration) -> Option<u32> {
    let sent = |message: &Message| -> Option<Timestamp> {
        let text = message.attributes()?.get(&MessageSystemAttributeName::SentTimestamp)?;
        Timestamp::from_millisecond(text.parse().ok()?).ok()
    };
    let oldest = messages.iter().filter_map(sent).min()?;
    let waited = received_at.duration_since(oldest).saturating_add(skew).as_secs();
    // What was sent after it came is noise of two clocks.
    Some(u32::try_from(waited.max(0)).unwrap_or(u32::MAX))
}

/// Stores a batch, then begins its deletes; whether it was stored. While storing fails the batch is tried again, which keeps this
/// poller from receiving: until receiving is to stop, or a drain has tried often enough. Then its messages come again.
async fn keep(receiving: &Arc<Receiving>, messages: Vec<Message>) -> bool {
    if messages.is_empty() {
        return true;
    }
    let shared = &receiving.shared;
    let received = clock::monotonic();
    let received_at = clock::now();
    shared.board.waited(shared.topic.as_str(), waited(&messages, received_at, shared.store.skew()));
    let mut handles = Vec::with_capacity(messages.len());
    let mut batch = Vec::with_capacity(messages.len());
    for message in messages {
        handles.extend(message.receipt_handle);
        batch.push(Incoming {
            body: message.body.unwrap_or_default(),
            topics: Arc::clone(&receiving.topics),
            subscription_topic: shared.topic.clone(),
            sqs_message_id: message.message_id.unwrap_or_default(),
            received_at,
        });
    }
    let mut backoff = Backoff::new(shared.limits.store_again, Duration::from_secs(10));
    loop {
        match shared.store.ingest(batch.clone()).await {
            Ok(report) => {
                let _ = shared.progress.send(Progress::Received(report));
                if backoff.failures() > 0 {
                    shared.board.completed(shared.topic.as_str(), 0);
                }
                if received.elapsed() < shared.limits.commit_within {
                    delete::begin(receiving, handles).await;
                }
                return true;
            }
            Err(error) => {
                let problem = Problem::from(error);
                shared.board.troubled(shared.topic.as_str(), SubscriptionState::Blind, &problem);
                tracing::error!(topic = %shared.topic, %problem, "storing failed; nothing is deleted from the queue");
                let pause = backoff.fail(fastrand::f64());
                if shared.once && backoff.failures() >= STORE_TRIES {
                    return false;
                }
                // Tried for as long as it fails, past the time to delete it: that is what keeps this poller from receiving.
                tokio::select! {
                    () = receiving.cancel.cancelled() => return false,
                    () = tokio::time::sleep(pause) => {}
                }
            }
        }
    }
}
