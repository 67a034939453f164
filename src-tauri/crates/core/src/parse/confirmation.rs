//! The request of SNS to confirm that a queue is subscribed (SNS developer guide, "Parsing message formats").
//!
//! **Invariant:** pure and total. Only the topic and the token are taken; the link beside them is not even read. Whether the topic is one that
//! the person subscribed, and whether a subscription waits for it, is asked elsewhere before anything is confirmed.

use std::fmt;

use serde_json::Value;

use super::fields::object;
use crate::arn::TopicArn;

/// The longest token that is passed on, in characters; those of SNS have some hundred.
const TOKEN_MAX: usize = 2048;

/// What `ConfirmSubscription` wants to know.
#[derive(Clone, PartialEq, Eq)]
pub struct Confirmation {
    /// The topic that the message claims.
    pub topic_arn: TopicArn,
    /// The token, as good as a signature for two days.
    pub token: String,
}

impl fmt::Debug for Confirmation {
    /// Whoever has the token can confirm: it stays out of logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmation").field("topic_arn", &self.topic_arn).finish_non_exhaustive()
    }
}

/// Reads a body that asks for a confirmation; `None` when it is something else, or lacks what a confirmation needs.
pub fn confirmation(body: &str) -> Option<Confirmation> {
    let fields = object(body.trim_start_matches('\u{feff}'), "The message").ok()?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    if text("Type") != Some("SubscriptionConfirmation") {
        return None;
    }
    let token = text("Token")?;
    let fits = !token.is_empty() && token.len() <= TOKEN_MAX && token.bytes().all(|b| b.is_ascii_graphic());
    fits.then_some(())?;
    Some(Confirmation { topic_arn: text("TopicArn")?.parse().ok()?, token: token.to_owned() })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";

    fn body(change: &[(&str, Value)]) -> String {
        let mut body = json!({ "Type": "SubscriptionConfirmation", "TopicArn": TOPIC, "Token": "2336412f37fb", "Message": "You have chosen …",
            "SubscribeURL": "https://evil.example/?Action=ConfirmSubscription&Token=other" });
        for (name, value) in change {
            body[*name] = value.clone();
        }
        body.to_string()
    }

    #[test]
    fn topic_and_token_are_taken_and_the_link_is_not() {
        let asked = confirmation(&body(&[])).unwrap();
        assert_eq!((asked.topic_arn.as_str(), asked.token.as_str()), (TOPIC, "2336412f37fb"));
        let shown = format!("{asked:?}");
        assert!(!shown.contains("2336412f37fb") && !shown.contains("evil"), "the token stays out of logs: {shown}");
    }

    #[test]
    fn what_lacks_something_or_is_something_else_confirms_nothing() {
        for change in [
            ("Token", Value::Null),
            ("Token", json!("")),
            ("Token", json!("two words")),
            ("Token", json!("x".repeat(TOKEN_MAX + 1))),
            ("Token", json!(["a"])),
            ("TopicArn", Value::Null),
            ("TopicArn", json!("arn:aws:sns:us-east-1:123456789012:t.fifo")),
            ("TopicArn", json!("https://evil.example")),
            ("Type", json!("Notification")),
            ("Type", json!("UnsubscribeConfirmation")),
        ] {
            assert_eq!(confirmation(&body(std::slice::from_ref(&change))), None, "{change:?}");
        }
    }

    proptest! {
        #[test]
        fn any_body_is_read_without_a_panic(body in "\\PC{0,300}") {
            prop_assert_eq!(confirmation(&body), None, "it is no confirmation");
        }
    }
}
