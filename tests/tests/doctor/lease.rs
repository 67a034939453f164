//! The lease of the personal queue: renewed when it is a day old, not more often over restarts, and no harm where that is denied.

use jiff::{SignedDuration, Timestamp};
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;

use crate::desk::{ended, seen, subscribed, watching};
use crate::world::World;

const TAG: &str = "watchbell:last-seen";

async fn lease(world: &World, url: &str) -> Timestamp {
    let tags = world.sqs.list_queue_tags().queue_url(url).send().await.unwrap().tags.unwrap();
    tags[TAG].parse().unwrap()
}

#[tokio::test]
async fn a_lease_is_renewed_once_a_day_over_restarts() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, url, _) = subscribed(&world, &gate.url).await;
    let old = watchbell_engine::clock::now() - SignedDuration::from_hours(72);
    world.sqs.tag_queue().queue_url(&url).tags(TAG, format!("{old:.0}")).send().await.unwrap();

    let engine = watching(&terminal).await;
    seen(&gate, "TagQueue", 1).await;
    ended(engine).await;
    let renewed = lease(&world, &url).await;
    assert!(renewed > old + SignedDuration::from_hours(71), "it says when it was last read: {renewed}");
    let looks = gate.seen().iter().filter(|one| *one == "ListQueueTags").count();

    let engine = watching(&terminal).await;
    seen(&gate, "ListQueueTags", looks + 1).await;
    ended(engine).await;
    assert_eq!(gate.seen().iter().filter(|one| *one == "TagQueue").count(), 1, "and not again on the same day");
    assert_eq!(lease(&world, &url).await, renewed);
}

/// As if it had been read last three days ago, on a machine that is called otherwise now.
async fn three_days_old(world: &World, url: &str) -> Timestamp {
    let old = watchbell_engine::clock::now() - SignedDuration::from_hours(72);
    let tagging = world.sqs.tag_queue().queue_url(url).tags(TAG, format!("{old:.0}"));
    tagging.tags("watchbell:host", "name-of-yesterday").send().await.unwrap();
    old
}

#[tokio::test]
async fn a_queue_that_is_drained_from_a_timer_is_not_abandoned() {
    let world = World::new(Auth::Open).await;
    let (terminal, url, _) = subscribed(&world, &world.aws.url).await;
    let tags = async || world.sqs.list_queue_tags().queue_url(&url).send().await.unwrap().tags.unwrap();
    let host = tags().await.remove("watchbell:host").unwrap();
    let old = three_days_old(&world, &url).await;
    let drained = terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!(drained.code, 0, "{drained:?}");
    assert!(lease(&world, &url).await > old + SignedDuration::from_hours(71), "a drain renews the lease");
    assert_eq!(tags().await["watchbell:host"], host, "and the name that this machine has now");
}

#[tokio::test]
async fn a_queue_that_is_paused_is_not_abandoned() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, url, _) = subscribed(&world, &gate.url).await;
    let dir = DataDir::resolve(Some(&terminal.data())).unwrap();
    let pause = Act::PauseSubscription { topic_arn: world.topic.parse().unwrap(), paused: true };
    control::perform(&dir, pause).await.unwrap();
    let old = three_days_old(&world, &url).await;
    let engine = watching(&terminal).await;
    seen(&gate, "TagQueue", 1).await;
    ended(engine).await;
    assert!(lease(&world, &url).await > old + SignedDuration::from_hours(71), "it is still somebody's");
    assert!(!gate.seen().contains(&"ReceiveMessage".to_owned()), "and is not read");

    let old = three_days_old(&world, &url).await;
    assert_eq!(terminal.run(&["watch", "--once"]).await.unwrap().code, 0);
    assert!(lease(&world, &url).await > old + SignedDuration::from_hours(71), "also where Watchbell only drains");
}

#[tokio::test]
async fn a_queue_whose_tags_do_not_call_it_ours_is_left_alone() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, url, _) = subscribed(&world, &gate.url).await;
    let tag = world.sqs.tag_queue().queue_url(&url).tags(TAG, "2026-01-01T00:00:00Z").tags("watchbell:owner", "bob");
    tag.send().await.unwrap();
    let looks = gate.seen().iter().filter(|one| *one == "ListQueueTags").count();
    let engine = watching(&terminal).await;
    seen(&gate, "ListQueueTags", looks + 1).await;
    ended(engine).await;
    assert!(!gate.seen().contains(&"TagQueue".to_owned()), "nothing was written: {:?}", gate.seen());
}

#[tokio::test]
async fn a_denied_renewal_is_told_in_the_log_and_the_queue_is_heard_all_the_same() {
    let world = World::new(Auth::Enforced).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (mut terminal, url, _) = subscribed(&world, &gate.url).await;
    world.sqs.tag_queue().queue_url(&url).tags(TAG, "2026-01-01T00:00:00Z").send().await.unwrap();
    let (id, secret) = world.all_but(&["sqs:TagQueue"]).await;
    terminal.credentials(&id, &secret);
    let engine = watching(&terminal).await;
    seen(&gate, "TagQueue", 1).await;
    let status = terminal.run(&["status"]).await.unwrap();
    assert_eq!(status.document()["health"], "ok", "it is heard all the same: {status:?}");
    ended(engine).await;
    let logs = std::fs::read_dir(terminal.data().join("logs")).unwrap();
    let text: String = logs.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert_eq!(text.matches("lease cannot be renewed").count(), 1, "told once: {text}");
    assert!(text.contains("sqs:TagQueue"), "with the right that is missing: {text}");
    let ran = terminal.run(&["doctor"]).await.unwrap();
    crate::desk::ends(&ran, "queue_owner", "ok", &["last read", "sqs:TagQueue"]);
}
