//! The board of what each subscription hears: state in words, last completed poll, backlog.
//!
//! **Invariant 3, never silently deaf:** the age of the last *completed* poll is kept on the monotonic clock, which stands
//! still while the machine sleeps, so sleep is no alarm and a hung poll is one after [`DEAF_AFTER`].
//! Never here: AWS calls or alerts. Others report what they saw; this room remembers, ranks and wakes who watches.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;
use watchbell_core::health::SubscriptionState;

use crate::clock;
use crate::error::{Code, Problem};
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
}

#[derive(Debug)]
struct Entry {
    status: SubscriptionStatus,
    /// What keeps it from being heard, with its code.
    problem: Option<Problem>,
    /// The monotonic instant of the last completed poll, or of the start.
    heard: Instant,
    /// Since when the subscription is blind.
    blind_since: Option<Instant>,
    /// The cause that already rang, so that it rings once until it recovers.
    rung: Option<SubscriptionState>,
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
        Self { entries: Arc::default(), version: Arc::new(watch::channel(0).0) }
    }
}

impl Board {
    /// Wakes after each change that somebody could see.
    pub fn changes(&self) -> watch::Receiver<u64> {
        self.version.subscribe()
    }

    /// Puts a subscription on the board as connecting.
    pub fn add(&self, status: SubscriptionStatus) {
        let entry = Entry { status, problem: None, heard: clock::monotonic(), blind_since: None, rung: None };
        self.lock().insert(entry.status.topic_arn.clone(), entry);
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
        let now = clock::now();
        self.update(topic_arn, |entry| {
            entry.heard = clock::monotonic();
            entry.status.last_completed_poll = Some(now);
            if messages > 0 {
                entry.status.last_message = Some(now);
            }
            // A poll cannot see a missing subscription or a denied look at it: those stand until the next check.
            if !matches!(entry.status.state, SubscriptionState::SubscriptionMissing | SubscriptionState::Unchecked) {
                entry.settle(SubscriptionState::Ok, None);
            }
        });
    }

    /// Something failed: what it means for hearing, and why.
    pub fn troubled(&self, topic_arn: &str, state: SubscriptionState, problem: &Problem) {
        self.update(topic_arn, |entry| entry.settle(state, Some(problem)));
    }

    /// What the 15-minute check found. `None` keeps what is known.
    pub fn checked(&self, topic_arn: &str, state: SubscriptionState, problem: Option<&Problem>, backlog: Option<u64>) {
        self.update(topic_arn, |entry| {
            entry.status.backlog = backlog.or(entry.status.backlog);
            // The check must not call a queue heard that no poll has completed on.
            let heard = entry.status.last_completed_poll.is_some();
            match state {
                SubscriptionState::Ok if !heard || entry.status.state == SubscriptionState::Blind => {}
                state => entry.settle(state, problem),
            }
        });
    }

    /// Makes those blind whose last completed poll is too old, and says when to look again. `None` when the board is empty.
    pub fn watch(&self) -> Option<Instant> {
        let now = clock::monotonic();
        let mut next = None::<Instant>;
        let mut changed = false;
        for entry in self.lock().values_mut() {
            if entry.status.state == SubscriptionState::Paused {
                continue;
            }
            let deaf_at = entry.heard + DEAF_AFTER;
            if deaf_at <= now && !entry.status.state.is_blind() {
                entry.settle(SubscriptionState::Blind, Some(&deaf(now - entry.heard)));
                changed = true;
            }
            let wakes = [(deaf_at > now).then_some(deaf_at), entry.rings_at().filter(|at| *at > now)];
            next = wakes.into_iter().flatten().chain(next).min();
        }
        if changed {
            self.changed();
        }
        next
    }

    /// The blindnesses that ring now: at once if they need the person, after [`HEALING_TIME`] if they may heal, once per cause.
    pub fn alarms(&self) -> Vec<BlindAlarm> {
        let now = clock::monotonic();
        let mut alarms = Vec::new();
        for (topic_arn, entry) in self.lock().iter_mut() {
            if entry.rings_at().is_some_and(|at| at <= now) {
                entry.rung = Some(entry.status.state);
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
        self.lock()
            .values()
            .filter(|entry| entry.status.state.is_blind())
            .filter_map(|entry| entry.problem.clone())
            .collect()
    }

    fn update(&self, topic_arn: &str, change: impl FnOnce(&mut Entry)) {
        let mut entries = self.lock();
        let Some(entry) = entries.get_mut(topic_arn) else { return };
        let before = entry.status.clone();
        change(entry);
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

impl Entry {
    fn settle(&mut self, state: SubscriptionState, problem: Option<&Problem>) {
        self.status.state = state;
        self.status.reason = problem.map(|p| p.message.clone());
        self.status.hint = problem.map(|p| p.hint.clone());
        self.problem = problem.cloned();
        if state.is_blind() {
            self.blind_since.get_or_insert_with(clock::monotonic);
        } else {
            self.blind_since = None;
            self.rung = None;
        }
    }

    /// When this blindness rings, unless this cause already did.
    fn rings_at(&self) -> Option<Instant> {
        let since = self.blind_since?;
        if self.rung == Some(self.status.state) {
            return None;
        }
        Some(if self.status.state.needs_person() { since } else { since + HEALING_TIME })
    }
}

fn deaf(age: Duration) -> Problem {
    Problem::new(
        Code::Blind,
        format!("no poll of the queue has completed for {} s", age.as_secs()),
        "check the network, VPN and proxy; Watchbell goes on trying by itself",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn board() -> Board {
        let board = Board::default();
        board.add(SubscriptionStatus {
            topic_arn: "t".into(),
            queue_url: "q".into(),
            subscription_arn: None,
            state: SubscriptionState::Connecting,
            last_completed_poll: None,
            last_message: None,
            backlog: None,
            reason: None,
            hint: None,
        });
        board
    }

    fn denied() -> Problem {
        Problem::new(Code::AwsRefused, "sqs:ReceiveMessage was denied", "ask for sqs:ReceiveMessage")
    }

    fn state(board: &Board) -> SubscriptionState {
        board.lines()[0].state
    }

    #[test]
    fn a_completed_poll_makes_it_ok_and_forgets_the_reason() {
        let board = board();
        board.troubled("t", SubscriptionState::Denied, &denied());
        assert_eq!(board.lines()[0].reason.as_deref(), Some("sqs:ReceiveMessage was denied"), "the cause is told");
        board.completed("t", 0);
        assert_eq!(state(&board), SubscriptionState::Ok, "a completed poll proves that the queue can be read");
        assert_eq!(board.lines()[0].reason, None, "a healed cause is not told any more");
        assert_eq!(board.lines()[0].last_message, None, "an empty poll is no message");
    }

    #[test]
    fn a_cause_that_needs_the_person_rings_at_once_and_once() {
        let board = board();
        board.troubled("t", SubscriptionState::Denied, &denied());
        assert_eq!(board.alarms().len(), 1, "what needs the person rings at once");
        board.troubled("t", SubscriptionState::Denied, &denied());
        assert_eq!(board.alarms(), [], "one cause rings once until it recovers");
        board.completed("t", 1);
        board.troubled("t", SubscriptionState::Denied, &denied());
        assert_eq!(board.alarms().len(), 1, "after a recovery the same cause is news again");
    }

    #[test]
    fn a_cause_that_may_heal_waits_before_it_rings() {
        let board = board();
        board.troubled("t", SubscriptionState::Blind, &denied());
        assert_eq!(board.alarms(), [], "a lost network does not ring at once");
        let next = board.watch().expect("the board knows when to look again");
        assert!(
            next > clock::monotonic() + Duration::from_mins(1),
            "nothing wakes the machine before there is something to see"
        );
    }

    #[test]
    fn a_poll_cannot_clear_what_only_a_check_sees() {
        let board = board();
        board.completed("t", 0);
        board.checked("t", SubscriptionState::SubscriptionMissing, Some(&denied()), Some(3));
        board.completed("t", 0);
        assert_eq!(
            state(&board),
            SubscriptionState::SubscriptionMissing,
            "an empty poll cannot tell that the subscription is there"
        );
        board.checked("t", SubscriptionState::Ok, None, None);
        assert_eq!(state(&board), SubscriptionState::Ok, "the check that saw it gone may say it is back");
        assert_eq!(board.lines()[0].backlog, Some(3), "a check that could not count keeps the last count");
    }

    #[test]
    fn a_check_alone_never_says_ok() {
        let board = board();
        board.checked("t", SubscriptionState::Ok, None, None);
        assert_eq!(state(&board), SubscriptionState::Connecting, "only a completed poll proves hearing");
    }

    #[test]
    fn watchers_wake_only_when_a_line_changed() {
        let board = board();
        let mut changes = board.changes();
        changes.mark_unchanged();
        board.troubled("t", SubscriptionState::Denied, &denied());
        assert!(changes.has_changed().unwrap(), "a change is told");
        changes.mark_unchanged();
        board.troubled("t", SubscriptionState::Denied, &denied());
        assert!(!changes.has_changed().unwrap(), "the same line again wakes nobody");
    }
}
