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
    let before = world.inventory().await;
    let refused = terminal.run(&["unsubscribe", "--leftover", &fresh, "--yes"]).await.unwrap();
    assert_eq!(refused.code, 1, "a yes to everything is no yes to this: {refused:?}");
    for words in ["Mind: old-laptop", "--even-if-read"] {
        assert!(refused.words().contains(words), "{words:?}: {}", refused.words());
    }
    assert_eq!(world.inventory().await, before, "nothing was changed");
    let line = ["unsubscribe", "--leftover", &fresh, "--yes", "--even-if-read"];
    let gone = terminal.run(&line).await.unwrap();
    assert_eq!(gone.code, 0, "{gone:?}");
    assert!(gone.stderr.contains("Mind: old-laptop"), "it is said all the same: {gone:?}");
}

#[tokio::test]
async fn whoever_has_the_same_name_on_another_machine_is_told_apart_by_aws() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, rootless, _) = subscribed(&world, &world.aws.url).await;
    let tags = async |url: &str| world.sqs.list_queue_tags().queue_url(url).send().await.unwrap().tags.unwrap();
    assert!(!tags(&rootless).await.contains_key("watchbell:caller"), "the account's root tells no person");
    let (id, secret) = world.all_but(&[]).await;
    terminal.credentials(&id, &secret);
    let again = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(again.code, 0, "{again:?}");
    let caller = tags(&rootless).await.remove("watchbell:caller").expect("who AWS says it is, from then on");
    assert!(caller.contains(":user/"), "a user is its ARN: {caller}");

    let bob = "arn:aws:iam::000000000000:user/bob";
    let bobs = [OLD[0], OLD[1], ("watchbell:caller", bob)];
    let bobs = left_over(&world, &rootless, "watchbell-me-bobs-00000000", &bobs).await;
    let mine = left_over(&world, &rootless, "watchbell-me-mine-00000000", &OLD).await;
    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    let urls: Vec<_> = listed.document()["leftovers"].as_array().unwrap().iter().map(|one| &one["queue_url"]).collect();
    assert_eq!(urls, [mine.as_str()], "bob's is not listed although he is called the same: {listed:?}");
    let before = world.inventory().await;
    let refused = terminal.run(&["unsubscribe", "--leftover", &bobs, "--yes", "--even-if-read"]).await.unwrap();
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.words().contains("user/bob"), "it is said whose it is: {}", refused.words());
    assert_eq!(world.inventory().await, before, "nothing was changed");
    let gone = terminal.run(&["unsubscribe", "--leftover", &mine, "--yes"]).await.unwrap();
    assert_eq!(gone.code, 0, "one's own goes: {gone:?}");
}

#[tokio::test]
async fn a_queue_left_over_stays_until_its_subscription_is_gone() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, own, _) = subscribed(&world, &world.aws.url).await;
    let old = left_over(&world, &own, "watchbell-me-old-00000000", &OLD).await;
    let (id, secret) = world.all_but(&["sns:Unsubscribe"]).await;
    terminal.credentials(&id, &secret);
    let refused = terminal.run(&["unsubscribe", "--leftover", &old, "--yes"]).await.unwrap();
    assert_eq!(refused.code, 3, "{refused:?}");
    assert_eq!(refused.document()["left"].as_array().unwrap().len(), 2, "both stay, and are named: {refused:?}");
    assert!(world.queues().await.contains(&old), "the queue alone leads to its subscription");
    terminal.credentials("test", "test");
    let gone = terminal.run(&["unsubscribe", "--leftover", &old, "--yes"]).await.unwrap();
    assert_eq!((gone.code, world.queues().await, world.subscriptions().await.len()), (0, vec![own], 1), "{gone:?}");
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
