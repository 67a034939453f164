//! Failures that are received long after they happened: one digest a catch-up.

use super::*;

#[test]
fn a_digest_that_nobody_was_shown_yet_takes_what_comes_after_it() {
    let mut sea = Sea { server: false, ..Sea::new() };
    sea.fail(0, 0, 60);
    sea.hall(HallInput::CaughtUp);
    sea.fail(1, 0, 60);
    sea.pass(SignedDuration::from_secs(3));
    assert_eq!(sea.many[&Kind::Digest].title, "While you were away: 2 nodes failed in 2 commands", "none is lost");
    sea.hall(HallInput::CaughtUp);
    sea.hall(HallInput::Fate(Kind::Digest, Fate::Shown));
    sea.fail(2, 0, 60);
    assert_eq!(
        sea.many[&Kind::Digest].title,
        "While you were away: 1 node failed in 1 command",
        "what comes after one that was shown is another catch-up"
    );
}

#[test]
fn five_hundred_late_failures_ring_once() {
    let mut sea = Sea::new();
    for n in 0..500_u32 {
        let (command, node) = (u8::try_from(n % 3).unwrap(), u8::try_from(n / 3).unwrap());
        sea.fail(command, node, 8 * 60 - i64::from(n / 10));
        sea.pass(SignedDuration::from_millis(10));
    }
    sea.hall(HallInput::CaughtUp);
    sea.pass(SignedDuration::from_secs(5));
    assert_eq!((sea.rang.len(), sea.rang_many.len()), (0, 1), "a catch-up is one digest");
    let digest = &sea.many[&Kind::Digest];
    assert_eq!(digest.title, "While you were away: 500 nodes failed in 3 commands", "with exact counts");
    assert_eq!(digest.body, "00:00 to 00:49. Worst: Document-00, 167 nodes.", "and the time it was about");
    assert_eq!(sea.outcomes(2), [Outcome::Digest], "each command has its reason, once");
}

#[test]
fn a_live_failure_takes_a_command_out_of_the_digest() {
    let mut sea = Sea::new();
    sea.fail(1, 0, 60);
    sea.fail(1, 1, 0);
    assert_eq!(sea.rang.len(), 1, "what fails now rings by itself");
    assert_eq!(
        sea.commands[&1].screen.as_ref().unwrap().title,
        "Document-01: 2 failed of 5 heard from",
        "with its full counts"
    );
    sea.pass(SignedDuration::from_secs(3));
    assert!(!sea.many.contains_key(&Kind::Digest), "and an empty digest leaves the screen");
}

#[test]
fn after_the_catch_up_another_one_opens_a_digest_of_its_own() {
    let mut sea = Sea::new();
    sea.fail(1, 0, 60);
    sea.hall(HallInput::CaughtUp);
    sea.hall(HallInput::Fate(Kind::Digest, Fate::Dismissed));
    sea.many.remove(&Kind::Digest);
    sea.pass(SignedDuration::from_hours(1));
    sea.fail(2, 0, 60);
    assert_eq!(sea.rang_many.len(), 2, "the second catch-up is told of");
    assert_eq!(sea.many[&Kind::Digest].title, "While you were away: 1 node failed in 1 command", "and of nothing else");
}
