//! What a personal subscription consists of: the pure half of `subscribe`. The engine makes the calls.
//!
//! **Invariant:** equal wishes give equal names, attributes and policies, so that planning again finds what was made
//! before and changes nothing. Nothing here knows what exists.

mod filter;
mod ownership;
mod queue_policy;

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::arn::{QUEUE_NAME_MAX, QueueArn, TopicArn};
use crate::digest::short_hex;

pub use filter::{Filter, filter_policy, same_json, subscription_attributes};
pub use ownership::{OUR_SESSION, Person, Whose, is_here, machine_tag, other_caller, stable_caller, whose};
pub use queue_policy::{Merged, POLICY_MAX_BYTES, PolicyError, merge_policy, queue_policy};
pub(crate) use queue_policy::{principal as queue_principal, sid as queue_statement_id};

/// The ARN a queue of this name has, in the topic's partition.
pub fn queue_arn(topic: &TopicArn, region: &str, account: &str, name: &str) -> Result<QueueArn, crate::arn::ArnError> {
    format!("arn:{}:sqs:{region}:{account}:{name}", topic.partition()).parse()
}

/// `watchbell-<user>-<host>-<8 hex of the topic>`: only `[A-Za-z0-9_-]`, at most 80. Long names are cut, the hex is not.
pub fn queue_name(user: &str, host: &str, topic: &TopicArn) -> String {
    queue_name_besides(user, host, topic, 1)
}

/// The `nth` name for such a queue, for when those before it belong to somebody else: `watchbell-ann-laptop--2-…`.
///
/// The first is that of [`queue_name`]. No part of a name holds two dashes in a row, so a host `laptop-2` is not the second `laptop`.
pub fn queue_name_besides(user: &str, host: &str, topic: &TopicArn, nth: u8) -> String {
    const PREFIX: &str = "watchbell";
    const HEX: usize = 8;
    let nth = if nth > 1 { format!("--{nth}") } else { String::new() };
    let room = QUEUE_NAME_MAX - PREFIX.len() - HEX - 3 - nth.len();
    // Cut no shorter than this for the other's sake.
    let fair = room / 2;
    let (user, host) = (name_part(user, "user"), name_part(host, "host"));
    let for_user = user.len().min(room - host.len().min(fair));
    let for_host = host.len().min(room - for_user);
    let cut = |text: &str, to: usize| text[..to].trim_end_matches('-').to_owned();
    format!("{PREFIX}-{}-{}{nth}-{}", cut(&user, for_user), cut(&host, for_host), short_hex(topic.as_str()))
}

/// The text with every run of letters that a queue's name may not have made one `-`. ASCII, not empty.
fn name_part(text: &str, otherwise: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '_' {
            out.push(c);
        } else if !out.is_empty() && !out.ends_with('-') {
            out.push('-');
        }
    }
    let out = out.trim_end_matches('-');
    if out.is_empty() { otherwise.to_owned() } else { out.to_owned() }
}

/// The attributes of a personal queue, without its policy (SQS API reference, `CreateQueue`).
pub fn queue_attributes() -> BTreeMap<&'static str, String> {
    BTreeMap::from([
        // 14 days, the longest there is: a holiday must not lose a failure.
        ("MessageRetentionPeriod", "1209600".to_owned()),
        // 20 s, the longest poll there is.
        ("ReceiveMessageWaitTimeSeconds", "20".to_owned()),
        // What is not committed within 45 s is not deleted; 60 s leaves it room.
        ("VisibilityTimeout", "60".to_owned()),
        // SSE-SQS: needs no key policy, so SNS can always deliver.
        ("SqsManagedSseEnabled", "true".to_owned()),
    ])
}

/// The tag that says whose queue it is.
pub const TAG_OWNER: &str = "watchbell:owner";
/// The tag that says on which machine it was made.
pub const TAG_HOST: &str = "watchbell:host";
/// The tag that tells machines of the same name apart: see [`machine_tag`].
pub const TAG_MACHINE: &str = "watchbell:machine";
/// The tag that says who AWS said it was that made it: see [`stable_caller`].
pub const TAG_CALLER: &str = "watchbell:caller";
/// The tag that says for which topic it was made.
pub const TAG_TOPIC: &str = "watchbell:topic";
/// The tag that says when it was made (RFC 3339, UTC).
pub const TAG_CREATED: &str = "watchbell:created";
/// The tag that says when it was last read (RFC 3339, UTC).
pub const TAG_LAST_SEEN: &str = "watchbell:last-seen";

/// The tags by which a personal queue is found again, and by which an administrator sees whose it is.
pub fn tags(
    person: &Person<'_>,
    topic: &TopicArn,
    created: Timestamp,
    last_seen: Timestamp,
) -> BTreeMap<&'static str, String> {
    let mut tags = BTreeMap::from([
        (TAG_OWNER, tag_value(person.user)),
        (TAG_HOST, tag_value(person.host)),
        (TAG_TOPIC, topic.to_string()),
        (TAG_CREATED, seconds(created)),
        (TAG_LAST_SEEN, seconds(last_seen)),
    ]);
    if let Some(machine) = person.machine {
        tags.insert(TAG_MACHINE, tag_value(machine));
    }
    if let Some(caller) = person.caller {
        tags.insert(TAG_CALLER, tag_value(caller));
    }
    tags
}

/// A value as AWS allows it: at most 256 of letters, digits, spaces and `_.:/=+-@`.
pub fn tag_value(text: &str) -> String {
    text.trim()
        .chars()
        .map(|c| if c.is_alphanumeric() || "_.:/=+-@ ".contains(c) { c } else { '-' })
        .take(256)
        .collect()
}

fn seconds(at: Timestamp) -> String {
    format!("{at:.0}")
}
