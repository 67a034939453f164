//! Which run a command belongs to, told by its time alone.
//!
//! **Invariant:** [`choose`] depends on the set of runs and on the command's time, and on no order.

use jiff::{SignedDuration, Timestamp};

/// How long before a run's start its commands may be dated. SSM's times for one thing differ by some 100 ms between its
/// messages, and a run's start is rounded to the second in some of them.
pub const LEAD: SignedDuration = SignedDuration::from_secs(10);

/// How long after a typed start SSM may begin and still mean that start.
pub const ABSORBS: SignedDuration = SignedDuration::from_mins(5);

/// The longest that a window is open (`Duration` 1 to 24 in the API's model): a run whose end nobody told is over by then.
pub const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// The time that a run takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span<K> {
    /// When it began.
    pub start: Timestamp,
    /// When it ended or will end at the latest.
    pub end: Timestamp,
    /// Which run it is.
    pub key: K,
}

/// The run to which a command of that time belongs: of several the one that started last.
pub fn choose<'a, K: Ord>(at: Timestamp, spans: impl IntoIterator<Item = &'a Span<K>>) -> Option<&'a Span<K>> {
    let holds = |span: &&Span<K>| span.start.checked_sub(LEAD).is_ok_and(|from| from <= at) && at <= span.end;
    spans.into_iter().filter(holds).max_by(|one, other| (one.start, &one.key).cmp(&(other.start, &other.key)))
}

/// Whether an execution that began at `began` is the typed run of `start`.
pub fn is_run_of(began: Timestamp, start: Timestamp) -> bool {
    let after = began.duration_since(start);
    -LEAD <= after && after <= ABSORBS
}
