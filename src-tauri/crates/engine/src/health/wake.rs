//! Notices that the machine slept, from the clocks alone.
//!
//! **Invariant:** no timer of its own. It looks when somebody is awake anyway: at each poll that ended, at the watchdog, and when
//! the system says that it woke. Never here: what is done after a sleep.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::watch;

use crate::clock::{self, Reading};

/// A shorter sleep harms no connection. Where sleep is told from the wall clock, a corrected clock must not look like one.
const NAP: Duration = if cfg!(target_os = "linux") { Duration::from_secs(2) } else { Duration::from_secs(30) };

/// Polls end within 35 s and are at most a minute apart: who gave no sign of life for longer stood still, whatever the clocks say
/// (Windows in sleep, a stopped process, a frozen virtual machine).
const STOOD_STILL: Duration = Duration::from_mins(4);

/// The system's own word may come a moment after the clocks were looked at: that is the same waking.
const SAME: Duration = Duration::from_secs(10);

/// Where the time comes from.
#[derive(Clone)]
pub(super) struct Clock(pub(super) Arc<dyn Fn() -> Reading + Send + Sync>);

impl Default for Clock {
    fn default() -> Self {
        Self(Arc::new(clock::reading))
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Clock")
    }
}

/// Counts the wakings.
#[derive(Debug)]
pub(super) struct Wakes {
    last: Mutex<Last>,
    told: watch::Sender<u64>,
}

#[derive(Debug, Clone, Copy)]
struct Last {
    looked: Reading,
    woke: Option<Instant>,
}

impl Wakes {
    pub(super) fn from(now: Reading) -> Self {
        Self { last: Mutex::new(Last { looked: now, woke: None }), told: watch::channel(0).0 }
    }

    /// Whether the machine slept, or stood still, since the last look.
    pub(super) fn slept(&self, now: Reading) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        let before = last.looked;
        if now.awake < before.awake {
            return false; // another looked later, and was here first
        }
        last.looked = now;
        let slept = now.slept.saturating_sub(before.slept) >= NAP
            || now.awake.saturating_duration_since(before.awake) >= STOOD_STILL;
        if slept {
            last.woke = Some(now.awake);
        }
        slept
    }

    /// The system says that it woke. Whether that is news.
    pub(super) fn told_by_system(&self, now: Reading) -> bool {
        let mut last = self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.looked = now;
        let news = last.woke.is_none_or(|woke| now.awake.saturating_duration_since(woke) >= SAME);
        if news {
            last.woke = Some(now.awake);
        }
        news
    }

    pub(super) fn tell(&self) {
        self.told.send_modify(|wakes| *wakes += 1);
    }

    pub(super) fn subscribe(&self) -> watch::Receiver<u64> {
        self.told.subscribe()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn later(from: Reading, awake: u64, slept: u64) -> Reading {
        let (awake, slept) = (Duration::from_secs(awake), Duration::from_secs(slept));
        Reading { awake: from.awake + awake, slept: from.slept + slept, wall: from.wall + awake + slept }
    }

    #[test]
    fn a_sleep_is_noticed_once_and_an_idle_poll_is_none() {
        let start = clock::reading();
        let wakes = Wakes::from(start);
        let idle = later(start, 35, 0);
        assert!(!wakes.slept(idle), "an idle poll and a pause are no sleep");
        let woken = later(idle, 1, 8 * 3600);
        assert!(wakes.slept(woken), "a night is a sleep");
        assert!(!wakes.slept(later(woken, 1, 0)), "one sleep is noticed once");
        assert!(!wakes.told_by_system(later(woken, 3, 0)), "the system's word for the same waking is no news");
        assert!(wakes.told_by_system(later(woken, 600, 0)), "a later one is, though the clocks show nothing");
    }

    #[test]
    fn who_stood_still_slept_whatever_the_clocks_say() {
        let start = clock::reading();
        assert!(Wakes::from(start).slept(later(start, 3600, 0)), "an hour without a sign of life is a sleep");
    }

    #[test]
    fn the_clocks_of_this_machine_do_not_sleep_by_themselves() {
        let first = clock::reading();
        let wakes = Wakes::from(first);
        std::thread::sleep(Duration::from_millis(20));
        let second = clock::reading();
        assert!(!wakes.slept(second), "a busy machine is not asleep");
        assert!(second.since(&first) >= Duration::from_millis(20), "and time passes");
    }
}
