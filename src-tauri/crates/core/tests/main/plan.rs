use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::iam::{LetsIn, lets_in};
use watchbell_core::plan::{
    Filter, Person, PolicyError, TAG_CALLER, TAG_HOST, TAG_MACHINE, TAG_OWNER, TAG_TOPIC, Whose, filter_policy,
    machine_tag, merge_policy, queue_arn, queue_attributes, queue_name, queue_name_besides, queue_policy, same_json,
    stable_caller, subscription_attributes, tags, whose,
};

fn topic(region: &str) -> TopicArn {
    format!("arn:aws:sns:{region}:123456789012:ssm-notify").parse().unwrap()
}

fn queue(region: &str) -> QueueArn {
    queue_arn(&topic(region), region, "123456789012", "watchbell-ann-laptop-1a2b3c4d").unwrap()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(&sorted(value)).unwrap()
}

/// With keys in order, whatever features of `serde_json` the build has switched on.
fn sorted(value: &Value) -> Value {
    match value {
        Value::Object(fields) => {
            let mut keys: Vec<_> = fields.iter().collect();
            keys.sort_by_key(|(key, _)| key.as_str());
            Value::Object(keys.into_iter().map(|(key, value)| (key.clone(), sorted(value))).collect())
        }
        Value::Array(values) => values.iter().map(sorted).collect(),
        other => other.clone(),
    }
}

#[test]
fn the_policy_of_a_new_queue_lets_one_topic_in() {
    insta::assert_snapshot!(pretty(&queue_policy(&queue("us-east-1"), &topic("us-east-1"))));
}

#[test]
fn only_an_opt_in_topic_that_feeds_an_ordinary_region_delivers_under_its_own_name() {
    let service = |topic_region, queue_region| {
        queue_policy(&queue(queue_region), &topic(topic_region))["Statement"][0]["Principal"]["Service"].clone()
    };
    assert_eq!(service("eu-south-1", "us-east-1"), "sns.eu-south-1.amazonaws.com");
    assert_eq!(service("eu-south-1", "eu-south-1"), "sns.amazonaws.com");
    assert_eq!(service("us-east-1", "eu-south-1"), "sns.amazonaws.com");
    assert_eq!(service("us-east-1", "us-west-2"), "sns.amazonaws.com");
}

#[test]
fn merging_keeps_what_others_wrote() {
    let (queue, topic) = (queue("us-east-1"), topic("us-east-1"));
    let foreign = json!({ "Sid": "Admins", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
        "Action": ["sqs:*"], "Resource": queue.as_str() });
    let before = json!({ "Version": "2008-10-17", "Id": "theirs", "Statement": foreign });
    let merged = merge_policy(&before.to_string(), &queue, &topic).unwrap();
    assert!(merged.changed);
    assert_eq!(merged.policy["Statement"][0], foreign, "a foreign statement is never changed");
    assert_eq!((&merged.policy["Version"], &merged.policy["Id"]), (&json!("2008-10-17"), &json!("theirs")));
    assert_eq!(lets_in(&merged.policy.to_string(), &queue, &topic), LetsIn::Yes);

    let again = merge_policy(&merged.policy.to_string(), &queue, &topic).unwrap();
    assert!(!again.changed && again.policy == merged.policy, "planning again changes nothing");
}

#[test]
fn our_own_statement_is_put_right_and_not_doubled() {
    let (queue, topic) = (queue("us-east-1"), topic("us-east-1"));
    let mut broken = queue_policy(&queue, &topic);
    broken["Statement"][0]["Condition"]["ArnEquals"]["aws:SourceArn"] = json!("arn:aws:sns:us-east-1:123456789012:x");
    let merged = merge_policy(&broken.to_string(), &queue, &topic).unwrap();
    assert!(merged.changed);
    assert_eq!(merged.policy, queue_policy(&queue, &topic), "the statement with our Sid is replaced");
}

#[test]
fn an_administrators_statement_is_enough() {
    let (queue, topic) = (queue("us-east-1"), topic("us-east-1"));
    let theirs = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow",
        "Principal": { "Service": ["sns.amazonaws.com"] }, "Action": "SQS:SendMessage", "Resource": queue.as_str(),
        "Condition": { "ArnLike": { "aws:SourceArn": [topic.as_str(), "arn:aws:sns:us-east-1:123456789012:x"] } } }] });
    assert!(!merge_policy(&theirs.to_string(), &queue, &topic).unwrap().changed);
}

#[test]
fn our_statement_is_added_where_it_cannot_be_told_whether_another_is_enough() {
    let (queue, topic) = (queue("us-east-1"), topic("us-east-1"));
    let theirs = json!({ "Statement": [{ "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:*",
        "Resource": "*", "Condition": { "StringEquals": { "aws:SourceOrgID": "o-1" } } }] });
    let merged = merge_policy(&theirs.to_string(), &queue, &topic).unwrap();
    assert!(merged.changed, "what is not certain is made so");
    assert_eq!(lets_in(&merged.policy.to_string(), &queue, &topic), LetsIn::Yes);
}

#[test]
fn a_denied_or_foreign_topic_does_not_get_in() {
    let (queue, topic) = (queue("us-east-1"), topic("us-east-1"));
    let other: TopicArn = "arn:aws:sns:us-east-1:123456789012:other".parse().unwrap();
    let mut policy = queue_policy(&queue, &topic);
    assert_eq!(lets_in(&policy.to_string(), &queue, &other), LetsIn::No, "only the named topic gets in");
    policy["Statement"]
        .as_array_mut()
        .unwrap()
        .push(json!({ "Effect": "Deny", "Principal": "*", "Action": "sqs:*", "Resource": queue.as_str() }));
    assert_eq!(lets_in(&policy.to_string(), &queue, &topic), LetsIn::No, "a denial outweighs any allowance");
    assert!(!merge_policy(&policy.to_string(), &queue, &topic).unwrap().changed, "there is nothing to write then");
}

#[test]
fn a_policy_that_sqs_would_refuse_is_refused_here() {
    let (queue, topic) = (queue("us-east-1"), topic("us-east-1"));
    let with = |count: usize, filler: usize| {
        let one = json!({ "Sid": "f".repeat(filler), "Effect": "Deny", "Principal": "*", "Action": "sqs:Purge", "Resource": "*" });
        merge_policy(&json!({ "Statement": vec![one; count] }).to_string(), &queue, &topic)
    };
    assert!(with(19, 1).is_ok());
    assert_eq!(with(20, 1), Err(PolicyError::TooManyStatements { statements: 21 }));
    assert!(matches!(with(1, 8192), Err(PolicyError::TooLong { bytes }) if bytes > 8192));
    for unreadable in ["[]", "nonsense", r#"{"Statement":"x"}"#] {
        assert!(matches!(merge_policy(unreadable, &queue, &topic), Err(PolicyError::Unreadable(_))), "{unreadable}");
    }
}

#[test]
fn the_filter_hears_both_shapes_of_a_failure() {
    assert_eq!(filter_policy(Filter::All), None);
    insta::assert_snapshot!(pretty(&filter_policy(Filter::Alerts).unwrap()));
    assert_eq!(subscription_attributes(Filter::Alerts)["FilterPolicyScope"], "MessageBody");
    assert_eq!(subscription_attributes(Filter::All).len(), 1, "without a filter nothing is said about one");
}

#[test]
fn json_is_compared_by_value() {
    assert!(same_json(r#"{"a":1,"b":[2]}"#, "{ \"b\": [2],\n \"a\": 1 }"));
    assert!(!same_json(r#"{"a":1}"#, r#"{"a":2}"#));
    assert!(same_json("", "{}") && same_json("nonsense", "nonsense") && !same_json("nonsense", "{}"));
}

#[test]
fn the_queue_is_described_as_designed() {
    let at = "2026-11-23T09:00:00.123456789Z".parse().unwrap();
    let mut said: Vec<String> = queue_attributes().into_iter().map(|(key, value)| format!("{key} = {value}")).collect();
    said.extend(
        tags(&ann(Some("1a2b3c4d")), &topic("us-east-1"), at, at).into_iter().map(|(k, v)| format!("{k} = {v}")),
    );
    said.push(queue_name("Ann Müller", "laptop.example.org", &topic("us-east-1")));
    insta::assert_snapshot!(said.join("\n"));
}

fn ann(machine: Option<&str>) -> Person<'_> {
    Person { user: "Ann Müller", host: "lap#top", machine, caller: None }
}

#[test]
fn only_what_says_so_is_ours() {
    let (here, topic) = (ann(Some("1a2b3c4d")), topic("us-east-1"));
    let at = "2026-11-23T09:00:00Z".parse().unwrap();
    let ours: BTreeMap<String, String> =
        tags(&here, &topic, at, at).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    assert_eq!(whose(&ours, &here, &topic), Whose::Ours, "what this machine made is found again");
    assert_eq!(whose(&BTreeMap::new(), &here, &topic), Whose::Untagged, "nobody's is not ours");

    let with = |name: &str, value: &str| {
        let mut tags = ours.clone();
        tags.insert(name.to_owned(), value.to_owned());
        whose(&tags, &here, &topic)
    };
    for (name, value) in [(TAG_OWNER, "bob"), (TAG_TOPIC, "arn:aws:sns:us-east-1:123456789012:other")] {
        assert!(matches!(with(name, value), Whose::Foreign { why } if why.contains(value)), "{name} of somebody else");
    }
    let machine = with(TAG_MACHINE, "99999999");
    assert!(matches!(machine, Whose::OtherMachine { .. }), "another machine of this name is not this one: {machine:?}");
    assert_eq!(with(TAG_HOST, "desktop"), Whose::Ours, "this machine under the name that DHCP gave it before");
    let named = |of: &Person<'_>| {
        let mut tags = ours.clone();
        tags.insert(TAG_HOST.to_owned(), "desktop".to_owned());
        tags.remove(TAG_MACHINE);
        whose(&tags, of, &topic)
    };
    assert!(matches!(named(&here), Whose::OtherMachine { .. }), "without an id the name tells machines apart");
    assert_eq!(whose(&ours, &ann(None), &topic), Whose::Ours, "a machine without an id goes by its name");
    let mut older = ours.clone();
    older.remove(TAG_MACHINE);
    assert_eq!(whose(&older, &here, &topic), Whose::Ours, "so does a queue that does not tell the machine");
}

#[test]
fn one_name_on_two_machines_may_be_two_people() {
    let topic = topic("us-east-1");
    let at = "2026-11-23T09:00:00Z".parse().unwrap();
    let ubuntu = |machine, caller| Person { user: "ubuntu", host: "web", machine: Some(machine), caller };
    let (ann, bob) = ("arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:user/bob");
    let anns: BTreeMap<String, String> = tags(&ubuntu("1a2b3c4d", Some(ann)), &topic, at, at)
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect();
    let of = |machine, caller| whose(&anns, &ubuntu(machine, caller), &topic);
    assert_eq!(of("1a2b3c4d", Some(ann)), Whose::Ours);
    assert!(matches!(of("99999999", Some(ann)), Whose::OtherMachine { .. }), "ann on another machine");
    assert!(matches!(of("99999999", Some(bob)), Whose::Foreign { why } if why.contains("user/ann")), "bob is not ann");
    assert!(matches!(of("1a2b3c4d", Some(bob)), Whose::OtherCaller { .. }), "other credentials on this machine");
    assert!(matches!(of("99999999", None), Whose::OtherMachine { .. }), "who cannot be told goes by what there was");
    let mut older = anns.clone();
    older.remove(TAG_CALLER);
    assert_eq!(
        whose(&older, &ubuntu("1a2b3c4d", Some(bob)), &topic),
        Whose::Ours,
        "so does a queue that does not tell"
    );
}

#[test]
fn who_somebody_is_to_aws_is_told_in_a_form_that_stays() {
    let role = |rest: &str| format!("arn:aws:sts::123456789012:assumed-role/{rest}");
    for (arn, stable) in [
        (
            "arn:aws:iam::123456789012:user/ops/ann".to_owned(),
            Some("arn:aws:iam::123456789012:user/ops/ann".to_owned()),
        ),
        (role("oncall/ann"), Some(role("oncall/ann"))),
        (
            role("AWSReservedSSO_ReadOnly_0123456789abcdef/ann@example.org"),
            Some(role("AWSReservedSSO_/ann@example.org")),
        ),
        (role("oncall/botocore-session-1764000000"), None),
        (role("oncall/aws-go-sdk-1764000000000000000"), None),
        (role("oncall/aws-sdk-rust-1764000000"), None),
        (role("oncall/watchbell"), None),
        (role("oncall/1764000000"), None),
        (role("web/i-0123456789abcdef0"), None),
        (role("oncall"), None),
        ("arn:aws:iam::123456789012:root".to_owned(), None),
        ("nonsense".to_owned(), None),
        (String::new(), None),
    ] {
        assert_eq!(stable_caller(&arn), stable, "{arn}");
    }
}

#[test]
fn a_machine_is_told_without_showing_its_id() {
    let id = "0123456789abcdef0123456789abcdef";
    assert_eq!(machine_tag(id).len(), 8, "short");
    assert!(!id.contains(&machine_tag(id)), "a digest");
    assert_eq!(machine_tag(id), machine_tag(&format!("{id}\n")), "the file ends in a newline");
}

proptest! {
    #[test]
    fn any_user_and_host_make_a_name_that_sqs_takes(user in ".{0,120}", host in ".{0,120}") {
        let name = queue_name(&user, &host, &topic("us-east-1"));
        prop_assert!(name.len() <= 80, "{name} is too long");
        prop_assert!(name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_'), "{name}");
        let plain = queue_name("a", "b", &topic("us-east-1"));
        prop_assert_eq!(&name[name.len() - 9..], &plain[plain.len() - 9..], "cutting keeps the topic's hex");
        let second = queue_name_besides(&user, &host, &topic("us-east-1"), 2);
        prop_assert!(second.len() <= 80 && second != name, "{second} is another name that fits");
        prop_assert!(second.starts_with("watchbell-"), "{second}");
        prop_assert_ne!(name, queue_name(&user, &host, &topic("us-west-2")), "another topic, another queue");
    }
}

#[test]
fn the_second_name_is_no_host_of_that_name() {
    let topic = topic("us-east-1");
    assert_ne!(
        queue_name("ann", "laptop-2", &topic),
        queue_name_besides("ann", "laptop", &topic, 2),
        "a machine called laptop-2 has a queue of its own"
    );
    // A long host is cut, and what is left may end like a number.
    let host = format!("{}-2{}", "a".repeat(29), "b".repeat(40));
    for user in ["a", "ann", &"u".repeat(40)] {
        assert_ne!(
            queue_name(user, &host, &topic),
            queue_name_besides(user, &host, &topic, 2),
            "never the first again"
        );
    }
}
