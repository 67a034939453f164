use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::iam::{Policy, documents};

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";

fn about() -> Ask {
    Ask::about(TOPIC.parse().unwrap()).unwrap()
}

/// The first statement of the document, compared with these policies.
fn first(ask: &Ask, kind: Kind, task: Option<u8>, held: &[Value]) -> Found {
    let held: Vec<_> = held.iter().map(|one| HeldPolicy::read(&one.to_string()).unwrap()).collect();
    let documents = documents(ask).unwrap();
    let document = documents.iter().find(|one| one.kind == kind && one.task == task).unwrap();
    compare(document, ask, &held)[0].1.clone()
}

fn publish(held: &Value) -> Found {
    first(&about(), Kind::RolePermission, Some(2), std::slice::from_ref(held))
}

fn cannot_tell(why: &str) -> Found {
    Found::CannotTell { why: why.to_owned(), confined: false }
}

fn statement(effect: &str, more: &Value) -> Value {
    let mut one = json!({ "Effect": effect, "Action": "sns:Publish", "Resource": TOPIC });
    for (name, value) in more.as_object().unwrap() {
        one[name] = value.clone();
    }
    json!({ "Version": "2012-10-17", "Statement": one })
}

#[test]
fn what_was_printed_is_present_when_it_was_applied() {
    let mut ask = about();
    ask.read_commands = true;
    ask.confine_trust = true;
    ask.key = Some("arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab".parse().unwrap());
    for document in &documents(&ask).unwrap() {
        let held = HeldPolicy::read(&document.policy.to_json()).unwrap();
        for (statement, found) in compare(document, &ask, &[held]) {
            assert_eq!(found, Found::Present, "{}: {}", document.title, statement.sid());
        }
        for (statement, found) in compare(document, &ask, &[]) {
            assert_eq!(found, Found::Missing(statement.actions().to_vec()), "nothing is there: {}", document.title);
        }
    }
}

#[test]
fn what_allows_more_is_enough() {
    for more in [
        json!({}),
        json!({ "Action": ["SNS:Publish", "sqs:*"] }),
        json!({ "Action": "sns:*" }),
        json!({ "Action": "*", "Resource": "*" }),
        json!({ "Resource": "arn:aws:sns:*:123456789012:*" }),
        json!({ "Action": null, "NotAction": ["iam:*"] }),
        json!({ "Resource": null, "NotResource": ["arn:aws:sqs:*"] }),
    ] {
        assert_eq!(publish(&statement("Allow", &more)), Found::Present, "{more}");
    }
}

#[test]
fn of_the_data_keys_the_one_that_is_made_is_enough() {
    const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let mut ask = about();
    ask.key = Some(KEY.parse().unwrap());
    let all = documents(&ask).unwrap();
    let document = all.iter().find(|one| one.kind == Kind::RolePermission && one.task == Some(2)).unwrap();
    let found = |actions: Value| {
        let held = json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": KEY }] });
        let told = compare(document, &ask, &[HeldPolicy::read(&held.to_string()).unwrap()]);
        told.into_iter().find(|(statement, _)| statement.sid() == "UseTopicKey").unwrap().1
    };
    assert_eq!(found(json!(["kms:GenerateDataKey", "kms:Decrypt"])), Found::Present, "SNS makes that one alone");
    let other = found(json!(["kms:GenerateDataKeyPair", "kms:Decrypt"]));
    assert_eq!(other, Found::Missing(vec!["kms:GenerateDataKey*".into()]), "and it is asked for with the star");
}

#[test]
fn what_allows_less_is_named() {
    for more in [
        json!({ "Action": "sns:Subscribe" }),
        json!({ "Action": "sns:Pub?ish*x" }),
        json!({ "Resource": "arn:aws:sns:eu-central-1:123456789012:other" }),
        json!({ "Resource": format!("{TOPIC}-2") }),
        json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } }),
        json!({ "Action": null, "NotAction": ["sns:*"] }),
        json!({ "Action": 7 }),
        json!({ "Effect": "allow" }),
    ] {
        let found = publish(&statement("Allow", &more));
        assert_eq!(found, Found::Missing(vec!["sns:Publish".into()]), "{more}");
    }
}

#[test]
fn what_hangs_on_a_key_that_is_not_seen_is_neither_there_nor_missing() {
    let allowed = |condition: Value| publish(&statement("Allow", &json!({ "Condition": condition })));
    let tag = "a statement without a name allows it only where aws:PrincipalTag/team fits";
    assert_eq!(allowed(json!({ "StringEquals": { "aws:PrincipalTag/team": "ops" } })), cannot_tell(tag));
    let odd = "a statement without a name allows it only where something that is no condition fits";
    assert_eq!(allowed(json!("always")), cannot_tell(odd));
    assert_eq!(allowed(json!({ "Bool": { "aws:SecureTransport": "true" } })), Found::Present, "this one is known");
}

#[test]
fn a_denial_outweighs_and_one_under_a_condition_is_no_yes() {
    let both = |deny: Value| {
        let held = [statement("Allow", &json!({})), statement("Deny", &deny)];
        first(&about(), Kind::RolePermission, Some(2), &held)
    };
    assert_eq!(both(json!({ "Action": "sns:*", "Resource": "*" })), Found::Denied(vec!["sns:Publish".into()]));
    assert_eq!(both(json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } })), Found::Present);
    assert_eq!(both(json!({ "Resource": "arn:aws:sns:eu-central-1:123456789012:other" })), Found::Present);
    for (operator, key, value) in [
        ("BoolIfExists", "aws:MultiFactorAuthPresent", "false"),
        ("StringNotEquals", "aws:RequestedRegion", "eu-west-1"),
        ("StringNotEquals", "aws:SourceVpce", "vpce-1"),
    ] {
        let deny = json!({ "Sid": "Guard", "Condition": { operator: { key: value } } });
        assert_eq!(both(deny), cannot_tell(&format!("the statement Guard denies it where {key} fits")));
    }
    let nothing = first(&about(), Kind::RolePermission, Some(2), &[statement("Deny", &json!({ "Condition": "odd" }))]);
    assert_eq!(nothing, Found::Missing(vec!["sns:Publish".into()]), "what nothing allows is missing, denied or not");
}

#[test]
fn a_condition_of_ours_may_be_wider_and_not_narrower() {
    let found = |service: Value| {
        let held = json!({ "Statement": [{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
            "Condition": { "StringEquals": { "IAM:passedtoservice": service } } }] });
        first(&about(), Kind::PersonPermission, Some(4), &[held])
    };
    assert_eq!(found(json!("ssm.amazonaws.com")), Found::Present);
    assert_eq!(found(json!(["ec2.amazonaws.com", "ssm.amazonaws.com"])), Found::Present, "more services");
    assert_eq!(found(json!("ec2.amazonaws.com")), Found::Missing(vec!["iam:PassRole".into()]), "another one");
}

/// A trust in Systems Manager under this condition, compared with the plain form or with the confined one.
fn trusted(confine_trust: bool, condition: &Value) -> Found {
    let held = json!({ "Statement": { "Sid": "Trust", "Effect": "Allow", "Principal": { "Service": "ssm.amazonaws.com" },
        "Action": "sts:AssumeRole", "Condition": condition } });
    first(&Ask { confine_trust, ..about() }, Kind::Trust, Some(3), &[held])
}

#[test]
fn a_role_in_awss_confused_deputy_form_is_not_called_missing() {
    let doubt = |key: &str| Found::CannotTell {
        why: format!("the statement Trust allows it only where {key} fits"),
        confined: true,
    };
    let ours = json!({ "ArnEquals": { "aws:SourceArn": "arn:aws:ssm:eu-central-1:123456789012:*" },
        "StringEquals": { "aws:SourceAccount": "123456789012" } });
    let account = json!({ "StringEquals": { "AWS:SourceAccount": "123456789012" } });
    let narrower =
        json!({ "ArnLike": { "aws:SourceArn": "arn:aws:ssm:eu-central-1:123456789012:managed-instance/*" } });
    assert_eq!(trusted(false, &ours), doubt("aws:SourceArn"), "that Systems Manager sends the keys is not confirmed");
    assert_eq!(trusted(false, &account), doubt("AWS:SourceAccount"));
    for condition in [json!(null), ours, account] {
        assert_eq!(
            trusted(true, &condition),
            Found::Present,
            "it allows all that the confined form allows: {condition}"
        );
    }
    let why = "the statement Trust allows it only where aws:SourceArn fits";
    for confine in [false, true] {
        assert_eq!(trusted(confine, &narrower), cannot_tell(why), "confined or not");
        for elsewhere in [
            json!({ "StringEquals": { "aws:SourceAccount": "210987654321" } }),
            json!({ "ArnLike": { "aws:SourceArn": "arn:aws:ssm:us-east-1:123456789012:*" } }),
        ] {
            let found = trusted(confine, &elsewhere);
            assert_eq!(found, Found::Missing(vec!["sts:AssumeRole".into()]), "trusted is another account: {elsewhere}");
        }
    }
}

#[test]
fn a_trust_that_is_denied_to_others_is_no_yes_either() {
    let found = |more: Value| {
        let allow =
            json!({ "Effect": "Allow", "Principal": { "Service": "ssm.amazonaws.com" }, "Action": "sts:AssumeRole" });
        let mut deny = json!({ "Sid": "Guard", "Effect": "Deny", "Action": "sts:AssumeRole" });
        deny.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        first(&about(), Kind::Trust, Some(3), &[json!({ "Statement": [allow, deny] })])
    };
    assert_eq!(found(json!({ "Principal": { "AWS": "*" } })), Found::Denied(vec!["sts:AssumeRole".into()]));
    assert_eq!(found(json!({ "Principal": { "AWS": "210987654321" } })), Found::Present, "denied is an account");
    let other =
        json!({ "Principal": "*", "Condition": { "StringNotEquals": { "aws:SourceAccount": "123456789012" } } });
    let why = "the statement Guard denies it where aws:SourceAccount fits".to_owned();
    assert_eq!(found(other), Found::CannotTell { why, confined: true }, "without the key it is denied");
    let but = json!({ "NotPrincipal": { "AWS": "arn:aws:iam::123456789012:role/admin" } });
    assert_eq!(found(but), cannot_tell("the statement Guard leaves some out by NotPrincipal"));
}

#[test]
fn trust_is_for_the_service_and_comes_percent_encoded() {
    let ask = about();
    let of = |service: &str| {
        let text = format!(
            "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22{service}%22%7D%2C\
             %22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"
        );
        let documents = documents(&ask).unwrap();
        let trust = documents.iter().find(|one| one.kind == Kind::Trust).unwrap();
        compare(trust, &ask, &[HeldPolicy::read(&text).unwrap()])[0].1.clone()
    };
    assert_eq!(of("ssm.amazonaws.com"), Found::Present);
    assert_eq!(of("ec2.amazonaws.com"), Found::Missing(vec!["sts:AssumeRole".into()]), "trusted is another service");
}

/// The stand-ins for IAM evaluate neither `sns:Protocol` nor `sns:Endpoint`, so it is our own evaluation that shows what the printed policy
/// refuses.
#[test]
fn the_printed_policy_subscribes_ones_own_queue_and_nothing_else() {
    let documents = documents(&about()).unwrap();
    let desktop = documents.iter().find(|one| one.kind == Kind::PersonPermission && one.task.is_none()).unwrap();
    let held = HeldPolicy::read(&desktop.policy.to_json()).unwrap();
    let subscribe = |topic: &str, protocol: &str, endpoint: &str| {
        let call = Statement::allow("Call", &["sns:Subscribe"], topic)
            .when("StringEquals", "sns:Protocol", protocol)
            .when("StringEquals", "sns:Endpoint", endpoint);
        let call = Document { policy: Policy::new(vec![call]), ..desktop.clone() };
        compare(&call, &about(), std::slice::from_ref(&held))[0].1.clone()
    };
    let own = "arn:aws:sqs:eu-central-1:123456789012:watchbell-ann-laptop";
    assert_eq!(subscribe(TOPIC, "sqs", own), Found::Present, "one's own queue");
    let refused = Found::Missing(vec!["sns:Subscribe".into()]);
    for (topic, protocol, endpoint) in [
        (TOPIC, "sqs", "arn:aws:sqs:eu-central-1:123456789012:payments"),
        (TOPIC, "sqs", "arn:aws:sqs:eu-central-1:210987654321:watchbell-ann-laptop"),
        (TOPIC, "sqs", "arn:aws:sqs:us-east-1:123456789012:watchbell-ann-laptop"),
        (TOPIC, "https", "https://evil.example/watchbell-ann-laptop"),
        (TOPIC, "email", own),
        ("arn:aws:sns:eu-central-1:123456789012:payments", "sqs", own),
    ] {
        assert_eq!(subscribe(topic, protocol, endpoint), refused, "{protocol} {endpoint} to {topic}");
    }
}

proptest! {
    #[test]
    fn whatever_a_policy_holds_comparing_it_ends_and_never_panics(text in "\\PC{0,200}", action in "[a-z*?]{0,40}") {
        let held = HeldPolicy::read(&text).unwrap_or_default();
        let all = documents(&about()).unwrap();
        for document in &all {
            let _ = compare(document, &about(), std::slice::from_ref(&held));
        }
        let odd = json!({ "Statement": { "Effect": "Allow", "Action": action, "Resource": text } });
        let _ = publish(&odd);
        prop_assert!(covers(&action, &action.replace(['*', '?'], "x"), true) || action.contains(['*', '?']));
    }
}
