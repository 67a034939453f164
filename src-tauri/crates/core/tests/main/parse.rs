//! The samples are recorded messages, or those of AWS's documentation, byte for byte.

use serde_json::{Value, json};
use watchbell_core::arn::TopicArn;
use watchbell_core::event::CommandEvent;
use watchbell_core::parse::{Parsed, Reason, ReasonKind, parse};
use watchbell_core::status::{Level, Status};

macro_rules! sample {
    ($name:literal) => {
        include_str!(concat!("samples/", $name, ".json"))
    };
}

pub(crate) fn event(body: &str) -> CommandEvent {
    match parse(body, &[]) {
        Parsed::Event(event) => *event,
        other => panic!("no event of a command: {other:?}"),
    }
}

pub(crate) fn reason(body: &str, topics: &[TopicArn]) -> Reason {
    match parse(body, topics) {
        Parsed::Quarantined(reason) => reason,
        other => panic!("must be quarantined: {other:?}"),
    }
}

fn topic(name: &str) -> TopicArn {
    format!("arn:aws:sns:us-east-1:123456789012:{name}").parse().unwrap()
}

fn ssm() -> Value {
    serde_json::from_str(sample!("invocation_timed_out")).unwrap()
}

fn with(key: &str, value: Value) -> String {
    let mut fields = ssm();
    fields[key] = value;
    fields.to_string()
}

fn without(key: &str) -> String {
    let mut fields = ssm();
    fields.as_object_mut().unwrap().remove(key);
    fields.to_string()
}

fn wrapped(message: &Value) -> String {
    json!({ "Type": "Notification", "MessageId": "m", "TopicArn": topic("ssm-notify"), "Message": message }).to_string()
}

#[test]
fn every_sample_of_a_command_is_understood() {
    let read: Vec<String> = [
        sample!("envelope_command"),
        sample!("envelope_invocation"),
        sample!("command_targets"),
        sample!("command_tags"),
        sample!("command_failed"),
        sample!("invocation_2019"),
        sample!("invocation_cancelled"),
        sample!("invocation_in_progress"),
        sample!("invocation_success"),
        sample!("invocation_timed_out"),
        sample!("eventbridge_command"),
        sample!("eventbridge_invocation"),
    ]
    .into_iter()
    .map(|body| {
        let mut event = event(body);
        // The order of an object's keys hangs on a feature that another crate of the workspace may switch on.
        if let Some(serde_json::Value::Object(parameters)) = &mut event.parameters {
            let sorted: std::collections::BTreeMap<_, _> = std::mem::take(parameters).into_iter().collect();
            parameters.extend(sorted);
        }
        format!("{event:#?}")
    })
    .collect();
    insta::assert_snapshot!(read.join("\n"));
}

#[test]
fn every_sample_of_a_window_is_understood() {
    let window_itself = sample!("eventbridge_window").replace(" Execution State-change", " State-change");
    let registration =
        sample!("eventbridge_window_target").replace("Task Target Invocation State-change", "Target Registration");
    let bodies = [
        sample!("eventbridge_window"),
        sample!("eventbridge_window_task"),
        sample!("eventbridge_window_target"),
        &window_itself,
        &registration,
    ];
    let read: Vec<String> = bodies
        .into_iter()
        .map(|body| match parse(body, &[]) {
            Parsed::Window(event) => format!("{event:#?}"),
            other => panic!("a window's event must be understood: {other:?}"),
        })
        .collect();
    insta::assert_snapshot!(read.join("\n"));
    let Parsed::Window(through) = parse(&wrapped(&json!(sample!("eventbridge_window"))), &[]) else {
        panic!("an event that came through SNS is the same event");
    };
    assert_eq!(through.message_id.as_deref(), Some("m"), "the ids of SNS are equal in all copies");
}

#[test]
fn eventbridge_through_sns_keeps_the_ids_of_sns() {
    let bare = event(sample!("eventbridge_invocation"));
    let through = event(&wrapped(&json!(sample!("eventbridge_invocation"))));
    assert_eq!((through.message_id.as_deref(), through.topic_arn), (Some("m"), Some(topic("ssm-notify"))));
    assert_eq!((through.command_id, through.event_time), (bare.command_id, bare.event_time));
}

#[test]
fn parameters_of_eventbridge_come_as_object_as_text_or_not_at_all() {
    let with = |parameters: Value| {
        let mut fields: Value = serde_json::from_str(sample!("eventbridge_command")).unwrap();
        fields["detail"]["parameters"] = parameters;
        fields["resources"] = json!("anything");
        event(&fields.to_string()).parameters
    };
    assert_eq!(with(json!({ "commands": ["date"] })), Some(json!({ "commands": ["date"] })));
    assert_eq!(with(json!("{\"commands\":[\"date\"]}")), Some(json!("{\"commands\":[\"date\"]}")));
    assert_eq!(with(Value::Null), None);
}

#[test]
fn what_cannot_be_read_is_kept_with_a_sentence() {
    let (ours, second) = (topic("ssm-notify"), topic("second"));
    let bodies: Vec<(String, Vec<TopicArn>)> = [
        String::new(),
        "not json at all".to_owned(),
        "{\"commandId\":\"cut".to_owned(),
        "[1,2]".to_owned(),
        "{}".to_owned(),
        json!({ "hello": "\u{1b}[31m\u{202e}" }).to_string(),
        "[".repeat(100_000),
        without("commandId"),
        without("eventTime"),
        with("commandId", json!(7)),
        with("commandId", json!(" ")),
        with("commandId", json!("x".repeat(257))),
        with("instanceId", json!(["i-1"])),
        with("documentName", json!("d".repeat(3000))),
        with("eventTime", json!("0000-01-01T00:00:00Z")),
        with("eventTime", json!("9999-12-31T23:59:59.999999999Z")),
        with("eventTime", json!("yesterday")),
        with("eventTime", json!(1_790_000_000)),
        wrapped(&json!({ "commandId": "c" })),
        wrapped(&json!("{}")),
        wrapped(&json!("")),
        sample!("envelope_plain_text").to_owned(),
        sample!("envelope_eventbridge_bare").to_owned(),
        sample!("subscription_confirmation").to_owned(),
        sample!("subscription_confirmation").replace("SubscriptionConfirmation", "UnsubscribeConfirmation"),
        sample!("subscription_confirmation").replace("SubscriptionConfirmation", "Novelty"),
        sample!("eventbridge_window").replace("Window Execution", "Window Rehearsal"),
        sample!("eventbridge_window").replace("\"window-id\"", "\"window\""),
        sample!("eventbridge_window_task").replace("\"window-execution-id\"", "\"execution\""),
        sample!("eventbridge_window_task").replace("\"status\"", "\"state\""),
        sample!("eventbridge_window_target").replace("\"account\"", "\"owner\""),
        sample!("eventbridge_command").replace("aws.ssm", "my.app"),
        sample!("eventbridge_command").replace("EC2 Command", "Parameter Store"),
        sample!("eventbridge_invocation").replace("\"instance-id\"", "\"instance\""),
    ]
    .into_iter()
    .map(|body| (body, vec![]))
    .chain([
        (sample!("envelope_command").to_owned(), vec![ours.clone()]),
        (sample!("envelope_command").to_owned(), vec![ours.clone(), second]),
        (wrapped(&json!("{}")).replace("ssm-notify", "no topic"), vec![ours]),
    ])
    .collect();
    let said: Vec<String> = bodies
        .iter()
        .map(|(body, topics)| {
            let reason = reason(body, topics);
            format!("{}: {}", reason.kind, reason.text)
        })
        .collect();
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn a_message_without_a_status_is_told_by_its_detail() {
    let event = event(&without("status"));
    assert_eq!((event.status, event.detail.as_deref()), (Status::TimedOut, Some("ExecutionTimedOut")));
    let mut neither = ssm();
    neither["status"] = Value::Null;
    neither["detailedStatus"] = Value::Null;
    assert_eq!(reason(&neither.to_string(), &[]).kind, ReasonKind::MissingField);
}

#[test]
fn an_unknown_status_is_kept_as_aws_wrote_it() {
    assert_eq!(event(&with("status", json!("Brand <b>new</b>"))).status, Status::Other("Brand <b>new</b>".to_owned()));
}

#[test]
fn texts_stay_as_they_came() {
    let nasty = "<img src=x onerror=alert(1)>\u{0}\u{1b}[2J\u{202e}é";
    let event = event(&with("documentName", json!(nasty)));
    assert_eq!(event.document.as_deref(), Some(nasty), "cleaning is the business of whoever shows it");
}

#[test]
fn a_describing_field_of_a_wrong_type_does_not_hide_a_failure() {
    for key in ["documentName", "requestedDateTime", "expiresAfter", "outputS3BucketName", "instanceIds"] {
        for value in [json!(7), json!([]), json!({}), Value::Null, json!([1])] {
            assert_eq!(event(&with(key, value)).status, Status::TimedOut, "{key}");
        }
    }
}

#[test]
fn implausible_describing_times_are_unknown() {
    let event = event(&with("requestedDateTime", json!("9999-12-31T23:59:59Z")));
    assert_eq!(event.requested_at, None, "it would not fit the store's integers");
}

#[test]
fn the_last_of_two_equal_keys_wins_and_the_message_is_read() {
    let body = sample!("invocation_timed_out").trim_end().replacen('{', "{\"status\":\"Success\",", 1);
    assert_eq!(event(&body).status, Status::TimedOut);
}

#[test]
fn the_node_id_alone_decides_the_level() {
    let mut both = ssm();
    both["instanceIds"] = json!(["i-1", "i-2"]);
    let event_of = event(&both.to_string());
    assert_eq!((event_of.level, event_of.instance_ids.len()), (Level::Invocation, 0));
    let blank = event(&with("instanceId", json!("")));
    assert_eq!((blank.level, blank.node_id), (Level::Command, None));
}

#[test]
fn a_list_of_nodes_with_anything_else_in_it_gives_no_total() {
    let mut fields: Value = serde_json::from_str(sample!("command_targets")).unwrap();
    fields["instanceIds"] = json!(["i-1", 2]);
    assert_eq!(event(&fields.to_string()).instance_ids, Vec::<String>::new());
}

#[test]
fn the_envelope_tolerates_lambdas_spelling_and_attributes() {
    let body = sample!("envelope_command")
        .replace("SigningCertURL", "SigningCertUrl")
        .replace("UnsubscribeURL", "UnsubscribeUrl")
        .replacen('{', "{\"MessageAttributes\":{\"a\":{\"Type\":\"String\",\"Value\":\"b\"}},", 1);
    assert_eq!(event(&body), event(sample!("envelope_command")));
}

#[test]
fn a_probe_is_known_by_its_key() {
    assert_eq!(event(&with("watchbellProbe", json!("4711"))).probe.as_deref(), Some("4711"));
    assert_eq!(event(sample!("invocation_success")).probe, None);
}

#[test]
fn a_message_of_a_subscribed_topic_passes_and_raw_delivery_names_none() {
    let ours = "arn:aws:sns:us-east-1:000000000000:stackd-ssm-managed-025aaa9ea61c-notify".parse().unwrap();
    assert!(matches!(parse(sample!("envelope_command"), &[topic("x"), ours]), Parsed::Event(_)));
    assert!(matches!(parse(sample!("invocation_success"), &[topic("x")]), Parsed::Event(_)));
}

#[test]
fn a_mebibyte_is_read() {
    let body = with("extra", json!("x".repeat(1 << 20)));
    assert_eq!(event(&body).status, Status::TimedOut, "extra keys are passed over, however long");
}
