//! Personal queues of this person that are tagged as such, wherever they were made.
//!
//! **Invariant:** only reads, and only queues that say by their tags whose they are. Nothing is adopted or deleted here:
//! that needs the person's yes.

use futures_util::{StreamExt, stream};
use serde::Serialize;
use watchbell_core::plan::{TAG_CREATED, TAG_HOST, TAG_LAST_SEEN, TAG_OWNER, TAG_TOPIC, tag_value};

use super::access::Access;
use super::queue;
use super::refusal::refusal;
use crate::error::Problem;
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

/// The personal queues of `user` in a region that are not among `known`, by URL.
///
/// # Errors
/// When `ListQueues` is denied or AWS cannot be reached. A queue whose tags may not be read is left out.
pub async fn leftovers(
    access: &Access,
    region: &str,
    user: &str,
    host: &str,
    known: &[SubscriptionRecord],
) -> Result<Vec<Leftover>, Problem> {
    let sqs = access.sqs_setup(region).await;
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
    urls.retain(|url| !known.iter().any(|record| same_queue(&record.queue_url, url)));
    let tagged = stream::iter(urls)
        .map(|url| {
            let sqs = &sqs;
            async move {
                let tags = queue::tags(sqs, &url, &url).await;
                (url, tags)
            }
        })
        .buffer_unordered(TAG_CALLS_AT_ONCE)
        .collect::<Vec<_>>()
        .await;
    let (owner, host) = (tag_value(user), tag_value(host));
    let mut all: Vec<_> = tagged
        .into_iter()
        .filter_map(|(queue_url, tags)| {
            let tags = tags.ok()?;
            let tag = |name: &str| tags.get(name).cloned();
            (tag(TAG_OWNER)? == owner).then(|| Leftover {
                queue_url,
                here: tag(TAG_HOST).as_ref() == Some(&host),
                host: tag(TAG_HOST),
                topic_arn: tag(TAG_TOPIC),
                created: tag(TAG_CREATED),
                last_seen: tag(TAG_LAST_SEEN),
            })
        })
        .collect();
    all.sort_by(|a, b| a.queue_url.cmp(&b.queue_url));
    Ok(all)
}

/// Hosts of a queue's URL differ between endpoints; account and name say which queue it is.
fn same_queue(a: &str, b: &str) -> bool {
    let tail = |url: &str| url.rsplitn(3, '/').take(2).map(str::to_owned).collect::<Vec<_>>();
    tail(a) == tail(b)
}

#[cfg(test)]
mod tests {
    use super::same_queue;

    #[test]
    fn a_queue_is_the_same_behind_another_host() {
        let url = "https://sqs.us-east-1.amazonaws.com/123456789012/watchbell-a";
        assert!(same_queue(url, "https://us-east-1.queue.amazonaws.com/123456789012/watchbell-a"), "hosts may differ");
        assert!(!same_queue(url, "https://sqs.us-east-1.amazonaws.com/123456789012/watchbell-b"), "names may not");
        assert!(!same_queue(url, "https://sqs.us-east-1.amazonaws.com/210987654321/watchbell-a"), "accounts may not");
    }
}
