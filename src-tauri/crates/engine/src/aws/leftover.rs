//! Personal queues of this person that are tagged as such, wherever they were made.
//!
//! **Invariant:** only queues that say by their tags that they are this person's. Nothing is adopted here, and one is removed only by
//! name, after its tags were read again and the person said yes. What may not be looked at is said, never passed over.

use std::collections::BTreeMap;

use futures_util::{StreamExt, stream};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use tokio_util::sync::CancellationToken;
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::plan::{
    Person, TAG_CREATED, TAG_HOST, TAG_LAST_SEEN, TAG_MACHINE, TAG_OWNER, TAG_TOPIC, tag_value,
};

use super::access::Access;
use super::adopt::queue_arn_of;
use super::leave::{LeaveReport, leave};
use super::queue;
use super::refusal::refusal;
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

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
    /// So many queues have a name of ours, and whose they are could not be told: the first reason.
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
            found.leftovers.push(of_tags(queue_url, &tags, person));
        }
    }
    found.leftovers.sort_by(|a, b| a.queue_url.cmp(&b.queue_url));
    Ok(found)
}

fn of_tags(queue_url: String, tags: &BTreeMap<String, String>, person: &Person<'_>) -> Leftover {
    let tag = |name: &str| tags.get(name).cloned();
    Leftover {
        queue_url,
        here: is_here(person, tag(TAG_HOST).as_deref(), tag(TAG_MACHINE).as_deref()),
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
    let leftover = of_tags(url.to_owned(), &tags, person);
    let topic = leftover.topic_arn.as_deref().and_then(|topic| topic.parse::<TopicArn>().ok());
    let topic = topic.ok_or_else(|| refused("its tags do not say for which topic it was made".to_owned()))?;
    let queue = queue_arn_of(url, region, &topic)?;
    Ok(Removable { leftover, topic, queue })
}

/// A queue left over that this person may have removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Removable {
    /// As it is listed.
    pub leftover: Leftover,
    topic: TopicArn,
    queue: QueueArn,
}

impl Removable {
    /// How long ago it was last read, as far as its tags say. One that is fresh may be read at this moment.
    pub fn age(&self, now: Timestamp) -> Option<SignedDuration> {
        let seen: Timestamp = self.leftover.last_seen.as_deref()?.parse().ok()?;
        Some(now.duration_since(seen))
    }

    /// Ends its subscription, then deletes it, as [`leave`] does with one's own.
    pub async fn remove(&self, access: &Access, person: &Person<'_>, cancel: &CancellationToken) -> LeaveReport {
        let record = SubscriptionRecord {
            queue_arn: Some(self.queue.clone()),
            ..SubscriptionRecord::of(self.topic.clone(), self.leftover.queue_url.clone(), self.queue.region())
        };
        leave(access, &record, person, cancel).await
    }
}

/// Whether this data folder reads the queue of this URL.
pub fn is_known(url: &str, known: &[SubscriptionRecord]) -> bool {
    known.iter().any(|record| same_queue(&record.queue_url, url))
}

fn is_here(person: &Person<'_>, host: Option<&str>, machine: Option<&str>) -> bool {
    let same_machine = match (machine, person.machine) {
        (Some(made_by), Some(machine)) => made_by == tag_value(machine),
        _ => true,
    };
    host == Some(tag_value(person.host).as_str()) && same_machine
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
    fn a_machine_of_the_same_name_is_elsewhere() {
        let person = Person { user: "ann", host: "laptop", machine: Some("1a2b3c4d") };
        for (host, machine, here) in [
            (Some("laptop"), Some("1a2b3c4d"), true),
            (Some("laptop"), None, true),
            (Some("laptop"), Some("99999999"), false),
            (Some("desktop"), Some("1a2b3c4d"), false),
            (None, None, false),
        ] {
            assert_eq!(is_here(&person, host, machine), here, "made on {host:?}, {machine:?}");
        }
    }
}
