//! The only room that reads a clock. Everywhere else time is an argument, so that tests can choose it.

use std::time::Instant;

use jiff::Timestamp;

/// The wall clock, UTC.
#[expect(clippy::disallowed_methods, reason = "this is the room that the lint points to")]
pub fn now() -> Timestamp {
    Timestamp::now()
}

/// A clock that never goes back and does not count while the machine sleeps, for ages and time-outs.
#[expect(clippy::disallowed_methods, reason = "this is the room that the lint points to")]
pub fn monotonic() -> Instant {
    Instant::now()
}
