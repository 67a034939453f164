//! What somebody changed or deleted between topic and queue, a fault at a time: each is named with its fix.

use serde_json::{Value, json};
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::{becomes, depend, ends, subscribed, watching};
use crate::world::World;

const SUBSCRIBE: &str = "watchbellctl subscribe";

#[tokio::test]
async fn a_deleted_queue_is_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, url, _) = subscribed(&world, &world.aws.url).await;
    world.sqs.delete_queue().queue_url(&url).send().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "queue", "failed", &["does not exist", SUBSCRIBE]);
    depend(&ran, &["queue_attributes", "queue_policy", "queue_key", "queue_owner", "receive"], "\"queue\"");
    ends(&ran, "topic", "ok", &[]);
    ends(&ran, "subscription", "ok", &[]);
}

#[tokio::test]
async fn a_changed_queue_is_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, url, _) = subscribed(&world, &world.aws.url).await;
    let dead = world.sqs.create_queue().queue_name("dead").send().await.unwrap().queue_url.unwrap();
    let dead = format!("arn:aws:sqs:us-east-1:000000000000:{}", dead.rsplit('/').next().unwrap());
    world
        .sqs
        .set_queue_attributes()
        .queue_url(&url)
        .attributes("VisibilityTimeout".into(), "30")
        .attributes("RedrivePolicy".into(), format!(r#"{{"deadLetterTargetArn":"{dead}","maxReceiveCount":"3"}}"#))
        .attributes("Policy".into(), r#"{"Version":"2012-10-17","Statement":[]}"#)
        .send()
        .await
        .unwrap();
    let tag = world.sqs.tag_queue().queue_url(&url).tags("watchbell:owner", "bob");
    tag.send().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "queue", "ok", &[]);
    ends(&ran, "queue_attributes", "failed", &["VisibilityTimeout is 30, not 60", "redrive policy", SUBSCRIBE]);
    ends(&ran, "queue_policy", "failed", &["no longer lets the topic deliver", SUBSCRIBE]);
    ends(&ran, "queue_owner", "failed", &["bob", "unsubscribe"]);
}

#[tokio::test]
async fn a_deleted_subscription_is_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, _, arn) = subscribed(&world, &world.aws.url).await;
    world.sns.unsubscribe().subscription_arn(&arn).send().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "subscription", "failed", &["the subscription was deleted", SUBSCRIBE]);
    depend(&ran, &["confirmed", "filter", "raw_delivery"], "\"subscription\"");
    ends(&ran, "queue", "ok", &[]);
}

#[tokio::test]
async fn a_changed_filter_and_raw_delivery_are_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, _, arn) = subscribed(&world, &world.aws.url).await;
    for (name, value) in [
        ("FilterPolicyScope", "MessageBody"),
        ("FilterPolicy", r#"{"status":["Success"]}"#),
        ("RawMessageDelivery", "true"),
    ] {
        let set = world.sns.set_subscription_attributes().subscription_arn(&arn).attribute_name(name);
        set.attribute_value(value).send().await.unwrap();
    }
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "filter", "failed", &["changed the subscription's filter", "--filter"]);
    ends(&ran, "raw_delivery", "failed", &["raw delivery", SUBSCRIBE]);
    ends(&ran, "confirmed", "ok", &[]);
}

#[tokio::test]
async fn a_topic_that_is_gone_or_denies_publishing_is_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, ..) = subscribed(&world, &world.aws.url).await;
    let deny = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Sid":"Lock","Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"{}"}}]}}"#,
        world.topic
    );
    let set = world.sns.set_topic_attributes().topic_arn(&world.topic).attribute_name("Policy").attribute_value(deny);
    set.send().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "topic_policy", "failed", &["the statement Lock", "denies sns:Publish"]);

    world.sns.delete_topic().topic_arn(&world.topic).send().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "topic", "failed", &["does not exist", "unsubscribe"]);
    depend(&ran, &["topic_kind", "topic_policy", "topic_key"], "\"topic\"");
}

#[tokio::test]
async fn a_fifo_topic_is_refused_with_the_reason() {
    let world = World::new(Auth::Open).await;
    let (terminal, ..) = subscribed(&world, &world.aws.url).await;
    let ran = terminal.run(&["doctor", "--topic-arn", &format!("{}.fifo", world.topic)]).await.unwrap();
    ends(&ran, "topic_kind", "failed", &["is a FIFO topic", "standard topic"]);
    depend(&ran, &["topic", "topic_policy", "topic_key", "queue"], "\"topic kind\"");
}

#[tokio::test]
async fn an_adopted_queue_is_the_administrators_and_its_risks_are_told() {
    let world = World::new(Auth::Open).await;
    let url = world.sqs.create_queue().queue_name("on-call").send().await.unwrap().queue_url.unwrap();
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let adopt = ["subscribe", "--topic-arn", &world.topic, "--queue-url", &url, "--yes"];
    let made = terminal.run(&adopt).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "queue_attributes", "ok", &["an administrator made it"]);
    ends(&ran, "queue_owner", "skipped", &["an administrator made it"]);
    ends(&ran, "queue_policy", "failed", &["ask the administrator", "\"aws:SourceArn\""]);
    ends(&ran, "subscription", "failed", &["does not send to the queue", "ask the administrator"]);
}

#[tokio::test]
async fn an_administrators_policy_is_judged_by_what_it_means() {
    let world = World::new(Auth::Open).await;
    let url = world.sqs.create_queue().queue_name("on-call").send().await.unwrap().queue_url.unwrap();
    let arn = "arn:aws:sqs:us-east-1:000000000000:on-call";
    world.sns.subscribe().topic_arn(&world.topic).protocol("sqs").endpoint(arn).send().await.unwrap();
    let policy = async |resource: &str, condition: Value| {
        let statement = json!({ "Sid": "Sns", "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" },
            "Action": "sqs:SendMessage", "Resource": resource, "Condition": condition });
        let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
        world.sqs.set_queue_attributes().queue_url(&url).attributes("Policy".into(), policy).send().await.unwrap();
    };
    let all = json!({ "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:000000000000:*" } });
    policy("arn:aws:sqs:*:000000000000:*", all).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--queue-url", &url, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    assert!(!made.document().to_string().contains("policy"), "no risk is seen in it: {}", made.document());
    let doctor = async || terminal.run(&["doctor"]).await.unwrap();
    ends(&doctor().await, "queue_policy", "ok", &["the topic may deliver"]);

    policy(arn, json!({ "StringEquals": { "aws:SourceAccount": "111111111111" } })).await;
    ends(&doctor().await, "queue_policy", "failed", &["no longer lets the topic deliver", "ask the administrator"]);

    policy(arn, json!({ "StringEquals": { "aws:SourceOrgID": "o-1" } })).await;
    let words = "the statement Sns holds only where aws:SourceOrgID fits";
    ends(&doctor().await, "queue_policy", "skipped", &["cannot tell", words, "send a test message"]);
    let _engine = watching(&terminal).await;
    let line = becomes(&terminal, "unchecked").await;
    assert!(line["reason"].as_str().unwrap().contains(words), "what is not known is said, and is not deaf: {line}");
}
