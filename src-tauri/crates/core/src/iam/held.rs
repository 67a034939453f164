//! What an account has, compared with what is wanted: by meaning, statement by statement.
//!
//! **Invariant:** pure and total; a policy that somebody wrote is hostile until it is read. "Present" is only said of what is allowed for
//! certain: a statement that is not understood allows nothing, and one that may deny is told.
//!
//! Left out, since they cannot be read from a policy: permissions boundaries, service control policies and session policies.

use serde_json::Value;

use super::element::{concerns, covers, overlap, root_of, statements, texts};
use super::key_use::called;
use super::policy::{Policy, Statement};

/// The statements of one policy that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldPolicy {
    statements: Vec<Value>,
}

/// What became of one wanted statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Every action is allowed on every resource.
    Present,
    /// These actions are not.
    Missing(Vec<String>),
    /// Allowed or not, a statement denies these actions.
    Denied(Vec<String>),
}

impl HeldPolicy {
    /// Reads a policy; IAM's own calls give it percent-encoded (RFC 3986), resources give it as it is.
    pub fn read(text: &str) -> Option<Self> {
        let decoded = if text.trim_start().starts_with('{') { text.to_owned() } else { percent_decoded(text)? };
        let statements = statements(&decoded)?;
        Some(Self { statements })
    }
}

/// Each wanted statement, in its order, with what of it is there.
pub fn compare<'a>(wanted: &'a Policy, held: &[HeldPolicy]) -> Vec<(&'a Statement, Found)> {
    let all: Vec<&Value> = held.iter().flat_map(|policy| &policy.statements).collect();
    wanted.statements().iter().map(|statement| (statement, found(statement, &all))).collect()
}

fn found(wanted: &Statement, held: &[&Value]) -> Found {
    // A trust policy has no resource: the role that it belongs to is meant.
    let resources: Vec<Option<&str>> = match wanted.resources() {
        [] => vec![None],
        some => some.iter().map(|one| Some(one.as_str())).collect(),
    };
    let lacking = |verdict: &dyn Fn(&str, Option<&str>) -> bool| -> Vec<String> {
        let of = |action: &&String| resources.iter().any(|resource| verdict(action, *resource));
        wanted.actions().iter().filter(of).cloned().collect()
    };
    let denied = lacking(&|action, resource| held.iter().any(|one| denies(one, wanted, action, resource)));
    if !denied.is_empty() {
        return Found::Denied(denied);
    }
    let missing = lacking(&|action, resource| !held.iter().any(|one| allows(one, wanted, action, resource)));
    if missing.is_empty() { Found::Present } else { Found::Missing(missing) }
}

fn allows(held: &Value, wanted: &Statement, action: &str, resource: Option<&str>) -> bool {
    held["Effect"] == "Allow"
        && concerns(held, called(action), resource, covers)
        && lets_in(held, wanted)
        && weaker(&held["Condition"], wanted)
}

/// Whether a statement denies some of it whatever the conditions of the call: what denies under a condition cannot be told from here.
fn denies(held: &Value, wanted: &Statement, action: &str, resource: Option<&str>) -> bool {
    let to_them = wanted.principal().is_none() || lets_in(held, wanted);
    held["Effect"] == "Deny"
        && concerns(held, called(action), resource, overlap)
        && to_them
        && weaker(&held["Condition"], wanted)
}

/// Whether it names everybody whom the wanted statement names. The policy of an identity names nobody.
fn lets_in(held: &Value, wanted: &Statement) -> bool {
    let Some(principal) = wanted.principal() else { return true };
    if held["Principal"] == "*" {
        return true;
    }
    let named = texts(&held["Principal"][principal.kind()]);
    let is_named = |name: &String| {
        named.iter().any(|one| *one == name || *one == "*" || (principal.kind() == "AWS" && same_account(one, name)))
    };
    // Of a service that goes by several names one is enough: which of them counts there is not confirmed (see `partition`).
    if principal.kind() == "Service" {
        principal.names().iter().any(is_named)
    } else {
        principal.names().iter().all(is_named)
    }
}

fn same_account(a: &str, b: &str) -> bool {
    root_of(a).is_some() && root_of(a) == root_of(b)
}

/// Whether the held conditions hold wherever the wanted ones do: each is one of those, with the same values or more.
fn weaker(held: &Value, wanted: &Statement) -> bool {
    let Value::Object(operators) = held else { return held.is_null() };
    operators.iter().all(|(operator, keys)| {
        let Value::Object(keys) = keys else { return false };
        keys.iter().all(|(key, values)| {
            let values = texts(values);
            wanted.conditions().any(|(wanted_operator, wanted_key, wanted_values)| {
                same_operator(operator, wanted_operator)
                    && key.eq_ignore_ascii_case(wanted_key)
                    && wanted_values.iter().all(|one| {
                        let like = operator.ends_with("Like") || operator.starts_with("Arn");
                        values.iter().any(|held| if like { covers(held, one, true) } else { held == one })
                    })
            })
        })
    })
}

/// `ArnEquals` and `ArnLike` act alike (IAM user guide, "Condition operators"), and a like takes what an equals takes.
fn same_operator(held: &str, wanted: &str) -> bool {
    let arn = |operator: &str| matches!(operator, "ArnEquals" | "ArnLike");
    held == wanted
        || (arn(held) && arn(wanted))
        || matches!((held, wanted), ("StringLike", "StringEquals" | "ArnEquals" | "ArnLike"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let (high, low) = (char::from(bytes.next()?).to_digit(16)?, char::from(bytes.next()?).to_digit(16)?);
                out.push(u8::try_from(high * 16 + low).ok()?);
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;
    use crate::iam::{Ask, Kind, documents};

    const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";

    fn wanted(kind: Kind, task: Option<u8>) -> Policy {
        let documents = documents(&Ask::about(TOPIC.parse().unwrap()).unwrap()).unwrap();
        documents.iter().find(|one| one.kind == kind && one.task == task).unwrap().policy.clone()
    }

    fn publish(held: &Value) -> Found {
        let held = HeldPolicy::read(&held.to_string()).unwrap();
        compare(&wanted(Kind::RolePermission, Some(2)), &[held])[0].1.clone()
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
        let mut ask = Ask::about(TOPIC.parse().unwrap()).unwrap();
        ask.read_commands = true;
        ask.confine_trust = true;
        ask.key =
            Some("arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab".parse().unwrap());
        for document in &documents(&ask).unwrap() {
            let held = HeldPolicy::read(&document.policy.to_json()).unwrap();
            for (statement, found) in compare(&document.policy, &[held]) {
                assert_eq!(found, Found::Present, "{}: {}", document.title, statement.sid());
            }
            for (statement, found) in compare(&document.policy, &[]) {
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
        let mut ask = Ask::about(TOPIC.parse().unwrap()).unwrap();
        ask.key = Some(KEY.parse().unwrap());
        let all = documents(&ask).unwrap();
        let policy = &all.iter().find(|one| one.kind == Kind::RolePermission && one.task == Some(2)).unwrap().policy;
        let found = |actions: Value| {
            let held = json!({ "Statement": [{ "Effect": "Allow", "Action": actions, "Resource": KEY }] });
            let told = compare(policy, &[HeldPolicy::read(&held.to_string()).unwrap()]);
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
            json!({ "Condition": { "StringEquals": { "aws:PrincipalTag/team": "ops" } } }),
            json!({ "Condition": "always" }),
            json!({ "Action": null, "NotAction": ["sns:*"] }),
            json!({ "Action": 7 }),
            json!({ "Effect": "allow" }),
        ] {
            let found = publish(&statement("Allow", &more));
            assert_eq!(found, Found::Missing(vec!["sns:Publish".into()]), "{more}");
        }
    }

    #[test]
    fn a_denial_outweighs_and_one_under_a_condition_cannot_be_told() {
        let both = |deny: Value| {
            let allow = HeldPolicy::read(&statement("Allow", &json!({})).to_string()).unwrap();
            let deny = HeldPolicy::read(&statement("Deny", &deny).to_string()).unwrap();
            compare(&wanted(Kind::RolePermission, Some(2)), &[allow, deny])[0].1.clone()
        };
        assert_eq!(both(json!({ "Action": "sns:*", "Resource": "*" })), Found::Denied(vec!["sns:Publish".into()]));
        assert_eq!(both(json!({ "Condition": { "Bool": { "aws:SecureTransport": "false" } } })), Found::Present);
        assert_eq!(both(json!({ "Resource": "arn:aws:sns:eu-central-1:123456789012:other" })), Found::Present);
    }

    #[test]
    fn a_condition_of_ours_may_be_wider_and_not_narrower() {
        let pass = wanted(Kind::PersonPermission, Some(4));
        let found = |service: Value| {
            let held = json!({ "Statement": [{ "Effect": "Allow", "Action": "iam:PassRole", "Resource": "*",
                "Condition": { "StringEquals": { "IAM:passedtoservice": service } } }] });
            compare(&pass, &[HeldPolicy::read(&held.to_string()).unwrap()])[0].1.clone()
        };
        assert_eq!(found(json!("ssm.amazonaws.com")), Found::Present);
        assert_eq!(found(json!(["ec2.amazonaws.com", "ssm.amazonaws.com"])), Found::Present, "more services");
        assert_eq!(found(json!("ec2.amazonaws.com")), Found::Missing(vec!["iam:PassRole".into()]), "another one");
    }

    #[test]
    fn trust_is_for_the_service_and_comes_percent_encoded() {
        let trust = wanted(Kind::Trust, Some(3));
        let of = |service: &str| {
            let text = format!(
                "%7B%22Statement%22%3A%5B%7B%22Effect%22%3A%22Allow%22%2C%22Principal%22%3A%7B%22Service%22%3A%22{service}%22%7D%2C\
                 %22Action%22%3A%22sts%3AAssumeRole%22%7D%5D%7D"
            );
            compare(&trust, &[HeldPolicy::read(&text).unwrap()])[0].1.clone()
        };
        assert_eq!(of("ssm.amazonaws.com"), Found::Present);
        assert_eq!(
            of("ec2.amazonaws.com"),
            Found::Missing(vec!["sts:AssumeRole".into()]),
            "trusted is another service"
        );
    }

    proptest! {
        #[test]
        fn whatever_a_policy_holds_comparing_it_ends_and_never_panics(text in "\\PC{0,200}", action in "[a-z*?]{0,40}") {
            let held = HeldPolicy::read(&text).unwrap_or_default();
            let _ = compare(&wanted(Kind::RolePermission, Some(2)), &[held]);
            let odd = json!({ "Statement": { "Effect": "Allow", "Action": action, "Resource": text } });
            let _ = publish(&odd);
            prop_assert!(covers(&action, &action.replace(['*', '?'], "x"), true) || action.contains(['*', '?']));
        }
    }
}
