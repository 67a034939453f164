//! An access key through the real program with a real keychain: its secret is there and nowhere else, and goes when it should.

use std::path::Path;
use std::time::{Duration, Instant};

use watchbell_engine::keychain::{ChildStore, KeychainError, Patience, SecretStore, access_key_item};
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::terminal::{Ran, Terminal, finish};

use crate::search::{contains, finds};
use crate::world::World;

/// A keychain beside the terminal.
async fn keyring(terminal: &Terminal) -> Keyring {
    Keyring::start(&terminal.session.bus, &terminal.session.path("home")).await.unwrap()
}

/// What the keychain has for this key.
async fn kept(terminal: &Terminal, id: &str) -> Result<String, KeychainError> {
    let tests = std::env::current_exe().unwrap();
    let store = ChildStore::of(tests.ancestors().nth(2).unwrap().join("watchbellctl"))
        .with_variable("DBUS_SESSION_BUS_ADDRESS", &terminal.session.bus.address);
    let secret = store.get(&access_key_item(id), Patience::Background).await?;
    Ok(secrecy::ExposeSecret::expose_secret(&secret).to_owned())
}

/// Runs it while every process of the machine is looked at: none may show the secret in its arguments or environment.
async fn watched(terminal: &Terminal, line: &[&str], stdin: &str, secret: &str) -> (Ran, usize) {
    use tokio::io::AsyncWriteExt;
    let mut child = terminal.command(line).unwrap().stdin(std::process::Stdio::piped()).spawn().unwrap();
    let parent = child.id().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    pipe.write_all(stdin.as_bytes()).await.unwrap();
    drop(pipe);
    let ended = finish(child);
    tokio::pin!(ended);
    let mut children = 0;
    loop {
        tokio::select! {
            ran = &mut ended => return (ran.unwrap(), children),
            () = tokio::time::sleep(Duration::from_millis(2)) => children += look(parent, secret),
        }
    }
}

/// How many keychain children of `parent` were seen.
fn look(parent: u32, secret: &str) -> usize {
    let shows = |path: &Path| std::fs::read(path).is_ok_and(|bytes| contains(&bytes, secret));
    let mut children = 0;
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        let process = entry.path();
        for file in ["cmdline", "environ"] {
            assert!(!shows(&process.join(file)), "the secret is in {file} of {}", process.display());
        }
        let stat = std::fs::read_to_string(process.join("stat")).unwrap_or_default();
        let of_ours =
            stat.rsplit_once(')').and_then(|(_, rest)| rest.split_whitespace().nth(1)) == Some(&parent.to_string());
        children += usize::from(of_ours);
    }
    children
}

fn silent(ran: &Ran, secret: &str) {
    assert!(!format!("{ran:?}").contains(secret), "the secret is in what was printed");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_stdin_to_the_keychain_to_the_signer_and_gone() {
    let world = World::new(Auth::Enforced).await;
    let mut terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    // The most that can be logged.
    terminal.session.set("WATCHBELL_LOG", "trace");
    let _keyring = keyring(&terminal).await;
    let _screen = NotificationServer::start(&terminal.session.bus, &["actions", "body"]).await.unwrap();
    let (id, secret) = world.all_but(&[]).await;
    let subscribe = ["subscribe", "--topic-arn", &world.topic, "--yes", "--access-key-id", &id];

    let (made, children) = watched(&terminal, &subscribe, &format!("{secret}\n"), &secret).await;
    assert_eq!(made.code, 0, "{made:?}");
    assert!(children > 0, "the keychain's child was looked at while it ran");
    assert_eq!(kept(&terminal, &id).await, Ok(secret.clone()), "the keychain has it");
    silent(&made, &secret);

    world.publish(r#"{"commandId":"x"}"#).await;
    let (drained, _) = watched(&terminal, &["watch", "--once"], "", &secret).await;
    assert_eq!(
        (drained.code, &drained.document()["received"]),
        (0, &1.into()),
        "it signs from the keychain: {drained:?}"
    );
    silent(&drained, &secret);
    assert_eq!(terminal.run(&["subscriptions"]).await.unwrap().code, 0, "so does looking for what is left over");

    // Again, with a wrong secret: the one that works is not lost.
    let wrong = "wrong/secret+of/forty+letters/that/is/not1";
    let refused = terminal.run_with(&subscribe, &format!("{wrong}\n")).await.unwrap();
    assert_eq!(refused.code, 3, "AWS refuses a wrong secret: {refused:?}");
    assert!(refused.words().contains("secret") && refused.words().contains("give the right"), "{}", refused.words());
    assert_eq!(kept(&terminal, &id).await, Ok(secret.clone()), "a mistyped one never replaces it");
    silent(&refused, wrong);

    let (left, _) = watched(&terminal, &["unsubscribe", "--yes"], "", &secret).await;
    assert_eq!(left.code, 0, "{left:?}");
    silent(&left, &secret);
    let gone = kept(&terminal, &id).await;
    assert_eq!(gone, Err(KeychainError::NotFound(access_key_item(&id))), "leaving forgets it");

    assert!(terminal.data().join("logs").read_dir().unwrap().next().is_some(), "there are logs to look at");
    for one in [secret.as_str(), wrong] {
        assert_eq!(finds(&terminal.data(), one), Vec::<std::path::PathBuf>::new(), "the data folder, logs included");
        for folder in ["config", "cache", "state", "run"] {
            assert_eq!(finds(&terminal.session.path(folder), one), Vec::<std::path::PathBuf>::new(), "{folder}");
        }
    }
}

#[tokio::test]
async fn a_wrong_secret_leaves_nothing_in_the_keychain() {
    let world = World::new(Auth::Enforced).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let _keyring = keyring(&terminal).await;
    let (id, _) = world.all_but(&[]).await;
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--access-key-id", &id];
    let refused = terminal.run_with(&line, "nonsense\n").await.unwrap();
    assert_eq!((refused.code, &refused.document()["error"]["code"]), (3, &"aws_refused".into()), "{refused:?}");
    assert_eq!(kept(&terminal, &id).await, Err(KeychainError::NotFound(access_key_item(&id))), "nothing is kept");
    assert_eq!(world.queues().await, Vec::<String>::new(), "nothing was made");
    let none = terminal.run_with(&line, "").await.unwrap();
    assert_eq!(none.code, 2, "no secret at all is a usage error: {none:?}");
}

fn no_keychain(ran: &Ran, what: &str, words: &str) {
    assert_eq!((ran.code, &ran.document()["error"]["code"]), (5, &"keychain".into()), "{what}: {ran:?}");
    assert!(ran.words().contains(words), "{what} is told with {words:?}: {}", ran.words());
}

#[tokio::test]
async fn without_a_keychain_it_is_exit_code_5_and_nothing_is_made() {
    let world = World::new(Auth::Enforced).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let (id, secret) = world.all_but(&[]).await;
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--access-key-id", &id];
    let refused = terminal.run_with(&line, &secret).await.unwrap();
    no_keychain(&refused, "no keychain", "no keychain is running");
    assert!(refused.words().contains("gnome-keyring"), "what would help is named: {}", refused.words());
    assert_eq!(world.queues().await, Vec::<String>::new(), "nothing was made");
    assert_eq!(
        finds(terminal.session.folder(), &secret),
        Vec::<std::path::PathBuf>::new(),
        "and nothing kept in the clear"
    );

    // With one it works, and without it again every command that needs the secret says so.
    let keyring = keyring(&terminal).await;
    assert_eq!(terminal.run_with(&line, &secret).await.unwrap().code, 0, "one that came later is found");
    keyring.stop().await.unwrap();
    no_keychain(&terminal.run(&["watch", "--once"]).await.unwrap(), "watching", "no keychain is running");
    no_keychain(&terminal.run(&["unsubscribe", "--yes"]).await.unwrap(), "leaving", "no keychain is running");
    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    assert_eq!((listed.code, &listed.document()["not_looked"][0]["code"]), (0, &"keychain".into()), "{listed:?}");
    assert_eq!(world.queues().await.len(), 1, "nothing was removed half-way");
}

#[tokio::test]
async fn a_locked_keychain_is_exit_code_5_in_words() {
    let world = World::new(Auth::Enforced).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let keyring = keyring(&terminal).await;
    let (id, secret) = world.all_but(&[]).await;
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--access-key-id", &id];
    assert_eq!(terminal.run_with(&line, &secret).await.unwrap().code, 0, "subscribed while it was open");
    keyring.lock(&terminal.session.bus).await.unwrap();
    let started = started();
    no_keychain(&terminal.run(&["watch", "--once"]).await.unwrap(), "watching", "locked");
    assert!(started.elapsed() < Duration::from_secs(20), "a locked keychain must not hold up the engine");
    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    assert_eq!(
        listed.document()["not_looked"][0]["code"],
        "keychain",
        "a list does not ask for a password: {listed:?}"
    );
    // Here it may ask, and nobody can answer on this bus.
    let asked = terminal.run_with(&line, &secret).await.unwrap();
    no_keychain(&asked, "subscribing", "keychain");
    assert!(asked.words().contains("nlock") || asked.words().contains("prompt"), "the way out: {}", asked.words());
}

#[allow(clippy::disallowed_methods, reason = "a test has a clock")]
fn started() -> Instant {
    Instant::now()
}
