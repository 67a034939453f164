//! The run of a set-up in the real window: followed and called off by a window that was made anew, called off while the keychain is
//! silent, ended with the set-up; and gone on with after a crash at each step that comes after it.

use fantoccini::Client;
use watchbell_engine::keychain::{ChildStore, KeychainError, Patience, SecretStore, access_key_item};
use watchbell_engine::store::Reader;
use watchbell_tests::harness::app::{DrivenApp, built};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::tray::{TrayHost, TrayItem};
use watchbell_tests::harness::windows::WindowManager;

use crate::cloud::{Cloud, sign_in};
use crate::desk::{DATA, mark, session, until};
use crate::onboarding::picture;
use crate::page::{ask, click, fill, follow_new_window, until_no_words, until_words};

const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI-planted-in-the-window";

/// What of ours is in AWS.
struct Held {
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    topic: String,
}

impl Held {
    async fn at(url: &str, cloud: &Cloud) -> Self {
        let config = stand_in_config(url).await;
        let (sqs, sns) = (aws_sdk_sqs::Client::new(&config), aws_sdk_sns::Client::new(&config));
        Self { sqs, sns, topic: cloud.topic.to_string() }
    }

    async fn exists(&self) -> (Vec<String>, usize) {
        let queues = self.sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
        let told = self.sns.list_subscriptions_by_topic().topic_arn(&self.topic).send().await.unwrap();
        (queues, told.subscriptions.unwrap_or_default().len())
    }
}

async fn close_and_open(manager: &WindowManager<'_>, item: &TrayItem, page: &Client) {
    let window = manager.windows().await.unwrap().remove(0);
    manager.close(&window).await.unwrap();
    until("the window is gone", async || manager.windows().await.unwrap().is_empty()).await;
    item.click_words("Open").await.unwrap();
    until("the window is there again", async || manager.windows().await.unwrap().len() == 1).await;
    follow_new_window(page).await;
}

async fn to_plan(page: &Client) {
    until_words(page, "Which topic do your commands notify?").await;
    click(page, "label.topic", "ssm-notify").await;
    click(page, "button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_made_anew_follows_the_run_and_each_later_step_outlives_a_crash() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let held = Held::at(&aws.url, &cloud).await;
    let before = held.exists().await;
    let (mut session, _alerts) = session().await;
    sign_in(&mut session, "test", "test");
    let manager = WindowManager::start(&session).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let mut gate = Gate::before(&aws.url).await.unwrap();
    let url = gate.url.clone();
    let arguments = ["--endpoint-url", url.as_str()];
    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    let item = mark(&mut host).await;
    let page = &app.page;
    until_words(page, "The environment").await;
    click(page, "button", "Continue").await;
    to_plan(page).await;
    gate.hold("Subscribe");
    click(page, "button", "Set up").await;
    gate.holds().await.unwrap();

    close_and_open(&manager, &item, page).await;
    until_words(page, "Setting up").await;
    until_words(page, "under way").await;
    picture(&session, "4-anew").await;
    click(page, "button", "Cancel").await;
    until_words(page, "Taking back").await;
    gate.open();
    until_words(page, "what was made so far was taken back").await;
    until_no_words(page, "Taking back").await;
    assert_eq!(held.exists().await, before, "nothing stays of it");
    close_and_open(&manager, &item, page).await;
    until_words(page, "what was made so far was taken back").await;
    click(page, "button", "Back").await;
    until_words(page, "What Watchbell will do").await;
    click(page, "button", "Set up").await;
    until_words(page, "Subscribed to ssm-notify").await;
    drop(app); // Killed.

    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    until_words(&app.page, "Subscribed to ssm-notify").await;
    click(&app.page, "button", "Continue").await;
    until_words(&app.page, "How you want to be told").await;
    drop(app); // Killed.

    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    until_words(&app.page, "How you want to be told").await;
    click(&app.page, "footer button", "Done").await;
    until("nothing of the set-up is left over", async || !app.dir.setup().exists()).await;
    app.end().await.unwrap();
}

async fn kept(session: &Session) -> Result<(), KeychainError> {
    let store = ChildStore::of(built("watchbellctl").unwrap());
    let store = store.with_variable("DBUS_SESSION_BUS_ADDRESS", &session.bus.address);
    store.get(&access_key_item(KEY), Patience::Background).await.map(drop)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_is_called_off_while_the_keychain_is_silent_and_with_the_end_of_its_set_up() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let held = Held::at(&aws.url, &cloud).await;
    let before = held.exists().await;
    let (session, _alerts) = session().await;
    let keyring = Keyring::start(&session.bus, session.folder()).await.unwrap();
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let mut gate = Gate::before(&aws.url).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &gate.url]).await.unwrap();
    let page = &app.page;
    until_words(page, "Secret access key").await;
    fill(page, "#key-id", KEY).await;
    fill(page, "#secret", SECRET).await;
    click(page, "button", "Continue").await;
    to_plan(page).await;

    keyring.hold(true).await.unwrap();
    click(page, "button", "Set up").await;
    until_words(page, "Setting up").await;
    click(page, "button", "Cancel").await;
    until_words(page, "Interrupted: nothing was changed").await;
    keyring.hold(false).await.unwrap();
    assert_eq!(held.exists().await, before, "nothing was made");
    assert!(!gate.seen().contains(&"CreateQueue".to_owned()), "nor begun to be");
    kept(&session).await.expect("the key stays for the next try");

    gate.hold("Subscribe");
    click(page, "button", "Try again").await;
    gate.holds().await.unwrap();
    until_words(page, "Cancel").await;
    ask(page, "window.__TAURI_INTERNALS__.invoke('end_setup').then(() => { window.ended = true; })").await;
    until_words(page, "under way").await;
    kept(&session).await.expect("the key is not forgotten while a run needs it");
    gate.open();
    until("the set-up is ended", async || ask(page, "return window.ended === true").await == true).await;
    assert_eq!(held.exists().await, before, "its run was taken back first");
    assert!(
        Reader::open(&app.dir).unwrap().subscriptions().unwrap().is_empty(),
        "nothing is remembered without its key"
    );
    assert!(matches!(kept(&session).await, Err(KeychainError::NotFound(_))), "and the key is forgotten");
    app.end().await.unwrap();
}
