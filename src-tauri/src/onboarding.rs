//! What one set-up in the window holds while it lasts: the topics that were listed, and the run that can be called off.
//!
//! **Invariant:** at most one run at a time. The end of the app calls it off, and waits until it has taken back what it made. No
//! secret is held here: each act reads it from the keychain.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use watchbell_engine::aws::topics::Topics;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup::{Draft, Rights};

/// What is being taken back at the end of the app gets so long.
const GOING_BACK: Duration = Duration::from_secs(10);

/// Whose topics of which region were listed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Listed {
    /// Whose rights.
    pub(crate) rights: Rights,
    /// The region.
    pub(crate) region: String,
}

/// The room's own state.
#[derive(Debug, Default)]
pub(crate) struct Onboarding {
    listed: Mutex<Option<(Listed, Arc<Topics>)>>,
    draft: Mutex<()>,
    run: Mutex<Option<CancellationToken>>,
    runs: TaskTracker,
}

/// A run under way; over when dropped.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    room: &'a Onboarding,
    /// Cancelled when the person calls the run off, or the app ends.
    pub(crate) cancel: CancellationToken,
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        *lock(&self.room.run) = None;
    }
}

impl Onboarding {
    /// The topics that were listed for the same question last.
    pub(crate) fn listed(&self, of: &Listed) -> Option<Arc<Topics>> {
        lock(&self.listed).as_ref().filter(|(listed, _)| listed == of).map(|(_, topics)| Arc::clone(topics))
    }

    /// Keeps what was listed, so that a search needs no call.
    pub(crate) fn list(&self, of: Listed, topics: &Arc<Topics>) {
        *lock(&self.listed) = Some((of, Arc::clone(topics)));
    }

    /// Forgets it: a topic was made, or the list is asked for anew.
    pub(crate) fn forget_list(&self) {
        *lock(&self.listed) = None;
    }

    /// Changes what was chosen so far: one change after the other, since the page and the shell both have something to keep.
    pub(crate) fn draft<T>(&self, dir: &DataDir, change: impl FnOnce(&mut Draft) -> T) -> Result<T, Problem> {
        let _alone = lock(&self.draft);
        let mut draft = Draft::load(dir).unwrap_or_default();
        let told = change(&mut draft);
        draft.save(dir)?;
        Ok(told)
    }

    /// Ends what was chosen: it is gone, and what it kept is the caller's to forget. Nothing that is kept at the same moment comes back.
    pub(crate) fn take_draft(&self, dir: &DataDir) -> Result<Draft, Problem> {
        let _alone = lock(&self.draft);
        let draft = Draft::load(dir).unwrap_or_default();
        Draft::remove(dir)?;
        Ok(draft)
    }

    /// Begins a run that ends with `quit` at the latest.
    pub(crate) fn begin(&self, quit: &CancellationToken) -> Result<Run<'_>, Problem> {
        let mut run = lock(&self.run);
        if run.is_some() {
            return Err(Problem::new(
                Code::No,
                "another change of a subscription is under way",
                "wait until it is done, or cancel it",
            ));
        }
        let cancel = quit.child_token();
        *run = Some(cancel.clone());
        Ok(Run { room: self, cancel })
    }

    /// Calls the run off. What it made is taken back by itself.
    pub(crate) fn cancel(&self) {
        if let Some(run) = &*lock(&self.run) {
            run.cancel();
        }
    }

    /// Where runs are counted, so that the end of the app waits for them.
    pub(crate) fn runs(&self) -> &TaskTracker {
        &self.runs
    }

    /// Waits until the run that was called off has gone back. For the end of the app.
    pub(crate) async fn finish(&self) {
        self.runs.close();
        if tokio::time::timeout(GOING_BACK, self.runs.wait()).await.is_err() {
            tracing::error!("a set-up did not take back in time what it had made; watchbellctl subscriptions lists it");
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    // Every change is one assignment, so a poisoned lock still guards a whole value.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn one_run_at_a_time_and_the_end_of_the_app_calls_it_off() {
        let (room, quit) = (Onboarding::default(), CancellationToken::new());
        let run = room.begin(&quit).unwrap();
        assert!(room.begin(&quit).is_err(), "two runs would undo each other");
        quit.cancel();
        assert!(run.cancel.is_cancelled(), "the end of the app is the end of the run");
        drop(run);
        let quit = CancellationToken::new();
        let run = room.begin(&quit).unwrap();
        room.cancel();
        assert!(run.cancel.is_cancelled() && !quit.is_cancelled(), "the person ends the run alone");
        drop(run);
        room.finish().await;
    }
}
