//! A new person in the real window: from the first start to a rung alert with a key in a real keychain, and out again; and the way
//! on where making a queue is refused. The secret is searched for everywhere it must not be.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use fantoccini::{Client, Locator};
use serde_json::{Value, json};
use watchbell_engine::keychain::{ChildStore, KeychainError, Patience, SecretStore, access_key_item};
use watchbell_tests::harness::app::{DrivenApp, built, page_processes};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::Cloud;
use crate::desk::{DATA, Run, SOON, id, session, status, until, until_running};
use crate::page::{ask, click, until_no_words, until_words};

/// Keeps what goes over the window's own wire: what the page asks, what it is answered, and the events that it is told.
/// Tauri runs what waits for an answer or an event by its place in `callbacks` (`scripts/core.js` of tauri 2.12).
pub(crate) const TAP: &str = "
const real = window.fetch;
window.tapped = { asked: [], answered: [], told: [] };
const text = (body) => typeof body === 'string' ? body : body ? new TextDecoder().decode(body) : '';
window.fetch = async (where, how) => {
  window.tapped.asked.push(String(where) + ' ' + text(how && how.body));
  const answer = await real(where, how);
  answer.clone().text().then((said) => window.tapped.answered.push(said), () => {});
  return answer;
};
const callbacks = window.__TAURI_INTERNALS__.callbacks;
const callback = callbacks.get.bind(callbacks);
callbacks.get = (id) => {
  const hear = callback(id);
  return hear && ((data) => {
    window.tapped[data && data.event ? 'told' : 'answered'].push(JSON.stringify(data) ?? '');
    return hear(data);
  });
};";

pub(crate) async fn tapped(page: &Client, way: &str) -> Vec<String> {
    let Value::Array(texts) = ask(page, &format!("return window.tapped.{way}")).await else { panic!("no tap") };
    texts.iter().map(|text| text.as_str().unwrap_or_default().to_owned()).collect()
}

/// Keeps a picture of the screen where `WATCHBELL_PICTURES` names a folder, to look at every step as a designer would.
pub(crate) async fn picture(session: &Session, name: &str) {
    let Some(folder) = std::env::var_os("WATCHBELL_PICTURES").map(PathBuf::from) else { return };
    // The window may still be drawing what it already says.
    tokio::time::sleep(std::time::Duration::from_millis(700)).await;
    let theme = std::env::var("WATCHBELL_THEME").unwrap_or_else(|_| "light".to_owned());
    std::fs::create_dir_all(&folder).unwrap();
    session.screen.as_ref().unwrap().picture(&folder.join(format!("{name}-{theme}.png"))).await.unwrap();
}

/// The theme of the pictures.
pub(crate) fn wear_theme(session: &Session) {
    if let Ok(theme) = std::env::var("WATCHBELL_THEME") {
        let folder = session.path(DATA);
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::set_permissions(&folder, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
        std::fs::write(folder.join("settings.json"), json!({ "theme": theme }).to_string()).unwrap();
    }
}

pub(crate) fn policy(statements: &Value) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

async fn type_into(page: &Client, field: &str, text: &str) {
    page.find(Locator::Id(field)).await.unwrap().send_keys(text).await.unwrap();
}

/// What the keychain has for this key.
async fn kept(session: &Session, id: &str) -> Result<String, KeychainError> {
    let store =
        ChildStore::of(built("watchbellctl").unwrap()).with_variable("DBUS_SESSION_BUS_ADDRESS", &session.bus.address);
    let secret = store.get(&access_key_item(id), Patience::Background).await?;
    Ok(secrecy::ExposeSecret::expose_secret(&secret).to_owned())
}

fn contains(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|part| part == secret.as_bytes())
}

/// Every file below that has the secret in it.
fn finds(folder: &Path, secret: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(finds(&path, secret));
        } else if path.is_file() && std::fs::read(&path).is_ok_and(|bytes| contains(&bytes, secret)) {
            found.push(path);
        }
    }
    found
}

/// Nothing of the app shows the secret: no file of the session, no argument, no environment, no log, and no answer to the window. It
/// went over once, with the command `with`, or never. `event` is one that the tap must have heard, so that it is known to hear.
pub(crate) async fn nowhere(session: &Session, app: &DrivenApp, secret: &str, event: &str, with: Option<&str>) {
    assert_eq!(finds(session.folder(), secret), Vec::<PathBuf>::new(), "no file of the session holds it");
    let mut processes = page_processes(app.pid()).unwrap();
    processes.push(app.pid());
    for process in processes {
        for file in ["cmdline", "environ"] {
            let path = format!("/proc/{process}/{file}");
            assert!(!std::fs::read(&path).is_ok_and(|bytes| contains(&bytes, secret)), "it is in {path}");
        }
    }
    assert!(!app.said().contains(secret), "no log holds it");
    let page = &app.page;
    let kept = "return document.documentElement.outerHTML + JSON.stringify({...localStorage}) + \
        [...document.querySelectorAll('input')].map((field) => field.value).join()";
    assert!(!ask(page, kept).await.as_str().unwrap().contains(secret), "the page does not keep it");
    let (asked, answered) = (tapped(page, "asked").await, tapped(page, "answered").await);
    assert!(asked.len() > 3 && answered.len() > 3, "the tap hears: {} and {}", asked.len(), answered.len());
    let told = tapped(page, "told").await;
    for event in [event, "standing-changed"] {
        assert!(told.iter().any(|text| text.contains(event)), "the tap hears {event} among {} events", told.len());
    }
    let carrying: Vec<_> = asked.iter().filter(|text| text.contains(secret)).collect();
    assert_eq!(carrying.len(), usize::from(with.is_some()), "it goes over once, if at all");
    assert!(
        carrying.iter().all(|text| with.is_some_and(|with| text.contains(with))),
        "with the one command that takes it"
    );
    assert!(!answered.iter().chain(&told).any(|text| text.contains(secret)), "and never comes back");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_person_gets_from_the_first_start_to_a_rung_alert_and_out_again() {
    let aws = Ministack::start(Auth::Enforced).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let config = stand_in_config(&aws.url).await;
    let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    sns.create_topic().name("billing").send().await.unwrap();
    let all = policy(&json!([{ "Effect": "Allow", "Action": "*", "Resource": "*" }]));
    let (key, secret) = aws.user("ann", &all).await.unwrap();
    let (session, mut alerts) = session().await;
    let _keyring = Keyring::start(&session.bus, session.folder()).await.unwrap();
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let queues = async || sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
    let before = queues().await;

    wear_theme(&session);
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let begun = Instant::now();
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    until_words(page, "Whose rights may Watchbell use?").await;
    until_words(page, "Secret access key").await;
    picture(&session, "1-key").await;
    ask(page, TAP).await;
    let mut acts = 0;
    let mut act = || acts += 1;
    act();
    type_into(page, "key-id", &key).await;
    act();
    type_into(page, "secret", &secret).await;
    act();
    click(page, "button", "Continue").await;
    until_words(page, "Which topic do your commands notify?").await;
    act();
    click(page, "label.topic", "ssm-notify").await;
    picture(&session, "2-topic").await;
    act();
    click(page, "button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    until_words(page, "Only the topic ssm-notify may send to the queue").await;
    picture(&session, "3-plan").await;
    assert_eq!(queues().await, before, "nothing was made before the yes");
    act();
    click(page, "button", "Set up").await;
    until_words(page, "Subscribed to ssm-notify").await;
    act();
    click(page, "button", "Show a test alert").await;
    let alert = alerts.next(SOON).await.expect("the test alert is shown");
    assert_eq!(alert.summary, "Watchbell can ring", "it is the test alert");
    let took = begun.elapsed();
    // The program's own part is to be under 30 s. Here the driver, the stand-ins and the pictures count, too, on a machine that may do
    // other things.
    #[allow(clippy::print_stdout, reason = "the number itself is to be read")]
    {
        println!("from the first start to a rung test alert: {acts} interactions, {:.1} s", took.as_secs_f64());
    }
    assert!(acts <= 9, "at most nine interactions: {acts}");
    assert!(took < Duration::from_secs(90), "far from 30 s of the program: {took:?}");

    until_words(page, "Listening, waiting for the first real message").await;
    picture(&session, "5-check").await;
    assert_eq!(kept(&session, &key).await.unwrap(), secret, "the keychain has the secret");
    click(page, "button", "Send a test message").await;
    until_words(page, "1 other subscription of ssm-notify").await;
    picture(&session, "5-check-publish").await;
    click(page, "button", "Send it").await;
    until_words(page, "It came back: the whole way works").await;
    let rung = alerts.next(SOON).await.expect("the test message rings here");
    assert!(rung.summary.contains("Watchbell-TestMessage"), "it is that message: {}", rung.summary);
    nowhere(&session, &app, &secret, "setup-stepped", Some("sign_in_with_key")).await;

    click(page, "button", "Continue").await;
    until_words(page, "How you want to be told").await;
    picture(&session, "6-preferences").await;
    click(page, "footer button", "Done").await;
    cloud.publish(&Run { id: &id(1), document: "AWS-RunShellScript", nodes: 1, fail: 1, time_out: 0 }.messages()).await;
    until_words(page, "AWS-RunShellScript").await;
    assert!(!app.dir.setup().exists(), "nothing of the set-up is left over");

    click(page, "nav button", "Settings").await;
    until_words(page, "access key").await;
    click(page, "[role=radio]", "Failures only").await;
    until_words(page, "SNS may take up to 15 minutes").await;
    picture(&session, "7-settings").await;
    click(page, ".acts button", "Leave").await;
    click(page, "dialog button", "Leave").await;
    until_words(page, "Removed the queue").await;
    until_words(page, "Removed the subscription").await;
    picture(&session, "8-receipt").await;
    until_words(page, "None yet: nothing is heard.").await;
    assert_eq!(queues().await, before, "AWS is as it was before");
    assert!(matches!(kept(&session, &key).await, Err(KeychainError::NotFound(_))), "the secret is forgotten");
    nowhere(&session, &app, &secret, "setup-stepped", Some("sign_in_with_key")).await;
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn where_making_is_refused_an_administrators_queue_is_read() {
    let aws = Ministack::start(Auth::Enforced).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let sqs = aws_sdk_sqs::Client::new(&stand_in_config(&aws.url).await);
    let denied = policy(&json!([
        { "Effect": "Allow", "Action": "*", "Resource": "*" },
        { "Effect": "Deny", "Action": "sqs:CreateQueue", "Resource": "*" },
    ]));
    let (key, secret) = aws.user("ann", &denied).await.unwrap();
    let (session, _alerts) = session().await;
    // A profile, as a person has it: found by itself, and no keychain is needed.
    let folder = session.path("home/.aws");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("config"), "[profile acme]\nregion = us-east-1\n").unwrap();
    let credentials = format!("[acme]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
    std::fs::write(folder.join("credentials"), credentials).unwrap();
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let queues = async || sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
    let before = queues().await;

    wear_theme(&session);
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    until_words(page, "acme").await;
    picture(&session, "1-profile").await;
    click(page, "button", "Continue").await;
    until_words(page, "Which topic do your commands notify?").await;
    type_into(page, "topic", cloud.topic.as_str()).await;
    click(page, "button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    click(page, "button", "Set up").await;
    until_words(page, "AWS denied sqs:CreateQueue").await;
    until_words(page, "Let an administrator make the queue").await;
    picture(&session, "4-denied").await;
    assert_eq!(queues().await, before, "what failed left nothing behind");

    type_into(page, "queue-url", &before[0]).await;
    click(page, ".given button", "Look at this queue").await;
    until_words(page, "Watchbell only reads the queue").await;
    picture(&session, "3-plan-adopted").await;
    click(page, "footer button", "Use this queue").await;
    until_words(page, "Subscribed to ssm-notify").await;
    until_running(&app.dir).await;
    cloud.publish(&Run { id: &id(1), document: "AWS-RunShellScript", nodes: 1, fail: 1, time_out: 0 }.messages()).await;
    click(page, "button", "Continue").await;
    click(page, "footer button", "Done").await;
    until_words(page, "AWS-RunShellScript").await;

    click(page, "nav button", "Settings").await;
    click(page, ".acts button", "Leave").await;
    until_words(page, "are your administrator's and stay").await;
    picture(&session, "8-leave").await;
    click(page, "dialog button", "Leave").await;
    until_words(page, "Kept the queue").await;
    assert_eq!(queues().await, before, "the administrator's queue stays");
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_crash_in_the_middle_goes_on_where_it_was_and_a_deleted_subscription_is_made_again() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let sns = aws_sdk_sns::Client::new(&stand_in_config(&aws.url).await);
    let (mut session, _alerts) = session().await;
    crate::cloud::sign_in(&mut session, "test", "test");
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let arguments = ["--endpoint-url", aws.url.as_str()];
    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    until_words(&app.page, "The environment").await;
    click(&app.page, "button", "Continue").await;
    until_words(&app.page, "Which topic do your commands notify?").await;
    click(&app.page, "label.topic", "ssm-notify").await;
    click(&app.page, "button", "Continue").await;
    until_words(&app.page, "What Watchbell will do").await;
    until("the choice is kept", async || app.dir.setup().exists()).await;
    drop(app); // Killed.

    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    let page = &app.page;
    until_words(page, "What Watchbell will do").await;
    click(page, "button", "Set up").await;
    until_words(page, "Subscribed to ssm-notify").await;
    click(page, "button", "Continue").await;
    click(page, "footer button", "Done").await;
    until_no_words(page, "How you want to be told").await;

    let told = sns.list_subscriptions_by_topic().topic_arn(cloud.topic.as_str()).send().await.unwrap();
    let ours = told
        .subscriptions
        .unwrap_or_default()
        .into_iter()
        .find(|one| one.endpoint.as_deref().is_some_and(|queue| queue.contains(":watchbell-")));
    sns.unsubscribe().subscription_arn(ours.unwrap().subscription_arn.unwrap()).send().await.unwrap();
    click(page, "nav button", "Settings").await;
    // A change of subscriptions is a reason to look at once; otherwise it would be seen within 15 minutes.
    click(page, ".acts button", "Pause").await;
    until_words(page, "waits in the queue").await;
    click(page, ".acts button", "Resume").await;
    until_words(page, "the subscription was deleted").await;
    click(page, ".acts button", "Repair").await;
    until_words(page, "Feed the queue from ssm-notify").await;
    picture(&session, "8-repair").await;
    click(page, "dialog button", "Make it again").await;
    until_words(page, "Made again").await;
    click(page, "dialog button", "Close").await;
    until_no_words(page, "the subscription was deleted").await;
    app.end().await.unwrap();
}

/// Up to the moment in which SNS was asked to subscribe and its answer is held back.
async fn until_held(app: &DrivenApp, gate: &mut Gate) {
    let page = &app.page;
    until_words(page, "The environment").await;
    click(page, "button", "Continue").await;
    until_words(page, "Which topic do your commands notify?").await;
    click(page, "label.topic", "ssm-notify").await;
    click(page, "button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    gate.hold("Subscribe");
    click(page, "button", "Set up").await;
    gate.holds().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_that_is_cancelled_or_cut_off_by_the_end_of_the_app_leaves_nothing() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let config = stand_in_config(&aws.url).await;
    let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let exists = async || {
        let queues = sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default();
        let told = sns.list_subscriptions_by_topic().topic_arn(cloud.topic.as_str()).send().await.unwrap();
        (queues, told.subscriptions.unwrap_or_default().len())
    };
    let before = exists().await;
    let (mut session, _alerts) = session().await;
    crate::cloud::sign_in(&mut session, "test", "test");
    let _host = TrayHost::start(&session.bus).await.unwrap();

    let mut gate = Gate::before(&aws.url).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &gate.url]).await.unwrap();
    until_held(&app, &mut gate).await;
    until_words(&app.page, "under way").await;
    assert_eq!(exists().await.0.len(), before.0.len() + 1, "the queue is made by then");
    click(&app.page, "button", "Cancel").await;
    until_words(&app.page, "Taking back").await;
    gate.open();
    until_words(&app.page, "what was made so far was taken back").await;
    until_words(&app.page, "taken back").await;
    assert_eq!(exists().await, before, "nothing stays of a cancelled run");
    click(&app.page, "button", "Back").await;
    until_words(&app.page, "What Watchbell will do").await;
    app.end().await.unwrap();

    let mut gate = Gate::before(&aws.url).await.unwrap();
    let app = DrivenApp::start(&session, "second", &["--endpoint-url", &gate.url]).await.unwrap();
    until_held(&app, &mut gate).await;
    let dir = app.dir.clone();
    let let_go = async {
        until("the engine has ended", async || status(&dir).await.is_none()).await;
        gate.open();
    };
    let (ended, ()) = tokio::join!(app.end(), let_go);
    ended.unwrap();
    assert_eq!(exists().await, before, "the end of the app waits until it is taken back");
}
