//! The queue: whether it exists, is as it was made, lets the topic in, and is ours.
//!
//! **Invariant:** judged by the same functions that `subscribe` writes by and the 15-minute look reads by. Of what an administrator made the
//! attributes are risks to mind, no faults.

use std::fmt::Write as _;

use aws_sdk_sqs::Client;
use jiff::Timestamp;
use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{LetsIn, lets_in};
use watchbell_core::plan::{Person, TAG_LAST_SEEN, Whose, queue_policy, whose};
use watchbell_core::words;

use super::key::{self, QUEUE as KEY};
use super::report::{Check, Of, Stage};
use crate::aws::access::Access;
use crate::aws::adopt::{counts_receives, may_delete, may_receive, risks_of};
use crate::aws::check::{TRY_IT, Wrong, cannot_tell};
use crate::aws::queue::{self, Attributes};
use crate::aws::subscribe::lacking;
use crate::store::SubscriptionRecord;

const QUEUE: Of = Of(Stage::Queue, "queue");
const ATTRIBUTES: Of = Of(Stage::Queue, "queue_attributes");
const POLICY: Of = Of(Stage::Queue, "queue_policy");
const OWNER: Of = Of(Stage::Queue, "queue_owner");
const RECEIVE: Of = Of(Stage::Queue, "receive");
const ALL: [Of; 6] = [QUEUE, ATTRIBUTES, POLICY, KEY, OWNER, RECEIVE];

/// A lease that is older than this is not renewed.
const LEASE_OLD_HOURS: i64 = 48;

/// All are left for what failed before.
pub(super) fn after(other: &str) -> Vec<Check> {
    ALL.map(|of| of.after(other)).into()
}

/// Nothing is subscribed, so there is no queue.
pub(super) fn none(reason: &str) -> Vec<Check> {
    vec![QUEUE.skipped(reason)]
}

/// Asks SQS about the queue. `hearing` is what a running engine says of its polls; without one it is tried here.
pub(super) async fn look(
    access: &Access,
    record: &SubscriptionRecord,
    arn: &QueueArn,
    person: &Person<'_>,
    hearing: Option<Check>,
    now: Timestamp,
) -> Vec<Check> {
    let sqs = access.sqs_setup(arn.region()).await;
    let mut counts = false;
    let mut checks = match queue::attributes(&sqs, &record.queue_url, arn.as_str()).await {
        Ok(held) => {
            counts = counts_receives(&held);
            let mut checks = of_attributes(&held, record, arn);
            let id = held.get("KmsMasterKeyId").map_or("", String::as_str);
            checks.push(key::of_queue(access, id, &record.topic_arn, arn, &record.queue_url).await);
            checks
        }
        Err(refused) if refused.state == SubscriptionState::QueueMissing => {
            let first = QUEUE.failed(&refused.problem.message, &refused.problem.hint);
            return [first].into_iter().chain(ALL.into_iter().skip(1).map(|of| of.after("queue"))).collect();
        }
        Err(refused) => {
            let first = if refused.state == SubscriptionState::Denied {
                QUEUE.unseen(&refused.problem)
            } else {
                QUEUE.failed_by(&refused.problem)
            };
            vec![first, ATTRIBUTES.after("queue"), POLICY.after("queue"), KEY.after("queue")]
        }
    };
    if checks[0].state == super::CheckState::Failed {
        checks.extend([OWNER.after("queue"), RECEIVE.after("queue")]);
        return checks;
    }
    checks.push(owner(&sqs, record, arn, person, now).await);
    checks.push(match hearing {
        Some(check) => check,
        None => receive(&sqs, record, arn, counts).await,
    });
    checks
}

/// Tries what a poller does. Where it is counted how often a message was received, none is received for that.
async fn receive(sqs: &Client, record: &SubscriptionRecord, arn: &QueueArn, counts: bool) -> Check {
    let tried = async {
        if !counts {
            may_receive(sqs, &record.queue_url, arn).await?;
        }
        may_delete(sqs, &record.queue_url, arn).await
    };
    match tried.await {
        Ok(()) if counts => RECEIVE.skipped(
            "messages may be deleted; none was received to try it, for the queue has a redrive policy that counts: start Watchbell, and look again",
        ),
        Ok(()) => RECEIVE.ok("messages may be received and deleted"),
        Err(problem) => RECEIVE.failed_by(&problem),
    }
}

fn of_attributes(held: &Attributes, record: &SubscriptionRecord, arn: &QueueArn) -> Vec<Check> {
    let text = |name: &str| held.get(name).map_or("", String::as_str);
    let waiting = text("ApproximateNumberOfMessages").parse::<u32>().ok();
    let waiting = waiting.map(|count| format!(", {} waiting", words::plural(count, "message"))).unwrap_or_default();
    vec![
        QUEUE.ok(format!("{} exists{waiting}", arn.name())),
        attributes(held, record, arn),
        policy(text("Policy"), record, arn),
    ]
}

fn policy(held: &str, record: &SubscriptionRecord, arn: &QueueArn) -> Check {
    let wrong = Wrong::Policy;
    match lets_in(held, arn, &record.topic_arn) {
        LetsIn::Yes => POLICY.ok("the topic may deliver, by the queue's policy"),
        LetsIn::CannotTell { why } => POLICY.skipped_but(cannot_tell(&why), TRY_IT),
        LetsIn::No if record.adopted => {
            let statement = &queue_policy(arn, &record.topic_arn)["Statement"][0];
            POLICY.failed(wrong.reason(), format!("{}: {statement}", wrong.hint(true)))
        }
        LetsIn::No => POLICY.failed(wrong.reason(), wrong.hint(false)),
    }
}

fn attributes(held: &Attributes, record: &SubscriptionRecord, arn: &QueueArn) -> Check {
    let text = |name: &str| held.get(name).map_or("unset", String::as_str);
    if record.adopted {
        let risks = risks_of(held);
        let found = format!("an administrator made it; messages are kept for {} s", text("MessageRetentionPeriod"));
        if risks.is_empty() {
            return ATTRIBUTES.ok(found);
        }
        return ATTRIBUTES
            .ok_but(format!("{found}. Mind: {}", risks.join("; ")), "ask the administrator who made the queue");
    }
    let mut wrong: Vec<String> = lacking::of_queue(held)
        .into_iter()
        .map(|(name, wished)| format!("{name} is {}, not {wished}", text(name)))
        .collect();
    let redriven = held.get("RedrivePolicy").is_some_and(|policy| !policy.is_empty());
    if redriven {
        wrong.push("it has a redrive policy, by which messages end in a dead-letter queue unheard".to_owned());
    }
    if wrong.is_empty() {
        return ATTRIBUTES.ok("visibility 60 s, kept for 14 days, encrypted, no redrive policy: as it was made");
    }
    let mut fix = "subscribe to the topic again, with Add a topic in the window's settings or watchbellctl subscribe: it sets them (sqs:SetQueueAttributes)".to_owned();
    if redriven {
        let _ = write!(
            fix,
            "; take the redrive policy off: aws sqs set-queue-attributes --region {} --queue-url {} --attributes RedrivePolicy=",
            arn.region(),
            record.queue_url
        );
    }
    ATTRIBUTES.failed(wrong.join("; "), fix)
}

/// Whose the queue is by its tags, and whether its lease is renewed.
async fn owner(
    sqs: &aws_sdk_sqs::Client,
    record: &SubscriptionRecord,
    arn: &QueueArn,
    person: &Person<'_>,
    now: Timestamp,
) -> Check {
    if record.adopted {
        return OWNER.skipped("an administrator made it: its tags are his");
    }
    let held = match queue::tags(sqs, &record.queue_url, arn.as_str()).await {
        Ok(held) => held,
        Err(refused) if refused.state == SubscriptionState::Denied => return OWNER.unseen(&refused.problem),
        Err(refused) => return OWNER.failed_by(&refused.problem),
    };
    let again = "subscribe to the topic again, with Add a topic in the window's settings or watchbellctl subscribe: it writes the tags anew (sqs:TagQueue)";
    match whose(&held, person, &record.topic_arn) {
        Whose::Ours | Whose::OtherCaller { .. } => {}
        Whose::Untagged => return OWNER.failed("it has no tags that say whose it is", again),
        Whose::OtherMachine { why } => return OWNER.failed(why, again),
        Whose::Foreign { why } => {
            let fix = "somebody made a new queue of that name: press Leave in the window's settings or run watchbellctl unsubscribe, which leaves theirs alone, and subscribe again";
            return OWNER.failed(why, fix);
        }
    }
    let seen = held.get(TAG_LAST_SEEN).and_then(|text| text.parse::<Timestamp>().ok());
    match seen {
        Some(at) if now.duration_since(at).as_hours() >= LEASE_OLD_HOURS => OWNER.ok_but(
            format!("yours, by its tags; the tag that says when it was last read is of {}", words::age(at, now)),
            "a running Watchbell renews it each day; when one runs, it lacks sqs:TagQueue",
        ),
        Some(at) => OWNER.ok(format!("yours, by its tags; last read {}, as they say", words::age(at, now))),
        None => OWNER.ok("yours, by its tags"),
    }
}
