//! The topic: whether it exists, is one that Systems Manager can notify, and lets itself be published to.
//!
//! **Invariant:** what only the publishing role's own rights decide is said to be open, never ok; `watchbellctl iam --check` looks at those.

use watchbell_core::arn::TopicArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{Encryption, publishing_denied};

use super::report::{Check, Of, Stage};
use crate::aws::access::Access;
use crate::aws::check::Wrong;
use crate::aws::subscription::{self, Attributes};

pub(super) const TOPIC: Of = Of(Stage::Topic, "topic");
pub(super) const KIND: Of = Of(Stage::Topic, "topic_kind");
pub(super) const POLICY: Of = Of(Stage::Topic, "topic_policy");
pub(super) const KEY: Of = Of(Stage::Topic, "topic_key");
const REST: [Of; 3] = [KIND, POLICY, KEY];

/// All four are left for what failed before.
pub(super) fn after(other: &str) -> Vec<Check> {
    [TOPIC, KIND, POLICY, KEY].map(|of| of.after(other)).into()
}

/// Asks SNS about the topic.
pub(super) async fn look(access: &Access, topic: &TopicArn, subscribed: bool) -> Vec<Check> {
    let sns = access.sns(topic.region()).await;
    let topic_check = match subscription::topic_attributes(&sns, topic).await {
        Ok(held) => return of_attributes(&held, topic),
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => {
            let fix = if subscribed {
                Wrong::TopicGone.hint(false)
            } else {
                "check the ARN, its region and its account; Task 1 of the AWS guide makes a topic"
            };
            TOPIC.failed(format!("{topic} does not exist"), fix)
        }
        Err(refused) if refused.state == SubscriptionState::Denied => TOPIC.unseen(&refused.problem),
        Err(refused) => TOPIC.failed_by(&refused.problem),
    };
    [topic_check].into_iter().chain(REST.map(|of| of.after("topic"))).collect()
}

fn of_attributes(held: &Attributes, topic: &TopicArn) -> Vec<Check> {
    let text = |name: &str| held.get(name).map(String::as_str);
    let confirmed = text("SubscriptionsConfirmed").and_then(|count| count.parse::<u32>().ok());
    let feeds = confirmed.map(|count| format!(", {}", watchbell_core::words::plural(count, "confirmed subscription")));
    let kind = if text("FifoTopic") == Some("true") {
        KIND.failed(
            "it is a FIFO topic, which Run Command cannot notify",
            "make a standard topic for the notifications",
        )
    } else {
        KIND.ok("standard")
    };
    let policy = match publishing_denied(text("Policy").unwrap_or_default(), topic) {
        Some(which) => POLICY.failed(
            format!("{which} of the topic's policy denies sns:Publish to everybody: no notification can come"),
            format!("ask the topic's administrator to take {which} out, or to except the role that publishes"),
        ),
        None => POLICY.ok(format!(
            "nothing in it keeps a role of account {} from publishing; whether the role may is told by the IAM assistant, or watchbellctl iam --check",
            topic.account()
        )),
    };
    vec![TOPIC.ok(format!("it exists{}", feeds.unwrap_or_default())), kind, policy, key(text("KmsMasterKeyId"), topic)]
}

/// SNS decrypts before it delivers, so the topic's key is no matter of the queue's (SNS developer guide, "Encryption at rest").
fn key(id: Option<&str>, topic: &TopicArn) -> Check {
    match Encryption::of(id) {
        Encryption::None => KEY.ok("not encrypted by KMS: whoever publishes needs no key"),
        Encryption::Managed => KEY.ok(
            "encrypted with the key that AWS manages (alias/aws/sns): SNS decrypts before it delivers, so the queue needs nothing of it",
        ),
        Encryption::Customer(key) => KEY.skipped_but(
            format!(
                "encrypted with {key}; the queue needs nothing of it, and whether the role that publishes may use it is not seen from here"
            ),
            format!(
                "the role needs kms:GenerateDataKey* and kms:Decrypt on it, else every notification is lost without an error: \
                 the IAM assistant of the window tells, or watchbellctl iam --topic-arn {topic} --kms-key ARN --check"
            ),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;

    fn states(change: &[(&str, &str)]) -> Vec<(&'static str, CheckState)> {
        let topic = "arn:aws:sns:us-east-1:123456789012:t".parse().unwrap();
        let held = change.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        of_attributes(&held, &topic).into_iter().map(|check| (check.name, check.state)).collect()
    }

    #[test]
    fn each_attribute_is_judged_by_itself() {
        use CheckState::{Failed, Ok, Skipped};
        assert!(states(&[]).iter().all(|(_, state)| *state == Ok));
        assert!(states(&[("FifoTopic", "true")]).contains(&("topic_kind", Failed)));
        assert!(states(&[("KmsMasterKeyId", "alias/aws/sns")]).contains(&("topic_key", Ok)));
        assert!(states(&[("KmsMasterKeyId", "alias/own")]).contains(&("topic_key", Skipped)), "not seen is not ok");
        let deny = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
        assert!(states(&[("Policy", deny)]).contains(&("topic_policy", Failed)));
    }
}
