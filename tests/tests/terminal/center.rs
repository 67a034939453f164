//! IAM Identity Center through the real program, with a real keychain: in the browser, with a code, renewed, ended, begun again.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, ChildStdout};
use watchbell_engine::keychain::{ChildStore, KeychainError, Patience, SecretStore, identity_center_item};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::identity_center::{ACCOUNTS, IdentityCenter, Manners, browser};
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::search::{finds, shown_by_a_process};
use crate::world::World;

pub(crate) const REGION: &str = "us-east-1";

pub(crate) struct Scene {
    pub(crate) world: World,
    pub(crate) center: IdentityCenter,
    pub(crate) terminal: Terminal,
    _keyring: Keyring,
}

impl Scene {
    pub(crate) async fn new(manners: Manners) -> Self {
        let world = World::new(Auth::Open).await;
        let url = world.aws.url.clone();
        Self::before(world, &url, manners).await
    }

    /// With AWS behind this address.
    async fn before(world: World, endpoint: &str, manners: Manners) -> Self {
        let center = IdentityCenter::start(manners).await.unwrap();
        let mut terminal = Terminal::without_credentials(endpoint).await.unwrap();
        let browser = browser(terminal.session.folder()).unwrap();
        terminal.session.set("BROWSER", browser);
        terminal.session.set("AWS_ENDPOINT_URL_SSO_OIDC", &center.url);
        terminal.session.set("AWS_ENDPOINT_URL_SSO", &center.url);
        // The most that can be logged.
        terminal.session.set("WATCHBELL_LOG", "trace");
        let keyring = Keyring::start(&terminal.session.bus, &terminal.session.path("home")).await.unwrap();
        Self { world, center, terminal, _keyring: keyring }
    }

    pub(crate) async fn subscribe(&self, more: &[&str]) -> Ran {
        let start = self.center.start_url();
        let line =
            ["subscribe", "--topic-arn", &self.world.topic, "--yes", "--sso-start-url", &start, "--sso-region", REGION];
        self.terminal.run(&[&line[..], more].concat()).await.unwrap()
    }

    pub(crate) fn store(&self) -> ChildStore {
        let tests = std::env::current_exe().unwrap();
        ChildStore::of(tests.ancestors().nth(2).unwrap().join("watchbellctl"))
            .with_variable("DBUS_SESSION_BUS_ADDRESS", &self.terminal.session.bus.address)
    }

    /// The kinds of items that the keychain has.
    async fn kept(&self) -> Vec<&'static str> {
        let mut kept = Vec::new();
        for kind in ["registration", "access-token", "refresh-token"] {
            let item = identity_center_item(kind, &self.center.start_url(), REGION);
            match self.store().get(&item, Patience::Background).await {
                Ok(_) => kept.push(kind),
                Err(KeychainError::NotFound(_)) => {}
                Err(other) => panic!("{other}"),
            }
        }
        kept
    }

    /// Looks for every secret that the stand-in ever gave.
    fn nothing_in_the_clear(&self) {
        let secrets = self.center.secrets();
        assert!(secrets.len() > 3, "there are secrets to look for");
        for secret in secrets {
            // A quarter of it is a find, too.
            let part = &secret[..32.min(secret.len())];
            for folder in ["watchbell", "config", "cache", "state", "run"] {
                let found = finds(&self.terminal.session.path(folder), part);
                assert_eq!(found, Vec::<PathBuf>::new(), "a secret is in {folder}");
            }
            assert_eq!(shown_by_a_process(part), None, "a secret is in a process's arguments or environment");
        }
    }
}

pub(crate) const CHOSEN: [&str; 4] = ["--account-id", ACCOUNTS[0].0, "--role-name", "OnCall"];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn in_the_browser_to_a_subscription_and_out_again() {
    let scene = Scene::new(Manners::default()).await;
    let made = scene.subscribe(&CHOSEN).await;
    assert_eq!(made.code, 0, "{made:?}");
    let seen = scene.center.seen();
    assert_eq!(seen[..3], ["RegisterClient", "Authorize", "CreateToken authorization_code"], "PKCE in the browser");
    assert_eq!(scene.center.count("GetRoleCredentials"), 1, "one answer serves every call: {seen:?}");
    assert_eq!(scene.center.wrong(), Vec::<String>::new(), "AWS would have taken all of it");
    assert_eq!(scene.kept().await, ["registration", "access-token", "refresh-token"], "each in an item of its own");

    scene.world.publish(r#"{"commandId":"x"}"#).await;
    let drained = scene.terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!((drained.code, &drained.document()["received"]), (0, &1.into()), "{drained:?}");
    assert_eq!(scene.center.count("Authorize"), 1, "nobody has to sign in for that");
    assert!(scene.terminal.data().join("logs").read_dir().unwrap().next().is_some(), "there are logs to look at");
    let listed = scene.terminal.run(&["subscriptions"]).await.unwrap();
    let held = &listed.document()["subscriptions"][0]["credentials"]["identity_center"];
    assert_eq!(
        (&held["account_id"], &held["role_name"]),
        (&ACCOUNTS[0].0.into(), &"OnCall".into()),
        "by id: {listed:?}"
    );
    scene.nothing_in_the_clear();

    let left = scene.terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    assert_eq!(left.code, 0, "{left:?}");
    assert_eq!(scene.kept().await, Vec::<&str>::new(), "leaving forgets every item");
    assert_eq!(scene.center.count("Logout"), 1, "and AWS is told");
    scene.nothing_in_the_clear();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn with_a_code_at_the_pace_that_aws_asks_for() {
    let scene = Scene::new(Manners { pending: 1, slow_down: 1, ..Manners::default() }).await;
    let begun = watchbell_engine::clock::monotonic();
    let made = scene.subscribe(&[&CHOSEN[..], &["--device"]].concat()).await;
    assert_eq!(made.code, 0, "{made:?}");
    for words in ["WXYZ-1234", "/device", "same code"] {
        assert!(made.stderr.contains(words), "the person is told {words:?}: {}", made.stderr);
    }
    let seen = scene.center.seen();
    assert_eq!(seen.iter().filter(|seen| seen.ends_with("device_code")).count(), 3, "{seen:?}");
    assert!(!seen.contains(&"Authorize".to_owned()), "no browser was opened");
    // 1 s, 1 s, then 5 s more.
    assert!(begun.elapsed() >= Duration::from_secs(8), "slow_down slows down");
    scene.nothing_in_the_clear();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_refused_has_its_words_and_leaves_nothing() {
    let scene = Scene::new(Manners { deny: true, ..Manners::default() }).await;
    let device = [&CHOSEN[..], &["--device"]].concat();
    for (more, code, words) in [(&CHOSEN[..], 3, "refused on the page"), (&device[..], 3, "refused on the page")] {
        let ran = scene.subscribe(more).await;
        assert_eq!(ran.code, code, "{ran:?}");
        assert!(ran.words().contains(words), "{}", ran.words());
    }
    scene.center.change(|manners| (manners.deny, manners.expired) = (false, true));
    let ran = scene.subscribe(&device).await;
    assert!(ran.code == 1 && ran.words().contains("within the time"), "{ran:?}");

    scene.center.change(|manners| manners.expired = false);
    let ran = scene.subscribe(&["--account-id", ACCOUNTS[0].0, "--role-name", "Nobody"]).await;
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.words().contains("role Nobody of account 111111111111"), "{}", ran.words());
    // Without a terminal nothing is chosen for the person; both pages of accounts are named.
    let ran = scene.subscribe(&[]).await;
    assert_eq!(ran.code, 2, "{ran:?}");
    for (id, name) in ACCOUNTS {
        assert!(ran.words().contains(id) && ran.words().contains(name), "{}", ran.words());
    }
    let ran = scene.subscribe(&["--account-id", ACCOUNTS[0].0]).await;
    assert!(ran.code == 2 && ran.words().contains("Admin, OnCall, ReadOnly"), "{ran:?}");
    assert_eq!(scene.kept().await, Vec::<&str>::new(), "a run that fails leaves no sign-in behind");
    assert_eq!(scene.world.queues().await, Vec::<String>::new(), "and nothing was made");

    let bad = [
        "subscribe",
        "--topic-arn",
        &scene.world.topic,
        "--yes",
        "--sso-start-url",
        "http://a.example/start",
        "--sso-region",
        REGION,
    ];
    let ran = scene.terminal.run(&bad).await.unwrap();
    assert!(ran.code == 2 && ran.words().contains("awsapps.com/start"), "{ran:?}");
    scene.nothing_in_the_clear();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_keychain_nobody_is_sent_to_the_browser() {
    let mut scene = Scene::new(Manners::default()).await;
    scene.terminal.session.set("DBUS_SESSION_BUS_ADDRESS", "unix:path=/nonexistent");
    let ran = scene.subscribe(&CHOSEN).await;
    assert_eq!(ran.code, 5, "{ran:?}");
    assert_eq!(scene.center.seen(), Vec::<String>::new(), "it would have been for nothing");
}

/// A running `watch`.
pub(crate) struct Watching {
    child: Child,
    lines: tokio::io::Lines<BufReader<ChildStdout>>,
}

impl Watching {
    pub(crate) fn start(scene: &Scene) -> Self {
        let mut child = scene.terminal.command(&["watch"]).unwrap().stderr(Stdio::null()).spawn().unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines }
    }

    async fn next(&mut self) -> Value {
        let line = tokio::time::timeout(Duration::from_secs(40), self.lines.next_line()).await;
        serde_json::from_str(&line.expect("something happens").unwrap().expect("it runs")).unwrap()
    }

    /// Waits until the subscription's health is this.
    pub(crate) async fn state(&mut self, wanted: &str) -> Value {
        loop {
            let told = self.next().await;
            if told["event"] == "health" && told["subscriptions"][0]["state"] == wanted {
                return told["subscriptions"][0].clone();
            }
        }
    }

    pub(crate) async fn end(mut self) {
        self.child.kill().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_running_poller_outlives_many_tokens_without_a_dead_zone() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let manners = Manners { token_seconds: 9, role_seconds: 6, ..Manners::default() };
    let scene = Scene::before(world, &gate.url, manners).await;
    assert_eq!(scene.subscribe(&CHOSEN).await.code, 0);
    // Two subscriptions share one sign-in, whose refresh tokens are good for one use each.
    let second = scene.world.sns.create_topic().name("second").send().await.unwrap().topic_arn.unwrap();
    let start = scene.center.start_url();
    let line = ["subscribe", "--topic-arn", &second, "--yes", "--sso-start-url", &start, "--sso-region", REGION];
    let made = scene.terminal.run(&[&line[..], &CHOSEN].concat()).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    assert_eq!(scene.center.count("Authorize"), 1, "one sign-in serves both");

    let refreshes = || scene.center.count("CreateToken refresh_token");
    let (mut watching, from) = (Watching::start(&scene), refreshes());
    let mut received = 0;
    let mut published = 0;
    // Messages end each long poll, so that there are calls at any moment of a token's life.
    while refreshes() - from < 4 {
        scene.world.publish(r#"{"commandId":"x"}"#).await;
        published += 1;
        while received < published {
            let told = watching.next().await;
            match told["event"].as_str() {
                Some("received") => received += told["received"].as_u64().unwrap(),
                Some("health") => {
                    let states: Vec<_> =
                        told["subscriptions"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
                    assert!(
                        states.iter().all(|state| ["ok", "connecting", "unchecked"].contains(&state.as_str().unwrap())),
                        "no renewal is noticed: {told}"
                    );
                }
                _ => {}
            }
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    watching.end().await;
    let signed: Vec<_> = gate.signed().into_iter().filter(|one| one.action == "ReceiveMessage").collect();
    assert!(signed.len() > 10, "there were calls to look at: {}", signed.len());
    for call in &signed {
        let until = scene.center.good_until(&call.token).expect("signed with what the portal gave");
        assert!(call.at < until, "a call was signed with credentials that had ended {} s before", call.at - until);
    }
    let tokens: std::collections::BTreeSet<_> = signed.iter().map(|call| &call.token).collect();
    assert!(tokens.len() >= 4, "several sets of credentials took turns: {}", tokens.len());
    scene.nothing_in_the_clear();
}

/// How many alerts of deafness were put up.
fn rings(screen: &NotificationServer) -> usize {
    screen.all().iter().filter(|shown| shown.replaces == 0 && shown.summary.contains("hear")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_renewal_is_seen_coming_ends_in_signed_out_and_one_command_heals_it() {
    // Tried to be renewed when a third of its time is left, which is ten seconds before its end.
    let manners = Manners { token_seconds: 30, role_seconds: 3, ..Manners::default() };
    let scene = Scene::new(manners).await;
    let screen = NotificationServer::start(&scene.terminal.session.bus, &["actions", "body"]).await.unwrap();
    assert_eq!(scene.subscribe(&CHOSEN).await.code, 0);
    scene.center.change(|manners| manners.refuse_refresh = true);
    let mut watching = Watching::start(&scene);
    watching.state("ok").await;
    let seen_coming = async {
        loop {
            let told = scene.terminal.run(&["status"]).await.unwrap();
            let line = told.document()["subscriptions"][0].clone();
            if line["renews"] == false || line["state"] == "signed_out" {
                return line;
            }
            // A message ends the long poll, so that there are calls at any moment.
            scene.world.publish(r#"{"commandId":"x"}"#).await;
        }
    };
    let line = tokio::time::timeout(Duration::from_secs(40), seen_coming).await.expect("it is noticed");
    assert_eq!(line["state"], "ok", "it is heard to the end: {line}");
    assert!(line["expires_at"].is_string(), "and the end is known: {line}");
    let out = watching.state("signed_out").await;
    assert!(out["reason"].as_str().unwrap().contains("signed out of IAM Identity Center"), "{out}");
    assert!(out["hint"].as_str().unwrap().contains("watchbellctl sign-in"), "{out}");
    assert_eq!(scene.kept().await, ["registration", "access-token"], "what was refused is forgotten");
    let rung = async {
        while rings(&screen) == 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(10), rung).await.expect("deafness rings");
    assert_eq!(rings(&screen), 1, "once");

    scene.center.change(|manners| *manners = Manners::default());
    let again = scene.terminal.run(&["sign-in"]).await.unwrap();
    assert_eq!((again.code, &again.document()["ok"]), (0, &true.into()), "{again:?}");
    let begun = watchbell_engine::clock::monotonic();
    watching.state("ok").await;
    assert!(begun.elapsed() < Duration::from_secs(25), "the engine goes on at once, not with its next try");
    watching.end().await;
    scene.nothing_in_the_clear();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_an_administrator_ends_is_signed_out() {
    let scene = Scene::new(Manners::default()).await;
    assert_eq!(scene.subscribe(&CHOSEN).await.code, 0);
    scene.center.end_sessions();
    let ran = scene.terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!(ran.code, 3, "{ran:?}");
    assert!(ran.words().contains("signed out of IAM Identity Center"), "{}", ran.words());
    assert!(ran.words().contains("watchbellctl sign-in"), "{}", ran.words());
    assert_eq!(scene.terminal.run(&["sign-in", "--device"]).await.unwrap().code, 0, "the code is a way back, too");
    assert_eq!(scene.terminal.run(&["watch", "--once"]).await.unwrap().code, 0);
}
