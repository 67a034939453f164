//! A queue that an administrator made: its reader's policy, enforced by the stand-in for IAM.

use serde_json::json;
use watchbell_tests::harness::terminal::Terminal;

use crate::{World, done, for_stand_in, is_denial, printed, refusals, without};

#[tokio::test]
async fn a_provided_queue_is_read_and_checked_with_its_own_policy() {
    let world = World::new().await;
    let topic = world.topic("ssm-notify").await;
    let url = world.sqs.create_queue().queue_name("on-call").send().await.unwrap().queue_url.unwrap();
    let arn = "arn:aws:sqs:us-east-1:000000000000:on-call";
    let terminal = Terminal::without_credentials("http://127.0.0.1:1").await.unwrap();
    let ran = terminal.run(&["iam", "--topic-arn", &topic, "--queue-arn", arn]).await.unwrap();
    let documents = ran.document()["documents"].as_array().unwrap();
    let of = |kind: &str| {
        let found = documents.iter().find(|one| one["kind"] == kind && one["task"].is_null());
        found.unwrap_or_else(|| panic!("{kind} is among the documents"))["policy"].clone()
    };
    // What the administrator does with them.
    let write = world.sqs.set_queue_attributes().queue_url(&url).attributes("Policy".into(), of("queue").to_string());
    write.send().await.unwrap();
    world.sns.subscribe().topic_arn(&topic).protocol("sqs").endpoint(arn).send().await.unwrap();
    world.sns.publish().topic_arn(&topic).message(r#"{"status":"Failed"}"#).send().await.unwrap();

    let policy = for_stand_in(of("person_permission"));
    let (terminal, _) = world.person(&policy).await;
    let adopt = ["subscribe", "--topic-arn", &topic, "--queue-url", &url, "--yes"];
    done(&terminal.run(&adopt).await.unwrap(), "adopting");
    let watched = terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!((watched.code, &watched.document()["received"]), (0, &1.into()), "it hears: {watched:?}");

    // ConfirmSubscription is optional: see below.
    for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sns:ListSubscriptionsByTopic"]
    {
        let (terminal, _) = world.person(&without(&policy, &[action])).await;
        let ran = terminal.run(&adopt).await.unwrap();
        assert!(
            ran.document().to_string().contains(&format!("denied {action}")),
            "{action} is not for nothing: {ran:?}"
        );
    }
}

#[tokio::test]
async fn a_provided_queues_reader_may_confirm_for_its_topic_alone() {
    let world = World::new().await;
    let (topic, other) = (world.topic("ssm-notify").await, world.topic("payments").await);
    let queue = ["--queue-arn", "arn:aws:sqs:us-east-1:000000000000:on-call"];
    let (_, key) = world.person(&for_stand_in(printed(&topic, &queue).await)).await;
    let confirm = |topic: &str| ("sns", "confirm_subscription", json!({ "TopicArn": topic, "Token": "t" }));
    let codes = refusals(&world, &key, &[confirm(&topic), confirm(&other)]).await;
    assert_eq!(codes.iter().map(|code| is_denial(code)).collect::<Vec<_>>(), [false, true], "{codes:?}");
}
