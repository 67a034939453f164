//! `unsubscribe` where something is in the way: credentials that are gone, rights that are missing, a keychain that went away. Whatever could
//! not be removed is named, nothing polls what is half gone, and there is always a way out.

use watchbell_engine::keychain::{ChildStore, KeychainError, Patience, SecretStore, access_key_item};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal, finish};

use crate::world::World;

fn keychain(terminal: &Terminal) -> ChildStore {
    let tests = std::env::current_exe().unwrap();
    ChildStore::of(tests.ancestors().nth(2).unwrap().join("watchbellctl"))
        .with_variable("DBUS_SESSION_BUS_ADDRESS", &terminal.session.bus.address)
}

async fn keyring(terminal: &Terminal) -> Keyring {
    Keyring::start(&terminal.session.bus, &terminal.session.path("home")).await.unwrap()
}

/// Subscribed with an access key whose secret is in the keychain. Gives the key's id.
async fn with_key(world: &World, terminal: &Terminal, more: &[&str]) -> String {
    let (id, secret) = world.all_but(&[]).await;
    let line = [&["subscribe", "--topic-arn", &world.topic, "--yes", "--access-key-id", &id][..], more].concat();
    let made = terminal.run_with(&line, &format!("{secret}\n")).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    id
}

async fn listed(terminal: &Terminal) -> serde_json::Value {
    terminal.run(&["subscriptions"]).await.unwrap().document()["subscriptions"].clone()
}

fn texts(ran: &Ran, field: &str) -> Vec<String> {
    let all = ran.document()[field].as_array().unwrap_or_else(|| panic!("{field} is told: {ran:?}"));
    all.iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_subscription_whose_secret_is_gone_is_forgotten_here_with_what_is_left_to_do() {
    let world = World::new(Auth::Enforced).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let _keyring = keyring(&terminal).await;
    let id = with_key(&world, &terminal, &[]).await;
    keychain(&terminal).delete(&access_key_item(&id), Patience::Background).await.unwrap();
    let before = world.inventory().await;

    let stuck = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    assert_eq!(stuck.code, 5, "the keychain has nothing to sign with: {stuck:?}");
    let left = texts(&stuck, "left");
    assert!(left.iter().any(|what| what.starts_with("the queue ")) && left.len() == 2, "both are named: {left:?}");
    assert!(stuck.words().contains("watchbellctl unsubscribe --forget"), "with the way out: {}", stuck.words());
    let held = listed(&terminal).await;
    assert!(held[0]["leaving"].is_null(), "nothing came of it, so it is listened to as before: {held}");

    let (code, shown) = terminal.typed(&["unsubscribe", "--forget"], "n\n").await.unwrap();
    assert_eq!((code, listed(&terminal).await.as_array().unwrap().len()), (1, 1), "a no is a no: {shown}");
    assert!(shown.contains("stay in AWS"), "what it means is said before: {shown}");
    let gone = terminal.run(&["unsubscribe", "--forget", "--yes"]).await.unwrap();
    assert_eq!((gone.code, texts(&gone, "removed").len(), texts(&gone, "kept").len()), (0, 0, 1), "{gone:?}");
    let by_hand = texts(&gone, "by_hand");
    let queue = &world.queues().await[0];
    assert!(by_hand[0].starts_with("aws sns unsubscribe ") && by_hand[1].ends_with(queue), "what to do: {by_hand:?}");
    assert_eq!(listed(&terminal).await, serde_json::json!([]), "it is not listed any more");
    assert_eq!(world.inventory().await, before, "and AWS was not touched");
}

#[tokio::test]
async fn an_administrators_queue_is_left_without_any_credentials() {
    let world = World::new(Auth::Enforced).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let _keyring = keyring(&terminal).await;
    let url = world.sqs.create_queue().queue_name("made-by-hand").send().await.unwrap().queue_url.unwrap();
    let id = with_key(&world, &terminal, &["--queue-url", &url]).await;
    keychain(&terminal).delete(&access_key_item(&id), Patience::Background).await.unwrap();
    let left = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    assert_eq!((left.code, texts(&left, "kept").len()), (0, 1), "it needs no call to AWS: {left:?}");
    assert_eq!((listed(&terminal).await, world.queues().await), (serde_json::json!([]), vec![url]), "the queue is his");
}

#[tokio::test]
async fn what_is_half_left_is_not_listened_to_and_says_so() {
    for denied in ["sns:Unsubscribe", "sqs:DeleteQueue"] {
        let world = World::new(Auth::Enforced).await;
        let gate = Gate::before(&world.aws.url).await.unwrap();
        let mut terminal = Terminal::start(&gate.url).await.unwrap();
        let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
        assert_eq!(made.code, 0, "{made:?}");
        let (id, secret) = world.all_but(&[denied]).await;
        terminal.credentials(&id, &secret);
        let left = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
        assert_eq!(
            (left.code, texts(&left, "removed").len(), texts(&left, "left").len()),
            (3, 1, 1),
            "{denied}: {left:?}"
        );
        let held = listed(&terminal).await;
        assert_eq!((&held[0]["leaving"], &held[0]["paused"]), (&true.into(), &false.into()), "{denied}: {held}");
        let status = terminal.run(&["status"]).await.unwrap();
        let line = &status.document()["subscriptions"][0];
        assert_eq!(line["state"], "paused", "{denied}: it is no blindness: {line}");
        assert!(line["reason"].as_str().unwrap().contains("not finished"), "{denied}: but is said: {line}");
        assert!(
            line["hint"].as_str().unwrap().contains("watchbellctl unsubscribe"),
            "{denied}: with what to do: {line}"
        );

        terminal.credentials("test", "test");
        let polls = gate.seen().iter().filter(|seen| *seen == "ReceiveMessage").count();
        assert_eq!(terminal.run(&["watch", "--once"]).await.unwrap().code, 0, "{denied}");
        let now = gate.seen().iter().filter(|seen| *seen == "ReceiveMessage").count();
        assert_eq!(now, polls, "{denied}: a queue that may be gone is not polled");
        assert_eq!(terminal.run(&["unsubscribe", "--yes"]).await.unwrap().code, 0, "{denied}: again finishes it");
        assert_eq!((world.queues().await.len(), world.subscriptions().await.len()), (0, 0), "{denied}: nothing stays");
    }
}

#[tokio::test]
async fn a_keychain_that_went_away_meanwhile_costs_no_receipt() {
    let world = World::new(Auth::Enforced).await;
    let mut gate = Gate::before(&world.aws.url).await.unwrap();
    let terminal = Terminal::without_credentials(&gate.url).await.unwrap();
    let first = keyring(&terminal).await;
    let id = with_key(&world, &terminal, &[]).await;
    gate.hold("DeleteQueue");
    let child = terminal.command(&["unsubscribe", "--yes"]).unwrap().spawn().unwrap();
    gate.holds().await.unwrap();
    first.stop().await.unwrap();
    gate.open();
    let left = finish(child).await.unwrap();
    assert_eq!((left.code, texts(&left, "removed").len()), (5, 2), "what is gone is told all the same: {left:?}");
    assert_eq!(texts(&left, "left"), ["what the keychain holds for it"], "{left:?}");
    assert_eq!(listed(&terminal).await[0]["leaving"], true, "it stays listed, for nothing else leads to the secret");

    let _second = keyring(&terminal).await;
    let done = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    assert_eq!(done.code, 0, "again finishes it: {done:?}");
    assert_eq!(texts(&done, "forgotten"), [format!("the secret of the access key {id}")], "and says so: {done:?}");
    let item = access_key_item(&id);
    let gone = keychain(&terminal).get(&item, Patience::Background).await.map(drop);
    assert_eq!(gone, Err(KeychainError::NotFound(item)), "the secret is gone");
}

#[tokio::test]
async fn the_key_that_was_replaced_leaves_the_keychain() {
    let world = World::new(Auth::Enforced).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let _keyring = keyring(&terminal).await;
    let before = with_key(&world, &terminal, &[]).await;
    let after = with_key(&world, &terminal, &[]).await;
    let store = keychain(&terminal);
    let held = async |id: &str| store.get(&access_key_item(id), Patience::Background).await.is_ok();
    assert!(!held(&before).await, "no record knows the former key any more, so its secret goes");
    assert!(held(&after).await, "the new one stays");
    // Another topic with the same key: it is in use, and replacing it for one leaves it for the other.
    let second = world.sns.create_topic().name("second").send().await.unwrap().topic_arn.unwrap();
    let line = ["subscribe", "--topic-arn", &second, "--yes", "--access-key-id", &after];
    let secret = store.get(&access_key_item(&after), Patience::Background).await.unwrap();
    let secret = secrecy::ExposeSecret::expose_secret(&secret).to_owned();
    assert_eq!(terminal.run_with(&line, &format!("{secret}\n")).await.unwrap().code, 0);
    with_key(&world, &terminal, &[]).await;
    assert!(held(&after).await, "another subscription uses it");
}
