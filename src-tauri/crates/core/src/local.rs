//! From a time on the wall clock to the instant it means, also in the nights when the clock is changed.
//!
//! **Invariant:** every local time has one answer. A time that the clock skips means the first instant after the gap; of a
//! time that the clock shows twice, [`first`] means the earlier instant and [`last`] the later. Both grow with the clock.
//! Never here: the system's zone or its database. The zone is an argument.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// The first instant at which the clock shows `at`, or would have. `None` only beyond the years that a [`Timestamp`] holds.
pub fn first(zone: &TimeZone, at: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { before, after } => end_of_gap(zone, at, before, after),
        _ => ambiguous.earlier().ok(),
    }
}

/// The last instant at which the clock shows `at`, or would have. `None` only beyond the years that a [`Timestamp`] holds.
pub fn last(zone: &TimeZone, at: DateTime) -> Option<Timestamp> {
    let ambiguous = zone.to_ambiguous_timestamp(at);
    match ambiguous.offset() {
        AmbiguousOffset::Gap { before, after } => end_of_gap(zone, at, before, after),
        _ => ambiguous.later().ok(),
    }
}

fn end_of_gap(zone: &TimeZone, at: DateTime, before: Offset, after: Offset) -> Option<Timestamp> {
    // Read with the offset to come, a skipped time lies before the change; read with the old one, it lies after.
    let earlier = after.to_timestamp(at).ok()?;
    let later = before.to_timestamp(at).ok()?;
    let change = zone.following(earlier).take_while(|change| change.timestamp() <= later).find(|c| c.offset() == after);
    Some(change.map_or(later, |change| change.timestamp()))
}
