//! What one set-up in the window holds while it lasts: the topics that were listed, and the run that can be called off, with what a
//! page hears of it that was not there when it began.
//!
//! **Invariant:** at most one run at a time. The end of the app, or of the set-up, calls it off, and waits until it has taken back
//! what it made. No secret is held here: each act reads it from the keychain.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use watchbell_core::arn::TopicArn;
use watchbell_engine::aws::subscribe::{Step, SubscribeFailed, Subscribed};
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
    set_up: watch::Sender<Option<SetUp>>,
    runs: TaskTracker,
}

/// The run of a set-up, from its beginning until a page has gone on from its end.
#[derive(Debug, Clone)]
pub(crate) struct SetUp {
    /// The topic.
    pub(crate) topic: TopicArn,
    /// What was told of it so far, in order.
    pub(crate) steps: Vec<Step>,
    /// How it ended; of one that is over and has no end, its task broke off.
    pub(crate) ended: Option<Result<Subscribed, SubscribeFailed>>,
    /// Whether it is still under way.
    pub(crate) running: bool,
    seen: bool,
}

/// A run under way; over when dropped.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    room: &'a Onboarding,
    set_up: bool,
    /// Cancelled when the person calls the run off, or the app ends.
    pub(crate) cancel: CancellationToken,
}

impl Run<'_> {
    /// Keeps a step for a page that comes later.
    pub(crate) fn hear(&self, step: &Step) {
        self.change(|set_up| set_up.steps.push(step.clone()));
    }

    /// Keeps how it ended, until a page has gone on from there.
    pub(crate) fn end(&self, how: &Result<Subscribed, SubscribeFailed>) {
        self.change(|set_up| set_up.ended = Some(how.clone()));
    }

    fn change(&self, change: impl FnOnce(&mut SetUp)) {
        if self.set_up {
            self.room.set_up.send_modify(|held| {
                if let Some(set_up) = held {
                    change(set_up);
                }
            });
        }
    }
}

impl Drop for Run<'_> {
    fn drop(&mut self) {
        // Held over both: the next run must not be taken for the one that is over.
        let mut run = lock(&self.room.run);
        self.change(|set_up| set_up.running = false);
        *run = None;
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
        Ok(Run { room: self, set_up: false, cancel })
    }

    /// Begins the run of a set-up, which a page that comes later can follow.
    pub(crate) fn begin_set_up(&self, quit: &CancellationToken, topic: &TopicArn) -> Result<Run<'_>, Problem> {
        let mut run = self.begin(quit)?;
        let begun = SetUp { topic: topic.clone(), steps: Vec::new(), ended: None, running: true, seen: false };
        self.set_up.send_replace(Some(begun));
        run.set_up = true;
        Ok(run)
    }

    /// The run of the set-up: under way, or ended and not gone on from.
    pub(crate) fn set_up(&self) -> Option<SetUp> {
        self.set_up.borrow().clone()
    }

    /// Whether it is under way, or its end was not seen yet.
    pub(crate) fn wants_a_page(&self) -> bool {
        self.set_up.borrow().as_ref().is_some_and(|set_up| !set_up.seen)
    }

    /// The same once it is over.
    pub(crate) async fn set_up_over(&self) -> Option<SetUp> {
        let mut told = self.set_up.subscribe();
        let over = told.wait_for(|held| held.as_ref().is_none_or(|set_up| !set_up.running)).await;
        over.ok().and_then(|held| held.clone())
    }

    /// A page shows how the run ended, or has gone on from there. One that is under way stays.
    pub(crate) fn shown(&self, gone_on: bool) {
        self.set_up.send_if_modified(|held| {
            let Some(set_up) = held.as_mut().filter(|set_up| !set_up.running) else { return false };
            set_up.seen = true;
            if gone_on {
                *held = None;
            }
            true
        });
    }

    /// Calls the run of the set-up off, and waits until it is over and has taken back what it made. Other runs go on.
    pub(crate) async fn end_set_up(&self) {
        if self.set_up.borrow().as_ref().is_some_and(|set_up| set_up.running) {
            self.cancel();
            self.set_up_over().await;
        }
        self.shown(true);
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
    use watchbell_engine::aws::subscribe::StepState;

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

    #[tokio::test]
    async fn a_page_that_comes_later_hears_of_the_run_and_of_its_end_until_it_has_gone_on() {
        let (room, quit) = (Onboarding::default(), CancellationToken::new());
        let topic: TopicArn = "arn:aws:sns:us-east-1:123456789012:t".parse().unwrap();
        assert!(room.set_up().is_none() && room.set_up_over().await.is_none(), "nothing was begun");
        let run = room.begin_set_up(&quit, &topic).unwrap();
        run.hear(&Step { name: "queue", state: StepState::Done, detail: String::new() });
        room.shown(true);
        let told = room.set_up().expect("what is under way stays, whatever a page keeps meanwhile");
        assert_eq!((told.running, told.steps.len(), room.wants_a_page()), (true, 1, true));

        let ending = room.end_set_up();
        let going_back = async {
            run.cancel.cancelled().await;
            run.end(&Err(SubscribeFailed::called_off()));
            drop(run);
        };
        tokio::join!(ending, going_back);
        assert!(room.set_up().is_none(), "the end of the set-up waits for its run, and forgets it");

        let run = room.begin_set_up(&quit, &topic).unwrap();
        run.end(&Err(SubscribeFailed::called_off()));
        drop(run);
        let told = room.set_up_over().await.unwrap();
        assert!(told.ended.is_some_and(|ended| ended.is_err()) && room.wants_a_page(), "the end waits for a page");
        room.shown(false);
        assert!(room.set_up().is_some() && !room.wants_a_page(), "seen, and there for a window made anew");
        room.shown(true);
        assert!(room.set_up().is_none(), "gone on from");
    }

    #[tokio::test]
    async fn the_end_of_a_set_up_leaves_another_run_alone() {
        let (room, quit) = (Onboarding::default(), CancellationToken::new());
        let run = room.begin(&quit).unwrap();
        room.end_set_up().await;
        assert!(!run.cancel.is_cancelled(), "a subscription that is being left is left to its end");
    }
}
