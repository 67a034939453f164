//! A topic of which nothing is heard: when that is a fault, when it tells nothing, and the two calls that make it speak, filled in.

use serde_json::{Value, json};
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::{check, ends, remembered, subscribed};
use crate::world::World;

/// Subscribed so long ago that something should have been heard.
fn aged(terminal: &Terminal) {
    remembered(terminal, |record| record["created_at"] = json!("2026-01-01T00:00:00Z"));
}

/// The arguments of a line, as a shell reads them.
fn arguments(line: &str) -> Vec<String> {
    let script = format!("set -- {line}\nfor one in \"$@\"; do printf '%s\\0' \"$one\"; done");
    let output = std::process::Command::new("sh").args(["-c", &script]).output().unwrap();
    assert!(output.status.success(), "a shell takes it: {line}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.split_terminator('\0').map(str::to_owned).collect()
}

/// With the last argument, which is JSON, read.
fn call(line: &str) -> (Vec<String>, Value) {
    let mut words = arguments(line);
    let last = words.pop().unwrap();
    (words, serde_json::from_str(&last).unwrap_or_else(|error| panic!("{error}: {last}")))
}

#[tokio::test]
async fn a_silent_topic_fails_with_both_calls_filled_in() {
    let world = World::new(Auth::Open).await;
    let (terminal, ..) = subscribed(&world, &world.aws.url).await;
    aged(&terminal);
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "heard", "failed", &["the topic is silent: nothing was heard since it was subscribed"]);
    let fix = check(&ran, "heard")["fix"].as_str().unwrap();
    let [ask, send, task, register, assumed] = fix.lines().collect::<Vec<_>>()[..] else { panic!("five lines: {fix}") };
    assert!(ask.starts_with("is NotificationConfig set on your commands and tasks?"), "{ask}");
    assert!(task.contains("maintenance window"), "{task}");
    assert!(
        assumed.contains("ssm-sns-publish is assumed") && assumed.contains("--sns-role NAME"),
        "nobody said the role's name: {assumed}"
    );

    let role = "arn:aws:iam::000000000000:role/ssm-sns-publish";
    let config =
        json!({ "NotificationArn": world.topic, "NotificationEvents": ["All"], "NotificationType": "Invocation" });
    let (words, last) = call(send);
    assert_eq!(
        words.join(" "),
        format!(
            "aws ssm send-command --region us-east-1 --document-name DOCUMENT --targets Key=tag:NAME,Values=VALUE \
             --service-role-arn {role} --notification-config"
        )
    );
    assert_eq!(last, config, "SendCommand's NotificationConfig");
    let (words, last) = call(register);
    assert_eq!(
        words.join(" "),
        "aws ssm register-task-with-maintenance-window --region us-east-1 --window-id WINDOW_ID --task-type RUN_COMMAND \
         --task-arn DOCUMENT --targets Key=WindowTargetIds,Values=TARGET_ID --service-role-arn WINDOW_ROLE_ARN \
         --max-concurrency 10 --max-errors 1 --task-invocation-parameters"
    );
    let task = json!({ "RunCommand": { "ServiceRoleArn": role, "NotificationConfig": config } });
    assert_eq!(last, task, "RegisterTaskWithMaintenanceWindow's TaskInvocationParameters");

    let ran = terminal.run(&["doctor", "--sns-role", "notify"]).await.unwrap();
    ends(&ran, "heard", "failed", &["arn:aws:iam::000000000000:role/notify"]);
    let fix = check(&ran, "heard")["fix"].as_str().unwrap();
    assert!(!fix.contains("is assumed"), "a role that was named is not assumed: {fix}");
}

#[tokio::test]
async fn where_only_failures_are_heard_silence_tells_nothing() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--filter", "alerts", "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    aged(&terminal);
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "heard", "skipped", &["only failures are heard, so silence tells nothing", "send-command"]);
}

#[tokio::test]
async fn behind_an_administrators_filter_silence_tells_nothing() {
    let world = World::new(Auth::Open).await;
    let url = world.sqs.create_queue().queue_name("on-call").send().await.unwrap().queue_url.unwrap();
    let subscribe = world.sns.subscribe().topic_arn(&world.topic).protocol("sqs").return_subscription_arn(true);
    let arn = subscribe.endpoint("arn:aws:sqs:us-east-1:000000000000:on-call").send().await.unwrap();
    let arn = arn.subscription_arn.unwrap();
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let adopt = ["subscribe", "--topic-arn", &world.topic, "--queue-url", &url, "--yes"];
    let made = terminal.run(&adopt).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    aged(&terminal);
    ends(&terminal.run(&["doctor"]).await.unwrap(), "heard", "failed", &["the topic is silent"]);

    for (name, value) in [("FilterPolicyScope", "MessageBody"), ("FilterPolicy", r#"{"status":["Failed","TimedOut"]}"#)]
    {
        let set = world.sns.set_subscription_attributes().subscription_arn(&arn).attribute_name(name);
        set.attribute_value(value).send().await.unwrap();
    }
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "filter", "ok", &["it has one"]);
    ends(&ran, "heard", "skipped", &["has a filter, so silence tells nothing"]);
}
