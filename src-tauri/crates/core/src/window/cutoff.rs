//! Which nodes of a run its window cut off, as far as their own messages and SSM's word about the run tell.
//!
//! **Invariant:** the one rule for the alert and for the run's report. The store asks it in SQL (`CUT_OFF` in the engine's
//! `store::windows::tally`) and holds that against this function in its tests.

use jiff::Timestamp;

use crate::join::LevelState;
use crate::status::{Bucket, bucket};
use crate::words;

/// Whether a node was cut off: cancelled, or timed out other than for want of delivery, at the window's cutoff or after. In a
/// run that SSM says timed out it is also what was cancelled or timed out before, unless the node ran over its own time.
pub fn was_cut_off(held: &LevelState, cutoff: Option<Timestamp>, run_timed_out: bool) -> bool {
    let detail = held.detail.as_deref();
    let after = cutoff.is_some_and(|cutoff| held.event_time >= cutoff);
    match bucket(&held.status, detail) {
        Bucket::Cancelled => after || run_timed_out,
        Bucket::TimedOut if words::was_not_reached(detail) => false,
        Bucket::TimedOut => after || (run_timed_out && detail != Some("ExecutionTimedOut")),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use rstest::rstest;

    use super::*;
    use crate::status::Status;

    #[rstest]
    #[case(Status::Cancelled, None, 0, false, true)]
    #[case(Status::Cancelled, None, -1, false, false)]
    #[case(Status::Cancelled, None, -1, true, true)]
    #[case(Status::TimedOut, None, 0, false, true)]
    #[case(Status::TimedOut, Some("ExecutionTimedOut"), 5, false, true)]
    #[case(Status::TimedOut, Some("ExecutionTimedOut"), -5, true, false)]
    #[case(Status::TimedOut, Some("DeliveryTimedOut"), 5, true, false)]
    #[case(Status::Failed, Some("Failed"), 5, true, false)]
    #[case(Status::Success, None, 5, true, false)]
    fn only_what_did_not_end_by_itself_was_cut_off(
        #[case] status: Status,
        #[case] detail: Option<&str>,
        #[case] after: i64,
        #[case] run_timed_out: bool,
        #[case] cut_off: bool,
    ) {
        let cutoff = Timestamp::UNIX_EPOCH;
        let held = LevelState {
            status,
            detail: detail.map(Into::into),
            event_time: cutoff + jiff::SignedDuration::from_secs(after),
        };
        assert_eq!(was_cut_off(&held, Some(cutoff), run_timed_out), cut_off, "{held:?}");
        assert!(!was_cut_off(&held, None, false), "without a cutoff or SSM's word nothing is known: {held:?}");
    }
}
