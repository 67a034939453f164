//! Windows that the person typed in: what becomes of their commands, their names, and what is wrong with one.

use watchbell_core::schedule::TypedWindow;

use super::windows::{execution, monday, run_key, sent};
use super::*;
use crate::error::{Code, Problem};
use crate::store::Act;

#[tokio::test]
async fn a_typed_window_has_commands_of_its_own_and_gives_its_name_to_the_execution() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear(&[sent(1, 1, "Failed", 3, 60)]).await;
    let typed = format!("typed/Monday patch/{}", at(0));
    assert_eq!(house.run_of(1), Some((typed.clone(), true)), "a typed window is enough to tell by the time");
    house.hear(&[execution(1, "IN_PROGRESS", 2, None)]).await;
    assert_eq!(house.run_of(1), Some((run_key(1), true)), "the execution that SSM told of is that run");
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.window(&typed).unwrap().map(|of| of.commands.len()), Some(0), "the typed run gave them up");
    let listed = reader.windows(at(0), at(60)).unwrap();
    assert_eq!(listed.len(), 1, "one run is in the list once: {listed:?}");
    assert_eq!(listed[0].name.as_deref(), Some("Monday patch"), "it takes the typed name");
    assert_eq!((listed[0].cutoff, listed[0].end), (Some(at(3 * 3600)), Some(at(4 * 3600))), "and its times");
}

#[tokio::test]
async fn two_windows_at_one_typed_time_take_no_name() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear(&[execution(1, "IN_PROGRESS", 1, None), execution(2, "IN_PROGRESS", 2, None)]).await;
    let listed = Store::reader(&house.dir).unwrap().windows(at(60), at(61)).unwrap();
    assert_eq!(listed.len(), 2, "both ran");
    assert!(listed.iter().all(|run| run.name.is_none()), "which of them was typed in cannot be told: {listed:?}");
}

#[tokio::test]
async fn a_window_typed_in_late_finds_its_commands_and_rings_for_none_of_them() {
    let house = House::new();
    house.hear(&[sent(1, 1, "Failed", 3, 60)]).await;
    let now = at(86_400);
    house.store.act_at(Act::PutTypedWindow(Box::new(monday())), now).await.unwrap();
    assert!(house.run_of(1).is_some(), "commands of the last weeks are tied");
    let due = house.store.window_reports(now + SignedDuration::from_hours(1)).await.unwrap();
    assert_eq!(due.waiting, [], "what was over when it was typed in is no news");
    house.store.act_at(Act::RemoveTypedWindow { name: "Monday patch".into() }, now).await.unwrap();
    assert!(house.run_of(1).is_some(), "what is over stays as it was");
    let gone = house.store.act_at(Act::RemoveTypedWindow { name: "Monday patch".into() }, now).await.unwrap_err();
    assert_eq!(gone, StoreError::NoSuchWindow("Monday patch".into()), "a window is removed once");
}

#[tokio::test]
async fn a_window_that_is_taken_off_lets_go_of_what_is_open() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear(&[sent(1, 1, "InProgress", 3, 60)]).await;
    house.store.act_at(Act::RemoveTypedWindow { name: "Monday patch".into() }, at(100)).await.unwrap();
    assert_eq!(house.run_of(1), None, "without the window there is nothing that it could belong to");
    assert_eq!(Store::reader(&house.dir).unwrap().current_windows(at(101)).unwrap(), [], "and nothing is open");
}

#[tokio::test]
async fn a_wrong_window_is_refused_with_its_place() {
    let house = House::new();
    let wrong = TypedWindow { schedule: "cron(0 62 ? * MON *)".into(), ..monday() };
    let refused = house.store.act_at(Act::PutTypedWindow(Box::new(wrong)), at(0)).await.unwrap_err();
    let problem = Problem::from(refused);
    assert_eq!(problem.code, Code::Usage, "what was typed is wrong");
    assert!(problem.message.starts_with("the schedule of the window is wrong at characters 8 to 9"), "{problem}");
    assert_eq!(Store::reader(&house.dir).unwrap().typed_windows().unwrap(), [], "nothing is stored");
}
