//! What becomes of an alert on the screen, and what that means for later failures: closed, expired, refused, another server.

use super::*;

#[rstest]
#[case(Fate::Dismissed)]
#[case(Fate::Clicked)]
fn a_closed_alert_comes_back_only_for_a_node_that_fails_ten_minutes_later(#[case] fate: Fate) {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.fate(Fate::Shown, 0.1);
    bell.fate(fate, 60.0);
    assert_eq!(bell.fail(&["i-2"], 659.0).alert, None, "within 10 min a new failure stays off the screen");
    assert_eq!(bell.fail(&["i-3"], 659.5).decisions.len(), 0, "the reason is stored once, not for each message");
    bell.counts.success += 1;
    assert_eq!(bell.changed(&[], 900.0).alert, None, "an update that is no failure never brings it back");
    let back = bell.fail(&["i-4"], 901.0);
    assert_eq!(shown(&back).title, "AWS-RunPatchBaseline: 4 failed of 200", "then it rings with the full counts");
    assert_eq!(
        bell.outcomes,
        [Outcome::Rang, Outcome::Dismissed, Outcome::Dismissed, Outcome::Rang],
        "each has its reason"
    );
}

#[test]
fn a_refused_alert_is_asked_for_once_more_and_then_left_to_the_tray() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    assert_eq!(bell.fate(Fate::Refused, 0.1).next_wake, Some(at(2.0)), "the second try keeps the spacing");
    assert!(shown(&bell.input(Input::Tick, 2.0)).sound, "nobody has heard it yet");
    let last = bell.fate(Fate::Refused, 2.1);
    assert_eq!((last.alert, last.next_wake), (None, None), "there is no third try");
    assert_eq!(bell.outcomes, [Outcome::Rang, Outcome::Rang, Outcome::Quiet], "and the reason is stored");
    shown(&bell.fail(&["i-2"], 60.0));
}

#[test]
fn a_new_notification_server_is_asked_to_show_it_silently() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.fate(Fate::Shown, 0.1);
    let again = bell.fate(Fate::ServerChanged, 60.0);
    assert!(!shown(&again).sound, "the person has heard it before");
    bell.fate(Fate::Shown, 60.1);
    assert!(!shown(&bell.fate(Fate::ServerChanged, 120.0)).sound, "each change of server is made good once");
}

#[test]
fn a_new_server_gets_what_the_old_one_refused() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.fate(Fate::Refused, 0.1);
    bell.input(Input::Tick, 2.0);
    bell.fate(Fate::Refused, 2.1);
    assert!(shown(&bell.fate(Fate::ServerChanged, 60.0)).sound, "the new server has refused nothing yet");
}

#[test]
fn an_expired_alert_comes_back_silently_and_only_for_a_new_failure() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.fate(Fate::Shown, 0.1);
    bell.fate(Fate::Expired, 8.0);
    bell.counts.success += 5;
    assert_eq!(bell.changed(&[], 20.0).alert, None, "a success does not bring it back");
    assert!(!shown(&bell.fail(&["i-2"], 30.0)).sound, "it rang once; the rest is silent");
}

#[test]
fn a_failure_that_waited_when_the_alert_expired_is_still_told() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.fail(&["i-2"], 1.0);
    bell.fate(Fate::Expired, 1.5);
    let tick = bell.input(Input::Tick, 2.0);
    assert_eq!(
        shown(&tick).title,
        "AWS-RunPatchBaseline: 2 failed of 200",
        "news that waited is not lost with the alert"
    );
}

#[test]
fn late_echoes_of_our_own_closing_are_no_dismissal() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.acknowledge(1.0);
    bell.fate(Fate::Dismissed, 1.1);
    shown(&bell.fail(&["i-2"], 10.0));
}

#[test]
fn a_correction_that_waited_is_dropped_with_an_expired_alert() {
    let mut bell = Bell::new();
    bell.fail(&["i-1", "i-2"], 0.0);
    bell.mend(1, 1.0);
    let expired = bell.fate(Fate::Expired, 1.5);
    assert_eq!((expired.alert, expired.next_wake), (None, None), "fewer failures are no reason to show it again");
}

#[test]
fn after_all_was_well_a_closed_alert_gives_its_reason_anew() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.fate(Fate::Dismissed, 1.0);
    bell.fail(&["i-2"], 2.0);
    bell.mend(2, 3.0);
    let again = bell.fail(&["i-3"], 4.0);
    assert_eq!(again.alert, None, "closed stays closed for 10 min");
    assert_eq!(again.decisions[0].outcome, Outcome::Dismissed, "trouble after calm has a reason of its own");
}
