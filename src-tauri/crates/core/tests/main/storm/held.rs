//! What a snooze and quiet hours hold back, and what becomes of it when they end.

use super::*;

#[test]
fn a_snooze_holds_back_and_tells_once_when_it_ends() {
    let mut sea = Sea::new();
    let until = sea.now + SignedDuration::from_hours(1);
    sea.hall(HallInput::Snooze { until, window: false });
    assert!(sea.hall.snooze(sea.now).is_some(), "it is snoozed");
    for command in 0..4 {
        sea.fail(command, 0, 0);
        sea.fail(command, 1, 0);
    }
    sea.pass(SignedDuration::from_mins(59));
    assert_eq!((sea.rang.len(), sea.rang_many.len()), (0, 0), "nothing rings while it is snoozed");
    assert_eq!(sea.commands[&0].decisions[0].reason, "Snoozed until 09:00.", "and each command says why");
    sea.pass(SignedDuration::from_mins(2));
    assert_eq!(sea.rang_many.len(), 1, "what was held back comes as one digest");
    assert_eq!(sea.many[&Kind::Held].title, "While it was quiet: 8 nodes failed in 4 commands", "with exact counts");
    assert!(sea.hall.snooze(sea.now).is_none(), "a snooze always has an end");
    sea.fail(0, 2, 0);
    assert_eq!(sea.rang.len(), 1, "what fails after it rings");
}

#[test]
fn waking_early_tells_at_once() {
    let mut sea = Sea::new();
    sea.hall(HallInput::Snooze { until: sea.now + SignedDuration::from_hours(1), window: true });
    sea.fail(0, 0, 0);
    assert_eq!(sea.commands[&0].decisions[0].reason, "Snoozed until the maintenance window ends at 09:00.", "in words");
    sea.hall(HallInput::Unsnooze);
    assert_eq!(sea.rang_many.len(), 1, "the person wants to hear again, and of what was held back first");
}

#[test]
fn a_snooze_into_the_past_is_none() {
    let mut sea = Sea::new();
    sea.hall(HallInput::Snooze { until: sea.now - SignedDuration::from_secs(1), window: false });
    sea.fail(0, 0, 0);
    assert_eq!(sea.rang.len(), 1, "a snooze that is over holds nothing back");
}

#[test]
fn quiet_hours_hold_back_until_they_end_and_let_through_what_breaks_them() {
    let mut sea = Sea::new();
    // 2027-01-15 is a Friday; START is 08:00 UTC of it.
    sea.settings.quiet = serde_json::from_str(
        r#"{"spans": [{"days": ["fri"], "from": "07:00", "to": "10:00"}],
            "break_through": {"blind": true, "watched": true, "documents": ["Document-07"], "failing_nodes": 3}}"#,
    )
    .unwrap();
    sea.fail(1, 0, 0);
    sea.fail(7, 0, 0);
    assert_eq!(sea.rang.len(), 1, "the document that breaks through rings");
    assert!(
        sea.commands[&7].decisions[0].reason.contains("quiet hours"),
        "and says why: {:?}",
        sea.commands[&7].decisions
    );
    sea.fail(1, 1, 0);
    assert_eq!(sea.rang.len(), 1, "two nodes are too few to break through");
    sea.fail(2, 0, 0);
    sea.fail(1, 2, 0);
    assert_eq!(sea.rang.len(), 2, "the third breaks through, though the command was held back until then");
    sea.pass(SignedDuration::from_hours(2));
    assert_eq!(
        sea.many[&Kind::Held].title,
        "While it was quiet: 1 node failed in 1 command",
        "the rest comes at the end"
    );
}

#[test]
fn a_clock_that_is_set_back_makes_no_snooze_longer_and_keeps_nothing_closed() {
    let mut sea = Sea::new();
    sea.fail(0, 0, 0);
    sea.commands.get_mut(&0).unwrap().screen = None;
    sea.input(0, Input::Fate(Fate::Dismissed));
    sea.hall(HallInput::Snooze { until: sea.now + SignedDuration::from_hours(1), window: false });
    sea.now -= SignedDuration::from_hours(5);
    sea.end_of_transaction();
    let until = sea.hall.snooze(sea.now).unwrap().until;
    assert_eq!(until, sea.now + SignedDuration::from_hours(1), "an hour was asked for");
    sea.hall(HallInput::Unsnooze);
    sea.fail(0, 1, 0);
    assert_eq!(sea.rang.len(), 2, "how long ago it was closed nobody can tell, so what fails now rings");
}
