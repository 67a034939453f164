//! The keychain as the two programs use it: a child process, a real Secret Service on a bus of the test's own.
//!
//! Linux only, as the Secret Service is.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken test set-up ends the test")]

use std::path::PathBuf;
use std::time::{Duration, Instant};

use secrecy::{ExposeSecret, SecretString};
use watchbell_engine::keychain::{ChildStore, KeychainError, MAX_SECRET, Patience, SecretStore, access_key_item};
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::keyring::Keyring;

const SECRET: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";

struct World {
    bus: Bus,
    home: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        Self { bus: Bus::start(home.path()).await.unwrap(), home }
    }

    fn store(&self) -> ChildStore {
        store_on(&self.bus.address)
    }

    async fn keyring(&self) -> Keyring {
        Keyring::start(&self.bus, self.home.path()).await.unwrap()
    }
}

fn store_on(address: &str) -> ChildStore {
    ChildStore::of(PathBuf::from(env!("CARGO_BIN_EXE_keychain-child")))
        .with_variable("DBUS_SESSION_BUS_ADDRESS", address)
        .with_variable("DISPLAY", "")
}

fn secret() -> SecretString {
    SecretString::from(SECRET)
}

fn now() -> Instant {
    watchbell_engine::clock::monotonic()
}

#[tokio::test]
async fn a_secret_is_kept_replaced_read_and_deleted() {
    let world = World::new().await;
    let _keyring = world.keyring().await;
    let (store, item) = (world.store(), access_key_item("AKIAEXAMPLE"));
    let background = Patience::Background;

    let absent = store.get(&item, background).await.map(drop);
    assert_eq!(absent, Err(KeychainError::NotFound(item.clone())), "an item that was never stored is not found");

    store.set(&item, &SecretString::from("an older one"), background).await.unwrap();
    store.set(&item, &secret(), background).await.unwrap();
    let read = store.get(&item, background).await.unwrap();
    assert_eq!(read.expose_secret(), SECRET, "the newer secret replaces the older one");
    assert!(!format!("{read:?}{store:?}").contains(SECRET), "no Debug shows a secret");

    store.delete(&item, background).await.unwrap();
    let gone = store.get(&item, background).await.map(drop);
    assert_eq!(gone, Err(KeychainError::NotFound(item.clone())), "a deleted item is gone");
    let again = store.delete(&item, background).await;
    assert_eq!(again, Err(KeychainError::NotFound(item)), "deleting what is gone says so");
}

#[tokio::test]
async fn a_locked_keychain_is_said_at_once_and_nobody_is_prompted() {
    let world = World::new().await;
    let keyring = world.keyring().await;
    let (store, item) = (world.store(), access_key_item("AKIAEXAMPLE"));
    store.set(&item, &secret(), Patience::Background).await.unwrap();
    keyring.lock(&world.bus).await.unwrap();

    let began = now();
    let locked = store.get(&item, Patience::Background).await.map(drop);
    assert_eq!(locked, Err(KeychainError::Locked), "a locked keychain is called locked");
    assert!(began.elapsed() < Duration::from_secs(2), "it is read from the bus, without waiting for a prompt");
}

#[tokio::test]
async fn a_keychain_that_comes_later_or_again_is_found_by_the_same_store() {
    let world = World::new().await;
    let (store, item) = (world.store(), access_key_item("AKIAEXAMPLE"));
    let missing = store.get(&item, Patience::Background).await.map(drop);
    assert!(matches!(missing, Err(KeychainError::Missing(_))), "no service is called missing, not {missing:?}");

    let keyring = world.keyring().await;
    store.set(&item, &secret(), Patience::Background).await.expect("a keychain that started later is used");
    keyring.stop().await.unwrap();
    let missing = store.get(&item, Patience::Background).await.map(drop);
    assert!(matches!(missing, Err(KeychainError::Missing(_))), "a keychain that went is missing, not {missing:?}");

    let _keyring = world.keyring().await;
    let read = store.get(&item, Patience::Background).await.expect("a restarted keychain is used");
    assert_eq!(read.expose_secret(), SECRET, "what was stored outlives the daemon");
}

#[tokio::test]
async fn without_a_bus_the_keychain_is_missing() {
    let store = store_on("unix:path=/nonexistent/bus");
    let missing = store.set(&access_key_item("AKIAEXAMPLE"), &secret(), Patience::Background).await;
    assert!(matches!(missing, Err(KeychainError::Missing(_))), "no bus means no keychain, not {missing:?}");
}

#[tokio::test]
async fn a_secret_longer_than_any_keychain_takes_is_refused_before_anything_is_started() {
    let store = ChildStore::of(PathBuf::from("/nonexistent"));
    let long = SecretString::from("x".repeat(MAX_SECRET + 1));
    let refused = store.set("item", &long, Patience::Asked).await;
    assert_eq!(refused, Err(KeychainError::TooLarge(MAX_SECRET + 1)), "Windows would cut or refuse it");
}

/// A Secret Service that takes calls and never answers.
struct Hung;

#[zbus::interface(name = "org.freedesktop.Secret.Service")]
impl Hung {
    async fn read_alias(&self, _name: &str) -> zbus::zvariant::OwnedObjectPath {
        std::future::pending().await
    }
}

#[tokio::test]
async fn a_hung_keychain_is_given_up_its_child_killed_and_the_secret_seen_nowhere() {
    let world = World::new().await;
    let _service = zbus::connection::Builder::address(world.bus.address.as_str())
        .unwrap()
        .name("org.freedesktop.secrets")
        .unwrap()
        .serve_at("/org/freedesktop/secrets", Hung)
        .unwrap()
        .build()
        .await
        .unwrap();
    let store = world.store();
    let began = now();
    let secret = secret();
    let asking = store.set("item", &secret, Patience::Background);
    let watching = async {
        tokio::time::sleep(Duration::from_millis(700)).await;
        let child = children().into_iter().find(|pid| argv(*pid).contains("--keychain-child"));
        let child = child.expect("the child is at work");
        let environment = std::fs::read(format!("/proc/{child}/environ")).unwrap();
        assert!(!argv(child).contains(SECRET), "argv must not hold the secret");
        assert!(!String::from_utf8_lossy(&environment).contains(SECRET), "the environment must not hold the secret");
        child
    };
    let (given_up, child) = tokio::join!(asking, watching);
    assert_eq!(given_up, Err(KeychainError::TimedOut(2)), "a hung keychain is a time-out");
    assert!(began.elapsed() < Duration::from_secs(4), "the background waits 2 s, not for ever");
    assert!(!children().contains(&child), "the late child is killed and reaped");
}

fn children() -> Vec<u32> {
    let tasks = std::fs::read_dir("/proc/self/task").unwrap();
    tasks
        .filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("children")).ok())
        .flat_map(|list| list.split_whitespace().filter_map(|pid| pid.parse().ok()).collect::<Vec<_>>())
        .collect()
}

fn argv(pid: u32) -> String {
    String::from_utf8_lossy(&std::fs::read(format!("/proc/{pid}/cmdline")).unwrap_or_default()).into_owned()
}
