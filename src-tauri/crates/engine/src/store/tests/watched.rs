//! A command that somebody waits for: its end is told once, whether messages tell of it or SSM does.

use watchbell_core::policy::Fate;
use watchbell_core::status::Status;

use super::alerts::show;
use super::*;
use crate::aws::commands::ToldCommand;
use crate::store::{Act, AlertKey};

#[tokio::test]
async fn a_watched_command_is_told_of_once_when_it_ends() {
    let house = House::new();
    house.hear_at(&[node(1, 1, "InProgress", 1)], at(1)).await;
    house.store.act(Act::Watch { command_id: command_id(1), on: true }).await.unwrap();
    assert!(Store::reader(&house.dir).unwrap().detail(&command_id(1)).unwrap().unwrap().watched, "the wish is kept");
    house.hear_at(&[whole(1, "Success", 9)], at(9)).await;
    let end = house.one(at(9)).await;
    assert_eq!(end.key, AlertKey::Ended(command_id(1)), "an alert of its own");
    assert!(show(&end).title.ends_with("ended"), "success included");
    house.store.mark_shown(&end.key, end.version, "dunst", 7, at(9)).await.unwrap();
    house.store.fate(&end.key, Fate::Dismissed, at(10)).await.unwrap();
    assert!(house.waiting(at(20)).await.is_empty(), "once");
}

#[tokio::test]
async fn the_end_that_ssm_tells_rings_for_who_waits_and_is_no_history() {
    let house = House::new();
    house.hear_at(&[node(1, 1, "InProgress", 1), node(2, 1, "InProgress", 1)], at(1)).await;
    house.store.act(Act::Watch { command_id: command_id(1), on: true }).await.unwrap();
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.watched(&topic()).unwrap(), [command_id(1)], "what is asked about is what somebody waits for");
    let told = |status: &str| ToldCommand {
        level: LevelState { status: Status::parse(status), detail: None, event_time: at(9) },
        targets: Some(40),
        completed: 40,
    };
    for (command, status) in [(1, "InProgress"), (2, "Success"), (1, "Success"), (1, "Success")] {
        house.store.tell_ended(&command_id(command), told(status), at(9)).await.unwrap();
    }
    let end = house.one(at(9)).await;
    assert_eq!(end.key, AlertKey::Ended(command_id(1)), "one alert, for the one waited for");
    let command = reader.command(&command_id(1)).unwrap().unwrap();
    assert_eq!((command.status, command.target_count), (None, None), "the history is what messages said");
    assert!(reader.watched(&topic()).unwrap().is_empty(), "the wish is granted");
}
