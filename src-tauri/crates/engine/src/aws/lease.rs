//! The lease of a personal queue: the tag that says when it was last read, so that a queue that nobody reads can be told from one
//! that somebody does.
//!
//! With it go the tags that may have changed since: the host's name, which DHCP gives, and who AWS says we are.
//!
//! **Invariant:** written at most once a day, whoever asks and however often Watchbell starts: the tag itself says when that was. Only on a
//! queue whose tags call it ours; one whose tags may not be read is left alone (invariant 7).

use jiff::{SignedDuration, Timestamp};
use watchbell_core::plan::{Person, TAG_CALLER, TAG_HOST, TAG_LAST_SEEN, Whose, tags, whose};

use super::access::Access;
use super::leave::arn_of;
use super::queue;
use super::refusal::Refusal;
use crate::error::Problem;
use crate::store::SubscriptionRecord;

/// From one writing to the next.
pub(crate) const A_DAY: SignedDuration = SignedDuration::from_hours(24);
/// A tag that is further ahead of our clock was written by a clock that was wrong.
const AHEAD: SignedDuration = SignedDuration::from_hours(1);

/// What became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Lease {
    /// It was written now.
    Renewed,
    /// It was written less than a day ago.
    Fresh {
        /// When.
        since: Timestamp,
    },
    /// The tags do not call the queue ours, and why.
    NotOurs(String),
}

/// Writes the tag when it is a day old.
pub(crate) async fn renew(
    access: &Access,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    now: Timestamp,
) -> Result<Lease, Refusal> {
    let arn = arn_of(record).map_err(unnamed)?;
    let sqs = access.sqs_setup(arn.region()).await;
    let held = queue::tags(&sqs, &record.queue_url, arn.as_str()).await?;
    match whose(&held, person, &record.topic_arn) {
        // Our own record outlives the credentials that the queue was made with.
        Whose::Ours | Whose::OtherCaller { .. } => {}
        Whose::OtherMachine { why } | Whose::Foreign { why } => return Ok(Lease::NotOurs(why)),
        Whose::Untagged => return Ok(Lease::NotOurs("it has no tags of Watchbell's".to_owned())),
    }
    if let Some(since) = held.get(TAG_LAST_SEEN).and_then(|text| fresh(text, now)) {
        return Ok(Lease::Fresh { since });
    }
    // Without an answer the tag stays as it is.
    let caller = access.stable_caller(arn.region()).await.unwrap_or_default();
    let person = Person { caller: caller.as_deref(), ..*person };
    let mut wanted = tags(&person, &record.topic_arn, now, now);
    wanted.retain(|name, value| match *name {
        TAG_LAST_SEEN => true,
        TAG_HOST | TAG_CALLER => held.get(*name) != Some(value),
        _ => false,
    });
    queue::tag(&sqs, &record.queue_url, &wanted, arn.as_str()).await?;
    Ok(Lease::Renewed)
}

/// When the tag was written, if that is less than a day ago.
pub(crate) fn fresh(tag: &str, now: Timestamp) -> Option<Timestamp> {
    let since: Timestamp = tag.parse().ok()?;
    let age = now.duration_since(since);
    (age < A_DAY && age > -AHEAD).then_some(since)
}

fn unnamed(problem: Problem) -> Refusal {
    Refusal { problem, state: watchbell_core::health::SubscriptionState::Blind, transient: false }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_is_fresh_for_a_day_and_a_wrong_clock_makes_none() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (tag, is_fresh) in [
            ("2026-11-25T11:59:00Z", true),
            ("2026-11-24T12:00:01Z", true),
            ("2026-11-24T12:00:00Z", false),
            ("2026-11-25T12:30:00Z", true),
            ("2027-11-25T12:00:00Z", false),
            ("yesterday", false),
            ("", false),
        ] {
            assert_eq!(fresh(tag, now).is_some(), is_fresh, "{tag:?}");
        }
    }
}
