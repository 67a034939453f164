//! Runs one subscription's receiving again and again: after a panic, after a refusal with a pause, after a sleep at once.
//!
//! **Invariant:** whatever fails, the next try comes, and never sooner than the back-off says. It grows over all clients and
//! restarts, to once a minute, and begins anew only when a poll completed. Never here: what is run.

use std::future::Future;
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use crate::aws::refusal::{Refusal, login_in};
use crate::error::{Code, Problem};
use crate::health::Board;
use crate::receive::Ended;

/// How many failures in a row end a drain.
const DRAIN_TRIES: u32 = 3;

/// The pauses between tries.
pub(super) struct Pace(Backoff);

impl Pace {
    pub(super) fn new(first: Duration, longest: Duration) -> Self {
        Self(Backoff::new(first, longest))
    }

    /// What may heal by itself is tried at any time below the ceiling; what waits for the person near it, so that a refused
    /// account is asked once a minute and not twice.
    fn pause(&mut self, may_heal: bool) -> Duration {
        let draw = fastrand::f64();
        self.0.fail(if may_heal { draw } else { 0.8 + 0.2 * draw })
    }
}

impl Default for Pace {
    fn default() -> Self {
        Self::new(Duration::from_secs(1), Duration::from_mins(1))
    }
}

/// For whom, and how long.
pub(super) struct Restarts {
    pub(super) topic: String,
    /// How one signs in again, where that is known better here than from AWS's answer.
    pub(super) way_back: Option<String>,
    pub(super) board: Board,
    pub(super) once: bool,
    pub(super) pace: Pace,
    pub(super) cancel: CancellationToken,
    /// Somebody may have mended what is wrong: a pause ends.
    pub(super) nudges: watch::Receiver<()>,
}

impl Restarts {
    /// Runs until cancelled; with `once`, until drained or refused. The board then says why.
    pub(super) async fn run<F, R>(mut self, mut run: F)
    where
        F: FnMut() -> R,
        R: Future<Output = Ended> + Send + 'static,
    {
        let mut wakes = self.board.wakes();
        loop {
            wakes.mark_unchanged();
            self.nudges.mark_unchanged();
            let mut alone = JoinSet::new();
            alone.spawn(run());
            let may_heal = match alone.join_next().await {
                None | Some(Ok(Ended::Cancelled | Ended::Drained | Ended::Unstored)) => return,
                Some(Ok(Ended::Woken)) => {
                    self.pace.0.reset();
                    continue;
                }
                Some(Ok(Ended::Refused { refusal, heard })) => {
                    let mut refusal = refusal.tried_again();
                    if let Some(way_back) = self.way_back.as_ref().filter(|_| ended_by_aws(&refusal)) {
                        way_back.clone_into(&mut refusal.problem.hint);
                    }
                    tracing::warn!(topic = self.topic, problem = %refusal.problem, "receiving failed");
                    self.board.troubled(&self.topic, refusal.state, &refusal.problem);
                    if heard {
                        self.pace.0.reset();
                    }
                    if self.once && !refusal.transient {
                        return;
                    }
                    refusal.transient
                }
                Some(Err(panic)) => {
                    tracing::error!(topic = self.topic, %panic, "receiving broke and starts again");
                    self.board.troubled(&self.topic, SubscriptionState::Blind, &broke());
                    true
                }
            };
            let pause = self.pace.pause(may_heal);
            if self.once && self.pace.0.failures() >= DRAIN_TRIES {
                return;
            }
            tokio::select! {
                () = self.cancel.cancelled() => return,
                Ok(()) = wakes.changed() => self.pace.0.reset(),
                Ok(()) = self.nudges.changed() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// AWS itself said that the credentials have ended; what our own sources say has the right words already, and so has what names a command.
fn ended_by_aws(refusal: &Refusal) -> bool {
    refusal.state == SubscriptionState::SignedOut
        && refusal.problem.code == Code::AwsRefused
        && login_in(&refusal.problem.hint).is_none()
        && refusal.problem.message.contains("expired")
}

fn broke() -> Problem {
    Problem::new(
        Code::Blind,
        "receiving broke and is being started again",
        "nothing to do; if it goes on, please report it with the newest file of the logs folder",
    )
}

#[cfg(test)]
mod tests;
