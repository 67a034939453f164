//! A command that somebody waits for.

use super::*;

#[test]
fn a_watched_command_is_told_of_when_its_own_level_ends() {
    let mut bell = Bell::new();
    bell.counts.in_progress = 3;
    bell.watch(0.0);
    assert!(bell.group.is_watched(), "the wish is kept");
    bell.counts = Counts { success: 3, ..Counts::default() };
    assert_eq!(bell.changed(&[], 1.0).ended, None, "three of two hundred is no end");
    let end = bell.command(Status::Success, 2.0).ended.expect("its own level is the end");
    assert_eq!(end.title, "AWS-RunPatchBaseline ended", "success is told of too");
    assert!(!bell.group.is_watched(), "and told once");
}

#[test]
fn a_watch_ends_in_words_when_nothing_can_be_told() {
    let mut bell = Bell::new();
    bell.counts.success = 112;
    let wish = bell.watch(0.0);
    assert_eq!(wish.next_wake, Some(at(24.0 * 3600.0)), "after a day of silence it gives up");
    let given_up = bell.input(Input::Tick, 24.0 * 3600.0).ended.expect("it says that it cannot tell");
    assert_eq!(given_up.title, "Cannot tell whether AWS-RunPatchBaseline ended", "in words");
    assert!(
        given_up.body.starts_with("112 of 200 nodes heard, none running."),
        "with what is known: {}",
        given_up.body
    );
    assert!(!bell.group.is_watched(), "once");
}

#[test]
fn what_has_ended_already_is_told_at_once_and_a_wish_can_be_taken_back() {
    let mut bell = Bell::new();
    bell.command(Status::Success, 0.0);
    assert!(bell.watch(1.0).ended.is_some(), "nobody waits for what is over");
    let mut bell = Bell::new();
    bell.counts.in_progress = 1;
    bell.watch(0.0);
    let back = bell.input(Input::Watch { command: None }, 1.0);
    assert_eq!((back.next_wake, bell.group.is_watched()), (None, false), "nothing waits for it any more");
}
