//! Instants as SQLite keeps them: nanoseconds since 1970, UTC, in an INTEGER.

use jiff::Timestamp;

/// Nanoseconds since the epoch; an instant outside 1677 to 2262 becomes the nearest that fits.
pub(super) fn to_ns(at: Timestamp) -> i64 {
    i64::try_from(at.as_nanosecond()).unwrap_or(if at < Timestamp::UNIX_EPOCH { i64::MIN } else { i64::MAX })
}

/// Back again. Every `i64` of nanoseconds is an instant.
pub(super) fn from_ns(ns: i64) -> Timestamp {
    Timestamp::from_nanosecond(i128::from(ns)).unwrap_or(Timestamp::UNIX_EPOCH)
}
