//! One line of the board: what the polls, the deletes and the looks each say, and what of it is shown.
//!
//! **Invariant:** each source clears only what it said itself. A completed poll proves that the queue can be read and nothing
//! about the subscription; a look that is well proves nothing about the polls.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use watchbell_core::health::SubscriptionState;

use super::{DEAF_AFTER, HEALING_TIME};
use crate::error::{Code, Problem};
use crate::view::SubscriptionStatus;

#[derive(Debug)]
pub(super) struct Entry {
    /// What is shown.
    pub(super) status: SubscriptionStatus,
    /// What keeps it from being heard, with its code.
    pub(super) problem: Option<Problem>,
    polls: Finding,
    looks: Finding,
    /// Why committed messages cannot be deleted.
    deletes: Option<Problem>,
    /// The monotonic instant of the last completed poll, of the start or of the last waking.
    heard: Instant,
    /// Since when the subscription is blind.
    blind_since: Option<Instant>,
    /// The causes that already rang, so that each rings once until it recovers.
    rung: Vec<SubscriptionState>,
    /// How many polls in a row brought nothing.
    empty: u32,
}

#[derive(Debug)]
struct Finding {
    state: SubscriptionState,
    problem: Option<Problem>,
}

impl Finding {
    fn of(state: SubscriptionState) -> Self {
        Self { state, problem: None }
    }
}

impl Entry {
    pub(super) fn new(status: SubscriptionStatus, now: Instant) -> Self {
        Self {
            polls: Finding::of(status.state),
            looks: Finding::of(SubscriptionState::Ok),
            status,
            problem: None,
            deletes: None,
            heard: now,
            blind_since: None,
            rung: Vec::new(),
            empty: 0,
        }
    }

    /// A poll came back.
    pub(super) fn completed(&mut self, wall: Timestamp, now: Instant, messages: usize) {
        self.heard = now;
        self.empty = if messages > 0 { 0 } else { self.empty.saturating_add(1) };
        self.status.last_completed_poll = Some(wall);
        if messages > 0 {
            self.status.last_message = Some(wall);
        }
        self.polls = Finding::of(SubscriptionState::Ok);
        self.show(now);
    }

    /// Whether nothing more is to be expected of it at once: its queue was empty twice, or it is not heard at all.
    pub(super) fn is_drained(&self) -> bool {
        self.empty >= 2 || self.deaf_at().is_none()
    }

    /// Polling failed.
    pub(super) fn troubled(&mut self, state: SubscriptionState, problem: &Problem, now: Instant) {
        let mut state = state;
        // "AWS cannot answer now" heals nothing: who was deaf before still is.
        if state == SubscriptionState::Connecting && self.polls.state.is_blind() {
            if self.polls.state.needs_person() {
                return;
            }
            state = SubscriptionState::Blind;
        }
        self.polls = Finding { state, problem: Some(problem.clone()) };
        self.show(now);
    }

    /// Committed messages cannot be deleted, or can again.
    pub(super) fn deletes(&mut self, problem: Option<&Problem>, now: Instant) {
        self.deletes = problem.cloned();
        self.show(now);
    }

    /// A look found this.
    pub(super) fn checked(&mut self, state: SubscriptionState, problem: Option<&Problem>, now: Instant) {
        use SubscriptionState as S;
        match state {
            // What a poll sees, too, stands until the next one, which knows better.
            S::QueueMissing | S::SignedOut | S::Denied | S::Blind | S::Connecting | S::Paused => {
                if !self.polls.state.is_blind() {
                    self.polls = Finding { state, problem: problem.cloned() };
                }
            }
            state => self.looks = Finding { state, problem: problem.cloned() },
        }
        self.show(now);
    }

    /// Calls it blind when the last completed poll is too old. Whether that is news.
    pub(super) fn listen(&mut self, now: Instant) -> bool {
        let Some(deaf_at) = self.deaf_at().filter(|at| *at <= now) else { return false };
        let age = now.saturating_duration_since(deaf_at) + DEAF_AFTER;
        // The reason that polling gave says more than the age.
        let problem = self.polls.problem.take().unwrap_or_else(|| deaf(age));
        self.polls = Finding { state: SubscriptionState::Blind, problem: Some(problem) };
        self.show(now);
        true
    }

    /// The machine woke: ages begin anew, and what was heard before says nothing about now.
    pub(super) fn woke(&mut self, now: Instant) {
        self.heard = now;
        if self.polls.state == SubscriptionState::Ok {
            self.polls.state = SubscriptionState::Connecting;
        }
        if let Some(since) = &mut self.blind_since {
            *since = now;
        }
        self.show(now);
    }

    /// When it becomes deaf, unless a poll completes; `None` when it is, or is not listened to.
    pub(super) fn deaf_at(&self) -> Option<Instant> {
        let listening = self.polls.state != SubscriptionState::Paused && !self.polls.state.is_blind();
        listening.then(|| self.heard + DEAF_AFTER)
    }

    /// When this blindness rings, unless this cause already did.
    pub(super) fn rings_at(&self) -> Option<Instant> {
        let since = self.blind_since.filter(|_| self.status.state.is_blind())?;
        if self.rung.contains(&self.status.state) {
            return None;
        }
        Some(if self.status.state.needs_person() { since } else { since + HEALING_TIME })
    }

    pub(super) fn rang(&mut self) {
        self.rung.push(self.status.state);
    }

    /// Decides what is shown: deafness before what only slows, and a cause that was seen before one that was inferred.
    fn show(&mut self, now: Instant) {
        let (state, problem) = if self.polls.state.is_blind() {
            (self.polls.state, self.polls.problem.clone())
        } else if self.looks.state.is_blind() {
            (self.looks.state, self.looks.problem.clone())
        } else if let Some(problem) = &self.deletes {
            (SubscriptionState::Denied, Some(problem.clone()))
        } else if self.polls.state == SubscriptionState::Ok {
            (self.looks.state, self.looks.problem.clone())
        } else {
            (self.polls.state, self.polls.problem.clone())
        };
        self.status.state = state;
        self.status.reason = problem.as_ref().map(|p| p.message.clone());
        self.status.hint = problem.as_ref().map(|p| p.hint.clone());
        self.problem = problem;
        if state.is_blind() {
            self.blind_since.get_or_insert(now);
        } else if state != SubscriptionState::Connecting {
            self.blind_since = None;
            self.rung.clear();
        }
    }
}

fn deaf(age: Duration) -> Problem {
    Problem::new(
        Code::Blind,
        format!("no poll of the queue has completed for {} s", age.as_secs()),
        "check the network, VPN and proxy; Watchbell goes on trying by itself",
    )
}
