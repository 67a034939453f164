//! What is kept of the listening itself: the last completed poll, rarely, and each gap when it ends.
//!
//! **Invariant:** an idle poll writes nothing; a note that could not be written is written with the next one. A gap is told from
//! clocks that cannot be set (`core::listening`). Never here: alarms about deafness. Those are the board's.

use std::sync::{Mutex, PoisonError};

use tokio::sync::watch;
use watchbell_core::arn::TopicArn;
use watchbell_core::listening::{Gap, Heard, Listening, RETENTION, Silence};

use crate::clock::Reading;
use crate::health::Board;
use crate::store::{Store, SubscriptionRecord};

/// Listens to how one subscription is listened to.
pub(crate) struct Ear {
    topic: TopicArn,
    store: Store,
    board: Board,
    state: Mutex<State>,
}

struct State {
    listening: Listening,
    /// The last completed poll of this run.
    last: Option<Reading>,
    wakes: watch::Receiver<u64>,
    /// Gaps that could not be written yet.
    unwritten: Vec<Gap>,
}

impl Ear {
    /// Goes on where an earlier run ended.
    pub(crate) async fn open(record: &SubscriptionRecord, store: &Store, board: &Board) -> Self {
        // A sleep before now explains nothing that this run will see.
        board.now();
        let kept = store.last_heard(&record.topic_arn).await.unwrap_or_else(|error| {
            tracing::warn!(topic = %record.topic_arn, %error, "when it was last listened to cannot be read");
            None
        });
        // A queue that an administrator made keeps messages as long as he chose.
        let retention = (!record.adopted).then_some(RETENTION);
        let state = State {
            listening: Listening::new(retention, kept),
            last: None,
            wakes: board.wakes(),
            unwritten: Vec::new(),
        };
        Self { topic: record.topic_arn.clone(), store: store.clone(), board: board.clone(), state: Mutex::new(state) }
    }

    /// A poll came back.
    pub(crate) async fn completed(&self) {
        let now = self.board.now();
        let heard = self.with(|state| {
            if state.wakes.has_changed().unwrap_or(false) {
                state.wakes.mark_unchanged();
                state.listening.slept();
            }
            let silent = state.last.replace(now).map(|last| now.since(&last));
            state.listening.completed(now.wall, silent)
        });
        if let Some(heard) = heard {
            self.write(heard).await;
        }
    }

    /// The queue was found gone.
    pub(crate) async fn queue_gone(&self) {
        if let Some(heard) = self.with(|state| state.listening.queue_gone()) {
            self.write(heard).await;
        }
    }

    /// Listening ends in order.
    pub(crate) async fn ended(&self, then: Silence) {
        if let Some(heard) = self.with(|state| state.listening.ended(then)) {
            self.write(heard).await;
        }
    }

    async fn write(&self, heard: Heard) {
        let gaps = self.with(|state| {
            state.unwritten.extend(heard.gap);
            std::mem::take(&mut state.unwritten)
        });
        if let Err(error) = self.store.put_heard(&self.topic, heard.at, heard.then, gaps.clone()).await {
            tracing::warn!(topic = %self.topic, %error, "when it was listened to could not be kept; it is tried again");
            self.with(|state| state.unwritten.extend(gaps));
        }
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
