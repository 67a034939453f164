//! Whether a queue's policy lets SNS deliver from a topic, whoever wrote it.
//!
//! **Invariant:** pure and total; "yes" and "no" are only said for certain. What hangs on a condition that is not seen from here, of an Allow or of a
//! Deny, is [`LetsIn::CannotTell`]: messages may well arrive.

use super::caller::{Caller, Verdict, Who, judge};
use super::condition::Known;
use super::element::statements;
use crate::arn::{QueueArn, TopicArn};
use crate::plan::queue_principal;

/// What a queue's policy says of a delivery from the topic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LetsIn {
    /// It lets it in.
    Yes,
    /// Nothing in it lets it in, or something denies it.
    No,
    /// It hangs on something that is not seen from here.
    CannotTell {
        /// On what, as the end of a sentence: "the statement Org holds only where aws:SourceOrgID fits".
        why: String,
    },
}

/// Reads the policy of `queue`; `""` is none, by which nobody but the queue's account is let in.
pub fn lets_in(policy: &str, queue: &QueueArn, topic: &TopicArn) -> LetsIn {
    if policy.trim().is_empty() {
        return LetsIn::No;
    }
    let Some(statements) = statements(policy) else {
        return LetsIn::CannotTell { why: "it is no policy that can be read".to_owned() };
    };
    match judge("sqs:SendMessage", &statements, queue.as_str(), &delivery(queue, topic)) {
        Verdict::Allowed => LetsIn::Yes,
        // A service is let in by the queue's policy alone (IAM user guide, "Policy evaluation logic").
        Verdict::Missing | Verdict::LeftToIam | Verdict::Denied(_) => LetsIn::No,
        Verdict::Unknown(why) => LetsIn::CannotTell { why },
    }
}

/// SNS calls as a service, on behalf of the topic (IAM user guide, "AWS global condition context keys").
fn delivery(queue: &QueueArn, topic: &TopicArn) -> Caller {
    let name = queue_principal(queue, topic);
    let known = Known::default()
        .with("aws:SourceArn", topic.as_str())
        .with("aws:SourceAccount", topic.account())
        .with("aws:SecureTransport", "true")
        .with("aws:PrincipalIsAWSService", "true");
    Caller { who: Who::Service { names: vec![name] }, known }
}

#[cfg(test)]
mod tests;
