//! A subscription whose secret lies in the keychain: read by the app, missed while the keychain is locked, found again.

use std::process::Stdio;

use serde_json::json;
use tokio::io::AsyncWriteExt;
use watchbell_core::health::SubscriptionState;
use watchbell_engine::keychain::{ChildStore, KeychainError, Patience, SecretStore, access_key_item};
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{CredentialSource, Reader, SubscriptionRecord};
use watchbell_tests::harness::app::{App, DrivenApp, built};
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::Cloud;
use crate::desk::{DATA, Run, id, mark, session, status, until, until_headline};
use crate::onboarding::picture;
use crate::page::{click, fill, until_no_words, until_words, words};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_secret_in_the_keychain_is_used_and_a_locked_one_is_told_and_found_again() {
    let aws = Ministack::start(Auth::Enforced).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let all = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let (key, secret) = aws.user("ann", &all).await.unwrap();
    let (session, _alerts) = session().await;
    let keyring = Keyring::start(&session.bus, session.folder()).await.unwrap();
    let store =
        ChildStore::of(built("watchbellctl").unwrap()).with_variable("DBUS_SESSION_BUS_ADDRESS", &session.bus.address);
    store.set(&access_key_item(&key), &secret.clone().into(), Patience::Background).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path(DATA))).unwrap();
    cloud.subscribe(&dir, None, CredentialSource::AccessKey { id: key }).await;

    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let app = App::start(&session, DATA, &["--hidden"]).unwrap();
    let item = mark(&mut host).await;
    until_headline(&item, |line| line == "Nothing failing on ssm-notify").await;
    cloud.publish(&Run { id: &id(1), document: "AWS-RunShellScript", nodes: 1, fail: 1, time_out: 0 }.messages()).await;
    until_headline(&item, |line| line == "1 command failing").await;
    app.end().await.unwrap();

    keyring.lock(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let item = mark(&mut host).await;
    until_headline(&item, |line| line.starts_with("Cannot hear ssm-notify")).await;
    let menu = item.menu().await.unwrap();
    let explained = menu.iter().map(|line| line.label.clone()).collect::<Vec<_>>().join(" ");
    assert!(explained.contains("The keychain is locked. Unlock the keychain"), "the tray has the fix: {explained}");
    until_words(&app.page, "The keychain is locked").await;
    until_words(&app.page, "Unlock the keychain: sign in to the desktop").await;
    until_words(&app.page, "signed out").await;
    let told = status(&app.dir).await.unwrap();
    assert_eq!(told.subscriptions[0].state, SubscriptionState::SignedOut, "status says so to scripts");
    assert_eq!(ctl_status(&session).await, Some(7), "with the exit code of blindness");

    keyring.unlock(&session.bus).await.unwrap();
    until("unlocking heals without a restart", async || {
        status(&app.dir).await.is_some_and(|told| told.subscriptions[0].state == SubscriptionState::Ok)
    })
    .await;
    until_headline(&item, |line| line == "1 command failing").await;
    until_no_words(&app.page, "The keychain is locked").await;
    for file in ["history.db", "history.db-wal", "settings.json"] {
        let held = std::fs::read(app.dir.root().join(file)).unwrap_or_default();
        assert!(!held.windows(secret.len()).any(|part| part == secret.as_bytes()), "no secret lies in {file}");
    }
    assert!(!app.said().contains(&secret), "and none in the log");
    app.end().await.unwrap();
}

async fn ctl_status(session: &watchbell_tests::harness::session::Session) -> Option<i32> {
    let mut ctl = session.command(built("watchbellctl").unwrap());
    ctl.arg("status").env("WATCHBELL_DATA_DIR", session.path(DATA)).stdout(Stdio::null());
    ctl.status().await.unwrap().code()
}

/// An administrator rotated the key: the window says so, takes another one, and all else of the subscription stays.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_key_that_was_rotated_is_replaced_in_the_window() {
    let aws = Ministack::start(Auth::Enforced).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let all = json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] });
    let (key, secret) = aws.user("ann", &all).await.unwrap();
    let (session, _alerts) = session().await;
    let _keyring = Keyring::start(&session.bus, session.folder()).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let store =
        ChildStore::of(built("watchbellctl").unwrap()).with_variable("DBUS_SESSION_BUS_ADDRESS", &session.bus.address);
    let mut ctl = session.command(built("watchbellctl").unwrap());
    ctl.args(["--endpoint-url", &aws.url, "subscribe", "--topic-arn", cloud.topic.as_str(), "--access-key-id", &key]);
    ctl.args(["--filter", "alerts", "--yes"]).env("WATCHBELL_DATA_DIR", session.path(DATA)).stdin(Stdio::piped());
    let mut child = ctl.spawn().unwrap();
    child.stdin.take().unwrap().write_all(format!("{secret}\n").as_bytes()).await.unwrap();
    assert!(child.wait().await.unwrap().success(), "it is subscribed with the first key");
    let records =
        || Reader::open(&DataDir::resolve(Some(&session.path(DATA))).unwrap()).unwrap().subscriptions().unwrap();
    let before = records().remove(0);

    let rotate = "iam.delete_access_key(UserName=name, AccessKeyId=[one['AccessKeyId'] for one in iam.list_access_keys(UserName=name)['AccessKeyMetadata']][0])
key = iam.create_access_key(UserName=name)['AccessKey']
print(key['AccessKeyId'], key['SecretAccessKey'])";
    let told = aws.iam(rotate, "ann", &all).await.unwrap();
    let (fresh, other) = told.trim().split_once(' ').unwrap();
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    let item = mark(&mut host).await;
    until_words(page, "AWS does not know the access key").await;
    until_words(page, "give a valid one").await;
    let told = words(page).await;
    for only in ["stdin", "standard input", "--access-key-id"] {
        assert!(!told.contains(only), "the window does not speak of a terminal: {told}");
    }
    click(page, ".banners button", "New key…").await;
    until_words(page, "A new key for ssm-notify").await;
    picture(&session, "new-key").await;
    click(page, "section[aria-label='Set up'] button", "Cancel").await;
    until_words(page, "Subscriptions").await;
    // The tray leads there, too: no browser and no code would help.
    item.click_words("Sign in…").await.unwrap();
    until_words(page, "A new key for ssm-notify").await;
    fill(page, "#key-id", fresh).await;
    fill(page, "#secret", other).await;
    click(page, "footer button", "Continue").await;
    until_words(page, "ssm-notify is subscribed here already").await;
    click(page, "footer button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    click(page, "footer button", "Set up").await;
    until_words(page, "Subscribed to ssm-notify").await;
    until("it is heard again", async || {
        status(&app.dir).await.is_some_and(|told| told.subscriptions[0].state == SubscriptionState::Ok)
    })
    .await;
    let after = records().remove(0);
    let replaced = CredentialSource::AccessKey { id: fresh.to_owned() };
    assert_eq!(after, SubscriptionRecord { credentials: replaced, ..before }, "nothing but the key is another");
    let former = store.get(&access_key_item(&key), Patience::Background).await;
    assert!(matches!(former, Err(KeychainError::NotFound(_))), "the secret of the former key is forgotten: {former:?}");
    assert!(!app.said().contains(other), "and the new one is in no log");
    app.end().await.unwrap();
}
