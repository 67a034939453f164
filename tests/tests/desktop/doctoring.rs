//! The doctor and the administrator's documents in the real window: all well, a test message through the topic, a queue that was deleted
//! named with its fix, and no secret in the copied text or anywhere else.

use fantoccini::Client;
use watchbell_engine::store::Reader;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::Cloud;
use crate::desk::{DATA, ctl_told, session, until_running};
use crate::onboarding::{TAP, nowhere, picture, policy, wear_theme};
use crate::page::{ask, click, fill, until_words};

/// Keeps what the page copies, instead of the desktop's clipboard.
const COPIES: &str = "window.copied = '';
Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => { window.copied = text; } } });";

/// One line of the report, as it is read.
async fn row(page: &Client, check: &str) -> String {
    let script = format!(
        "const row = document.querySelector('[data-check={check}]'); return row ? row.className + ' ' + row.innerText : ''"
    );
    ask(page, &script).await.as_str().unwrap_or_default().to_owned()
}

async fn copied_text(page: &Client) -> String {
    click(page, "button", "Copy as text").await;
    ask(page, "return window.copied").await.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_doctor_names_a_deleted_queue_and_its_text_holds_no_secret() {
    let aws = Ministack::start(Auth::Enforced).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let all = policy(&serde_json::json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    let (key, secret) = aws.user("ann", &all).await.unwrap();
    let (session, _alerts) = session().await;
    let _keyring = Keyring::start(&session.bus, session.folder()).await.unwrap();
    let _host = TrayHost::start(&session.bus).await.unwrap();
    wear_theme(&session);
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    ask(page, TAP).await;
    let topic = cloud.topic.as_str();
    let line = ["subscribe", "--topic-arn", topic, "--access-key-id", &key, "--endpoint-url", &aws.url, "--yes"];
    let made = ctl_told(&session, &line, &format!("{secret}\n")).await;
    assert!(made["queue_url"].is_string(), "it is subscribed: {made}");
    ask(page, COPIES).await;

    click(page, "nav button", "Doctor").await;
    until_words(page, "Not examined yet").await;
    picture(&session, "doctor-1-before").await;
    click(page, "button", "Run the doctor").await;
    until_words(page, "Nothing failed").await;
    assert!(row(page, "queue").await.starts_with("ok"), "{}", row(page, "queue").await);
    assert!(row(page, "test_message").await.contains("\"Run with a test message\" sends one after asking"));
    picture(&session, "doctor-2-well").await;
    let text = copied_text(page).await;
    let told = text.contains(cloud.topic.as_str()) && text.contains("0 failed");
    assert!(told && text.contains("\nThis machine\n"), "the ticket has the terminal's text: {text}");
    assert!(!text.contains(&secret) && !text.contains(&key), "and no secret, and the key's id shortened: {text}");

    click(page, "button", "Run with a test message").await;
    until_words(page, "1 other subscription of ssm-notify").await;
    click(page, "button", "Send and examine").await;
    until_words(page, "Published, delivered and stored within").await;
    until_words(page, "Nothing failed").await;
    picture(&session, "doctor-3-message").await;

    let queue_url = Reader::open(&app.dir).unwrap().subscriptions().unwrap().remove(0).queue_url;
    let sqs = aws_sdk_sqs::Client::new(&stand_in_config(&aws.url).await);
    sqs.delete_queue().queue_url(&queue_url).send().await.unwrap();
    until_words(page, "Cannot hear ssm-notify").await;
    click(page, "nav button", "Feed").await;
    // The banner's own way in.
    click(page, "button", "Run the doctor").await;
    until_words(page, "failed: ").await;
    until_words(page, "Copy as text").await;
    let queue = row(page, "queue").await;
    assert!(queue.starts_with("failed") && queue.contains("does not exist"), "the queue is named: {queue}");
    assert!(queue.contains("watchbellctl subscribe"), "with its fix: {queue}");
    let after = row(page, "queue_policy").await;
    assert!(after.starts_with("skipped") && after.contains("\"queue\""), "what depends on it says so: {after}");
    picture(&session, "doctor-4-failing").await;
    let text = copied_text(page).await;
    assert!(text.contains("FAILED   queue "), "the ticket names it: {text}");
    assert!(!text.contains(&secret) && !text.contains(&key), "and holds no secret: {text}");

    click(page, "nav button", "IAM").await;
    until_words(page, "Let the role ssm-sns-publish publish to ssm-notify").await;
    fill(page, "#iam-sns-role", "AWSServiceRoleForAmazonSSM").await;
    until_words(page, "is a service-linked role").await;
    picture(&session, "iam-2-refused").await;
    fill(page, "#iam-sns-role", "publisher").await;
    until_words(page, "Let the role publisher publish to ssm-notify").await;
    picture(&session, "iam-1-documents").await;
    click(page, "button", "Compare with the account").await;
    until_words(page, "Copy the result").await;
    until_words(page, "missing").await;
    ask(page, "document.querySelector('#iam-check').scrollIntoView()").await;
    picture(&session, "iam-3-compared").await;
    nowhere(&session, &app, &secret, "doctor-told", None).await;
    app.end().await.unwrap();
}
