//! A typed window under another name, and what is remembered of EventBridge.

use super::windows::{execution, monday};
use super::*;
use crate::store::{Act, StoreError};
use watchbell_core::schedule::TypedWindow;

fn names(house: &House) -> Vec<String> {
    let typed = Store::reader(&house.dir).unwrap().typed_windows().unwrap();
    typed.into_iter().map(|window| window.name).collect()
}

fn tie(house: &House) -> Option<String> {
    Store::reader(&house.dir).unwrap().command(&command_id(1)).unwrap().unwrap().window.and_then(|window| window.name)
}

fn replace(window: TypedWindow) -> Act {
    Act::ReplaceTypedWindow { name: "Monday patch".into(), window: Box::new(window) }
}

#[tokio::test]
async fn a_window_is_renamed_whole_or_not_at_all() {
    let house = House::new();
    house.store.act_at(Act::PutTypedWindow(Box::new(monday())), at(-3600)).await.unwrap();
    house.hear(&[node(1, 1, "InProgress", 60)]).await;
    assert_eq!(tie(&house).as_deref(), Some("Monday patch"), "the command is of the run that is open");

    let wrong = TypedWindow { name: "Monday repair".into(), schedule: "cron(0 62 ? * MON *)".into(), ..monday() };
    house.store.act_at(replace(wrong), at(100)).await.unwrap_err();
    assert_eq!(names(&house), ["Monday patch"], "a refused window leaves the one before");
    assert_eq!(tie(&house).as_deref(), Some("Monday patch"), "and its commands with it");

    let renamed = TypedWindow { name: "Monday repair".into(), ..monday() };
    house.store.act_at(replace(renamed.clone()), at(101)).await.unwrap();
    assert_eq!(names(&house), ["Monday repair"], "one window, under its new name");
    assert_eq!(tie(&house).as_deref(), Some("Monday repair"), "what is open follows the new words");

    let gone = house.store.act_at(replace(renamed), at(102)).await.unwrap_err();
    assert_eq!(gone, StoreError::NoSuchWindow("Monday patch".into()), "only a window that is there is replaced");
}

#[tokio::test]
async fn when_eventbridge_last_spoke_is_remembered() {
    let house = House::new();
    assert_eq!(Store::reader(&house.dir).unwrap().window_heard().unwrap(), None, "nothing was heard yet");
    house.hear_at(&[execution(1, "IN_PROGRESS", 0, None)], at(5)).await;
    house.hear_at(&[execution(1, "SUCCESS", 0, Some(60))], at(65)).await;
    assert_eq!(Store::reader(&house.dir).unwrap().window_heard().unwrap(), Some(at(65)), "the last one counts");
}
