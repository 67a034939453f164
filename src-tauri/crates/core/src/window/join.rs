//! How what is said of an execution becomes its state, whatever the order in which it comes.
//!
//! **Invariant:** [`ExecutionState::apply`] is commutative, associative and idempotent. The status is the maximum of what
//! was said under one total order (finality, instant, severity, bytes); the start is the least heard at any level, the end
//! the greatest that a terminal status of the execution itself told.

use std::cmp::Ordering;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::status::RunStatus;

/// One thing said of a run, by an event or by the API.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Of the execution itself; else of one of its tasks or targets, which only proves that it has begun.
    pub of_execution: bool,
    /// The status.
    pub status: RunStatus,
    /// When that was so.
    pub at: Timestamp,
    /// When it began.
    pub start: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
}

/// A status and when it was so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunLevel {
    /// The status.
    pub status: RunStatus,
    /// When that was so.
    pub at: Timestamp,
}

impl Ord for RunLevel {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |level: &Self| (level.status.finality(), level.at, level.status.severity());
        key(self).cmp(&key(other)).then_with(|| self.status.as_str().as_bytes().cmp(other.status.as_str().as_bytes()))
    }
}

impl PartialOrd for RunLevel {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Everything known of one execution.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecutionState {
    /// The execution's own status; absent while only its tasks were heard of.
    pub level: Option<RunLevel>,
    /// The least instant of all that was said.
    pub first_heard: Timestamp,
    /// The least start heard.
    pub started: Option<Timestamp>,
    /// The greatest end that a terminal status told.
    pub ended: Option<Timestamp>,
}

impl ExecutionState {
    /// An execution of which only `first` was said.
    pub fn new(first: &Said) -> Self {
        let mut state = Self { level: None, first_heard: first.at, started: None, ended: None };
        state.apply(first);
        state
    }

    /// Takes in what was said; says whether anything changed.
    pub fn apply(&mut self, said: &Said) -> bool {
        let before = self.clone();
        self.first_heard = self.first_heard.min(said.at);
        self.started = self.started.into_iter().chain(said.start).min();
        if said.of_execution {
            let level = RunLevel { status: said.status.clone(), at: said.at };
            if said.status.is_terminal() {
                self.ended = self.ended.max(Some(said.end.unwrap_or(said.at)));
            }
            self.level = self.level.take().max(Some(level));
        }
        *self != before
    }

    /// When it began, as far as is known.
    pub fn start(&self) -> Timestamp {
        self.started.unwrap_or(self.first_heard)
    }

    /// The status; a run whose tasks alone were heard of is in progress.
    pub fn status(&self) -> RunStatus {
        self.level.as_ref().map_or(RunStatus::InProgress, |level| level.status.clone())
    }

    /// Whether it is over.
    pub fn is_over(&self) -> bool {
        self.level.as_ref().is_some_and(|level| level.status.is_terminal())
    }
}
