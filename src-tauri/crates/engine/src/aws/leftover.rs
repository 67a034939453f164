//! Personal queues of this person that are tagged as such, wherever they were made.
//!
//! **Invariant:** only queues that say by their tags that they are this person's, and not another caller's of AWS. Nothing is adopted here, and one is removed only by
//! name, after its tags were read again and the person said yes. What may not be looked at is said, never passed over.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::plan::{
    Person, TAG_CALLER, TAG_CREATED, TAG_HOST, TAG_LAST_SEEN, TAG_OWNER, TAG_TOPIC, is_here, other_caller, tag_value,
};

use super::access::Access;
use super::adopt::queue_arn_of;
use super::leave::{LeaveReport, leave_leftover};
use super::queue;
use super::refusal::refusal;
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

/// A lease that is younger may be somebody's who still reads: a running Watchbell renews it once a day.
pub const FRESH: SignedDuration = SignedDuration::from_hours(48);
/// AWS takes 30 tag calls a second from an account.
const TAG_CALLS_AT_ONCE: usize = 8;

/// A queue that Watchbell made once, here or on another machine, and that no subscription here reads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Leftover {
    /// Its URL.
    pub queue_url: String,
    /// The machine that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub host: Option<String>,
    /// The topic that it was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic_arn: Option<String>,
    /// When it was made, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub created: Option<String>,
    /// When it was last read, RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_seen: Option<String>,
    /// Whether this machine made it: subscribing again takes it over, unsubscribing removes it.
    pub here: bool,
}

/// What came of looking in one region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// By URL.
    pub leftovers: Vec<Leftover>,
    /// How many queues have a name of ours and could not be told whose they are, with the first reason.
    pub untold: Option<(u32, Problem)>,
}

/// The personal queues of this person in a region that are not among `known`.
///
/// # Errors
/// When `ListQueues` is denied or AWS cannot be reached.
pub async fn leftovers(
    access: &Access,
    region: &str,
    person: &Person<'_>,
    known: &[SubscriptionRecord],
) -> Result<Found, Problem> {
    let sqs = &access.sqs_setup(region).await;
    let mut urls = Vec::new();
    let mut next = None;
    loop {
        // Without a page size SQS stops at 1,000 queues without a word.
        let page = sqs.list_queues().queue_name_prefix("watchbell-").max_results(1000).set_next_token(next.take());
        let page = page.send().await.map_err(|error| refusal("sqs:ListQueues", "*", &error).problem)?;
        urls.extend(page.queue_urls.unwrap_or_default());
        next = page.next_token.filter(|token| !token.is_empty());
        if next.is_none() {
            break;
        }
    }
    urls.retain(|url| !is_known(url, known));
    let mut tagged = stream::iter(urls)
        .map(|url| async move {
            let tags = queue::tags(sqs, &url, &url).await;
            (url, tags)
        })
        .buffer_unordered(TAG_CALLS_AT_ONCE);
    let owner = tag_value(person.user);
    let mut found = Found::default();
    let mut ours = Vec::new();
    while let Some((queue_url, tags)) = tagged.next().await {
        let tags = match tags {
            Ok(tags) => tags,
            // Deleted since it was listed.
            Err(refused) if refused.state == watchbell_core::health::SubscriptionState::QueueMissing => continue,
            Err(refused) => {
                found.untold = Some(found.untold.map_or((1, refused.problem), |(count, first)| (count + 1, first)));
                continue;
            }
        };
        if tags.get(TAG_OWNER) == Some(&owner) {
            ours.push((queue_url, tags));
        }
    }
    let caller = caller(access, region, ours.iter().map(|(_, tags)| tags)).await?;
    let person = &Person { caller: caller.as_deref(), ..*person };
    ours.retain(|(_, tags)| other_caller(tags, person).is_none());
    found.leftovers = ours.into_iter().map(|(queue_url, tags)| of_tags(queue_url, &tags, person)).collect();
    found.leftovers.sort_by(|a, b| a.queue_url.cmp(&b.queue_url));
    Ok(found)
}

/// Who AWS says that we are; asked only where some queue tells who made it.
async fn caller(
    access: &Access,
    region: &str,
    mut tagged: impl Iterator<Item = &BTreeMap<String, String>>,
) -> Result<Option<String>, Problem> {
    if tagged.any(|tags| tags.contains_key(TAG_CALLER)) {
        Box::pin(access.stable_caller(region)).await
    } else {
        Ok(None)
    }
}

fn of_tags(queue_url: String, tags: &BTreeMap<String, String>, person: &Person<'_>) -> Leftover {
    let tag = |name: &str| tags.get(name).cloned();
    Leftover {
        queue_url,
        here: is_here(tags, person),
        host: tag(TAG_HOST),
        topic_arn: tag(TAG_TOPIC),
        created: tag(TAG_CREATED),
        last_seen: tag(TAG_LAST_SEEN),
    }
}

/// One queue left over, by its URL, with what removes it.
///
/// # Errors
/// When its tags may not be read, do not call it this person's, or do not say for which topic it was made.
pub async fn find(access: &Access, region: &str, person: &Person<'_>, url: &str) -> Result<Removable, Problem> {
    // The partition is not in the URL; the topic's is the queue's, and is read from the tags.
    let sqs = access.sqs_setup(region).await;
    let tags = queue::tags(&sqs, url, url).await?;
    let refused = |why: String| {
        Problem::new(
            Code::No,
            format!("the queue {url} is left alone: {why}"),
            "the window's settings and watchbellctl subscriptions list the queues that are yours",
        )
    };
    match tags.get(TAG_OWNER) {
        Some(owner) if *owner == tag_value(person.user) => {}
        Some(owner) => return Err(refused(format!("its tags say that it is {owner}'s"))),
        None => return Err(refused("it has no tags of Watchbell's".to_owned())),
    }
    let caller = caller(access, region, std::iter::once(&tags)).await?;
    let person = &Person { caller: caller.as_deref(), ..*person };
    if let Some(why) = other_caller(&tags, person) {
        return Err(refused(why));
    }
    let leftover = of_tags(url.to_owned(), &tags, person);
    let topic = leftover.topic_arn.as_deref().and_then(|topic| topic.parse::<TopicArn>().ok());
    let topic = topic.ok_or_else(|| refused("its tags do not say for which topic it was made".to_owned()))?;
    let queue = queue_arn_of(url, region, &topic)?;
    Ok(Removable { leftover, topic, queue, caller })
}

/// A queue left over that this person may have removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removable {
    /// As it is listed.
    pub leftover: Leftover,
    topic: TopicArn,
    queue: QueueArn,
    caller: Option<String>,
}

impl Leftover {
    /// How long ago it was last read, as far as its tags say.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        let seen: Timestamp = self.last_seen.as_deref()?.parse().ok()?;
        Some(now.duration_since(seen))
    }

    /// Whether it was read so lately that somebody may be reading it at this moment.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        self.age(now).is_some_and(|age| age < FRESH)
    }
}

impl Removable {
    /// Ends its subscription, then deletes it. While the subscription stays so does the queue, which alone leads to it.
    pub async fn remove(&self, access: &Access, person: &Person<'_>, cancel: &CancellationToken) -> LeaveReport {
        let record = SubscriptionRecord {
            queue_arn: Some(self.queue.clone()),
            ..SubscriptionRecord::of(self.topic.clone(), self.leftover.queue_url.clone(), self.queue.region())
        };
        let person = Person { caller: self.caller.as_deref(), ..*person };
        leave_leftover(access, &record, &person, cancel).await
    }
}

/// Whether this data folder reads the queue of this URL.
pub fn is_known(url: &str, known: &[SubscriptionRecord]) -> bool {
    known.iter().any(|record| same_queue(&record.queue_url, url))
}

/// Hosts of a queue's URL differ between endpoints; account and name say which queue it is.
fn same_queue(a: &str, b: &str) -> bool {
    let tail = |url: &str| url.rsplitn(3, '/').take(2).map(str::to_owned).collect::<Vec<_>>();
    tail(a) == tail(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_queue_is_the_same_behind_another_host() {
        let url = "https://sqs.us-east-1.amazonaws.com/123456789012/watchbell-a";
        assert!(same_queue(url, "https://us-east-1.queue.amazonaws.com/123456789012/watchbell-a"), "hosts may differ");
        assert!(!same_queue(url, "https://sqs.us-east-1.amazonaws.com/123456789012/watchbell-b"), "names may not");
        assert!(!same_queue(url, "https://sqs.us-east-1.amazonaws.com/210987654321/watchbell-a"), "accounts may not");
    }

    #[test]
    fn one_that_was_read_lately_may_be_in_use() {
        let now: Timestamp = "2026-11-25T12:00:00Z".parse().unwrap();
        for (seen, fresh) in [
            (Some("2026-11-25T11:00:00Z"), true),
            (Some("2026-11-23T12:00:01Z"), true),
            (Some("2026-11-23T12:00:00Z"), false),
            (Some("2026-11-26T12:00:00Z"), true),
            (Some("yesterday"), false),
            (None, false),
        ] {
            let last_seen = seen.map(str::to_owned);
            let one = Leftover {
                queue_url: String::new(),
                host: None,
                topic_arn: None,
                created: None,
                last_seen,
                here: false,
            };
            assert_eq!(one.is_fresh(now), fresh, "{seen:?}");
        }
    }
}
