#![allow(clippy::unwrap_used, reason = "tests")]

use super::super::{MemoryStore, SecretStore};
use super::*;

const ITEM: &str = "aws-session-token/ASIAEXAMPLE";
const NOW: Patience = Patience::Background;

async fn held(store: &MemoryStore) -> String {
    store.get(ITEM, NOW).await.unwrap().expose_secret().to_owned()
}

#[tokio::test]
async fn any_length_comes_out_as_it_went_in_and_leaves_nothing_when_deleted() {
    let store = MemoryStore::new();
    let lengths = [0, 1, MAX_SECRET - 1, MAX_SECRET, MAX_SECRET + 1, 2 * MAX_SECRET, 2 * MAX_SECRET + 1, 40_000];
    for length in lengths {
        for letter in ["x", "ü", "漢"] {
            let secret = letter.repeat(length.div_ceil(letter.len()));
            store.set(ITEM, &secret.clone().into(), NOW).await.unwrap();
            assert!(held(&store).await == secret, "{length} bytes of {letter} are neither cut nor changed");
            let items = store.names().len();
            assert_eq!(items > 1, secret.len() > MAX_SECRET, "only what does not fit is split: {length} of {letter}");
        }
    }
    store.delete(ITEM, NOW).await.unwrap();
    assert_eq!(store.names(), Vec::<String>::new(), "no part of any of them stays behind");
    assert_eq!(store.delete(ITEM, NOW).await, Err(KeychainError::NotFound(ITEM.into())));
}

#[tokio::test]
async fn a_secret_that_reads_like_a_list_of_parts_is_still_a_secret() {
    let store = MemoryStore::new();
    for secret in [MARK.to_owned(), format!("{MARK}2 {}", "a".repeat(64))] {
        store.set(ITEM, &secret.clone().into(), NOW).await.unwrap();
        assert_eq!(held(&store).await, secret);
    }
}

#[tokio::test]
async fn a_lost_or_changed_part_is_an_error_and_never_half_a_secret() {
    let store = MemoryStore::new();
    let part = |store: &MemoryStore| store.names().into_iter().find(|name| name.contains('#')).unwrap();
    store.set(ITEM, &"s".repeat(6000).into(), NOW).await.unwrap();
    store.write(&part(&store), &"other".to_owned().into(), NOW).await.unwrap();
    let changed = store.get(ITEM, NOW).await.unwrap_err();
    assert!(matches!(&changed, KeychainError::Failed(why) if why.contains("fit together")), "{changed:?}");
    store.remove(&part(&store), NOW).await.unwrap();
    let lost = store.get(ITEM, NOW).await.unwrap_err();
    assert!(matches!(lost, KeychainError::Failed(_)), "not \"no such item\": {lost:?}");
    store.set(ITEM, &"short".to_owned().into(), NOW).await.unwrap();
    assert_eq!((held(&store).await.as_str(), store.names().len()), ("short", 1), "and it can be set anew");
}

#[tokio::test]
async fn a_hostile_list_is_not_followed() {
    let store = MemoryStore::new();
    for list in
        [format!("{MARK}99999999 {}", "a".repeat(64)), format!("{MARK}2 ü"), format!("{MARK}0 {}", "a".repeat(64))]
    {
        store.write(ITEM, &list.into(), NOW).await.unwrap();
        assert!(matches!(store.get(ITEM, NOW).await, Err(KeychainError::Failed(_))), "it is refused, not guessed at");
    }
}

#[tokio::test]
async fn what_breaks_off_leaves_the_old_secret_whole() {
    let store = MemoryStore::new();
    let old = "o".repeat(6000);
    store.set(ITEM, &old.clone().into(), NOW).await.unwrap();
    // As after a crash between the first new part and the switch.
    let new = "n".repeat(6000);
    let name = List::of(&new, 3).names(ITEM).remove(0);
    store.write(&name, &"n".repeat(MAX_SECRET).into(), NOW).await.unwrap();
    assert!(held(&store).await == old, "parts of another secret do not mix with it");
}
