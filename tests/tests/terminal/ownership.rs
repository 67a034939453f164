//! Re-subscribing, taking over, adopting: what is used again, and what is left alone.

use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::terminal::Terminal;

use crate::world::{World, steps};

#[tokio::test]
async fn another_data_folder_takes_the_queue_over_and_says_so() {
    let world = World::new(Auth::Open).await;
    let here = Terminal::start(&world.aws.url).await.unwrap();
    let first = here.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(first.code, 0, "{first:?}");

    // The same person on the same machine: a data folder that was lost.
    let anew = Terminal::start(&world.aws.url).await.unwrap();
    let planned = anew.run(&["subscribe", "--topic-arn", &world.topic, "--dry-run"]).await.unwrap();
    assert!(steps(planned.document()).contains(&("queue", "planned")), "taking over is planned: {planned:?}");
    let risks = planned.document()["risks"].to_string();
    assert!(risks.contains("found again"), "and offered in words: {risks}");
    let unasked = anew.run(&["subscribe", "--topic-arn", &world.topic]).await.unwrap();
    assert_eq!(unasked.code, 2, "it needs a yes: {unasked:?}");
    assert!(unasked.stderr.contains("take over"), "the plan that was shown says it: {}", unasked.stderr);
    let taken = anew.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(taken.document()["queue_url"], first.document()["queue_url"], "with a yes the same queue: {taken:?}");
    assert_eq!(world.queues().await.len(), 1, "no second one");

    // Put where the name is, and not ours.
    let url = first.document()["queue_url"].as_str().unwrap();
    world.sqs.tag_queue().queue_url(url).tags("watchbell:owner", "somebody-else").send().await.unwrap();
    let third = Terminal::start(&world.aws.url).await.unwrap();
    let beside = third.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(beside.code, 0, "{beside:?}");
    assert_ne!(beside.document()["queue_url"].as_str(), Some(url), "somebody else's is left alone");
    assert!(beside.document()["risks"].to_string().contains("somebody-else"), "and named: {beside:?}");
}

async fn change_of_filter(endpoint: &str, topic: &str, sns: &aws_sdk_sns::Client) {
    let terminal = Terminal::start(endpoint).await.unwrap();
    let subscribe = async |filter: &str| {
        terminal.run(&["subscribe", "--topic-arn", topic, "--yes", "--filter", filter]).await.unwrap()
    };
    let first = subscribe("all").await;
    assert_eq!(first.code, 0, "{first:?}");
    let arn = first.document()["subscription_arn"].as_str().unwrap().to_owned();
    for (filter, policy) in [("alerts", true), ("all", false), ("alerts", true)] {
        let changed = subscribe(filter).await;
        assert_eq!(changed.code, 0, "to {filter}: {changed:?}");
        assert!(steps(changed.document()).contains(&("subscription", "done")), "{filter} was written: {changed:?}");
        assert_eq!(changed.document()["subscription_arn"], arn.as_str(), "on the same subscription");
        let told = sns.get_subscription_attributes().subscription_arn(&arn).send().await.unwrap();
        let held = told.attributes.unwrap_or_default();
        let filtered = held.get("FilterPolicy").is_some_and(|held| held.contains("TimedOut"));
        assert_eq!(filtered, policy, "{filter} is what SNS has: {held:?}");
        let again = subscribe(filter).await;
        assert!(
            again.document()["steps"].as_array().unwrap().iter().all(|step| step["state"] == "unchanged"),
            "{again:?}"
        );
    }
    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    assert_eq!(listed.document()["subscriptions"][0]["filter"], "alerts", "what is heard is remembered: {listed:?}");
    let unsaid = terminal.run(&["subscribe", "--topic-arn", topic, "--yes"]).await.unwrap();
    assert!(steps(unsaid.document()).contains(&("subscription", "unchanged")), "unsaid, it stays: {unsaid:?}");
    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    assert_eq!(listed.document()["subscriptions"][0]["filter"], "alerts", "and is remembered so: {listed:?}");
}

#[tokio::test]
async fn another_filter_goes_on_and_off_on_ministack() {
    let world = World::new(Auth::Enforced).await;
    change_of_filter(&world.aws.url, &world.topic, &world.sns).await;
}

#[tokio::test]
async fn another_filter_goes_on_and_off_where_subscribing_differently_is_refused() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let sns = aws_sdk_sns::Client::new(&stand_in_config(&fauxqs.url).await);
    let topic = sns.create_topic().name("ssm-notify").send().await.unwrap().topic_arn.unwrap();
    change_of_filter(&fauxqs.url, &topic, &sns).await;
}

#[tokio::test]
async fn an_administrators_queue_needs_two_rights_and_stays() {
    let world = World::new(Auth::Enforced).await;
    let url = world.sqs.create_queue().queue_name("for-ann").send().await.unwrap().queue_url.unwrap();
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    // ministack checks batches under names of their own, which AWS does not have.
    let two = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:DeleteMessageBatch"];
    let (id, secret) = world.person(&serde_json::json!([{ "Effect": "Allow", "Action": two, "Resource": "*" }])).await;
    terminal.credentials(&id, &secret);
    let before = world.inventory().await;
    let adopt = ["subscribe", "--topic-arn", &world.topic, "--queue-url", &url, "--yes"];
    let adopted = terminal.run(&adopt).await.unwrap();
    assert_eq!((adopted.code, &adopted.document()["adopted"]), (0, &true.into()), "two rights are enough: {adopted:?}");
    let again = terminal.run(&adopt).await.unwrap();
    assert_eq!(again.code, 0, "again is no harm: {again:?}");

    let body = r#"{"commandId":"0d4bd167-8513-4d6e-9a69-72f784dc7d32","documentName":"AWS-RunShellScript","instanceIds":["i-1"],
        "requestedDateTime":"2026-11-23T09:00:00Z","status":"Success","eventTime":"2026-11-23T09:00:10Z"}"#;
    world.sqs.send_message().queue_url(&url).message_body(body).send().await.unwrap();
    let drained = terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!((drained.code, &drained.document()["received"]), (0, &1.into()), "and it is read: {drained:?}");

    let left = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    assert_eq!(left.code, 0, "{left:?}");
    assert!(left.document()["kept"].to_string().contains("for-ann"), "it is kept, and said so: {left:?}");
    assert_eq!(world.inventory().await, before, "nothing of it was changed");
}

#[tokio::test]
async fn a_queue_of_ones_own_is_not_forgotten_for_an_administrators() {
    let world = World::new(Auth::Open).await;
    let url = world.sqs.create_queue().queue_name("for-ann").send().await.unwrap().queue_url.unwrap();
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    for other in [&["--queue-url", &url][..], &["--region", "eu-west-1"]] {
        let line = [&["subscribe", "--topic-arn", &world.topic, "--yes"], other].concat();
        let refused = terminal.run(&line).await.unwrap();
        assert_eq!(refused.code, 2, "{other:?} would leave a queue behind: {refused:?}");
        assert!(refused.words().contains("unsubscribe"), "the way is named: {}", refused.words());
    }
    assert_eq!(world.queues().await.len(), 2, "nothing was made or removed");
}
