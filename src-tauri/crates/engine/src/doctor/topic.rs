//! The topic: whether it exists, is one that Systems Manager can notify, and lets itself be published to.
//!
//! **Invariant:** what only the publishing role's own rights decide is said to be open, never ok; `watchbellctl iam --check` looks at those.

use watchbell_core::arn::TopicArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{Principal, publishing_denied};

use super::key;
use super::report::{Check, Of, Stage};
use crate::aws::access::Access;
use crate::aws::check::Wrong;
use crate::aws::subscription::{self, Attributes};

pub(super) const TOPIC: Of = Of(Stage::Topic, "topic");
pub(super) const KIND: Of = Of(Stage::Topic, "topic_kind");
pub(super) const POLICY: Of = Of(Stage::Topic, "topic_policy");
pub(super) use super::key::TOPIC as KEY;
const REST: [Of; 3] = [KIND, POLICY, KEY];

/// All four are left for what failed before.
pub(super) fn after(other: &str) -> Vec<Check> {
    [TOPIC, KIND, POLICY, KEY].map(|of| of.after(other)).into()
}

/// Asks SNS about the topic.
/// `role` is the one as which Systems Manager publishes.
pub(super) async fn look(access: &Access, topic: &TopicArn, subscribed: bool, role: &Principal) -> Vec<Check> {
    let sns = access.sns(topic.region()).await;
    let topic_check = match subscription::topic_attributes(&sns, topic).await {
        Ok(held) => {
            let mut checks = of_attributes(&held, topic);
            let id = held.get("KmsMasterKeyId").map(String::as_str);
            checks.push(key::of_topic(access, id, topic, role).await);
            return checks;
        }
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
    vec![TOPIC.ok(format!("it exists{}", feeds.unwrap_or_default())), kind, policy]
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
        use CheckState::{Failed, Ok};
        assert!(states(&[]).iter().all(|(_, state)| *state == Ok));
        assert!(states(&[("FifoTopic", "true")]).contains(&("topic_kind", Failed)));
        let deny = r#"{"Statement":{"Effect":"Deny","Principal":"*","Action":"*","Resource":"*"}}"#;
        assert!(states(&[("Policy", deny)]).contains(&("topic_policy", Failed)));
    }
}
