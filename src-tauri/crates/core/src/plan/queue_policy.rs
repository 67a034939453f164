//! The queue's access policy: lets SNS deliver from one topic and nobody else (SNS developer
//! guide, "Fanout to Amazon SQS queues").
//!
//! **Invariant:** a statement that we did not write is never changed or dropped; ours is known by its `Sid`.

use serde_json::{Value, json};

use crate::arn::{QueueArn, TopicArn, is_opt_in};
use crate::digest::short_hex;
use crate::iam::{LetsIn, lets_in};

/// The longest policy that SQS takes, in bytes.
pub const POLICY_MAX_BYTES: usize = 8192;
/// The most statements that SQS takes in one policy.
const STATEMENTS_MAX: usize = 20;

/// Why a policy could not be extended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PolicyError {
    /// What the queue has is not a policy, so that nothing in it can be kept.
    #[error("the queue's policy is not one that can be read: {0}")]
    Unreadable(String),
    /// It would not fit.
    #[error("the queue's policy would have {bytes} bytes; SQS takes at most {POLICY_MAX_BYTES}")]
    TooLong {
        /// The length of what would have been written.
        bytes: usize,
    },
    /// It would have too many statements.
    #[error("the queue's policy would have {statements} statements; SQS takes at most {STATEMENTS_MAX}")]
    TooManyStatements {
        /// How many it would have had.
        statements: usize,
    },
}

/// A policy with our statement in it.
#[derive(Clone, Debug, PartialEq)]
pub struct Merged {
    /// The whole policy.
    pub policy: Value,
    /// Whether it differs from what was there, so that it has to be written.
    pub changed: bool,
}

/// The policy of a new queue.
pub fn queue_policy(queue: &QueueArn, topic: &TopicArn) -> Value {
    json!({ "Version": "2012-10-17", "Id": "watchbell", "Statement": [statement(queue, topic)] })
}

fn statement(queue: &QueueArn, topic: &TopicArn) -> Value {
    json!({
        "Sid": sid(topic),
        "Effect": "Allow",
        "Principal": { "Service": principal(queue, topic) },
        "Action": "sqs:SendMessage",
        "Resource": queue.as_str(),
        "Condition": { "ArnEquals": { "aws:SourceArn": topic.as_str() } },
    })
}

/// The `Sid` by which our statement is known again.
pub(crate) fn sid(topic: &TopicArn) -> String {
    format!("Watchbell{}", short_hex(topic.as_str()))
}

/// The service as which the topic delivers. Only a topic in an opt-in region that feeds a queue in an ordinary one does so under its
/// region's own name.
pub(crate) fn principal(queue: &QueueArn, topic: &TopicArn) -> String {
    if is_opt_in(topic.region()) && !is_opt_in(queue.region()) {
        format!("sns.{}.amazonaws.com", topic.region())
    } else {
        "sns.amazonaws.com".to_owned()
    }
}

/// Adds what is missing to the policy that a queue has (`""` when it has none).
///
/// Leaves it as it is when it is certain that it lets the topic in already, whoever wrote it.
pub fn merge_policy(existing: &str, queue: &QueueArn, topic: &TopicArn) -> Result<Merged, PolicyError> {
    let mut policy = match existing.trim() {
        "" => return checked(queue_policy(queue, topic)),
        text => match serde_json::from_str(text) {
            Ok(Value::Object(policy)) => policy,
            Ok(_) => return Err(PolicyError::Unreadable("it is not a JSON object".to_owned())),
            Err(error) => return Err(PolicyError::Unreadable(error.to_string())),
        },
    };
    if lets_in(existing, queue, topic) == LetsIn::Yes {
        return Ok(Merged { policy: Value::Object(policy), changed: false });
    }
    let mut statements = match policy.remove("Statement") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::Array(statements)) => statements,
        Some(only @ Value::Object(_)) => vec![only],
        Some(_) => return Err(PolicyError::Unreadable("its Statement is neither a list nor an object".to_owned())),
    };
    let before = statements.clone();
    let ours = sid(topic);
    let is_ours = |held: &Value| held.get("Sid").and_then(Value::as_str) == Some(ours.as_str());
    match statements.iter_mut().find(|held| is_ours(held)) {
        Some(held) => *held = statement(queue, topic),
        None => statements.push(statement(queue, topic)),
    }
    // Ours may be there already and of no use, because a statement of somebody else denies: nothing to write then.
    let changed = statements != before;
    policy.entry("Version").or_insert_with(|| json!("2012-10-17"));
    policy.insert("Statement".to_owned(), Value::Array(statements));
    checked(Value::Object(policy)).map(|merged| Merged { changed, ..merged })
}

fn checked(policy: Value) -> Result<Merged, PolicyError> {
    let statements = policy.get("Statement").and_then(Value::as_array).map_or(0, Vec::len);
    if statements > STATEMENTS_MAX {
        return Err(PolicyError::TooManyStatements { statements });
    }
    let bytes = policy.to_string().len();
    if bytes > POLICY_MAX_BYTES {
        return Err(PolicyError::TooLong { bytes });
    }
    Ok(Merged { policy, changed: true })
}
