//! What keeps Watchbell from hearing: in the window, the tray and `status`, with the fix, until it is over by itself.

use serde_json::{Value, json};
use watchbell_core::health::SubscriptionState;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::tray::{TrayHost, TrayItem};

use crate::cloud::{Cloud, sign_in};
use crate::desk::{DATA, Run, SOON, id, mark, session, status, until, until_headline, until_running};
use crate::page::{click, until_no_words, until_words};

/// The three places say it.
async fn told(app: &DrivenApp, item: &TrayItem, state: SubscriptionState, why: &str, fix: &str) {
    until(&format!("status says {state:?}"), async || {
        status(&app.dir).await.is_some_and(|told| told.subscriptions.first().is_some_and(|line| line.state == state))
    })
    .await;
    let line = status(&app.dir).await.unwrap().subscriptions.remove(0);
    assert!(line.reason.as_deref().is_some_and(|reason| reason.contains(why)), "status has the reason: {line:?}");
    assert!(line.hint.as_deref().is_some_and(|hint| hint.contains(fix)), "and the fix: {line:?}");
    until_words(&app.page, "Cannot hear ssm-notify").await;
    until_words(&app.page, why).await;
    until_words(&app.page, fix).await;
    until_headline(item, |line| line.starts_with("Cannot hear ssm-notify")).await;
    let menu: String = item.menu().await.unwrap().iter().map(|line| line.label.clone() + " ").collect();
    assert!(menu.contains(why), "the tray says why: {menu}");
}

async fn healed(app: &DrivenApp, item: &TrayItem) {
    until_headline(item, |line| !line.starts_with("Cannot hear")).await;
    until_no_words(&app.page, "Cannot hear ssm-notify").await;
    until_words(&app.page, "ssm-notify\nheard").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_deleted_queue_is_told_and_one_that_comes_back_is_heard() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let cloud = Cloud::on(&fauxqs.url).await;
    let (mut session, mut alerts) = session().await;
    let credentials = sign_in(&mut session, "test", "test");
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let item = mark(&mut host).await;
    until_running(&app.dir).await;
    cloud.subscribe(&app.dir, None, credentials).await;
    until_headline(&item, |line| line == "Nothing failing on ssm-notify").await;
    cloud.delete_queue().await;
    told(&app, &item, SubscriptionState::QueueMissing, "does not exist", "watchbellctl subscribe").await;
    let alert = alerts.next(SOON).await.expect("what needs the person rings");
    assert_eq!(alert.summary, "Watchbell cannot hear ssm-notify", "deafness has an alert of its own");
    click(&app.page, "nav button", "Settings").await;
    until_words(&app.page, "queue is gone").await;
    until_words(&app.page, "Copy a report for the admin").await;
    cloud.make_queue_again().await;
    healed(&app, &item).await;
    cloud.publish(&Run { id: &id(1), document: "AWS-RunShellScript", nodes: 1, fail: 1, time_out: 0 }.messages()).await;
    until_headline(&item, |line| line == "1 command failing").await;
    app.end().await.unwrap();
}

fn policy(statements: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_queue_is_told_with_the_statement_to_ask_for() {
    let aws = Ministack::start(Auth::Enforced).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let everything = json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]);
    let denied = json!([
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "sqs:ReceiveMessage", "Resource": "*" },
    ]);
    let (key, secret) = aws.user("ann", &policy(&denied)).await.unwrap();
    let (mut session, _alerts) = session().await;
    let credentials = sign_in(&mut session, &key, &secret);
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let item = mark(&mut host).await;
    until_running(&app.dir).await;
    cloud.subscribe(&app.dir, None, credentials).await;
    let statement = r#""Action":"sqs:ReceiveMessage""#;
    told(&app, &item, SubscriptionState::Denied, "AWS denied sqs:ReceiveMessage", statement).await;
    aws.change_policy("ann", &policy(&everything)).await.unwrap();
    healed(&app, &item).await;
    app.end().await.unwrap();
}
