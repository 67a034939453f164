//! What policies of queues, as administrators write them, say of a delivery from the topic.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::plan::queue_policy;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:on-call";

fn judged(statements: &Value) -> LetsIn {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    lets_in(&policy, &QUEUE.parse().unwrap(), &TOPIC.parse().unwrap())
}

/// A statement of a delivery by SNS, changed by `more`; null takes a field away.
fn statement(effect: &str, more: &Value) -> Value {
    let mut one = json!({ "Sid": "One", "Effect": effect, "Principal": { "Service": "sns.amazonaws.com" },
        "Action": "sqs:SendMessage", "Resource": QUEUE });
    for (name, value) in more.as_object().unwrap() {
        one[name] = value.clone();
    }
    one
}

fn on(condition: &Value) -> Value {
    json!({ "Condition": condition })
}

#[test]
fn what_administrators_write_lets_the_topic_in() {
    for more in [
        json!({}),
        json!({ "Principal": "*" }),
        json!({ "Principal": { "AWS": "*" } }),
        json!({ "Principal": { "Service": ["events.amazonaws.com", "sns.amazonaws.com"] } }),
        json!({ "Action": ["SQS:Send*"] }),
        json!({ "Action": null, "NotAction": "sqs:DeleteQueue" }),
        json!({ "Resource": "*" }),
        json!({ "Resource": "arn:aws:sqs:*:123456789012:*" }),
        json!({ "Resource": "arn:aws:sqs:eu-central-1:123456789012:on-*" }),
        on(&json!({ "ArnEquals": { "aws:SourceArn": TOPIC } })),
        on(&json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } })),
        on(
            &json!({ "ArnLike": { "AWS:SourceArn": ["arn:aws:sns:eu-west-1:123456789012:x", "arn:aws:sns:*:*:ssm-*"] } }),
        ),
        on(&json!({ "StringLike": { "aws:SourceArn": "*" } })),
        on(&json!({ "StringEquals": { "aws:SourceAccount": ["210987654321", "123456789012"] } })),
        on(
            &json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*" }, "StringEquals": { "aws:SourceAccount": "123456789012" } }),
        ),
        on(&json!({ "Bool": { "aws:SecureTransport": "true" } })),
    ] {
        assert_eq!(judged(&statement("Allow", &more)), LetsIn::Yes, "{more}");
    }
    let ours = queue_policy(&QUEUE.parse().unwrap(), &TOPIC.parse().unwrap());
    assert_eq!(judged(&ours["Statement"]), LetsIn::Yes, "and what Watchbell writes");
}

#[test]
fn what_is_seen_not_to_fit_keeps_the_topic_out() {
    for more in [
        json!({ "Principal": { "Service": "events.amazonaws.com" } }),
        json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:root" } }),
        json!({ "Principal": null }),
        json!({ "Action": "sqs:ReceiveMessage" }),
        json!({ "Resource": "arn:aws:sqs:eu-central-1:123456789012:on" }),
        json!({ "Resource": "arn:aws:sqs:eu-west-1:123456789012:*" }),
        on(&json!({ "ArnEquals": { "aws:SourceArn": format!("{TOPIC}-2") } })),
        on(&json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:210987654321:*" } })),
        on(&json!({ "StringEquals": { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } })),
        on(&json!({ "StringEquals": { "aws:SourceAccount": "210987654321", "aws:SourceOrgID": "o-1" } })),
    ] {
        assert_eq!(judged(&statement("Allow", &more)), LetsIn::No, "{more}");
    }
    for policy in ["", " \n", "{}", r#"{"Statement":[7,null,{}]}"#] {
        assert_eq!(lets_in(policy, &QUEUE.parse().unwrap(), &TOPIC.parse().unwrap()), LetsIn::No, "{policy:?}");
    }
}

#[test]
fn what_hangs_on_something_unseen_is_neither_in_nor_out() {
    let org = on(&json!({ "StringEquals": { "aws:SourceOrgID": "o-1" } }));
    let LetsIn::CannotTell { why } = judged(&statement("Allow", &org)) else { panic!("the organisation is not known") };
    assert_eq!(why, "the statement One holds only where aws:SourceOrgID fits");
    for more in [
        on(&json!({ "ForAnyValue:StringLike": { "aws:SourceOrgPaths": "o-1/*" } })),
        on(&json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:${aws:PrincipalAccount}:*" } })),
        on(&json!("always")),
        json!({ "Principal": { "Service": "*" } }),
    ] {
        let said = judged(&statement("Allow", &more));
        assert!(matches!(said, LetsIn::CannotTell { .. }), "{more}: {said:?}");
    }
    let both = json!([statement("Allow", &org), statement("Allow", &json!({}))]);
    assert_eq!(judged(&both), LetsIn::Yes, "another statement does without it");
    let unreadable = lets_in("nonsense", &QUEUE.parse().unwrap(), &TOPIC.parse().unwrap());
    assert!(matches!(unreadable, LetsIn::CannotTell { .. }), "what cannot be read says neither: {unreadable:?}");
}

#[test]
fn a_deny_keeps_out_as_far_as_it_is_known_to_hold() {
    let with = |more: Value| judged(&json!([statement("Allow", &json!({})), statement("Deny", &more)]));
    let all = |condition: Value| json!({ "Principal": "*", "Action": "sqs:*", "Condition": condition });
    for more in [
        json!({}),
        json!({ "Principal": "*", "Action": "sqs:*" }),
        json!({ "Principal": "*", "Resource": "arn:aws:sqs:*:123456789012:*" }),
        json!({ "Principal": null, "NotPrincipal": { "AWS": "arn:aws:iam::123456789012:root" } }),
        all(json!({ "ArnNotEquals": { "aws:SourceArn": "arn:aws:sns:eu-central-1:123456789012:other" } })),
        all(json!({ "StringNotEquals": { "aws:SourceAccount": "210987654321" } })),
    ] {
        assert_eq!(with(more.clone()), LetsIn::No, "{more}");
    }
    for more in [
        json!({ "Principal": { "AWS": "arn:aws:iam::123456789012:root" } }),
        json!({ "Action": "sqs:DeleteMessage" }),
        json!({ "Resource": "arn:aws:sqs:eu-central-1:123456789012:other" }),
        all(json!({ "Bool": { "aws:SecureTransport": "false" } })),
        all(json!({ "ArnNotLike": { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } })),
        // A perimeter, as AWS's guide to them writes it: who is of another organisation and no service.
        all(
            json!({ "StringNotEqualsIfExists": { "aws:PrincipalOrgID": "o-1" }, "BoolIfExists": { "aws:PrincipalIsAWSService": "false" } }),
        ),
    ] {
        assert_eq!(with(more.clone()), LetsIn::Yes, "it does not reach the delivery: {more}");
    }
    for (more, word) in [
        (all(json!({ "StringNotEquals": { "aws:SourceOrgID": "o-1" } })), "aws:SourceOrgID"),
        (all(json!({ "StringNotEquals": { "aws:SourceVpce": "vpce-1" } })), "aws:SourceVpce"),
    ] {
        let LetsIn::CannotTell { why } = with(more) else { panic!("{word} is not known") };
        assert!(why.contains(word), "{why}");
    }
}

#[test]
fn only_a_topic_of_an_opt_in_region_is_let_in_by_its_regions_name() {
    let topic: TopicArn = "arn:aws:sns:eu-south-1:123456789012:t".parse().unwrap();
    let policy = |service: &str| {
        json!({ "Statement": statement("Allow", &json!({ "Principal": { "Service": service } })) }).to_string()
    };
    let said = |service: &str| lets_in(&policy(service), &QUEUE.parse().unwrap(), &topic);
    assert_eq!(said("sns.eu-south-1.amazonaws.com"), LetsIn::Yes);
    assert_eq!(said("sns.amazonaws.com"), LetsIn::No);
}

proptest! {
    /// Taking an Allow away or putting a Deny in never lets the topic in, and order is no matter.
    #[test]
    fn less_allowed_or_more_denied_never_lets_in(
        kept in proptest::collection::vec(0_usize..6, 0..4), more in 0_usize..6, deny in 0_usize..6,
    ) {
        let kinds = [json!({}), json!({ "Principal": "*" }), json!({ "Resource": "arn:aws:sqs:*:*:other" }),
            on(&json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } })),
            on(&json!({ "StringEquals": { "aws:SourceOrgID": "o-1" } })),
            on(&json!({ "StringEquals": { "aws:SourceAccount": "210987654321" } }))];
        let allowed: Vec<Value> = kept.iter().map(|at| statement("Allow", &kinds[*at])).collect();
        let with = |extra: Value| [allowed.clone(), vec![extra]].concat();
        let fewer = judged(&json!(allowed));
        let wider = judged(&json!(with(statement("Allow", &kinds[more]))));
        let denied = with(statement("Deny", &kinds[deny]));
        prop_assert!(fewer != LetsIn::Yes || wider == LetsIn::Yes);
        prop_assert!(wider != LetsIn::No || fewer == LetsIn::No);
        let narrower = judged(&json!(denied));
        prop_assert!(narrower != LetsIn::Yes || fewer == LetsIn::Yes);
        prop_assert!(fewer != LetsIn::No || narrower == LetsIn::No);
        let turned: Vec<&Value> = denied.iter().rev().collect();
        prop_assert_eq!(judged(&json!(turned)) == LetsIn::Yes, narrower == LetsIn::Yes);
    }

    #[test]
    fn whatever_a_policy_holds_judging_it_ends_and_never_panics(text in "\\PC{0,200}", name in "[a-z:*?/]{0,40}") {
        let _ = lets_in(&text, &QUEUE.parse().unwrap(), &TOPIC.parse().unwrap());
        let odd = json!({ "Effect": name, "Principal": { "Service": [name, text] }, "NotPrincipal": name, "Action": text,
            "Resource": name, "Condition": { text.clone(): { name.clone(): [text, name] } } });
        let _ = judged(&json!([odd, 7]));
    }
}
