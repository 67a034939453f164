//! Each right missing in turn: what may not be looked at is skipped with the action to ask for, and what is needed fails with it.

use serde_json::json;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::{check, depend, ends, subscribed};
use crate::world::World;

#[tokio::test]
async fn what_may_not_be_looked_at_is_skipped_with_the_action_to_ask_for() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    for (action, name, left) in [
        ("sns:GetTopicAttributes", "topic", &["topic_kind", "topic_policy", "topic_key"][..]),
        ("sqs:GetQueueAttributes", "queue", &["queue_attributes", "queue_policy", "queue_key"]),
        ("sqs:ListQueueTags", "queue_owner", &[]),
        ("sns:GetSubscriptionAttributes", "subscription", &["confirmed", "filter", "raw_delivery"]),
        ("iam:SimulatePrincipalPolicy", "permissions", &[]),
    ] {
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        let ran = terminal.run(&["doctor"]).await.unwrap();
        let statement = format!("\"Action\":\"{action}\"");
        ends(&ran, name, "skipped", &["cannot look", &format!("denied {action}"), &statement]);
        depend(&ran, left, &format!("\"{name}\""));
    }
}

#[tokio::test]
async fn what_is_needed_fails_with_the_action_to_ask_for() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage"] {
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        let ran = terminal.run(&["doctor"]).await.unwrap();
        ends(&ran, "receive", "failed", &[&format!("denied {action}"), &format!("\"Action\":\"{action}\"")]);
        ends(&ran, "permissions", "failed", &["IAM would deny", action]);
    }
}

#[tokio::test]
async fn rights_that_are_lacking_are_named_before_they_are_needed() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    let (id, secret) = world.all_but(&["sns:Unsubscribe", "sqs:DeleteQueue"]).await;
    terminal.credentials(&id, &secret);
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(
        &ran,
        "permissions",
        "failed",
        &["sns:Unsubscribe on *", "sqs:DeleteQueue on arn:aws:sqs:", "ask your administrator for"],
    );
    assert!(!check(&ran, "permissions")["found"].to_string().contains("ReceiveMessage"), "and no other");

    let all = world.person(&json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }])).await;
    terminal.credentials(&all.0, &all.1);
    ends(&terminal.run(&["doctor"]).await.unwrap(), "permissions", "ok", &[]);
}

#[tokio::test]
async fn an_administrators_queue_needs_two_rights_and_no_more() {
    let world = World::new(Auth::Enforced).await;
    let url = world.sqs.create_queue().queue_name("on-call").send().await.unwrap().queue_url.unwrap();
    let arn = "arn:aws:sqs:us-east-1:000000000000:on-call";
    let with = async |actions: &[&str]| {
        world
            .person(&json!([
                { "Effect": "Allow", "Action": actions, "Resource": arn },
                { "Effect": "Allow", "Action": "iam:SimulatePrincipalPolicy", "Resource": "*" },
            ]))
            .await
    };
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let (id, secret) = with(&["sqs:ReceiveMessage", "sqs:DeleteMessage"]).await;
    terminal.credentials(&id, &secret);
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--queue-url", &url, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "permissions", "ok", &["is not seen", "sqs:GetQueueAttributes", "sns:ListSubscriptionsByTopic"]);

    let (id, secret) = with(&["sqs:ReceiveMessage", "sqs:GetQueueAttributes"]).await;
    terminal.credentials(&id, &secret);
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "permissions", "failed", &["IAM would deny sqs:DeleteMessage on"]);
    let said = check(&ran, "permissions").to_string();
    assert!(!said.contains("sns:List"), "what only looks is no fault: {said}");
}
