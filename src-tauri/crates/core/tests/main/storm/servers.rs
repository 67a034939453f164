//! A notification server that is not there yet, or was replaced: what waited and what was up is told by count.

use super::*;

#[test]
fn several_alerts_of_a_replaced_server_are_shown_again_once_by_count() {
    let mut sea = Sea::new();
    (0..3).for_each(|command| sea.fail(command, 0, 0));
    for command in 0..3 {
        sea.input(command, Input::Fate(Fate::Shown));
        sea.commands.get_mut(&command).unwrap().screen = None;
        sea.pass(SignedDuration::from_secs(3));
        sea.input(command, Input::Fate(Fate::Regrouped));
    }
    sea.end_of_transaction();
    assert_eq!((sea.rang.len(), sea.rang_many.len()), (3, 1), "not one by one");
    assert_eq!(sea.many[&Kind::Overflow].title, "3 commands are failing", "but by count");
    assert!(!sea.many[&Kind::Overflow].sound, "and silently: each of them was heard");
}

#[test]
fn alerts_that_wait_for_a_server_are_told_by_count_and_heard_once() {
    let mut sea = Sea::new();
    (0..3).for_each(|command| sea.fail(command, 0, 0));
    sea.pass(SignedDuration::from_secs(60));
    for command in 0..3 {
        sea.commands.get_mut(&command).unwrap().screen = None;
        sea.input(command, Input::Fate(Fate::Regrouped));
    }
    sea.end_of_transaction();
    assert_eq!(sea.many[&Kind::Overflow].title, "3 commands are failing");
    assert!(sea.many[&Kind::Overflow].sound, "nobody has heard of them yet");
}

#[test]
fn what_comes_late_to_the_screen_counts_as_new_then_and_as_one() {
    let mut sea = Sea::new();
    (0..4).for_each(|command| sea.fail(command, 0, 0));
    sea.pass(SignedDuration::from_secs(60));
    (0..4).for_each(|command| sea.input(command, Input::Fate(Fate::Shown)));
    sea.fail(4, 0, 0);
    assert_eq!(sea.outcomes(4), [Outcome::Rang], "four came up just now, and a fifth may");
    sea.fail(5, 0, 0);
    assert_eq!(sea.outcomes(5), [Outcome::Overflow], "a sixth may not");
    let why = &sea.commands[&5].decisions[0].reason;
    assert!(why.starts_with("5 other alerts rang"), "each was counted once: {why}");
}

#[test]
fn what_waits_for_a_server_waits_for_the_end_of_a_snooze_too() {
    let mut sea = Sea::new();
    (0..2).for_each(|command| sea.fail(command, 0, 0));
    sea.hall(HallInput::Snooze { until: sea.now + SignedDuration::from_hours(1), window: false });
    for command in 0..2 {
        sea.commands.get_mut(&command).unwrap().screen = None;
        sea.pass(SignedDuration::from_secs(3));
        sea.input(command, Input::Fate(Fate::Regrouped));
    }
    sea.end_of_transaction();
    assert!(sea.many.is_empty(), "nothing comes up while it is snoozed: {:?}", sea.many);
    sea.pass(SignedDuration::from_hours(2));
    assert_eq!(sea.many[&Kind::Held].title, "While it was quiet: 2 nodes failed in 2 commands");
}
