//! The keychain through its child, against a real gnome-keyring-daemon on a private bus: kept, replaced, locked, missing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncWriteExt;
use tokio::process::Child;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::{ChildStore, KeychainError, Patience, SecretStore};
use watchbell_tests::harness::session::Session;
use zbus::zvariant::OwnedObjectPath;

const ITEM: &str = "aws-secret-access-key/AKIATEST";
const NAME: &str = "org.freedesktop.secrets";

/// The child is `watchbellctl`, which lies beside the tests.
fn store(session: &Session) -> ChildStore {
    let tests = std::env::current_exe().unwrap();
    let program = tests.ancestors().nth(2).unwrap().join("watchbellctl");
    assert!(program.exists(), "watchbellctl is built beside the tests");
    ChildStore::of(program).with_variable("DBUS_SESSION_BUS_ADDRESS", &session.bus.address)
}

async fn keyring(session: &Session) -> Child {
    let mut child = session
        .command("gnome-keyring-daemon")
        .args(["--unlock", "--components=secrets", "--foreground"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("gnome-keyring-daemon is installed");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"pw").await.unwrap();
    drop(stdin);
    let bus = session.bus.connect().await.unwrap();
    let names = zbus::fdo::DBusProxy::new(&bus).await.unwrap();
    for _ in 0..100 {
        if names.name_has_owner(NAME.try_into().unwrap()).await.unwrap() {
            return child;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("gnome-keyring-daemon did not appear on the bus within 5 s");
}

async fn lock(session: &Session) {
    let bus = session.bus.connect().await.unwrap();
    let service =
        zbus::Proxy::new(&bus, NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service").await.unwrap();
    let default: OwnedObjectPath = service.call("ReadAlias", &("default",)).await.unwrap();
    let (locked, _): (Vec<OwnedObjectPath>, OwnedObjectPath) =
        service.call("Lock", &(vec![default.clone()],)).await.unwrap();
    assert_eq!(locked, [default], "the collection is locked");
}

#[tokio::test]
async fn a_secret_is_kept_replaced_and_forgotten() {
    let session = Session::without_screen().await.unwrap();
    let _keyring = keyring(&session).await;
    let store = store(&session);
    for secret in ["first", "second/+ \" ü"] {
        store.set(ITEM, &secret.to_owned().into(), Patience::Background).await.unwrap();
        let held = store.get(ITEM, Patience::Background).await.unwrap();
        assert_eq!(secrecy::ExposeSecret::expose_secret(&held), secret, "what was put in comes out");
    }
    store.delete(ITEM, Patience::Background).await.unwrap();
    let gone = store.get(ITEM, Patience::Background).await.unwrap_err();
    assert_eq!(gone, KeychainError::NotFound(ITEM.to_owned()), "deleted is gone");
}

#[tokio::test]
async fn a_long_secret_is_laid_into_several_items_and_leaves_none_behind() {
    let session = Session::without_screen().await.unwrap();
    let _keyring = keyring(&session).await;
    let store = store(&session);
    for length in [2560, 2561, 9000] {
        let secret = "ü/+".repeat(length / 4) + "end";
        store.set(ITEM, &secret.clone().into(), Patience::Asked).await.unwrap();
        let held = store.get(ITEM, Patience::Asked).await.unwrap();
        assert!(secrecy::ExposeSecret::expose_secret(&held) == secret, "{length}: neither cut nor changed");
    }
    assert_eq!(items(&session).await, 5, "9,003 bytes are four parts and the item that names them");
    store.delete(ITEM, Patience::Asked).await.unwrap();
    assert_eq!(items(&session).await, 0, "deleted is gone, each part of it");
}

/// How many items of ours the keychain has.
async fn items(session: &Session) -> usize {
    let bus = session.bus.connect().await.unwrap();
    let service =
        zbus::Proxy::new(&bus, NAME, "/org/freedesktop/secrets", "org.freedesktop.Secret.Service").await.unwrap();
    let ours = std::collections::HashMap::from([("service", "watchbell")]);
    let (open, locked): (Vec<OwnedObjectPath>, Vec<OwnedObjectPath>) =
        service.call("SearchItems", &(ours,)).await.unwrap();
    open.len() + locked.len()
}

#[tokio::test]
async fn a_locked_keychain_is_named_at_once() {
    let session = Session::without_screen().await.unwrap();
    let _keyring = keyring(&session).await;
    let store = store(&session);
    store.set(ITEM, &"kept".to_owned().into(), Patience::Background).await.unwrap();
    lock(&session).await;
    let refused = tokio::time::timeout(Duration::from_secs(4), store.get(ITEM, Patience::Background)).await;
    let refused = refused.expect("a locked keychain must not hold up the engine").unwrap_err();
    assert_eq!(refused, KeychainError::Locked, "locked is not missing");
    let problem = Problem::from(refused);
    assert_eq!(problem.code, Code::Keychain, "scripts see exit code 5");
    assert!(problem.hint.contains("Unlock"), "and the person what to do: {}", problem.hint);
}

#[tokio::test]
async fn a_keychain_that_is_there_and_silent_is_named_before_a_person_gives_up() {
    let session = Session::without_screen().await.unwrap();
    // A connection that nobody reads calls from: it has the name, and answers none.
    let silent = session.bus.connect().await.unwrap();
    silent.request_name(NAME).await.unwrap();
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let begun = std::time::Instant::now();
    let refused = store(&session).get(ITEM, Patience::Asked).await.unwrap_err();
    let took = begun.elapsed();
    #[allow(clippy::print_stdout, reason = "the number that a person waits; a loaded machine is slow")]
    {
        println!("a hung keychain was named after {:.1} s", took.as_secs_f64());
    }
    assert_eq!(refused, KeychainError::TimedOut(4), "a hung one is not missing");
    assert!(Problem::from(refused).hint.contains("behind other windows"), "and the words say where to look");
    // 4 s and the start of a program; a loaded machine may take several times that.
    assert!(took < Duration::from_secs(20), "not after the minute that a prompt would have: {took:?}");
}

#[tokio::test]
async fn without_a_keychain_nothing_is_kept_anywhere_and_one_that_starts_later_is_found() {
    let session = Session::without_screen().await.unwrap();
    let store = store(&session);
    let refused = store.set(ITEM, &"x".to_owned().into(), Patience::Background).await.unwrap_err();
    assert!(matches!(refused, KeychainError::Missing(_)), "no service is said so: {refused:?}");
    let _keyring = keyring(&session).await;
    store.set(ITEM, &"x".to_owned().into(), Patience::Background).await.expect("found without a restart");
}
