//! An access key with its secret in a real keychain: no secret is in a report, and a dead keychain is named in time.

use std::time::Duration;

use watchbell_engine::clock;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::{depend, ends};
use crate::world::World;

#[tokio::test]
async fn no_secret_is_in_a_report_and_a_dead_keychain_is_named() {
    let world = World::new(Auth::Enforced).await;
    let (id, secret) = world.all_but(&[]).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let keyring = Keyring::start(&terminal.session.bus, &terminal.session.path("home")).await.unwrap();
    let line = ["subscribe", "--topic-arn", &world.topic, "--access-key-id", &id, "--yes"];
    let made = terminal.run_with(&line, &format!("{secret}\n")).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");

    let mut texts = Vec::new();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "keychain", "ok", &[]);
    ends(&ran, "identity", "ok", &["user/", "the access key AKIA…"]);
    texts.push(ran.document().to_string());
    let output = terminal.bare(&["doctor", "--endpoint-url", &terminal.endpoint]).unwrap().output().await.unwrap();
    texts.push(String::from_utf8(output.stdout).unwrap());
    texts.push(String::from_utf8(output.stderr).unwrap());

    keyring.lock(&terminal.session.bus).await.unwrap();
    let began = clock::monotonic();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    assert!(clock::monotonic().duration_since(began) < Duration::from_secs(5), "in time: {}", ran.document());
    ends(&ran, "keychain", "failed", &["the keychain is locked", "Unlock"]);
    ends(&ran, "identity", "failed", &["the keychain is locked"]);
    ends(&ran, "sts", "ok", &[]);
    depend(&ran, &["topic", "queue", "subscription"], "\"identity\"");
    texts.push(ran.document().to_string());

    keyring.stop().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "keychain", "failed", &["no keychain is running"]);
    texts.push(ran.document().to_string());
    for text in texts {
        assert!(!text.contains(&secret), "the secret is nowhere: {text}");
        assert!(!text.contains(&id), "the key's id is shortened: {text}");
    }
}
