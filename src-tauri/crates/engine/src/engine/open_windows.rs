//! The maintenance windows that are open, for the tray: their counts at most every 10 s, their edges at the instant.
//!
//! **Invariants:** while no window is open or near nothing wakes: the next wake is the next start, cutoff or end by the clock.
//! A patch run of hundreds of nodes does not rebuild the tray's menu with each of them.

use std::time::{Duration, Instant};

use jiff::Timestamp;
use watchbell_core::window::Current;

use crate::clock;
use crate::store::{Reader, StoreError};

/// The least time between two counts in the tray.
const COUNTS_EVERY: Duration = Duration::from_secs(10);

/// The longest sleep: the wall clock may be set meanwhile.
const LONGEST: Duration = Duration::from_hours(1);

/// What is open, as last told.
#[derive(Debug, Default)]
pub(super) struct OpenWindows {
    told: Vec<Current>,
    counted_at: Option<Instant>,
    /// How long until it is to be looked at again without a commit.
    pub(super) wake: Option<Duration>,
}

impl OpenWindows {
    /// Looks; gives what the tray is to tell.
    pub(super) fn look(&mut self, reader: &Reader) -> Result<Vec<Current>, StoreError> {
        let now = clock::now();
        let open = reader.current_windows(now)?;
        let edge = reader.next_window_change(now)?.map(|at| until(at, now));
        let age = self.counted_at.map(|at| clock::monotonic().saturating_duration_since(at));
        self.take(open, edge, age.unwrap_or(COUNTS_EVERY));
        Ok(self.told.clone())
    }

    /// `age` is that of the counts that were told last.
    fn take(&mut self, open: Vec<Current>, edge: Option<Duration>, age: Duration) {
        let which = |windows: &[Current]| {
            windows.iter().map(|of| (of.run.clone(), of.name.clone(), of.cutoff, of.end)).collect::<Vec<_>>()
        };
        let mut wake = edge.map(|edge| edge.min(LONGEST));
        if open == self.told {
            // Nothing is waiting to be told.
        } else if age >= COUNTS_EVERY || which(&open) != which(&self.told) {
            self.told = open;
            self.counted_at = Some(clock::monotonic());
        } else {
            let rest = COUNTS_EVERY.saturating_sub(age);
            wake = Some(wake.map_or(rest, |edge| edge.min(rest)));
        }
        self.wake = wake;
    }
}

/// How long to sleep until an edge of the wall clock.
pub(super) fn sleep_until(edge: Timestamp, now: Timestamp) -> Duration {
    until(edge, now).min(LONGEST)
}

/// A moment later than the edge itself, so that it has passed when we look.
fn until(at: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO) + Duration::from_millis(50)
}

#[cfg(test)]
mod tests {
    use super::*;
    use watchbell_core::window::Progress;

    fn open(done: u32) -> Vec<Current> {
        let progress = Progress { commands: 1, done, known: 200, complete: true, failed: 0, timed_out: 0 };
        let start = Timestamp::UNIX_EPOCH;
        vec![Current { run: "r".into(), name: "Sunday patch".into(), start, cutoff: None, end: None, progress }]
    }

    #[test]
    fn counts_wait_their_turn_and_a_window_that_opens_or_closes_does_not() {
        let mut windows = OpenWindows::default();
        let second = Duration::from_secs(1);
        windows.take(open(1), None, second);
        assert_eq!(windows.told, open(1), "a window that opens is told at once");
        windows.take(open(2), Some(Duration::from_hours(9)), second);
        assert_eq!(windows.told, open(1), "the tray's menu is not rebuilt with each node");
        assert_eq!(windows.wake, Some(Duration::from_secs(9)), "the last counts are told when their turn comes");
        windows.take(open(2), Some(second), COUNTS_EVERY);
        assert_eq!((&windows.told, windows.wake), (&open(2), Some(second)), "then the edge is what wakes");
        windows.take(Vec::new(), None, second);
        assert_eq!((windows.told.len(), windows.wake), (0, None), "with nothing open nothing wakes");
    }
}
