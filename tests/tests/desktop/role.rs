//! A role with an external id and an MFA device in the real window, before there is a subscription: checked while it is typed, there
//! again after a crash, its code asked for, refused, typed again and kept nowhere. ministack takes any code, so what AWS says to a
//! wrong one is put into its mouth.

use fantoccini::Client;
use secrecy::ExposeSecret;
use serde_json::Value;
use watchbell_core::health::SubscriptionState;
use watchbell_engine::keychain::{
    ChildStore, KeychainError, Patience, SecretStore, access_key_item, mfa_session_item, session_token_item,
};
use watchbell_engine::setup::{Draft, DraftStep};
use watchbell_engine::store::{CredentialSource, Reader};
use watchbell_tests::harness::app::{DrivenApp, built};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::Cloud;
use crate::desk::{DATA, Run, id, mark, session, status, until};
use crate::onboarding::{TAP, nowhere, picture, tapped, wear_theme};
use crate::page::{ask, click, fill, until_no_words, until_words};

const ROLE: &str = "arn:aws:iam::000000000000:role/watchbell-reader";
const SERIAL: &str = "arn:aws:iam::000000000000:mfa/ann";
const KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI-planted-in-the-window";

struct Chain(ChildStore);

impl Chain {
    fn of(session: &Session) -> Self {
        let store = ChildStore::of(built("watchbellctl").unwrap());
        Self(store.with_variable("DBUS_SESSION_BUS_ADDRESS", &session.bus.address))
    }

    async fn text(&self, item: &str) -> Option<String> {
        match self.0.get(item, Patience::Background).await {
            Ok(secret) => Some(secret.expose_secret().to_owned()),
            Err(KeychainError::NotFound(_)) => None,
            Err(other) => panic!("{other}"),
        }
    }

    /// Secret and token of the session that a code opened.
    async fn opened(&self, external_id: &str) -> Option<[String; 2]> {
        let named = self.text(&mfa_session_item(&format!("{SERIAL} {ROLE} {external_id}"))).await?;
        let id = serde_json::from_str::<Value>(&named).unwrap()["access_key_id"].as_str().unwrap().to_owned();
        // One that is being forgotten loses these first.
        Some([self.text(&access_key_item(&id)).await?, self.text(&session_token_item(&id)).await?])
    }
}

async fn type_rights(page: &Client, external_id: &str) {
    until_words(page, "Secret access key").await;
    fill(page, "#key-id", KEY).await;
    fill(page, "#secret", SECRET).await;
    click(page, "summary", "Assume a role").await;
    fill(page, "#role", ROLE).await;
    fill(page, "#external-id", external_id).await;
    fill(page, "#mfa-device", SERIAL).await;
}

async fn give(app: &DrivenApp, code: &str) {
    fill(&app.page, "#mfa-code", code).await;
    click(&app.page, "footer button", "Sign in").await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_role_behind_a_device_is_set_up_in_the_window_and_its_code_is_kept_nowhere() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let gate = Gate::before(&aws.url).await.unwrap();
    let (session, _alerts) = session().await;
    let _keyring = Keyring::start(&session.bus, session.folder()).await.unwrap();
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let chain = Chain::of(&session);
    let arguments = ["--endpoint-url", gate.url.as_str()];

    wear_theme(&session);
    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    let page = &app.page;
    type_rights(page, "acme").await;
    fill(page, "#role", "watchbell-reader").await;
    until_words(page, "where a role's ARN is needed").await;
    picture(&session, "role-1-mistake").await;
    fill(page, "#role", ROLE).await;
    until_no_words(page, "where a role's ARN is needed").await;
    picture(&session, "role-2").await;
    click(page, "footer button", "Continue").await;
    until_words(page, &format!("Code of {SERIAL}")).await;
    picture(&session, "role-3-code").await;
    let draft = async || Draft::load(&app.dir).is_some_and(|draft| draft.role_terms.mfa_serial.is_some());
    until("what was typed is kept", draft).await;
    drop(app); // Killed.

    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    let page = &app.page;
    until_words(page, "Whose rights may Watchbell use?").await;
    ask(page, TAP).await;
    let typed =
        "return ['key-id', 'role', 'external-id', 'mfa-device'].map((id) => document.getElementById(id)?.value)";
    until("the fields are as they were", async || {
        ask(page, typed).await == serde_json::json!([KEY, ROLE, "acme", SERIAL])
    })
    .await;
    click(page, "footer button", "Continue").await;
    until_words(page, &format!("Code of {SERIAL}")).await;
    assert!(!gate.seen().iter().any(|action| action == "AssumeRole"), "the role is not tried without its code");
    let said = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    gate.answer(
        "GetSessionToken",
        403,
        format!("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{said}</Message></Error></ErrorResponse>"),
    );
    give(&app, "111111").await;
    until_words(page, "AWS did not take the code").await;
    picture(&session, "role-4-refused").await;
    assert_eq!(chain.opened("acme").await, None, "nothing is kept of a wrong one");
    gate.pass("GetSessionToken");
    give(&app, "424242").await;
    until_words(page, "Which topic do your commands notify?").await;
    click(page, "label.topic", "ssm-notify").await;
    click(page, "footer button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    until("the step is kept", async || Draft::load(&app.dir).is_some_and(|draft| draft.step == DraftStep::Plan)).await;
    click(page, "footer button", "Set up").await;
    until_words(page, "Subscribed to ssm-notify").await;

    let held = Reader::open(&app.dir).unwrap().subscriptions().unwrap();
    let role = held[0].role().expect("the role is remembered");
    assert_eq!(
        (role.arn.as_str(), role.external_id.as_deref(), role.mfa_serial.as_deref()),
        (ROLE, Some("acme"), Some(SERIAL)),
        "with its terms"
    );
    let assumed = gate.bodies("AssumeRole");
    assert!(!assumed.is_empty() && assumed.iter().all(|body| body.contains("ExternalId=acme")), "{assumed:?}");
    assert_eq!(gate.bodies("GetSessionToken").len(), 2, "each code went to AWS once");
    let state = async || status(&app.dir).await.and_then(|now| now.subscriptions.first().map(|line| line.state));
    until("the engine hears with that session", async || state().await == Some(SubscriptionState::Ok)).await;
    let [secret, token] = chain.opened("acme").await.expect("the session is in the keychain");
    nowhere(&session, &app, "111111", "setup-stepped", Some("give_sign_in_code")).await;
    nowhere(&session, &app, "424242", "setup-stepped", Some("give_sign_in_code")).await;
    for planted in [SECRET, &secret, &token] {
        nowhere(&session, &app, planted, "setup-stepped", None).await;
    }
    click(page, "button", "Continue").await;
    click(page, "footer button", "Done").await;
    cloud.publish(&Run { id: &id(1), document: "AWS-RunShellScript", nodes: 1, fail: 1, time_out: 0 }.messages()).await;
    until_words(page, "AWS-RunShellScript").await;

    // A further set-up that comes to nothing takes its own session with it, and no other.
    click(page, "nav button", "Settings").await;
    click(page, "button", "Add a topic").await;
    type_rights(page, "other").await;
    click(page, "footer button", "Continue").await;
    until_words(page, &format!("Code of {SERIAL}")).await;
    give(&app, "535353").await;
    until_words(page, "Which topic do your commands notify?").await;
    assert!(chain.opened("other").await.is_some(), "the keychain has it meanwhile");
    click(page, "header button", "Cancel").await;
    until("it is forgotten", async || chain.opened("other").await.is_none()).await;
    assert!(chain.opened("acme").await.is_some(), "what a subscription uses stays");
    assert!(chain.text(&access_key_item(KEY)).await.is_some(), "and so does its key");
    app.end().await.unwrap();
}

/// Monday morning: the session that a code opened on Friday is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_behind_a_device_asks_for_its_code_in_the_window_while_others_are_heard() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let sns = aws_sdk_sns::Client::new(&stand_in_config(&aws.url).await);
    let behind = sns.create_topic().name("behind-a-device").send().await.unwrap().topic_arn.unwrap();
    let gate = Gate::before(&aws.url).await.unwrap();
    let (session, _alerts) = session().await;
    let folder = session.path("home/.aws");
    std::fs::create_dir_all(&folder).unwrap();
    let config = format!(
        "[profile base]\naws_access_key_id = test\naws_secret_access_key = test\nregion = us-east-1\n\
         [profile mfa]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = {SERIAL}\nregion = us-east-1\n"
    );
    std::fs::write(folder.join("config"), config).unwrap();
    let _keyring = Keyring::start(&session.bus, session.folder()).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let chain = Chain::of(&session);
    let arguments = ["--endpoint-url", gate.url.as_str()];

    wear_theme(&session);
    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    let page = &app.page;
    until_words(page, "Whose rights may Watchbell use?").await;
    click(page, "label.choice", "mfa").await;
    click(page, "footer button", "Continue").await;
    until_words(page, &format!("Code of {SERIAL}")).await;
    assert!(!gate.seen().iter().any(|action| action == "AssumeRole"), "the role is not tried without its code");
    give(&app, "424242").await;
    until_words(page, "Which topic do your commands notify?").await;
    click(page, "label.topic", "behind-a-device").await;
    click(page, "footer button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    click(page, "footer button", "Set up").await;
    until_words(page, "Subscribed to behind-a-device").await;
    let base = CredentialSource::Profile { name: Some("base".into()) };
    cloud.subscribe(&app.dir, None, base).await;
    let dir = app.dir.clone();
    let state = async |topic: &str| {
        status(&dir).await?.subscriptions.iter().find(|line| line.topic_arn.as_str() == topic).map(|line| line.state)
    };
    for topic in [behind.as_str(), cloud.topic.as_str()] {
        until("it is heard", async || state(topic).await == Some(SubscriptionState::Ok)).await;
    }
    click(page, "button", "Continue").await;
    click(page, "footer button", "Done").await;
    app.end().await.unwrap();
    let named = mfa_session_item(&format!("{SERIAL} {ROLE} "));
    chain.0.delete(&named, Patience::Background).await.unwrap();

    let app = DrivenApp::start(&session, DATA, &arguments).await.unwrap();
    let page = &app.page;
    let item = mark(&mut host).await;
    until("it is signed out", async || state(&behind).await == Some(SubscriptionState::SignedOut)).await;
    ask(page, TAP).await;
    cloud.publish(&Run { id: &id(1), document: "AWS-RunShellScript", nodes: 1, fail: 1, time_out: 0 }.messages()).await;
    until_words(page, "AWS-RunShellScript").await;
    picture(&session, "mfa-1-signed-out").await;
    until("the tray offers a sign-in", async || {
        item.menu().await.is_ok_and(|menu| menu.iter().any(|line| line.label == "Sign in for behind-a-device…"))
    })
    .await;
    item.click_words("Sign in for behind-a-device…").await.unwrap();
    until_words(page, &format!("Code of {SERIAL}")).await;
    let typing = "return document.activeElement?.labels?.[0]?.innerText ?? null";
    until("one press, and the code can be typed", async || {
        ask(page, typing).await.as_str().is_some_and(|label| label.contains(SERIAL))
    })
    .await;
    picture(&session, "mfa-2-code").await;
    page.active_element().await.unwrap().send_keys("535353\u{e007}").await.unwrap();
    until("it is heard again", async || state(&behind).await == Some(SubscriptionState::Ok)).await;
    until_no_words(page, &format!("Code of {SERIAL}")).await;
    assert!(chain.text(&named).await.is_some(), "the session is in the keychain");
    let asked = tapped(page, "asked").await;
    assert_eq!(asked.iter().filter(|text| text.contains("535353")).count(), 1, "the code goes over once");
    assert!(!app.said().contains("535353"), "and into no log");
    app.end().await.unwrap();
}
