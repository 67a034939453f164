//! The account of an ordered ending: each step with its name, its time and whether it kept to its limit.

use std::future::Future;
use std::time::Duration;

use crate::clock;

/// What each step of the ending took.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ShutdownReport {
    /// In the order in which they ran.
    pub steps: Vec<ShutdownStep>,
}

/// One step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ShutdownStep {
    /// What was done.
    pub name: &'static str,
    /// How long it took.
    pub took: Duration,
    /// It ended within its limit.
    pub finished: bool,
}

impl ShutdownReport {
    pub(super) async fn step(&mut self, name: &'static str, limit: Duration, work: impl Future<Output = ()>) {
        let began = clock::monotonic();
        let finished = tokio::time::timeout(limit, work).await.is_ok();
        let took = began.elapsed();
        if finished {
            tracing::info!(step = name, ?took, "shutdown");
        } else {
            tracing::warn!(step = name, ?limit, "a step of the shutdown did not end in time");
        }
        self.steps.push(ShutdownStep { name, took, finished });
    }

    /// Whether every step ended within its limit.
    pub fn in_order(&self) -> bool {
        self.steps.iter().all(|step| step.finished)
    }
}
