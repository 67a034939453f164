//! IAM Identity Center in the real window and the real tray: a new person signs in and subscribes, is signed out, and signs in again.

use fantoccini::Locator;
use watchbell_core::health::SubscriptionState;
use watchbell_engine::paths::DataDir;
use watchbell_engine::sign_in::Place;
use watchbell_engine::store::CredentialSource;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::identity_center::{ACCOUNTS, IdentityCenter, Manners, browser};
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::Cloud;
use crate::desk::{DATA, SOON, mark, session, status, until, until_within};
use crate::onboarding::{TAP, picture, tapped, wear_theme};
use crate::page::{ask, click, until_no_words, until_words};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_person_signs_in_in_the_browser_and_again_from_the_tray() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    // Short enough that a session that ended shows within the test, and long enough for the keychain of a loaded machine.
    let manners = Manners { token_seconds: 45, role_seconds: 15, ..Manners::default() };
    let center = IdentityCenter::start(manners).await.unwrap();
    let (mut session, mut alerts) = session().await;
    let program = browser(session.folder()).unwrap();
    session.set("BROWSER", program);
    let _keyring = reaches(&mut session, &center).await;
    let mut host = TrayHost::start(&session.bus).await.unwrap();

    wear_theme(&session);
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    let item = mark(&mut host).await;
    until_words(page, "Whose rights may Watchbell use?").await;
    ask(page, TAP).await;
    click(page, "[role=radio]", "IAM Identity Center").await;
    page.find(Locator::Id("start-url")).await.unwrap().send_keys(&center.start_url()).await.unwrap();
    picture(&session, "center-1").await;
    click(page, "footer button", "Sign in in the browser").await;
    until_words(page, "Production").await;
    click(page, "label.choice", "Production").await;
    until_words(page, "OnCall").await;
    click(page, "label.choice", "OnCall").await;
    picture(&session, "center-2").await;
    click(page, "footer button", "Continue").await;
    until_words(page, "Which topic do your commands notify?").await;
    click(page, "label.topic", "ssm-notify").await;
    click(page, "footer button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    click(page, "footer button", "Set up").await;
    until_words(page, "Subscribed to ssm-notify").await;
    click(page, "button", "Show a test alert").await;
    let alert = alerts.next(SOON).await.expect("the test alert is shown");
    assert_eq!(alert.summary, "Watchbell can ring", "it is the test alert");
    assert_eq!(center.count("Authorize"), 1, "the browser was sent there once: {:?}", center.seen());
    assert_eq!(center.wrong(), Vec::<String>::new(), "AWS would have taken all of it");

    let state = async || status(&app.dir).await.and_then(|now| now.subscriptions.first().map(|line| line.state));
    until("it hears", async || state().await == Some(SubscriptionState::Ok)).await;
    center.end_sessions();
    until_within(SOON * 2, "it is signed out", async || {
        // A message ends the long poll, so that AWS is asked again.
        cloud.publish(&[r#"{"commandId":"x"}"#.to_owned()]).await;
        state().await == Some(SubscriptionState::SignedOut)
    })
    .await;
    until("the tray offers a sign-in", async || {
        item.menu().await.is_ok_and(|menu| menu.iter().any(|line| line.label == "Sign in…"))
    })
    .await;
    item.click_words("Sign in…").await.unwrap();
    until("it hears again", async || state().await == Some(SubscriptionState::Ok)).await;
    assert_eq!(center.count("Authorize"), 2, "one press, one page: {:?}", center.seen());

    let shown = "return document.documentElement.outerHTML + JSON.stringify({...localStorage})";
    let shown = ask(page, shown).await.to_string();
    let (answered, told) = (tapped(page, "answered").await, tapped(page, "told").await);
    assert!(answered.len() > 3, "the tap hears: {}", answered.len());
    assert!(told.iter().any(|text| text.contains("standing-changed")), "the tap hears events: {}", told.len());
    let secrets = center.secrets();
    assert!(secrets.len() > 3, "there are secrets to look for");
    for secret in secrets {
        let part = &secret[..32.min(secret.len())];
        assert!(!shown.contains(part), "the page holds no token");
        assert!(!answered.iter().chain(&told).any(|text| text.contains(part)), "and is told none");
        assert!(!app.said().contains(part), "no log holds one");
    }
    app.end().await.unwrap();
}

/// Has IAM Identity Center called there, and a keychain for what it gives.
async fn reaches(session: &mut Session, center: &IdentityCenter) -> Keyring {
    session.set("AWS_ENDPOINT_URL_SSO_OIDC", &center.url);
    session.set("AWS_ENDPOINT_URL_SSO", &center.url);
    Keyring::start(&session.bus, session.folder()).await.unwrap()
}

/// A role there, of whoever is signed in.
fn on_call(center: &IdentityCenter) -> CredentialSource {
    CredentialSource::IdentityCenter {
        place: Place::new(&center.start_url(), "us-east-1").unwrap(),
        account_id: ACCOUNTS[0].0.to_owned(),
        role_name: "OnCall".to_owned(),
    }
}

/// A desktop without a working browser: the code is the way, and the window has it, however often it is made anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_browser_a_press_in_the_tray_shows_the_code_in_the_window() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    // Nobody types the code before this test says so.
    let center = IdentityCenter::start(Manners { pending: u32::MAX, ..Manners::default() }).await.unwrap();
    let (mut session, _alerts) = session().await;
    // It starts, and ends with a failure at once, as xdg-open does without a browser.
    session.set("BROWSER", "/bin/false");
    let _keyring = reaches(&mut session, &center).await;
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path(DATA))).unwrap();
    cloud.subscribe(&dir, None, on_call(&center)).await;

    wear_theme(&session);
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    let item = mark(&mut host).await;
    let state = async || status(&app.dir).await.and_then(|now| now.subscriptions.first().map(|line| line.state));
    until("it is signed out", async || state().await == Some(SubscriptionState::SignedOut)).await;
    until("the tray offers a sign-in", async || {
        item.menu().await.is_ok_and(|menu| menu.iter().any(|line| line.label == "Sign in…"))
    })
    .await;
    item.click_words("Sign in…").await.unwrap();
    until_words(page, "WXYZ-1234").await;
    picture(&session, "center-code").await;
    page.refresh().await.unwrap();
    until_words(page, "WXYZ-1234").await;
    assert_eq!(center.count("StartDeviceAuthorization"), 1, "the same one: {:?}", center.seen());

    item.click_words("Sign in…").await.unwrap();
    until("a second press calls the first off", async || center.count("StartDeviceAuthorization") == 2).await;
    until_words(page, "WXYZ-1234").await;
    click(page, ".again button", "Cancel the sign-in").await;
    until_no_words(page, "WXYZ-1234").await;
    click(page, ".again button", "Sign in…").await;
    until_words(page, "WXYZ-1234").await;
    center.change(|manners| manners.pending = 0);
    until("it hears again", async || state().await == Some(SubscriptionState::Ok)).await;
    until_no_words(page, "WXYZ-1234").await;
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_in_the_tray_that_fails_opens_the_window_with_the_reason() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let center = IdentityCenter::start(Manners { deny: true, ..Manners::default() }).await.unwrap();
    let (mut session, _alerts) = session().await;
    let program = browser(session.folder()).unwrap();
    session.set("BROWSER", program);
    let _keyring = reaches(&mut session, &center).await;
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path(DATA))).unwrap();
    cloud.subscribe(&dir, None, on_call(&center)).await;

    wear_theme(&session);
    let in_the_tray = async {
        let item = mark(&mut host).await;
        until("the tray offers a sign-in", async || {
            item.menu().await.is_ok_and(|menu| menu.iter().any(|line| line.label == "Sign in…"))
        })
        .await;
        item.click_words("Sign in…").await.unwrap();
    };
    let hidden = ["--endpoint-url", &aws.url, "--hidden"];
    let (app, ()) = tokio::join!(DrivenApp::start(&session, DATA, &hidden), in_the_tray);
    let app = app.unwrap();
    until_words(&app.page, "refused on the page").await;
    picture(&session, "center-denied").await;
    assert_eq!(center.count("Authorize"), 1, "it is told, and not begun again: {:?}", center.seen());
    center.change(|manners| manners.deny = false);
    click(&app.page, ".again button", "Sign in…").await;
    let state = async || status(&app.dir).await.and_then(|now| now.subscriptions.first().map(|line| line.state));
    until("it hears again", async || state().await == Some(SubscriptionState::Ok)).await;
    until_no_words(&app.page, "refused on the page").await;
    app.end().await.unwrap();
}

/// On a desktop without a tray the window is all that warns.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn before_a_sign_in_ends_the_window_says_so_and_a_press_puts_the_end_off() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let manners = Manners { token_seconds: 1500, role_seconds: 1500, refreshes: false, ..Manners::default() };
    let center = IdentityCenter::start(manners).await.unwrap();
    let (mut session, _alerts) = session().await;
    let program = browser(session.folder()).unwrap();
    session.set("BROWSER", program);
    let _keyring = reaches(&mut session, &center).await;
    let dir = DataDir::resolve(Some(&session.path(DATA))).unwrap();
    cloud.subscribe(&dir, None, on_call(&center)).await;

    wear_theme(&session);
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    let state = async || status(&app.dir).await.and_then(|now| now.subscriptions.first().map(|line| line.state));
    until("it is signed out", async || state().await == Some(SubscriptionState::SignedOut)).await;
    click(page, ".banners button", "Sign in…").await;
    until("it hears", async || state().await == Some(SubscriptionState::Ok)).await;
    until_words(page, "ssm-notify signs out in 2").await;
    picture(&session, "signs-out").await;
    center.change(|manners| manners.refreshes = true);
    click(page, ".banners button", "Sign in…").await;
    until_no_words(page, "signs out in").await;
    assert_eq!(center.count("Authorize"), 2, "one press, one page: {:?}", center.seen());
    assert_eq!(state().await, Some(SubscriptionState::Ok), "and it was heard all the time");
    app.end().await.unwrap();
}
