//! One reader an account and region, and what it planned, which outlasts new clients and new readers.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::aws::windows::Place;
use crate::clock;
use crate::error::Problem;

/// After a waking the network takes a moment, and the polls matter more.
const AFTER_WAKE: Duration = Duration::from_secs(15);

/// Who reads which account and region, and when the next look is due there. Shared by all subscriptions.
#[derive(Debug, Clone, Default)]
pub(in crate::engine) struct Readers(Arc<Mutex<BTreeMap<Place, Seat>>>);

#[derive(Debug, Default)]
struct Seat {
    taken: bool,
    due: Option<Instant>,
    /// The denial that was logged.
    said: Option<Problem>,
}

impl Readers {
    fn lock(&self) -> MutexGuard<'_, BTreeMap<Place, Seat>> {
        // Each change is one value, so a poisoned lock still guards a whole state.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the seat of a place, if it is free.
    pub(super) fn take(&self, place: &Place) -> Option<Taken> {
        let mut seats = self.lock();
        let seat = seats.entry(place.clone()).or_default();
        if std::mem::replace(&mut seat.taken, true) {
            return None;
        }
        Some(Taken { readers: self.clone(), place: place.clone() })
    }
}

/// A seat, until it is dropped.
pub(super) struct Taken {
    readers: Readers,
    place: Place,
}

impl Taken {
    /// How long until the next look; a reader that takes over keeps to what its forerunner planned.
    pub(super) fn wait(&self) -> Duration {
        let due = self.readers.lock().get(&self.place).and_then(|seat| seat.due);
        due.map_or(Duration::ZERO, |due| due.saturating_duration_since(clock::monotonic()))
    }

    pub(super) fn plan(&self, pause: Duration) {
        if let Some(seat) = self.readers.lock().get_mut(&self.place) {
            seat.due = Some(clock::monotonic() + pause);
        }
    }

    /// The machine woke: what was planned before it slept is due soon. A denial waits all the same.
    pub(super) fn woke(&self) {
        if self.readers.lock().get(&self.place).is_some_and(|seat| seat.said.is_none()) {
            self.plan(AFTER_WAKE);
        }
    }

    /// Logs a problem once, and that it is over.
    pub(super) fn say(&self, problem: Option<&Problem>) {
        let mut seats = self.readers.lock();
        let Some(seat) = seats.get_mut(&self.place) else { return };
        if seat.said.as_ref() != problem {
            let Place { account, region } = &self.place;
            if let Some(problem) = problem {
                tracing::info!(account, region, %problem, "maintenance windows are not read from SSM");
            } else {
                tracing::info!(account, region, "maintenance windows are read from SSM");
            }
            seat.said = problem.cloned();
        }
    }
}

impl Drop for Taken {
    fn drop(&mut self) {
        if let Some(seat) = self.readers.lock().get_mut(&self.place) {
            seat.taken = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_mins(30);
    const HALF_A_DAY: Duration = Duration::from_hours(12);

    #[test]
    fn one_reader_a_place_and_the_next_keeps_to_its_plan() {
        let readers = Readers::default();
        let place = Place { account: "123456789012".into(), region: "eu-central-1".into() };
        let seat = readers.take(&place).unwrap();
        assert_eq!(seat.wait(), Duration::ZERO, "the first look comes at the start");
        assert!(readers.take(&place).is_none(), "two subscriptions of one account ask SSM once");
        seat.plan(LONG);
        seat.woke();
        assert!(seat.wait() <= AFTER_WAKE, "after a sleep what was planned before is due");
        let denied = Problem::new(crate::error::Code::AwsRefused, "denied", "ask");
        seat.say(Some(&denied));
        seat.plan(HALF_A_DAY);
        seat.woke();
        drop(seat);
        let heir = readers.take(&place).unwrap();
        assert!(heir.wait() > LONG, "neither a waking nor new clients are a reason to ask a denied call again");
    }
}
