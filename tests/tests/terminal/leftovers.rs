//! `subscriptions`: what exists here, and what is left over elsewhere.

use serde_json::{Value, json};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::world::World;

async fn subscribed(world: &World, terminal: &Terminal) -> Ran {
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    made
}

/// The tags that this machine puts on its queues.
async fn tags(world: &World, made: &Ran) -> Vec<(String, String)> {
    let url = made.document()["queue_url"].as_str().unwrap();
    world.sqs.list_queue_tags().queue_url(url).send().await.unwrap().tags.unwrap().into_iter().collect()
}

async fn queue(world: &World, name: &str, tags: &[(String, String)], host: &str, owner: Option<&str>) -> String {
    let url = world.sqs.create_queue().queue_name(name).send().await.unwrap().queue_url.unwrap();
    let mut tagging = world.sqs.tag_queue().queue_url(&url);
    for (name, value) in tags.iter().filter(|(name, _)| name != "watchbell:machine") {
        let value = match (name.as_str(), owner) {
            ("watchbell:host", _) => host,
            ("watchbell:owner", Some(owner)) => owner,
            _ => value,
        };
        tagging = tagging.tags(name, value);
    }
    tagging.send().await.unwrap();
    url
}

fn urls(listed: &Value) -> Vec<&str> {
    listed["leftovers"].as_array().unwrap().iter().map(|one| one["queue_url"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn ones_own_queues_elsewhere_are_listed_and_nobody_elses() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = subscribed(&world, &terminal).await;
    let tags = tags(&world, &made).await;
    let old = queue(&world, "watchbell-me-old-00000000", &tags, "old-laptop", None).await;
    queue(&world, "watchbell-bob-desk-00000000", &tags, "desk", Some("bob")).await;
    world.sqs.create_queue().queue_name("watchbell-by-hand").send().await.unwrap();
    let before = world.inventory().await;

    let ran = terminal.run(&["subscriptions"]).await.unwrap();
    let listed = ran.document();
    assert_eq!((ran.code, &listed["ok"]), (0, &true.into()), "{ran:?}");
    assert_eq!(listed["subscriptions"][0]["queue_url"], made.document()["queue_url"], "what is here: {listed}");
    assert_eq!(urls(listed), [old.as_str()], "what is elsewhere, and only one's own: {listed}");
    let left = &listed["leftovers"][0];
    for (field, value) in [("host", "old-laptop"), ("topic_arn", &world.topic), ("region", "us-east-1")] {
        assert_eq!(left[field], value, "{field} is told: {left}");
    }
    assert_eq!(left["here"], false, "it is another machine's: {left}");
    for time in ["created", "last_seen"] {
        assert!(left[time].as_str().unwrap().parse::<jiff::Timestamp>().is_ok(), "{time} is an instant: {left}");
    }
    assert_eq!(world.inventory().await, before, "looking changes nothing");

    // Another data folder of this machine: what is read elsewhere is told as made here.
    let anew = Terminal::start(&world.aws.url).await.unwrap();
    let nowhere = anew.run(&["subscriptions"]).await.unwrap();
    assert_eq!((nowhere.code, urls(nowhere.document()).len()), (0, 0), "nothing says where to look: {nowhere:?}");
    let ran = anew.run(&["subscriptions", "--region", "us-east-1"]).await.unwrap();
    assert_eq!(urls(ran.document()).len(), 2, "a region is enough to look: {ran:?}");
    let here = ran.document()["leftovers"].as_array().unwrap().iter().filter(|one| one["here"] == true).count();
    assert_eq!(here, 1, "the one that this machine made is told: {ran:?}");
}

#[tokio::test]
async fn that_it_may_not_look_is_said_and_is_no_failure() {
    let world = World::new(Auth::Enforced).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = subscribed(&world, &terminal).await;
    let tags = tags(&world, &made).await;
    queue(&world, "watchbell-me-old-00000000", &tags, "old-laptop", None).await;
    for (action, said) in [("sqs:ListQueues", "sqs:ListQueues"), ("sqs:ListQueueTags", "could not be told")] {
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        let ran = terminal.run(&["subscriptions"]).await.unwrap();
        assert_eq!(ran.code, 0, "{action}: what is known is listed all the same: {ran:?}");
        assert_eq!(ran.document()["subscriptions"].as_array().unwrap().len(), 1, "{action}: {ran:?}");
        assert_eq!(ran.document()["leftovers"], json!([]), "{action}: {ran:?}");
        let unseen = &ran.document()["not_looked"][0];
        assert_eq!((&unseen["region"], &unseen["code"]), (&"us-east-1".into(), &"aws_refused".into()), "{unseen}");
        assert!(unseen["message"].as_str().unwrap().contains(said), "{action}: {unseen}");
        assert!(unseen["hint"].as_str().unwrap().contains(action), "the permission is named: {unseen}");
    }
    terminal.endpoint = "http://127.0.0.1:1".to_owned();
    let ran = terminal.run(&["subscriptions"]).await.unwrap();
    assert_eq!(ran.code, 0, "offline is no failure of a list: {ran:?}");
    assert_eq!(ran.document()["not_looked"][0]["code"], "aws_unreachable", "but it is said: {ran:?}");
}

#[tokio::test]
async fn every_page_of_queues_is_read() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let terminal = Terminal::start(&gate.url).await.unwrap();
    let made = subscribed(&world, &terminal).await;
    let tags = tags(&world, &made).await;
    let first = queue(&world, "watchbell-me-a-00000000", &tags, "a", None).await;
    let second = queue(&world, "watchbell-me-b-00000000", &tags, "b", None).await;
    // ministack does not page.
    gate.answer("ListQueues", 200, json!({ "QueueUrls": [first], "NextToken": "page-2" }).to_string());
    gate.answer_when("ListQueues", "page-2", 200, json!({ "QueueUrls": [second] }).to_string());
    let ran = terminal.run(&["subscriptions"]).await.unwrap();
    assert_eq!(urls(ran.document()), [first.as_str(), second.as_str()], "both pages: {ran:?}");
    assert_eq!(gate.seen().iter().filter(|action| *action == "ListQueues").count(), 2, "in two calls");
}
