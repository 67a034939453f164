//! What the board shows and when it rings, on a clock that the test turns.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use super::*;
use crate::clock;
use crate::error::Code;

fn line() -> SubscriptionStatus {
    SubscriptionStatus::new("t", "q", SubscriptionState::Connecting)
}

fn board() -> Board {
    let board = Board::default();
    board.add(line());
    board
}

/// A board whose time the test turns: awake, or asleep.
struct Turned {
    board: Board,
    at: Arc<Mutex<Reading>>,
}

impl Turned {
    fn new() -> Self {
        let at = Arc::new(Mutex::new(clock::reading()));
        let read = Arc::clone(&at);
        let board = Board::with(Clock(Arc::new(move || *read.lock().unwrap())));
        board.add(line());
        Self { board, at }
    }

    fn pass(&self, time: Duration) {
        let mut at = self.at.lock().unwrap();
        at.awake += time;
        at.wall += time;
    }

    fn sleep(&self, time: Duration) {
        let mut at = self.at.lock().unwrap();
        at.slept += time;
        at.wall += time;
    }
}

fn denied() -> Problem {
    Problem::new(Code::AwsRefused, "sqs:ReceiveMessage was denied", "ask for sqs:ReceiveMessage")
}

fn state(board: &Board) -> SubscriptionState {
    board.lines()[0].state
}

#[test]
fn a_completed_poll_makes_it_ok_and_forgets_the_reason() {
    let board = board();
    board.troubled("t", SubscriptionState::Denied, &denied());
    assert_eq!(board.lines()[0].reason.as_deref(), Some("sqs:ReceiveMessage was denied"), "the cause is told");
    board.completed("t", 0);
    assert_eq!(state(&board), SubscriptionState::Ok, "a completed poll proves that the queue can be read");
    assert_eq!(board.lines()[0].reason, None, "a healed cause is not told any more");
    assert_eq!(board.lines()[0].last_message, None, "an empty poll is no message");
}

#[test]
fn a_cause_that_needs_the_person_rings_at_once_and_once() {
    let board = board();
    board.troubled("t", SubscriptionState::Denied, &denied());
    assert_eq!(board.alarms().len(), 1, "what needs the person rings at once");
    board.troubled("t", SubscriptionState::Denied, &denied());
    assert_eq!(board.alarms(), [], "one cause rings once until it recovers");
    board.completed("t", 1);
    board.troubled("t", SubscriptionState::Denied, &denied());
    assert_eq!(board.alarms().len(), 1, "after a recovery the same cause is news again");
}

#[test]
fn a_cause_that_may_heal_waits_before_it_rings() {
    let board = board();
    board.troubled("t", SubscriptionState::Blind, &denied());
    assert_eq!(board.alarms(), [], "a lost network does not ring at once");
    let next = board.watch().expect("the board knows when to look again");
    assert!(
        next > clock::monotonic() + Duration::from_mins(1),
        "nothing wakes the machine before there is something to see"
    );
}

#[test]
fn a_poll_cannot_clear_what_only_a_check_sees() {
    let board = board();
    board.completed("t", 0);
    board.checked("t", SubscriptionState::SubscriptionMissing, Some(&denied()), Some(3));
    board.completed("t", 0);
    assert_eq!(
        state(&board),
        SubscriptionState::SubscriptionMissing,
        "an empty poll cannot tell that the subscription is there"
    );
    board.checked("t", SubscriptionState::Ok, None, None);
    assert_eq!(state(&board), SubscriptionState::Ok, "the check that saw it gone may say it is back");
    assert_eq!(board.lines()[0].backlog, Some(3), "a check that could not count keeps the last count");
}

#[test]
fn a_check_alone_never_says_ok() {
    let board = board();
    board.checked("t", SubscriptionState::Ok, None, None);
    assert_eq!(state(&board), SubscriptionState::Connecting, "only a completed poll proves hearing");
}

#[test]
fn watchers_wake_only_when_a_line_changed() {
    let board = board();
    let mut changes = board.changes();
    changes.mark_unchanged();
    board.troubled("t", SubscriptionState::Denied, &denied());
    assert!(changes.has_changed().unwrap(), "a change is told");
    changes.mark_unchanged();
    board.troubled("t", SubscriptionState::Denied, &denied());
    assert!(!changes.has_changed().unwrap(), "the same line again wakes nobody");
}

#[test]
fn a_hung_poll_is_told_in_words_within_90_s() {
    let turned = Turned::new();
    turned.board.completed("t", 0);
    turned.pass(Duration::from_secs(70));
    let next = turned.board.watch().unwrap();
    assert_eq!(state(&turned.board), SubscriptionState::Ok, "three long polls may pass");
    assert!(next <= turned.board.now().awake + Duration::from_secs(20), "somebody looks again before 90 s are over");
    turned.pass(Duration::from_secs(20));
    turned.board.watch();
    let line = turned.board.lines().remove(0);
    assert_eq!(line.state, SubscriptionState::Blind, "a poll that never ends is deafness");
    assert!(line.reason.unwrap().contains("no poll of the queue has completed for 90 s"), "and it is told in words");
    assert!(line.hint.unwrap().contains("network"), "with a fix");
}

#[test]
fn the_night_is_no_alarm_and_deafness_counts_from_the_waking() {
    let turned = Turned::new();
    let mut wakes = turned.board.wakes();
    turned.board.completed("t", 0);
    turned.pass(Duration::from_mins(1));
    turned.sleep(Duration::from_hours(10));
    turned.board.watch();
    assert!(wakes.has_changed().unwrap(), "a waking is told");
    wakes.mark_unchanged();
    assert_eq!(state(&turned.board), SubscriptionState::Connecting, "after a sleep it connects, and is not deaf");
    turned.pass(Duration::from_mins(1));
    turned.board.watch();
    assert_eq!(state(&turned.board), SubscriptionState::Connecting, "the minute before the sleep does not count");
    turned.pass(Duration::from_secs(20));
    turned.board.watch();
    assert_eq!(state(&turned.board), SubscriptionState::Blind, "who hears nothing after the waking is deaf");
    assert!(!wakes.has_changed().unwrap(), "one sleep is told once");
}

#[test]
fn blindness_that_slept_through_the_night_gets_its_healing_time_anew() {
    let turned = Turned::new();
    // A poll fails each minute.
    let fail = |minutes: u32| {
        for _ in 0..minutes {
            turned.pass(Duration::from_mins(1));
            turned.board.troubled("t", SubscriptionState::Blind, &denied());
        }
    };
    fail(5);
    turned.sleep(Duration::from_hours(10));
    fail(9);
    assert_eq!(turned.board.alarms(), [], "the network of the morning gets its ten minutes");
    fail(2);
    assert_eq!(turned.board.alarms().len(), 1, "then it rings");
}

#[test]
fn the_systems_word_alone_is_a_waking() {
    let turned = Turned::new();
    turned.board.completed("t", 0);
    let wakes = turned.board.wakes();
    turned.board.woke();
    turned.board.woke();
    assert_eq!(*wakes.borrow(), 1, "once a waking, though nothing shows on the clocks");
    assert_eq!(state(&turned.board), SubscriptionState::Connecting, "what was heard before says nothing about now");
}

#[test]
fn an_answer_that_aws_cannot_answer_now_heals_nothing() {
    let turned = Turned::new();
    let throttled = Problem::new(Code::AwsUnreachable, "AWS could not answer now", "nothing to do");
    let fail = |times: u32| {
        for _ in 0..times {
            turned.pass(Duration::from_secs(40));
            turned.board.watch();
            turned.board.troubled("t", SubscriptionState::Connecting, &throttled);
        }
    };
    fail(1);
    assert_eq!(state(&turned.board), SubscriptionState::Connecting, "one throttled poll is no deafness");
    fail(2);
    let line = turned.board.lines().remove(0);
    assert_eq!(line.state, SubscriptionState::Blind, "75 s of them are");
    assert_eq!(line.reason.as_deref(), Some("AWS could not answer now"), "for the reason that AWS gave");
    fail(14);
    assert_eq!(turned.board.alarms().len(), 1, "and after ten minutes of it it rings: retries must not put that off");
}

#[test]
fn two_causes_that_take_turns_ring_once_each() {
    let board = board();
    let mut rung = 0;
    for _ in 0..4 {
        for state in [SubscriptionState::Denied, SubscriptionState::SignedOut] {
            board.troubled("t", state, &denied());
            rung += board.alarms().len();
        }
    }
    assert_eq!(rung, 2, "a cause rings once until it recovers, however often another comes between");
}

#[test]
fn a_look_does_not_outshout_the_polls() {
    let board = board();
    board.completed("t", 0);
    board.troubled("t", SubscriptionState::QueueMissing, &denied());
    board.checked("t", SubscriptionState::Ok, None, None);
    assert_eq!(state(&board), SubscriptionState::QueueMissing, "a look begun before the queue went proves nothing");
    board.checked("t", SubscriptionState::Unchecked, Some(&denied()), None);
    assert_eq!(state(&board), SubscriptionState::QueueMissing, "and 'cannot check' must not hide deafness");
    board.completed("t", 0);
    assert_eq!(state(&board), SubscriptionState::Unchecked, "but it is remembered when the polls are well again");
}

#[test]
fn messages_that_cannot_be_deleted_are_told_until_they_can() {
    let board = board();
    board.completed("t", 1);
    board.deletes("t", Some(&denied()));
    board.completed("t", 1);
    assert_eq!(state(&board), SubscriptionState::Denied, "a poll that completes says nothing about deleting");
    assert_eq!(board.alarms().len(), 1, "it needs the person");
    board.completed("t", 1);
    assert_eq!(board.alarms(), [], "and rings once, though polls go on completing");
    board.deletes("t", None);
    assert_eq!(state(&board), SubscriptionState::Ok, "a delete that works clears it");
}

#[test]
fn what_slows_a_drain_is_a_problem_of_it() {
    let board = board();
    board.troubled("t", SubscriptionState::Connecting, &denied());
    assert_eq!(board.problems().len(), 1, "a queue that was never read must not count as drained");
    board.completed("t", 0);
    assert_eq!(board.problems(), [], "once read, there is none");
}
