//! The board of what each subscription hears: state in words, last completed poll, backlog.
//!
//! **Invariant 3, never silently deaf:** the age of the last *completed* poll is kept on the monotonic clock, which stands
//! still while the machine sleeps and is counted from the waking, so sleep is no alarm and a hung poll is one after [`DEAF_AFTER`].
//! Never here: AWS calls or alerts. Others report what they saw; this room remembers, ranks and wakes who watches.

mod entry;
mod wake;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use watchbell_core::health::SubscriptionState;

use self::entry::Entry;
use self::wake::{Clock, Wakes};
use crate::aws::identity::Ending;
use crate::clock::Reading;
use crate::error::Problem;
use crate::view::SubscriptionStatus;

/// A subscription without a completed poll for this long is blind. Three long polls of 20 s and the time to connect again.
pub const DEAF_AFTER: Duration = Duration::from_secs(75);

/// A blindness that may heal by itself rings only after this long.
pub const HEALING_TIME: Duration = Duration::from_mins(10);

/// What every subscription hears, shared by the pollers, the checks, the tray and `status`. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Board {
    entries: Arc<Mutex<BTreeMap<String, Entry>>>,
    version: Arc<watch::Sender<u64>>,
    wakes: Arc<Wakes>,
    clock: Clock,
}

/// A blindness whose time to ring has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BlindAlarm {
    /// The topic that cannot be heard.
    pub topic_arn: String,
    /// Why, as a state.
    pub state: SubscriptionState,
    /// Why, in words.
    pub reason: String,
    /// What to do next.
    pub hint: String,
}

impl Default for Board {
    fn default() -> Self {
        Self::with(Clock::default())
    }
}

impl Board {
    fn with(clock: Clock) -> Self {
        let wakes = Arc::new(Wakes::from((clock.0)()));
        Self { entries: Arc::default(), version: Arc::new(watch::channel(0).0), wakes, clock }
    }

    /// Wakes after each change that somebody could see.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Counts the times that the machine woke from sleep.
    pub fn wakes(&self) -> watch::Receiver<u64> {
        self.wakes.subscribe()
    }

    /// The time now. Notices at this occasion that the machine slept.
    pub(crate) fn now(&self) -> Reading {
        let now = (self.clock.0)();
        if self.wakes.slept(now) {
            self.wake_up(now);
        }
        now
    }

    /// The system says that it woke.
    pub(crate) fn woke(&self) {
        let now = (self.clock.0)();
        if self.wakes.told_by_system(now) {
            self.wake_up(now);
        }
    }

    fn wake_up(&self, now: Reading) {
        tracing::info!("the machine woke");
        for entry in self.lock().values_mut() {
            entry.woke(now.awake);
        }
        self.changed();
        self.wakes.tell();
    }

    /// Puts a subscription on the board as connecting.
    pub fn add(&self, status: SubscriptionStatus) {
        let topic_arn = status.topic_arn.clone();
        let entry = Entry::new(status, self.now().awake);
        self.lock().insert(topic_arn, entry);
        self.changed();
    }

    /// Takes a subscription off the board.
    pub fn remove(&self, topic_arn: &str) {
        if self.lock().remove(topic_arn).is_some() {
            self.changed();
        }
    }

    /// A poll came back, with `messages` messages. This alone proves that the queue can be read.
    pub fn completed(&self, topic_arn: &str, messages: usize) {
        self.update(topic_arn, |entry, now| entry.completed(now.wall, now.awake, messages));
    }

    /// Whether every queue that is heard was empty twice in a row: what waited in them has come.
    pub fn is_drained(&self) -> bool {
        self.lock().values().all(Entry::is_drained)
    }

    /// Something failed: what it means for hearing, and why.
    pub fn troubled(&self, topic_arn: &str, state: SubscriptionState, problem: &Problem) {
        self.update(topic_arn, |entry, now| entry.troubled(state, problem, now.awake));
    }

    /// When the credentials in use end, and whether they renew by themselves.
    pub fn credentials(&self, topic_arn: &str, ending: Option<Ending>) {
        self.update(topic_arn, |entry, _| {
            entry.status.expires_at = ending.map(|ending| ending.at);
            entry.status.renews = ending.map(|ending| ending.renews);
        });
    }

    /// Why committed messages cannot be deleted; `None` once they can. They are heard all the same, and come again and again.
    pub fn deletes(&self, topic_arn: &str, problem: Option<&Problem>) {
        self.update(topic_arn, |entry, now| entry.deletes(problem, now.awake));
    }

    /// What the 15-minute check found. A backlog of `None` keeps what is known.
    pub fn checked(&self, topic_arn: &str, state: SubscriptionState, problem: Option<&Problem>, backlog: Option<u64>) {
        self.update(topic_arn, |entry, now| {
            entry.status.backlog = backlog.or(entry.status.backlog);
            entry.checked(state, problem, now.awake);
        });
    }

    /// How many messages are received and not deleted yet, as the 15-minute check was told.
    pub fn in_flight(&self, topic_arn: &str, messages: Option<u64>) {
        self.update(topic_arn, |entry, _| entry.status.in_flight = messages.or(entry.status.in_flight));
    }

    /// How long the oldest message of a batch had waited; `None` where SQS did not say.
    pub fn waited(&self, topic_arn: &str, seconds: Option<u32>) {
        self.update(topic_arn, |entry, _| entry.status.last_batch_waited_seconds = seconds);
    }

    /// Makes those blind whose last completed poll is too old, and says when to look again. `None` when the board is empty.
    pub fn watch(&self) -> Option<Instant> {
        let now = self.now().awake;
        let mut next = None::<Instant>;
        let mut changed = false;
        for entry in self.lock().values_mut() {
            changed |= entry.listen(now);
            let wakes = [entry.deaf_at(), entry.rings_at().filter(|at| *at > now)];
            next = wakes.into_iter().flatten().chain(next).min();
        }
        if changed {
            self.changed();
        }
        next
    }

    /// The blindnesses that ring now: at once if they need the person, after [`HEALING_TIME`] if they may heal, once per cause.
    pub fn alarms(&self) -> Vec<BlindAlarm> {
        let now = self.now().awake;
        let mut alarms = Vec::new();
        for (topic_arn, entry) in self.lock().iter_mut() {
            if entry.rings_at().is_some_and(|at| at <= now) {
                entry.rang();
                alarms.push(BlindAlarm {
                    topic_arn: topic_arn.clone(),
                    state: entry.status.state,
                    reason: entry.status.reason.clone().unwrap_or_default(),
                    hint: entry.status.hint.clone().unwrap_or_default(),
                });
            }
        }
        alarms
    }

    /// Every line of the board, in the order of the topic ARNs.
    pub fn lines(&self) -> Vec<SubscriptionStatus> {
        self.lock().values().map(|entry| entry.status.clone()).collect()
    }

    /// What keeps subscriptions from being heard, in the order of the topic ARNs.
    pub fn problems(&self) -> Vec<Problem> {
        let unheard = |state: SubscriptionState| state.is_blind() || state == SubscriptionState::Connecting;
        self.lock()
            .values()
            .filter(|entry| unheard(entry.status.state))
            .filter_map(|entry| entry.problem.clone())
            .collect()
    }

    fn update(&self, topic_arn: &str, change: impl FnOnce(&mut Entry, Reading)) {
        let now = self.now();
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(topic_arn) else { return };
        let before = entry.status.clone();
        change(entry, now);
        let differs = entry.status != before;
        drop(entries);
        if differs {
            self.changed();
        }
    }

    fn changed(&self) {
        self.version.send_modify(|version| *version += 1);
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Entry>> {
        // Every change leaves an entry whole, so a poisoned lock still guards true lines.
        self.entries.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
