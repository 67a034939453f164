//! What no document makes, and nothing arrives without: that the topic exists, and that the keys which encrypt it and the queue are those that
//! the documents are for.
//!
//! **Invariant:** a key that was not named is never passed over: the rights on it were not compared.

use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{Ask, Encryption, KeyArn, KeyUser};

use super::{CheckedStatement, LineState, of_key};
use crate::aws::access::Access;
use crate::aws::key::{self, Home};
use crate::aws::refusal::Refusal;
use crate::aws::subscription::Attributes;

const NAME_TOPIC_KEY: &str = "name it: --kms-key with its ARN, or its field in the window";
const NAME_QUEUE_KEY: &str = "name it: --queue-kms-key with its ARN, or its field in the window";

/// The topic itself, and the key that it is encrypted with.
pub(super) async fn of_topic(
    access: &Access,
    attributes: &Result<Attributes, Refusal>,
    ask: &Ask,
) -> Vec<CheckedStatement> {
    let topic = ask.topic.as_str();
    let exists = |state, reason: Option<String>, fix: &str| told("TopicExists", topic, state, reason, fix);
    let held = match attributes {
        Ok(held) => held,
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => {
            let reason = format!("the topic {topic} does not exist: nothing can arrive");
            let fix = "check the ARN, its region and its account; Task 1 of the AWS guide makes a topic";
            return vec![exists(LineState::Missing, Some(reason), fix)];
        }
        Err(refused) => {
            return vec![exists(LineState::CannotLook, Some(refused.problem.message.clone()), &refused.problem.hint)];
        }
    };
    let mut lines = vec![exists(LineState::Present, None, "")];
    if let (Some(name), Encryption::Customer(shown)) = of(held.get("KmsMasterKeyId")) {
        let arn = key::resolved(access, name, Home::from(&ask.topic)).await;
        lines.push(named("TopicKey", "the topic", &shown, arn.as_ref(), ask.key.as_ref(), NAME_TOPIC_KEY));
    }
    lines
}

/// The key that an administrator's queue is encrypted with; nothing when SQS encrypts it by itself.
pub(super) async fn key_of_queue(
    access: &Access,
    name: Option<&str>,
    queue: &QueueArn,
    ask: &Ask,
) -> Option<CheckedStatement> {
    let user = KeyUser::delivery(&ask.topic, queue);
    let seen = match (name, Encryption::of(name)) {
        (Some(name), Encryption::Customer(shown)) => {
            if let Some(key) = &ask.queue_key {
                let arn = key::resolved(access, name, Home::from(queue)).await;
                return Some(named("QueueKey", "the queue", &shown, arn.as_ref(), Some(key), NAME_QUEUE_KEY));
            }
            key::look(access, name, Home::from(queue), &user).await
        }
        (_, Encryption::Managed) => key::Key::Managed,
        _ => return None,
    };
    let name = name.map(|name| watchbell_core::words::clean_to(name, 400)).unwrap_or_default();
    let shown = match &seen {
        key::Key::Read { arn, .. } => arn.to_string(),
        _ => name,
    };
    let line = of_key::line(&seen, &user.statement());
    let (state, fix) = match line.state {
        // The other half of it is the reader's.
        LineState::Present => (LineState::CannotLook, Some(NAME_QUEUE_KEY.to_owned())),
        state => (state, line.fix),
    };
    let why = match (line.state, line.reason) {
        (LineState::Present, _) => {
            "whose policy lets SNS deliver; it was not named, so the reader's right to decrypt was not compared"
                .to_owned()
        }
        (LineState::Missing, None) => "whose policy does not let SNS use it: nothing can be delivered".to_owned(),
        (LineState::Denied, _) => "whose policy denies it to SNS: nothing can be delivered".to_owned(),
        (_, reason) => reason.unwrap_or_default(),
    };
    let reason = Some(format!("the queue is encrypted with {shown}: {why}"));
    Some(CheckedStatement { sid: "QueueKey".to_owned(), state, reason, fix, resources: vec![shown], ..line })
}

fn of(name: Option<&String>) -> (Option<&str>, Encryption) {
    let name = name.map(String::as_str);
    (name, Encryption::of(name))
}

/// Whether the key that `what` is encrypted with is the one that was named; then a document of its own tells of its policy.
fn named(
    sid: &str,
    what: &str,
    shown: &str,
    found: Option<&KeyArn>,
    named: Option<&KeyArn>,
    fix: &str,
) -> CheckedStatement {
    let arn = found.map_or(shown, KeyArn::as_str).to_owned();
    let also = if arn == shown { String::new() } else { format!(" ({arn})") };
    let unseen = |why: String| told(sid, &arn, LineState::CannotLook, Some(why), fix);
    match (named, found) {
        (Some(named), Some(found)) if named == found => told(sid, &arn, LineState::Present, None, ""),
        (Some(named), Some(_)) => unseen(format!(
            "{what} is encrypted with the key {shown}{also}, and not with {named}, so the rights on it were not compared"
        )),
        (Some(named), None) => unseen(format!(
            "{what} is encrypted with the key {shown}; whether that is {named} is not seen, for want of kms:DescribeKey on it"
        )),
        (None, _) => unseen(format!(
            "{what} is encrypted with the key {shown}{also}, which was not named, so the rights on it were not compared"
        )),
    }
}

fn told(sid: &str, on: &str, state: LineState, reason: Option<String>, fix: &str) -> CheckedStatement {
    CheckedStatement {
        sid: sid.to_owned(),
        state,
        actions: Vec::new(),
        resources: vec![on.to_owned()],
        reason,
        fix: Some(fix.to_owned()).filter(|fix| !fix.is_empty()),
    }
}
