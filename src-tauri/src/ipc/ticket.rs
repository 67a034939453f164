//! What one sends to the administrator of a subscription that is not well: what is known of it, fit for strangers.
//!
//! **Invariant:** every word goes through the core's filter, as those of the doctor's report do; the window copies it as it is.

use watchbell_core::words::fit_for_ticket;
use watchbell_engine::view::SubscriptionStatus;

use super::convert::maybe;

/// One fact a line; what is not known has none.
pub(super) fn about(line: &SubscriptionStatus) -> String {
    let rows = [
        ("Topic", Some(line.topic_arn.clone())),
        ("Queue", Some(line.queue_url.clone())),
        ("State", Some(line.state.as_str().replace('_', " "))),
        ("Reason", line.reason.clone()),
        ("What would mend it", line.hint.clone()),
        ("Last completed poll", maybe(line.last_completed_poll.as_ref())),
        ("Last message", maybe(line.last_message.as_ref())),
        ("Watchbell", Some(env!("CARGO_PKG_VERSION").to_owned())),
    ];
    let known = rows.into_iter().filter_map(|(name, value)| value.map(|value| (name, value)));
    known.map(|(name, value)| format!("{name}: {}", fit_for_ticket(&value))).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn it_says_what_is_known_and_holds_no_secret() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
        let url = "https://sqs.us-east-1.amazonaws.com/123456789012/watchbell-ann-laptop-1a2b3c4d";
        let line: SubscriptionStatus = serde_json::from_value(json!({
            "topic_arn": "arn:aws:sns:us-east-1:123456789012:ssm-notify", "queue_url": url, "state": "signed_out",
            "reason": format!("AKIAIOSFODNN7EXAMPLE with {secret} is not known"),
            "hint": "mend it. Stderr: the password hunter2 is wrong",
        }))
        .unwrap();
        let text = about(&line);
        for part in [
            "Topic: arn:aws:sns:us-east-1:123456789012:ssm-notify\n",
            &format!("Queue: {url}\n"),
            "State: signed out\n",
            "Reason: AKIA…MPLE with [left out] is not known\n",
            "What would mend it: mend it. Stderr: [left out]\n",
        ] {
            assert!(text.contains(part), "{part:?} in {text}");
        }
        assert!(!text.contains("Last message"), "what is not known has no line: {text}");
    }
}
