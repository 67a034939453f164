//! Roles with an external id and an MFA device, profiles that name one, and temporary keys, through the real program.
//!
//! ministack takes any code, so what AWS says to a wrong one is put into its mouth.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use watchbell_engine::keychain::{
    ChildStore, KeychainError, Patience, SecretStore, access_key_item, mfa_session_item, session_token_item,
};
use watchbell_tests::harness::app::built;
use watchbell_tests::harness::black_hole::Silent;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::search::finds;
use crate::world::World;

const ROLE: &str = "arn:aws:iam::000000000000:role/watchbell-reader";
const SERIAL: &str = "arn:aws:iam::000000000000:mfa/ann";

struct Scene {
    world: World,
    gate: Gate,
    terminal: Terminal,
    _keyring: Keyring,
}

impl Scene {
    async fn new() -> Self {
        let world = World::new(Auth::Open).await;
        let gate = Gate::before(&world.aws.url).await.unwrap();
        let mut terminal = Terminal::start(&gate.url).await.unwrap();
        terminal.session.set("WATCHBELL_LOG", "trace");
        let keyring = Keyring::start(&terminal.session.bus, &terminal.session.path("home")).await.unwrap();
        Self { world, gate, terminal, _keyring: keyring }
    }

    fn store(&self) -> ChildStore {
        let tests = std::env::current_exe().unwrap();
        ChildStore::of(tests.ancestors().nth(2).unwrap().join("watchbellctl"))
            .with_variable("DBUS_SESSION_BUS_ADDRESS", &self.terminal.session.bus.address)
    }

    /// The key of the session that a code opened, and its secret and token.
    async fn session(&self, item: &str) -> Option<(String, [String; 2])> {
        let text = |secret: secrecy::SecretString| secrecy::ExposeSecret::expose_secret(&secret).to_owned();
        let named = match self.store().get(item, Patience::Background).await {
            Ok(named) => text(named),
            Err(KeychainError::NotFound(_)) => return None,
            Err(other) => panic!("{other}"),
        };
        let id =
            serde_json::from_str::<serde_json::Value>(&named).unwrap()["access_key_id"].as_str().unwrap().to_owned();
        let secret = text(self.store().get(&access_key_item(&id), Patience::Background).await.unwrap());
        let token = text(self.store().get(&session_token_item(&id), Patience::Background).await.unwrap());
        Some((id, [secret, token]))
    }

    fn count(&self, action: &str) -> usize {
        self.gate.seen().iter().filter(|seen| *seen == action).count()
    }
}

fn item(external_id: &str) -> String {
    mfa_session_item(&format!("{SERIAL} {ROLE} {external_id}"))
}

fn refused(ran: &Ran, code: i32, words: &[&str]) {
    assert_eq!(ran.code, code, "{ran:?}");
    for word in words {
        assert!(ran.words().contains(word), "{word:?}: {}", ran.words());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_code_opens_a_session_that_lasts_until_it_ends_and_is_asked_for_by_name_then() {
    let scene = Scene::new().await;
    let line = [
        "subscribe",
        "--topic-arn",
        &scene.world.topic,
        "--yes",
        "--role-arn",
        ROLE,
        "--external-id",
        "acme",
        "--mfa-serial",
        SERIAL,
    ];
    refused(&scene.terminal.run(&line).await.unwrap(), 2, &[SERIAL, "stdin"]);
    refused(&scene.terminal.run_with(&line, "12345\n").await.unwrap(), 2, &["six digits"]);
    let said = "MultiFactorAuthentication failed with invalid MFA one time pass code. ";
    scene.gate.answer(
        "GetSessionToken",
        403,
        format!("<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>{said}</Message></Error></ErrorResponse>"),
    );
    refused(&scene.terminal.run_with(&line, "111111\n").await.unwrap(), 3, &["did not take the code", "works once"]);
    scene.gate.pass("GetSessionToken");
    assert_eq!(scene.world.queues().await, Vec::<String>::new(), "nothing was made so far");
    assert_eq!(scene.session(&item("acme")).await, None, "and nothing kept");

    let made = scene.terminal.run_with(&line, "123456\n").await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    let (id, secrets) = scene.session(&item("acme")).await.expect("the session is in the keychain");
    let codes = scene.count("GetSessionToken");
    let roles = scene.count("AssumeRole");
    assert!(roles > 0, "the role is assumed with that session");
    scene.world.publish(r#"{"commandId":"x"}"#).await;
    let drained = scene.terminal.run(&["watch", "--once"]).await.unwrap();
    assert_eq!((drained.code, &drained.document()["received"]), (0, &1.into()), "without another code: {drained:?}");
    assert_eq!(scene.count("GetSessionToken"), codes, "{:?}", scene.gate.seen());
    assert!(scene.count("AssumeRole") > roles);

    // As when its time is over.
    scene.store().delete(&item("acme"), Patience::Background).await.unwrap();
    let out = scene.terminal.run(&["watch", "--once"]).await.unwrap();
    refused(&out, 3, &["a new code of the MFA device", SERIAL, "watchbellctl sign-in"]);
    let again = scene.terminal.run_with(&["sign-in"], "654321\n").await.unwrap();
    assert_eq!(again.code, 0, "{again:?}");
    assert_eq!(again.document()["renews"], false, "it ends, and that is known: {again:?}");
    assert!(again.document()["expires_at"].is_string(), "{again:?}");
    assert_eq!(scene.terminal.run(&["watch", "--once"]).await.unwrap().code, 0);

    let (second, more) = scene.session(&item("acme")).await.unwrap();
    let left = scene.terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    assert_eq!(left.code, 0, "{left:?}");
    assert_eq!(scene.session(&item("acme")).await, None, "leaving forgets it");
    for item in [access_key_item(&second), session_token_item(&second)] {
        let gone = scene.store().get(&item, Patience::Background).await;
        assert!(matches!(gone, Err(KeychainError::NotFound(_))), "{item}");
    }
    for secret in secrets.iter().chain(&more).chain([&"123456".to_owned(), &"654321".to_owned()]) {
        for folder in ["watchbell", "config", "cache", "state", "run"] {
            let found = finds(&scene.terminal.session.path(folder), secret);
            assert_eq!(found, Vec::<std::path::PathBuf>::new(), "a secret of {id} is in {folder}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_profile_that_names_an_mfa_device_is_heard_although_the_sdk_passes_over_it() {
    let mut scene = Scene::new().await;
    let config = format!(
        "[profile base]\naws_access_key_id = test\naws_secret_access_key = test\n[profile mfa]\nrole_arn = {ROLE}\nsource_profile = base\n\
         mfa_serial = {SERIAL}\nregion = us-east-1\n"
    );
    let file = scene.terminal.session.path("aws-config");
    std::fs::write(&file, config).unwrap();
    scene.terminal.session.set("AWS_CONFIG_FILE", file);
    let line = ["subscribe", "--topic-arn", &scene.world.topic, "--yes", "--profile", "mfa"];
    refused(&scene.terminal.run(&line).await.unwrap(), 2, &[SERIAL]);
    assert_eq!(scene.count("AssumeRole"), 0, "the role is not tried without its code");
    let made = scene.terminal.run_with(&line, "123456\n").await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    assert!(scene.session(&item("")).await.is_some(), "the session is in the keychain");
    assert_eq!(scene.terminal.run(&["watch", "--once"]).await.unwrap().code, 0);
    assert_eq!(scene.terminal.run(&["unsubscribe", "--yes"]).await.unwrap().code, 0);
    assert_eq!(scene.session(&item("")).await, None, "leaving forgets it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_no_subscription_came_of_is_forgotten() {
    let scene = Scene::new().await;
    let line = ["subscribe", "--topic-arn", &scene.world.topic, "--role-arn", ROLE, "--mfa-serial", SERIAL];
    let opened = || scene.count("GetSessionToken");
    let planned = scene.terminal.run_with(&[&line[..], &["--dry-run"]].concat(), "123456\n").await.unwrap();
    assert_eq!((planned.code, opened()), (0, 1), "a plan needs the code: {planned:?}");
    assert_eq!(scene.session(&item("")).await, None, "and leaves nothing of it");

    let unasked = scene.terminal.run_with(&line, "123456\n").await.unwrap();
    assert_eq!((unasked.code, opened()), (2, 2), "there is nobody to ask: {unasked:?}");
    assert_eq!(scene.session(&item("")).await, None, "what was not agreed to leaves nothing either");

    scene.gate.answer("CreateQueue", 403, r#"{"__type":"com.amazon.coral.service#AccessDenied","message":"no"}"#);
    let refused = scene.terminal.run_with(&[&line[..], &["--yes"]].concat(), "123456\n").await.unwrap();
    assert_eq!((refused.code, opened()), (3, 3), "{refused:?}");
    assert_eq!(scene.session(&item("")).await, None, "nor does what AWS refused");
}

/// Up to the question on a terminal, and Ctrl-C there. Gives what was shown.
async fn interrupted_at_the_question(scene: &Scene, line: &[&str]) -> String {
    let program = built("watchbellctl").unwrap();
    let line = [line, &["--endpoint-url", &scene.gate.url]].concat();
    let words = line.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let mut command = scene.terminal.session.command("script");
    let command_line = format!("'{}' {words}", program.display());
    command.args(["--quiet", "--return", "--flush", "--command", &command_line, "/dev/null"]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let (mut keys, mut screen) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
    let mut shown = String::new();
    for (words, typed) in [("Code of", "123456\n"), ("[y/N]", "\u{3}")] {
        let mut some = [0; 4096];
        while !shown.contains(words) {
            let read =
                tokio::time::timeout(Duration::from_secs(40), screen.read(&mut some)).await.expect(words).unwrap();
            assert!(read > 0, "{words:?} comes: {shown}");
            shown.push_str(&String::from_utf8_lossy(&some[..read]));
        }
        keys.write_all(typed.as_bytes()).await.unwrap();
    }
    let ended = tokio::time::timeout(Duration::from_secs(40), child.wait()).await.expect("it ends").unwrap();
    assert_eq!(ended.code(), Some(130), "as a program that Ctrl-C ended: {shown}");
    shown
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ctrl_c_at_the_question_forgets_the_session_that_a_code_opened() {
    let scene = Scene::new().await;
    let line = ["subscribe", "--topic-arn", &scene.world.topic, "--role-arn", ROLE, "--mfa-serial", SERIAL];
    interrupted_at_the_question(&scene, &line).await;
    assert_eq!(scene.count("GetSessionToken"), 1, "a session was opened");
    assert_eq!(scene.session(&item("")).await, None, "and nothing stays of it");
    assert_eq!(scene.world.queues().await, Vec::<String>::new(), "nothing was made");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_session_that_two_ways_come_to_is_forgotten_with_the_last_of_them() {
    let mut scene = Scene::new().await;
    let file = scene.terminal.session.path("aws-config");
    std::fs::write(&file, "[profile base]\naws_access_key_id = test\naws_secret_access_key = test\n").unwrap();
    scene.terminal.session.set("AWS_CONFIG_FILE", file);
    let second = scene.world.sns.create_topic().name("second").send().await.unwrap().topic_arn.unwrap();
    let role = ["--yes", "--role-arn", ROLE, "--mfa-serial", SERIAL];
    let first = [&["subscribe", "--topic-arn", &scene.world.topic][..], &role].concat();
    assert_eq!(scene.terminal.run_with(&first, "123456\n").await.unwrap().code, 0);
    let other = [&["subscribe", "--topic-arn", &second, "--profile", "base"][..], &role].concat();
    let made = scene.terminal.run(&other).await.unwrap();
    assert_eq!(made.code, 0, "the same person, role and device: no second code is asked: {made:?}");

    let leave = async |topic: &str| scene.terminal.run(&["unsubscribe", "--topic-arn", topic, "--yes"]).await.unwrap();
    assert_eq!(leave(&scene.world.topic).await.code, 0);
    assert!(scene.session(&item("")).await.is_some(), "the other subscription still signs with it");
    assert_eq!(scene.terminal.run(&["watch", "--once"]).await.unwrap().code, 0, "and hears");
    assert_eq!(leave(&second).await.code, 0);
    assert_eq!(scene.session(&item("")).await, None, "with the last it goes");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_typed_a_code_or_signs_in_hears_soon_that_nobody_answers() {
    let silent = Silent::start().await.unwrap();
    let mut terminal = Terminal::start(&silent.url).await.unwrap();
    let _keyring = Keyring::start(&terminal.session.bus, &terminal.session.path("home")).await.unwrap();
    let topic = "arn:aws:sns:us-east-1:000000000000:ssm-notify";
    let role = ["subscribe", "--topic-arn", topic, "--yes", "--role-arn", ROLE, "--mfa-serial", SERIAL];
    let start_url = format!("{}/start", silent.url);
    let portal = [
        "--sso-start-url",
        &start_url,
        "--sso-region",
        "us-east-1",
        "--account-id",
        "000000000000",
        "--role-name",
        "R",
    ];
    let portal = [&["subscribe", "--topic-arn", topic, "--yes", "--device"][..], &portal].concat();
    terminal.session.set("AWS_ENDPOINT_URL_SSO_OIDC", &silent.url);
    for (line, typed) in [(&role[..], "123456\n"), (&portal[..], "")] {
        #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
        let begun = std::time::Instant::now();
        let ran = terminal.run_with(line, typed).await.unwrap();
        let took = begun.elapsed();
        refused(&ran, 4, &["could not reach AWS"]);
        // AWS has 4 s; the rest is for a process, its keychain's children and a loaded machine. It was 20 s.
        assert!(took < std::time::Duration::from_secs(8), "{line:?} took {took:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_temporary_key_needs_its_token_and_signs_with_it() {
    let scene = Scene::new().await;
    let id = "ASIAIOSFODNN7EXAMPLE";
    // Longer than one item of the narrowest keychain.
    let token = "T0ken".repeat(1200);
    let line = ["subscribe", "--topic-arn", &scene.world.topic, "--yes", "--access-key-id", id];
    refused(&scene.terminal.run_with(&line, "s3cret\n").await.unwrap(), 2, &["session token", "second line"]);
    let made = scene.terminal.run_with(&line, &format!("s3cret-of-the-key\n{token}\n")).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    let held = scene.store().get(&session_token_item(id), Patience::Background).await.unwrap();
    assert!(secrecy::ExposeSecret::expose_secret(&held) == token, "the keychain has all of it");
    assert_eq!(scene.terminal.run(&["watch", "--once"]).await.unwrap().code, 0);
    let signed = scene.gate.signed();
    assert!(!signed.is_empty() && signed.iter().all(|call| call.token == token), "each call carries the whole token");
    assert_eq!(scene.terminal.run(&["unsubscribe", "--yes"]).await.unwrap().code, 0);
    for item in [access_key_item(id), session_token_item(id)] {
        let gone = scene.store().get(&item, Patience::Background).await;
        assert!(matches!(gone, Err(KeychainError::NotFound(_))), "{item}");
    }
    for secret in ["s3cret-of-the-key", "T0kenT0ken"] {
        assert_eq!(finds(&scene.terminal.data(), secret), Vec::<std::path::PathBuf>::new());
    }
}
