//! Each permission missing in turn: the action is named so that it can be sent to an administrator, and nothing is left half-made.

use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::world::World;

/// What a denial must say: the action, ready to be sent.
fn names(ran: &Ran, action: &str) {
    assert_eq!(ran.code, 3, "{action}: AWS refused: {ran:?}");
    let statement = format!("\"Action\":\"{action}\"");
    assert!(ran.words().contains(&format!("denied {action}")), "{action} is named: {}", ran.words());
    assert!(ran.words().contains(&statement), "{action}: with the statement to ask for: {}", ran.words());
}

#[tokio::test]
async fn subscribing_without_a_permission_leaves_nothing() {
    let world = World::new(Auth::Enforced).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes"];
    let before = world.inventory().await;
    for action in ["sqs:GetQueueUrl", "sqs:CreateQueue", "sqs:SetQueueAttributes", "sns:Subscribe"] {
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        names(&terminal.run(&line).await.unwrap(), action);
        assert_eq!(world.inventory().await, before, "{action}: nothing was made");
        let listed = terminal.run(&["subscriptions"]).await.unwrap();
        assert_eq!(listed.document()["subscriptions"], serde_json::json!([]), "{action}: nothing is remembered");
    }
}

#[tokio::test]
async fn what_may_only_not_be_looked_at_is_a_risk() {
    for action in [
        "sns:GetTopicAttributes",
        "sns:ListSubscriptionsByTopic",
        "sns:GetSubscriptionAttributes",
        "sqs:GetQueueAttributes",
    ] {
        let world = World::new(Auth::Enforced).await;
        let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        let ran = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
        assert_eq!(ran.code, 0, "{action} is not needed to subscribe: {ran:?}");
        let risks = ran.document()["risks"].to_string();
        // Whether there is one already is not asked of a queue made now.
        if action != "sns:ListSubscriptionsByTopic" {
            assert!(risks.contains(action), "{action}: what cannot be checked is said: {risks}");
        }
        world.publish(r#"{"status":"Failed"}"#).await;
        let url = ran.document()["queue_url"].as_str().unwrap();
        let heard = world.sqs.receive_message().queue_url(url).wait_time_seconds(1).send().await.unwrap();
        assert_eq!(heard.messages().len(), 1, "{action}: and it hears all the same");
        let gone = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
        assert_eq!(gone.code, 0, "{action}: leaving needs no look either: {gone:?}");
        assert_eq!(world.queues().await, Vec::<String>::new(), "{action}: nothing stays");
        assert_eq!(world.subscriptions().await, Vec::<String>::new(), "{action}: nothing stays");
    }
}

#[tokio::test]
async fn mending_without_a_permission_leaves_everything_as_it_was() {
    let world = World::new(Auth::Enforced).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    // Something to write at every step: an attribute, the policy, a tag, the filter.
    let url = made.document()["queue_url"].as_str().unwrap();
    let spoil = world.sqs.set_queue_attributes().queue_url(url).attributes("VisibilityTimeout".into(), "30");
    let empty = r#"{"Version":"2012-10-17","Statement":[]}"#;
    spoil.attributes("Policy".into(), empty).send().await.unwrap();
    world.sqs.tag_queue().queue_url(url).tags("watchbell:host", "its-old-name").send().await.unwrap();
    let before = world.inventory().await;
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--filter", "alerts"];
    for action in ["sqs:GetQueueAttributes", "sqs:SetQueueAttributes", "sqs:TagQueue", "sns:SetSubscriptionAttributes"]
    {
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        names(&terminal.run(&line).await.unwrap(), action);
        assert_eq!(world.inventory().await, before, "{action}: everything is as it was");
    }
    terminal.credentials("test", "test");
    assert_eq!(terminal.run(&line).await.unwrap().code, 0, "with every permission it is mended");
    assert_ne!(world.inventory().await, before, "and that was something");
}

#[tokio::test]
async fn watching_and_leaving_name_what_they_lack() {
    let world = World::new(Auth::Enforced).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    let (id, secret) = world.all_but(&["sqs:ReceiveMessage"]).await;
    terminal.credentials(&id, &secret);
    names(&terminal.run(&["watch", "--once"]).await.unwrap(), "sqs:ReceiveMessage");

    let (id, secret) = world.all_but(&["sqs:DeleteQueue"]).await;
    terminal.credentials(&id, &secret);
    let left = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    names(&left, "sqs:DeleteQueue");
    assert!(left.document()["left"].to_string().contains("watchbell-"), "what stays is named: {left:?}");
    assert_eq!(world.subscriptions().await, Vec::<String>::new(), "the rest is removed all the same");
    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    assert_eq!(listed.document()["subscriptions"].as_array().unwrap().len(), 1, "and it stays listed: {listed:?}");

    terminal.credentials("test", "test");
    let again = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(again.code, 0, "half of it is made whole again: {again:?}");
    let (id, secret) = world.all_but(&["sns:Unsubscribe"]).await;
    terminal.credentials(&id, &secret);
    let left = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    names(&left, "sns:Unsubscribe");
    assert!(left.document()["left"].to_string().contains("the subscription arn:"), "what stays is named: {left:?}");
    assert_eq!(world.queues().await, Vec::<String>::new(), "the queue is gone");
    terminal.credentials("test", "test");
    assert_eq!(terminal.run(&["unsubscribe", "--yes"]).await.unwrap().code, 0, "again finishes it");
    assert_eq!(world.subscriptions().await, Vec::<String>::new(), "nothing stays");
}
