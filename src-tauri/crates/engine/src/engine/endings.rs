//! When the credentials of each subscription end: carried from their source to the board, and looked at when the end comes near.
//!
//! **Invariant:** nothing wakes for credentials that renew by themselves. Words about an end are said half an hour before it, and name
//! the clock time, so that the tray does not age.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::aws::access::Access;
use crate::aws::identity::SOON;
use crate::health::Board;
use crate::store::SubscriptionRecord;
use crate::view::SubscriptionStatus;

/// Carries them until cancelled, each time of the newest access. After a sign-in before the end they are had anew.
pub(super) async fn follow(
    mut granted: watch::Receiver<Option<Access>>,
    record: SubscriptionRecord,
    board: Board,
    cancel: CancellationToken,
    mut nudges: watch::Receiver<()>,
) {
    let topic = record.topic_arn.as_str();
    loop {
        let access = granted.borrow_and_update().clone();
        // Without an access there are no credentials that could end.
        let mut ending = match &access {
            Some(access) => access.ending(&record.queue_region).await,
            None => watch::channel(None).1,
        };
        loop {
            board.credentials(topic, *ending.borrow_and_update());
            tokio::select! {
                () = cancel.cancelled() => return,
                changed = granted.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    break;
                }
                Ok(()) = ending.changed() => {}
                Ok(()) = nudges.changed() => {
                    let soon = ending.borrow().is_some_and(|ending| ending.is_soon());
                    if let Some(access) = access.as_ref().filter(|_| soon) {
                        access.renew(&record.queue_region).await;
                    }
                }
            }
        }
    }
}

/// How long until [`SubscriptionStatus::signs_out`] says something new of one of these.
pub(super) fn wake(lines: &[SubscriptionStatus], now: Timestamp) -> Option<Duration> {
    let ends = lines.iter().filter(|line| line.renews == Some(false)).filter_map(|line| line.expires_at);
    let waits = ends.map(|at| (at - SOON).duration_since(now)).filter(SignedDuration::is_positive);
    // A moment later than the instant itself, so that it has passed when we look.
    waits.min().and_then(|wait| Duration::try_from(wait).ok()).map(|wait| wait + Duration::from_millis(50))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clock;

    fn line(ends_in: SignedDuration, renews: bool) -> SubscriptionStatus {
        let topic = "arn:aws:sns:us-east-1:123456789012:t".parse().unwrap();
        let line = crate::receive::tests::line(&topic);
        SubscriptionStatus { expires_at: Some(clock::now() + ends_in), renews: Some(renews), ..line }
    }

    #[test]
    fn an_end_is_said_half_an_hour_before_and_wakes_once() {
        let now = clock::now();
        let far = line(SignedDuration::from_hours(8), false);
        assert_eq!(far.signs_out(now), None, "eight hours are no news");
        let wait = wake(std::slice::from_ref(&far), now).unwrap();
        assert!(wait > Duration::from_secs(7 * 3600 + 1700) && wait < Duration::from_secs(8 * 3600 - 1700), "{wait:?}");
        let near = line(SignedDuration::from_mins(25), false);
        assert_eq!(near.signs_out(now), near.expires_at);
        assert_eq!(wake(&[near], now), None, "what is said already wakes nobody");
        let renewed = line(SignedDuration::from_mins(25), true);
        assert_eq!((renewed.signs_out(now), wake(&[renewed], now)), (None, None), "what renews is no news");
    }
}
