//! From the personal queue into the store: long polls, persist, then delete.
//!
//! **Invariant 1, nothing is lost:** a message is deleted only after the transaction that holds it has committed. When storing
//! fails, the batch is tried again until it is too old, then left to come back from the queue; receiving waits meanwhile.
//! Never here: what a message means, and which alert it causes (the store's transaction), or when to try again after a failure
//! (`engine::restart`).

mod delete;
mod ear;
mod poller;
#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use watchbell_core::arn::TopicArn;

use crate::aws::refusal::Refusal;
use crate::engine::Progress;
use crate::health::Board;
use crate::store::Store;

pub(crate) use ear::Ear;

/// How many polls run at once at most, while batches come back full.
const MOST_POLLERS: usize = 6;
/// How many deletes may be on the way at once.
const MOST_DELETES: usize = 6;

/// How long things may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    /// The visibility time-out of a personal queue is 60 s; what is not committed this long after its receive is not deleted.
    commit_within: Duration,
    /// The outer limit of one receive: the SDK's own time-outs have been seen to miss a hung `ReceiveMessage` (aws-sdk-rust#1094).
    receive_within: Duration,
    /// The outer limit of one delete.
    delete_within: Duration,
    /// How long a poll under way may still bring something when receiving is to stop. What it would bring after that is visible
    /// in the queue again within 60 s.
    last_poll: Duration,
    /// The first pause after storing failed.
    store_again: Duration,
    /// The first pause after a delete was refused.
    delete_again: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            commit_within: Duration::from_secs(45),
            receive_within: Duration::from_secs(35),
            delete_within: Duration::from_secs(10),
            last_poll: Duration::from_secs(1),
            store_again: Duration::from_millis(500),
            delete_again: Duration::from_millis(200),
        }
    }
}

/// What a subscription's receiving shares over all its clients and restarts.
#[derive(Clone)]
pub(crate) struct Shared {
    pub(crate) queue_url: String,
    /// The topic subscribed through this queue, which a raw message belongs to.
    pub(crate) topic: TopicArn,
    pub(crate) store: Store,
    pub(crate) board: Board,
    pub(crate) progress: broadcast::Sender<Progress>,
    /// Drain and end after two empty polls, without a last long wait.
    pub(crate) once: bool,
    pub(crate) limits: Limits,
    pub(crate) ear: Arc<Ear>,
    /// The deletes under way. They outlive the clients that received: a dead connection must not hold up the next one.
    pub(crate) deletes: TaskTracker,
    /// How many more of them there may be.
    pub(crate) permits: Arc<Semaphore>,
}

impl Shared {
    pub(crate) fn new(
        (queue_url, topic): (String, TopicArn),
        (store, board): (Store, Board),
        progress: broadcast::Sender<Progress>,
        once: bool,
        ear: Ear,
    ) -> Self {
        Self {
            queue_url,
            topic,
            store,
            board,
            progress,
            once,
            limits: Limits::default(),
            ear: Arc::new(ear),
            deletes: TaskTracker::new(),
            permits: Arc::new(Semaphore::new(MOST_DELETES)),
        }
    }

    /// Waits for the deletes under way. Nothing is received any more.
    pub(crate) async fn finish(&self) {
        self.deletes.close();
        self.deletes.wait().await;
    }
}

/// One queue's receiving with one client: what all its pollers share.
pub(crate) struct Receiving {
    shared: Shared,
    sqs: aws_sdk_sqs::Client,
    /// The topics whose messages are ours; anything else goes to quarantine.
    topics: Arc<[TopicArn]>,
    followers: TaskTracker,
    /// Ends these pollers; the deletes go on.
    cancel: CancellationToken,
    wakes: watch::Receiver<u64>,
    pollers: AtomicUsize,
}

/// Why a queue's receiving ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Asked to stop.
    Cancelled,
    /// `once`: the queue was empty twice.
    Drained,
    /// `once`: what was received cannot be stored. The board says why.
    Unstored,
    /// The machine slept: connections of before are not to be trusted, and a poll under way may hang.
    Woken,
    /// A poll failed.
    Refused {
        /// How, in words.
        refusal: Box<Refusal>,
        /// Another had completed before it.
        heard: bool,
    },
}

impl Receiving {
    pub(crate) fn new(shared: Shared, sqs: aws_sdk_sqs::Client, cancel: &CancellationToken) -> Arc<Self> {
        Arc::new(Self {
            topics: Arc::from([shared.topic.clone()]),
            wakes: shared.board.wakes(),
            shared,
            sqs,
            followers: TaskTracker::new(),
            cancel: cancel.child_token(),
            pollers: AtomicUsize::new(0),
        })
    }

    /// Receives until cancelled, woken or refused (or drained, with `once`).
    pub(crate) async fn run(self: &Arc<Self>) -> Ended {
        // However it ends, a panic included.
        let _ends_followers = self.cancel.clone().drop_guard();
        let ended = poller::lead(self).await;
        if ended == Ended::Drained {
            self.shared.finish().await;
        }
        self.cancel.cancel();
        self.followers.close();
        self.followers.wait().await;
        ended
    }

    /// One more poller, if the queue came back full and there is room for it.
    fn grow(self: &Arc<Self>) {
        let room = |n: usize| (n < MOST_POLLERS - 1).then_some(n + 1);
        if self.pollers.fetch_update(Ordering::AcqRel, Ordering::Acquire, room).is_ok() {
            let this = Arc::clone(self);
            self.followers.spawn(async move {
                let _left = Left(&this.pollers);
                poller::follow(&this).await;
            });
        }
    }

    fn is_alone(&self) -> bool {
        self.pollers.load(Ordering::Acquire) == 0
    }
}

/// Counts a poller out however it ends, a panic included.
struct Left<'a>(&'a AtomicUsize);

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}
