//! What policies of keys, as people write them, say of the role that publishes and of SNS that delivers.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
const QUEUE: &str = "arn:aws:sqs:eu-central-1:123456789012:on-call";
const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const ROLE: &str = "arn:aws:iam::123456789012:role/notify";
const ROOT: &str = "arn:aws:iam::123456789012:root";

fn publisher() -> KeyUser {
    KeyUser::publisher(&Principal::role("notify").unwrap(), &TOPIC.parse().unwrap())
}

fn delivery() -> KeyUser {
    KeyUser::delivery(&TOPIC.parse().unwrap(), &QUEUE.parse().unwrap())
}

fn judged(user: &KeyUser, statements: &Value) -> KeyUse {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements }).to_string();
    key_use(&policy, &KEY.parse().unwrap(), user).expect("it is a policy")
}

/// A statement for the two actions, changed by `more`; null takes a field away.
fn statement(effect: &str, principal: &Value, more: &Value) -> Value {
    let mut one = json!({ "Sid": "One", "Effect": effect, "Principal": principal,
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*" });
    for (name, value) in more.as_object().unwrap() {
        one[name] = value.clone();
    }
    one
}

fn allow(principal: &Value, more: &Value) -> Value {
    statement("Allow", principal, more)
}

fn missing(actions: &[&str]) -> KeyUse {
    KeyUse::Missing { actions: actions.iter().map(|one| (*one).to_owned()).collect(), others: Vec::new() }
}

const BOTH: [&str; 2] = ["kms:GenerateDataKey", "kms:Decrypt"];

#[test]
fn the_role_is_let_in_by_name_by_all_or_by_iam() {
    let aws = |name: &str| json!({ "AWS": name });
    for (principal, said) in [
        (aws(ROLE), KeyUse::Allowed),
        (json!({ "AWS": ["arn:aws:iam::123456789012:user/ann", ROLE] }), KeyUse::Allowed),
        // Its path was not given, and its name is unique without it.
        (aws("arn:aws:iam::123456789012:role/ops/notify"), KeyUse::Allowed),
        (json!("*"), KeyUse::Allowed),
        (aws("*"), KeyUse::Allowed),
        (aws(ROOT), KeyUse::LeftToIam),
        (aws("123456789012"), KeyUse::LeftToIam),
        (aws("arn:aws:iam::210987654321:root"), missing(&BOTH)),
        (
            aws("arn:aws:iam::210987654321:role/notify"),
            KeyUse::Missing {
                actions: BOTH.map(str::to_owned).into(),
                others: vec!["arn:aws:iam::210987654321:role/notify".into()],
            },
        ),
        // As KMS shows a role that was deleted: a new one of that name is another.
        (aws("AROAEXAMPLEEXAMPLE"), missing(&BOTH)),
        (json!({ "Service": "sns.amazonaws.com" }), missing(&BOTH)),
        (json!(null), missing(&BOTH)),
        (json!(7), missing(&BOTH)),
    ] {
        assert_eq!(judged(&publisher(), &allow(&principal, &json!({}))), said, "{principal}");
    }
    let session = aws("arn:aws:sts::123456789012:assumed-role/notify/i-1");
    let said = judged(&publisher(), &allow(&session, &json!({})));
    assert!(matches!(said, KeyUse::CannotTell { .. }), "which session is not known: {said:?}");
    assert_eq!(judged(&publisher(), &json!([])), missing(&BOTH), "a policy that says nothing lets nobody in");
}

#[test]
fn the_default_policies_of_kms_and_of_the_managed_key_are_understood() {
    let default = json!({ "Sid": "Enable IAM User Permissions", "Effect": "Allow", "Principal": { "AWS": ROOT },
        "Action": "kms:*", "Resource": "*" });
    assert_eq!(judged(&publisher(), &default), KeyUse::LeftToIam);
    assert_eq!(judged(&delivery(), &default), missing(&BOTH), "no policy of IAM can allow a service anything");
    // What AWS gives alias/aws/sns.
    let managed = json!({ "Effect": "Allow", "Principal": { "AWS": "*" },
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*", "kms:CreateGrant", "kms:ListGrants", "kms:DescribeKey"],
        "Resource": "*", "Condition": { "StringEquals":
            { "kms:ViaService": "sns.eu-central-1.amazonaws.com", "kms:CallerAccount": "123456789012" } } });
    assert_eq!(judged(&publisher(), &managed), KeyUse::Allowed, "a role of the account, through SNS");
}

#[test]
fn sns_is_let_in_as_a_service_for_this_topic() {
    let sns = json!({ "Service": ["lambda.amazonaws.com", "sns.amazonaws.com"] });
    let when = |condition: Value| json!({ "Condition": condition });
    for (more, said) in [
        (json!({}), KeyUse::Allowed),
        (when(json!({ "ArnEquals": { "aws:SourceArn": TOPIC } })), KeyUse::Allowed),
        (when(json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:123456789012:*" } })), KeyUse::Allowed),
        (when(json!({ "StringEquals": { "AWS:SourceAccount": "123456789012" } })), KeyUse::Allowed),
        (when(json!({ "ArnEquals": { "aws:SourceArn": format!("{TOPIC}-2") } })), missing(&BOTH)),
        (when(json!({ "StringEquals": { "aws:SourceAccount": "210987654321" } })), missing(&BOTH)),
        (json!({ "Action": "kms:Decrypt" }), missing(&["kms:GenerateDataKey"])),
    ] {
        assert_eq!(judged(&delivery(), &allow(&sns, &more)), said, "{more}");
    }
    let role = judged(&delivery(), &allow(&json!({ "AWS": [ROLE, ROOT] }), &json!({})));
    let KeyUse::Missing { others, .. } = role else { panic!("a role is no service: {role:?}") };
    assert_eq!(others, [ROLE], "who is let in instead; the root is nobody");
}

#[test]
fn the_statement_to_add_is_understood_and_enough() {
    for user in [publisher(), delivery()] {
        let statement = serde_json::to_value(user.statement()).unwrap();
        assert_eq!(judged(&user, &statement), KeyUse::Allowed, "{statement}");
    }
}

#[test]
fn actions_and_resources_are_compared_by_what_they_stand_for() {
    let role = json!({ "AWS": ROLE });
    for (more, said) in [
        (json!({ "Action": "KMS:*" }), KeyUse::Allowed),
        (json!({ "Action": ["kms:generatedatakey*", "kms:De*"] }), KeyUse::Allowed),
        (json!({ "Action": ["kms:GenerateDataKey", "kms:Decrypt"] }), KeyUse::Allowed),
        (json!({ "Action": ["kms:GenerateDataKeyPair*", "kms:Decrypt"] }), missing(&["kms:GenerateDataKey"])),
        (json!({ "Action": "kms:Encrypt" }), missing(&BOTH)),
        (json!({ "Action": null, "NotAction": "kms:Delete*" }), KeyUse::Allowed),
        (json!({ "Action": null, "NotAction": "kms:Dec*" }), missing(&["kms:Decrypt"])),
        (json!({ "Resource": KEY }), KeyUse::Allowed),
        (json!({ "Resource": format!("{KEY}0") }), missing(&BOTH)),
        (json!({ "Resource": null }), missing(&BOTH)),
        (json!({ "Effect": "allow" }), missing(&BOTH)),
    ] {
        let said_now = judged(&publisher(), &allow(&role, &more));
        let said_now = match said_now {
            KeyUse::Missing { actions, .. } => KeyUse::Missing { actions, others: Vec::new() },
            other => other,
        };
        assert_eq!(said_now, said, "{more}");
    }
}

#[test]
fn a_denial_outweighs_and_a_condition_that_is_not_seen_cannot_be_told() {
    let role = json!({ "AWS": ROLE });
    let with = |deny: Value| judged(&publisher(), &json!([allow(&role, &json!({})), deny]));
    let deny = |principal: &Value, more: Value| with(statement("Deny", principal, &more));
    let denied = |actions: &[&str]| KeyUse::Denied {
        actions: actions.iter().map(|one| (*one).to_owned()).collect(),
        statement: "the statement One".into(),
    };
    assert_eq!(deny(&json!("*"), json!({ "Action": "kms:*" })), denied(&BOTH));
    assert_eq!(deny(&json!({ "AWS": ROOT }), json!({ "Action": "kms:Dec*" })), denied(&["kms:Decrypt"]));
    assert_eq!(deny(&json!("*"), json!({ "Action": "kms:GenerateDataKey" })), denied(&["kms:GenerateDataKey"]));
    assert_eq!(deny(&json!("*"), json!({ "Action": null, "NotAction": "kms:Describe*" })), denied(&BOTH));
    assert_eq!(
        deny(
            &json!(null),
            json!({ "Principal": null, "NotPrincipal": { "AWS": "arn:aws:iam::123456789012:user/ann" } })
        ),
        denied(&BOTH),
        "everybody but ann"
    );
    for (principal, more) in [
        (json!({ "AWS": "arn:aws:iam::123456789012:role/other" }), json!({})),
        (json!("*"), json!({ "Action": "kms:ScheduleKeyDeletion" })),
        (json!("*"), json!({ "Action": ["kms:GenerateDataKeyPair*", "kms:GenerateDataKeyWithoutPlaintext"] })),
        (json!("*"), json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } })),
        (
            json!("*"),
            json!({ "Condition": { "StringNotEquals": { "kms:ViaService": "sns.eu-central-1.amazonaws.com" } } }),
        ),
        (json!("*"), json!({ "Condition": { "StringNotEquals": { "aws:PrincipalAccount": ["123456789012"] } } })),
    ] {
        assert_eq!(deny(&principal, more.clone()), KeyUse::Allowed, "it does not reach the role: {principal} {more}");
    }
    for (principal, more, word) in [
        (
            json!("*"),
            json!({ "Condition": { "StringNotEquals": { "aws:PrincipalOrgID": "o-1" } } }),
            "aws:PrincipalOrgID",
        ),
        (json!("*"), json!({ "Condition": { "StringNotEquals": { "aws:SourceVpce": "vpce-1" } } }), "aws:SourceVpce"),
        (json!(null), json!({ "Principal": null, "NotPrincipal": { "AWS": [ROLE, ROOT] } }), "NotPrincipal"),
    ] {
        let KeyUse::CannotTell { why } = deny(&principal, more.clone()) else { panic!("{principal} {more}") };
        assert!(why.contains(word) && why.contains("the statement One"), "{word}: {why}");
    }
    let org = json!({ "Condition": { "StringEquals": { "aws:PrincipalOrgID": "o-1" } } });
    let said = judged(&publisher(), &allow(&json!("*"), &org));
    assert!(matches!(said, KeyUse::CannotTell { .. }), "an Allow as well: {said:?}");
    let said = judged(&publisher(), &json!([allow(&json!("*"), &org), allow(&role, &json!({}))]));
    assert_eq!(said, KeyUse::Allowed, "another statement does without it");
    let said = judged(&publisher(), &json!([statement("Deny", &json!("*"), &org)]));
    assert_eq!(said, missing(&BOTH), "what nothing allows is missing, denied or not");
}

#[test]
fn a_key_of_another_account_needs_the_roles_own_policies_too() {
    let key: KeyArn = KEY.replace("123456789012", "210987654321").parse().unwrap();
    let of = |principal: Value| {
        let policy = json!({ "Statement": [allow(&principal, &json!({}))] }).to_string();
        key_use(&policy, &key, &publisher()).unwrap()
    };
    assert_eq!(of(json!({ "AWS": ROLE })), KeyUse::LeftToIam);
    assert_eq!(of(json!({ "AWS": ROOT })), KeyUse::LeftToIam);
    assert_eq!(of(json!({ "AWS": "arn:aws:iam::210987654321:root" })), missing(&BOTH), "its own account's IAM");
}

#[test]
fn what_is_no_policy_is_told_apart_from_one_that_allows_nothing() {
    let key = KEY.parse().unwrap();
    for text in ["", "[]", "{", "null", r#"{"Statement":"x"}"#] {
        assert_eq!(key_use(text, &key, &publisher()), None, "{text:?}");
    }
    for text in ["{}", r#"{"Statement":[7,null,{}]}"#] {
        assert_eq!(key_use(text, &key, &publisher()), Some(missing(&BOTH)), "{text:?}");
    }
}

proptest! {
    /// Taking an Allow away or putting a Deny in never lets anybody in.
    #[test]
    fn less_allowed_or_more_denied_never_lets_in(
        kept in proptest::collection::vec(0_usize..6, 0..4), more in 0_usize..6, deny in 0_usize..6,
    ) {
        let people = [json!("*"), json!({ "AWS": ROLE }), json!({ "AWS": ROOT }), json!({ "Service": "sns.amazonaws.com" }),
            json!({ "AWS": "arn:aws:sts::123456789012:assumed-role/notify/x" }), json!({ "AWS": "*" })];
        let allowed: Vec<Value> = kept.iter().map(|at| allow(&people[*at], &json!({}))).collect();
        let with = |extra: Value| [allowed.clone(), vec![extra]].concat();
        for user in [publisher(), delivery()] {
            let fewer = judged(&user, &json!(allowed));
            let wider = judged(&user, &json!(with(allow(&people[more], &json!({})))));
            let denied = judged(&user, &json!(with(statement("Deny", &people[deny], &json!({})))));
            prop_assert!(fewer != KeyUse::Allowed || wider == KeyUse::Allowed);
            prop_assert!(denied != KeyUse::Allowed || fewer == KeyUse::Allowed);
        }
    }

    #[test]
    fn whatever_a_policy_holds_judging_it_ends_and_never_panics(text in "\\PC{0,200}", name in "[a-z:*?/]{0,40}") {
        let key = KEY.parse().unwrap();
        let _ = key_use(&text, &key, &publisher());
        let odd = json!({ "Effect": name, "Principal": { "AWS": [name, text] }, "NotPrincipal": name, "Action": text,
            "Resource": name, "Condition": { text.clone(): { name.clone(): [text, name] } } });
        let _ = (judged(&publisher(), &odd), judged(&delivery(), &json!([odd, 7])));
    }
}
