//! From the personal queue into the store: long polls, persist, then delete.
//!
//! **Invariant 1, nothing is lost:** a message is deleted only after the transaction that holds it has committed. When storing
//! fails, the batch is tried again until it is too old, then left to come back from the queue; receiving waits meanwhile.
//! Never here: what a message means, and which alert it causes. That is the store's transaction.

mod delete;
mod poller;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use watchbell_core::arn::TopicArn;

use crate::engine::Progress;
use crate::health::Board;
use crate::store::Store;

/// The visibility time-out of a personal queue is 60 s; what is not committed this long after its receive is not deleted.
const COMMIT_WITHIN: Duration = Duration::from_secs(45);
/// The outer limit of one receive: the SDK's own time-outs have been seen to miss a hung `ReceiveMessage` (aws-sdk-rust#1094).
const RECEIVE_WITHIN: Duration = Duration::from_secs(35);
/// How many polls run at once at most, while batches come back full.
const MOST_POLLERS: usize = 6;
/// How many deletes may be on the way at once.
const MOST_DELETES: usize = 6;

/// One queue's receiving: what all its pollers share.
pub(crate) struct Receiving {
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) queue_url: String,
    /// The topic subscribed through this queue, which a raw message belongs to.
    pub(crate) topic: TopicArn,
    /// The topics whose messages are ours; anything else goes to quarantine.
    pub(crate) topics: Arc<[TopicArn]>,
    pub(crate) store: Store,
    pub(crate) board: Board,
    pub(crate) progress: broadcast::Sender<Progress>,
    /// Drain and end after two empty polls, without a last long wait.
    pub(crate) once: bool,
    pub(crate) tasks: TaskTracker,
    pub(crate) cancel: CancellationToken,
    pollers: AtomicUsize,
    deletes: Arc<Semaphore>,
}

/// Why a queue's receiving ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ended {
    /// Asked to stop.
    Cancelled,
    /// `once`: the queue was empty twice.
    Drained,
    /// Time for new clients; call again with them.
    Stale,
}

impl Receiving {
    #[allow(clippy::too_many_arguments, reason = "called in one place, with everything a queue's pollers share")]
    pub(crate) fn new(
        sqs: aws_sdk_sqs::Client,
        queue_url: String,
        topic: TopicArn,
        store: Store,
        board: Board,
        progress: broadcast::Sender<Progress>,
        once: bool,
        cancel: CancellationToken,
    ) -> Arc<Self> {
        Arc::new(Self {
            sqs,
            queue_url,
            topics: Arc::from([topic.clone()]),
            topic,
            store,
            board,
            progress,
            once,
            tasks: TaskTracker::new(),
            cancel,
            pollers: AtomicUsize::new(0),
            deletes: Arc::new(Semaphore::new(MOST_DELETES)),
        })
    }

    /// Receives until cancelled (or drained, with `once`), then waits for the deletes under way.
    pub(crate) async fn run(self: &Arc<Self>) -> Ended {
        let ended = poller::lead(self).await;
        self.tasks.close();
        self.tasks.wait().await;
        ended
    }

    /// One more poller, if the queue came back full and there is room for it.
    fn grow(self: &Arc<Self>) {
        let room = |n: usize| (n < MOST_POLLERS - 1).then_some(n + 1);
        if self.pollers.fetch_update(Ordering::AcqRel, Ordering::Acquire, room).is_ok() {
            let this = Arc::clone(self);
            self.tasks.spawn(async move {
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
