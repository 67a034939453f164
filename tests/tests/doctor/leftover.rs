//! `unsubscribe --leftover`: a queue of one's own from a machine that is gone, and nobody else's.

use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::subscribed;
use crate::world::World;

/// A queue as another machine of this owner makes it, subscribed to the topic.
async fn left_over(world: &World, like: &str, name: &str, change: &[(&str, &str)]) -> String {
    let tags = world.sqs.list_queue_tags().queue_url(like).send().await.unwrap().tags.unwrap();
    let url = world.sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
    let mut tagging = world.sqs.tag_queue().queue_url(&url);
    for (name, value) in tags.iter().filter(|(name, _)| *name != "watchbell:machine") {
        let changed = change.iter().find(|(held, _)| held == name).map(|(_, value)| *value);
        tagging = tagging.tags(name, changed.unwrap_or(value));
    }
    tagging.send().await.unwrap();
    let arn = format!("arn:aws:sqs:us-east-1:000000000000:{name}");
    world.sns.subscribe().topic_arn(&world.topic).protocol("sqs").endpoint(arn).send().await.unwrap();
    url
}

const OLD: [(&str, &str); 2] = [("watchbell:host", "old-laptop"), ("watchbell:last-seen", "2026-01-01T00:00:00Z")];

#[tokio::test]
async fn ones_own_queue_of_a_machine_that_is_gone_goes_with_its_subscription() {
    let world = World::new(Auth::Open).await;
    let (terminal, own, _) = subscribed(&world, &world.aws.url).await;
    let old = left_over(&world, &own, "watchbell-me-old-00000000", &OLD).await;
    assert_eq!(world.subscriptions().await.len(), 2);

    let asked = terminal.run(&["unsubscribe", "--leftover", &old]).await.unwrap();
    assert_eq!(asked.code, 2, "there is nobody to ask: {asked:?}");
    let (code, shown) = terminal.typed(&["unsubscribe", "--leftover", &old], "n\n").await.unwrap();
    assert_eq!(code, 1, "a no is a no: {shown}");
    assert!(shown.contains("old-laptop") && shown.contains("2026-01-01T00:00:00Z"), "host and last seen: {shown}");
    assert_eq!(world.queues().await.len(), 2, "nothing was changed");

    let gone = terminal.run(&["unsubscribe", "--leftover", &old, "--yes"]).await.unwrap();
    assert_eq!(gone.code, 0, "{gone:?}");
    assert_eq!(gone.document()["removed"].as_array().unwrap().len(), 2, "the queue and its subscription: {gone:?}");
    assert!(!gone.stderr.contains("Mind"), "an old lease needs no warning: {gone:?}");
    assert_eq!((world.queues().await, world.subscriptions().await.len()), (vec![own], 1), "one's own stays");
}

#[tokio::test]
async fn a_fresh_lease_is_warned_about() {
    let world = World::new(Auth::Open).await;
    let (terminal, own, _) = subscribed(&world, &world.aws.url).await;
    let fresh = left_over(&world, &own, "watchbell-me-new-00000000", &OLD[..1]).await;
    let (_, shown) = terminal.typed(&["unsubscribe", "--leftover", &fresh], "n\n").await.unwrap();
    assert!(shown.contains("Mind: old-laptop read it"), "it may be in use: {shown}");
    let gone = terminal.run(&["unsubscribe", "--leftover", &fresh, "--yes"]).await.unwrap();
    assert_eq!(gone.code, 0, "{gone:?}");
    assert!(gone.stderr.contains("Mind: old-laptop"), "also when nobody is asked: {gone:?}");
}

#[tokio::test]
async fn nobody_elses_and_none_that_is_read_here_is_touched() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, own, _) = subscribed(&world, &world.aws.url).await;
    let bobs = left_over(&world, &own, "watchbell-bob-desk-00000000", &[("watchbell:owner", "bob")]).await;
    let nobodys = world.sqs.create_queue().queue_name("watchbell-by-hand").send().await.unwrap().queue_url.unwrap();
    let topicless = left_over(&world, &own, "watchbell-me-x-00000000", &[("watchbell:topic", "somewhere")]).await;
    let mine = left_over(&world, &own, "watchbell-me-old-00000000", &OLD).await;
    let before = world.inventory().await;
    for (url, code, words) in [
        (&bobs, 1, "bob"),
        (&nobodys, 1, "no tags"),
        (&topicless, 1, "for which topic"),
        (&own, 2, "This data folder reads that queue"),
    ] {
        let ran = terminal.run(&["unsubscribe", "--leftover", url, "--yes"]).await.unwrap();
        assert_eq!(ran.code, code, "{url}: {ran:?}");
        assert!(ran.words().contains(words), "{url}: {}", ran.words());
    }
    let (id, secret) = world.all_but(&["sqs:ListQueueTags"]).await;
    terminal.credentials(&id, &secret);
    let ran = terminal.run(&["unsubscribe", "--leftover", &mine, "--yes"]).await.unwrap();
    assert_eq!(ran.code, 3, "whose tags may not be read is left alone: {ran:?}");
    assert!(ran.words().contains("sqs:ListQueueTags"), "{}", ran.words());
    assert_eq!(world.inventory().await, before, "nothing was changed");
}

#[tokio::test]
async fn without_a_subscription_the_region_is_said() {
    let world = World::new(Auth::Open).await;
    let (first, own, _) = subscribed(&world, &world.aws.url).await;
    let old = left_over(&world, &own, "watchbell-me-old-00000000", &OLD).await;
    drop(first);
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let ran = terminal.run(&["unsubscribe", "--leftover", &old, "--yes"]).await.unwrap();
    assert_eq!(ran.code, 2, "a stand-in's URL says no region: {ran:?}");
    let ran = terminal.run(&["unsubscribe", "--leftover", &old, "--region", "us-east-1", "--yes"]).await.unwrap();
    assert_eq!((ran.code, world.queues().await), (0, vec![own]), "{ran:?}");
}
