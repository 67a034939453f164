//! The tag that says when a personal queue was last read, renewed once a day: by it a queue that is in use is told from one that a
//! machine left behind.
//!
//! **Invariant:** only a queue whose tags say that it is ours is written to, and only this one tag. Without the right to, nothing is
//! renewed and nobody is bothered: hearing does not depend on it.

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};
use watchbell_core::plan::{Person, TAG_LAST_SEEN, Whose, whose};

use super::access::Access;
use super::queue;
use crate::error::Problem;
use crate::store::SubscriptionRecord;

/// Younger tags are left as they are, so that a restart writes nothing.
pub(crate) const RENEWED_AFTER: SignedDuration = SignedDuration::from_hours(20);

/// Renews the tag where it is older than [`RENEWED_AFTER`]. Says whether it was.
///
/// # Errors
/// When the tags may not be read or written.
pub(crate) async fn renew(
    access: &Access,
    record: &SubscriptionRecord,
    person: &Person<'_>,
    now: Timestamp,
) -> Result<bool, Problem> {
    if record.adopted {
        return Ok(false);
    }
    let sqs = access.sqs_setup(&record.queue_region).await;
    let resource = record.queue_arn.as_ref().map_or(record.queue_url.as_str(), |arn| arn.as_str());
    let held = queue::tags(&sqs, &record.queue_url, resource).await?;
    if whose(&held, person, &record.topic_arn) != Whose::Ours || !is_due(held.get(TAG_LAST_SEEN), now) {
        return Ok(false);
    }
    let tag = BTreeMap::from([(TAG_LAST_SEEN, format!("{now:.0}"))]);
    queue::tag(&sqs, &record.queue_url, &tag, resource).await?;
    Ok(true)
}

/// A tag that cannot be read as a time is due; one of the future is left, since our own clock may be behind.
fn is_due(tag: Option<&String>, now: Timestamp) -> bool {
    match tag.and_then(|text| text.parse::<Timestamp>().ok()) {
        Some(seen) => now.duration_since(seen) >= RENEWED_AFTER,
        None => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_young_tag_is_left_and_an_old_or_broken_one_renewed() {
        let now: Timestamp = "2026-03-02T12:00:00Z".parse().unwrap();
        for (tag, due) in [
            (Some("2026-03-02T11:00:00Z"), false),
            (Some("2026-03-03T11:00:00Z"), false),
            (Some("2026-03-01T16:00:00Z"), true),
            (Some("yesterday"), true),
            (None, true),
        ] {
            assert_eq!(is_due(tag.map(str::to_owned).as_ref(), now), due, "last seen {tag:?}");
        }
    }
}
