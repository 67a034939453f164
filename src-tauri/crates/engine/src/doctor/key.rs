//! The keys of an encrypted topic and an encrypted queue: whether the role that publishes, and SNS when it delivers, may use them.
//!
//! **Invariant:** ok is only said of a policy that was read, or of the one that AWS gives its own key. What the role's own policies decide is left
//! open: `watchbellctl iam --check` looks at those.

use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::iam::{DEFAULT_SNS_ROLE, Encryption, KeyUse, KeyUser, Principal};

use super::report::{Check, Of, Stage};
use crate::aws::access::Access;
use crate::aws::key::{self, Home, Key};

pub(super) const TOPIC: Of = Of(Stage::Topic, "topic_key");
pub(super) const QUEUE: Of = Of(Stage::Queue, "queue_key");

const LOST: &str = "every notification is lost without an error";

/// The key that a topic is encrypted with, by its attribute `KmsMasterKeyId`. SNS decrypts before it delivers, so the topic's key is no matter of
/// the queue's (SNS developer guide, "Encryption at rest").
pub(super) async fn of_topic(access: &Access, id: Option<&str>, topic: &TopicArn, role: &Principal) -> Check {
    let user = KeyUser::publisher(role, topic);
    match (Encryption::of(id), id) {
        (Encryption::Customer(_), Some(name)) => {
            topic_check(key::look(access, name, Home::from(topic), &user).await, topic, role, &user)
        }
        (Encryption::Managed, _) => topic_check(Key::Managed, topic, role, &user),
        _ => TOPIC.ok("not encrypted by KMS: whoever publishes needs no key"),
    }
}

fn topic_check(seen: Key, topic: &TopicArn, role: &Principal, user: &KeyUser) -> Check {
    let name = role.name();
    let (arn, says, state_unseen) = match seen {
        // SNS developer guide, "Key management": it cannot be changed, so that no service can be let in by it.
        Key::Managed => {
            return TOPIC.ok(format!(
                "encrypted with the key that AWS manages (alias/aws/sns), whose policy nobody can change: it lets in each role of account {} \
                 through SNS, so Systems Manager's, and no service that publishes by itself, such as EventBridge; SNS decrypts before it \
                 delivers, so the queue needs nothing of it",
                topic.account()
            ));
        }
        Key::Unusable(problem) => {
            return TOPIC.failed(format!("the topic is encrypted, and {}: {LOST}", problem.message), &problem.hint);
        }
        Key::Unseen(problem) => return TOPIC.unseen(&problem),
        Key::Read { arn, says, state_unseen } => (arn, says, state_unseen),
    };
    match (says, state_unseen) {
        (KeyUse::Missing { others, .. }, _) if !others.is_empty() && is_default(role) => TOPIC.skipped_but(
            format!(
                "encrypted with {arn}, whose policy lets in {}, and not the role {name}: which role publishes is not seen from here",
                others.join(", ")
            ),
            "name the role that your commands name: in the IAM assistant of the window, or watchbellctl doctor --sns-role NAME",
        ),
        (KeyUse::Missing { actions, .. }, _) => TOPIC.failed(
            format!("the policy of {arn} does not let the role {name} do {}: {LOST}", actions.join(" and ")),
            format!("add to the key's policy: {}", add(user)),
        ),
        (KeyUse::Denied { actions, statement }, _) => TOPIC.failed(
            format!("{statement} of the policy of {arn} denies {} to the role {name}: {LOST}", actions.join(" and ")),
            format!("ask the key's administrator to take {statement} out, or to except the role"),
        ),
        (KeyUse::CannotTell { why }, _) => TOPIC.skipped_but(
            format!("cannot tell whether the role {name} may use {arn}: {why}"),
            "send a command with a notification and see whether it comes: no error would tell",
        ),
        (_, Some(problem)) => TOPIC.unseen(&problem),
        (KeyUse::LeftToIam, None) => TOPIC.skipped_but(
            format!(
                "encrypted with {arn}, whose policy leaves it to IAM; the queue needs nothing of it, and what the policies of the role \
                 {name} say is not seen from here"
            ),
            format!(
                "the role needs kms:GenerateDataKey* and kms:Decrypt on it, else {LOST}: \
                 the IAM assistant of the window tells, or watchbellctl iam --topic-arn {topic} --sns-role {name} --kms-key {arn} --check"
            ),
        ),
        (KeyUse::Allowed, None) => TOPIC.ok(format!(
            "encrypted with {arn}, whose policy lets in the role {name}; SNS decrypts before it delivers, so the queue needs nothing of it"
        )),
    }
}

/// The key that a queue is encrypted with. SNS has to encrypt with it when it delivers (SNS developer guide, "Server-side encryption settings for
/// Amazon SQS"); whether we may decrypt is seen when we receive.
pub(super) async fn of_queue(access: &Access, id: &str, topic: &TopicArn, queue: &QueueArn, url: &str) -> Check {
    let user = KeyUser::delivery(topic, queue);
    match Encryption::of(Some(id)) {
        Encryption::None => QUEUE.ok("no key of KMS: SNS can always deliver"),
        Encryption::Managed => queue_check(Key::Managed, queue, url, &user),
        Encryption::Customer(_) => {
            queue_check(key::look(access, id, Home::from(queue), &user).await, queue, url, &user)
        }
    }
}

fn queue_check(seen: Key, queue: &QueueArn, url: &str, user: &KeyUser) -> Check {
    let (arn, says, state_unseen) = match seen {
        Key::Managed => {
            return QUEUE.failed(
                "deaf: the queue is encrypted with alias/aws/sqs, a key that SNS may not use",
                format!(
                    "let SQS encrypt instead: aws sqs set-queue-attributes --region {} --queue-url {url} --attributes KmsMasterKeyId=,SqsManagedSseEnabled=true",
                    queue.region()
                ),
            );
        }
        Key::Unusable(problem) => {
            return QUEUE.failed(format!("deaf: the queue is encrypted, and {}", problem.message), &problem.hint);
        }
        Key::Unseen(problem) => return QUEUE.unseen(&problem),
        Key::Read { arn, says, state_unseen } => (arn, says, state_unseen),
    };
    match (says, state_unseen) {
        // No policy of IAM lets a service in.
        (KeyUse::Missing { .. } | KeyUse::LeftToIam, _) => QUEUE.failed(
            format!("deaf: the policy of {arn} does not let SNS use it, so nothing can be delivered"),
            format!("add to the key's policy: {}; and you need kms:Decrypt on it", add(user)),
        ),
        (KeyUse::Denied { statement, .. }, _) => QUEUE.failed(
            format!("deaf: {statement} of the policy of {arn} denies it to SNS"),
            format!("ask the key's administrator to take {statement} out, or to except SNS"),
        ),
        (KeyUse::CannotTell { why }, _) => QUEUE.skipped_but(
            format!("cannot tell whether SNS may use {arn}: {why}"),
            "send a test message and see whether it comes: with the doctor's button in the window, or watchbellctl doctor --publish",
        ),
        (KeyUse::Allowed, Some(problem)) => QUEUE.unseen(&problem),
        (KeyUse::Allowed, None) => QUEUE.ok(format!("encrypted with {arn}, whose policy lets SNS deliver")),
    }
}

/// Nobody named a role, so the one that publishes may be called otherwise.
pub(super) fn is_default(role: &Principal) -> bool {
    !role.exists() && role.name() == DEFAULT_SNS_ROLE
}

fn add(user: &KeyUser) -> String {
    serde_json::to_string(&user.statement()).unwrap_or_default()
}
