//! The parser is total: no body makes it fail or panic, and no sentence it writes is unfit to be shown.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use watchbell_core::event::is_plausible;
use watchbell_core::parse::{Parsed, parse};
use watchbell_core::status::Level;

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,40}".prop_map(Value::from),
        prop::sample::select(vec![
            "Notification",
            "aws.ssm",
            "Failed",
            "Success",
            "Terminated",
            "2026-10-01T09:38:01.356883129Z",
            "0000-01-01T00:00:00Z",
            "9999-12-31T23:59:59Z",
            "-009999-01-01T00:00:00Z",
            "i-047ac0daf44f1148a",
            "EC2 Command Status-change Notification",
            "EC2 Command Invocation Status-change Notification",
            "Maintenance Window Execution State-change Notification",
            "Maintenance Window Task Registration Notification",
            "arn:aws:sns:us-east-1:123456789012:t",
            "{\"commandId\":\"c\"}",
            "\u{0}\u{202e}<b>",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((any_key(), inner), 0..10)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![
        9 => prop::sample::select(vec![
            "Type", "Message", "TopicArn", "MessageId", "Timestamp", "commandId", "documentName", "instanceId",
            "instanceIds", "requestedDateTime", "expiresAfter", "status", "detailedStatus", "eventTime", "detail-type",
            "source", "detail", "time", "command-id", "instance-id", "parameters", "watchbellProbe", "account", "region",
            "window-id", "window-execution-id", "task-execution-id", "window-target-id", "start-time", "end-time",
        ])
        .prop_map(str::to_owned),
        1 => ".{0,10}",
    ]
}

fn holds(body: &str) -> Result<(), TestCaseError> {
    match parse(body, &[]) {
        Parsed::Event(event) => {
            prop_assert!(!event.command_id.trim().is_empty() && event.command_id.chars().count() <= 256);
            prop_assert!(is_plausible(event.event_time));
            let times = [event.requested_at, event.expires_after, event.sent_at];
            prop_assert!(times.into_iter().flatten().all(is_plausible), "every time must fit the store");
            prop_assert_eq!(event.level == Level::Invocation, event.node_id.is_some());
            prop_assert_eq!(parse(body, &[]), Parsed::Event(event), "equal bodies are read alike");
        }
        Parsed::Window(event) => {
            let ids = [&event.account, &event.region, &event.window_id];
            prop_assert!(ids.iter().all(|id| !id.trim().is_empty() && id.chars().count() <= 256), "{event:?}");
            let times = [Some(event.event_time), event.start, event.end];
            prop_assert!(times.into_iter().flatten().all(is_plausible), "every time must fit the store");
            prop_assert_eq!(parse(body, &[]), Parsed::Window(event), "equal bodies are read alike");
        }
        Parsed::Quarantined(reason) => {
            prop_assert!(!reason.text.is_empty() && reason.text.chars().count() < 1000, "{}", reason.text);
            prop_assert!(!reason.text.chars().any(char::is_control), "{:?}", reason.text);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_text_is_answered(body in "(?s).{0,300}") {
        holds(&body)?;
    }

    #[test]
    fn any_json_is_answered(value in any_json()) {
        holds(&value.to_string())?;
        holds(&json!({ "Type": "Notification", "Message": value.to_string() }).to_string())?;
    }

    #[test]
    fn a_real_message_with_any_field_gone_wrong_is_answered(key in any_key(), value in any_json(), cut in 0_usize..300) {
        let mut fields: Value = serde_json::from_str(include_str!("samples/invocation_timed_out.json")).unwrap();
        fields[key.as_str()] = value.clone();
        let body = fields.to_string();
        holds(&body)?;
        holds(body.get(..cut).unwrap_or(&body))?;
        let mut event: Value = serde_json::from_str(include_str!("samples/eventbridge_invocation.json")).unwrap();
        event["detail"][key.as_str()] = value.clone();
        holds(&event.to_string())?;
        let mut event: Value = serde_json::from_str(include_str!("samples/eventbridge_window_target.json")).unwrap();
        event["detail"][key.as_str()] = value.clone();
        event[key.as_str()] = value;
        holds(&event.to_string())?;
    }

    #[test]
    fn any_depth_is_answered(depth in 1_usize..20_000, open in prop::sample::select(vec!["[", "{\"a\":"])) {
        holds(&open.repeat(depth))?;
        holds(&format!("{{\"commandId\":{}", open.repeat(depth)))?;
    }
}
