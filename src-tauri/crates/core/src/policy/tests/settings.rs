//! What the person's rules and settings change: mute, quiet and loud, alerts off, no sound.

use super::*;

#[test]
fn with_alerts_off_nothing_rings_until_something_new_fails_after_they_are_on() {
    let mut bell = Bell::new();
    bell.settings.alerts = AlertMode::None;
    let off = bell.fail(&["i-1"], 0.0);
    assert_eq!((off.alert, off.decisions[0].outcome), (None, Outcome::Muted), "muted, with a reason");
    bell.settings.alerts = AlertMode::All;
    bell.counts.success += 1;
    assert_eq!(bell.changed(&[], 5.0).alert, None, "an old failure does not ring because a setting changed");
    assert_eq!(shown(&bell.fail(&["i-2"], 6.0)).title, "AWS-RunPatchBaseline: 2 failed of 200", "a new one does");
}

#[test]
fn alerts_turned_off_stop_an_update_that_waits() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.fail(&["i-2"], 1.0);
    bell.settings.alerts = AlertMode::None;
    let tick = bell.input(Input::Tick, 2.0);
    assert_eq!((tick.alert, tick.next_wake), (None, None), "off means off, also for what waits");
    assert_eq!(bell.outcomes, [Outcome::Rang, Outcome::Muted], "and the reason is stored");
}

#[test]
fn without_sound_in_the_settings_nothing_sounds() {
    let mut bell = Bell::new();
    bell.settings.sound = false;
    assert!(!shown(&bell.fail(&["i-1"], 0.0)).sound, "sound is off");
}

fn rules(book: &str) -> std::sync::Arc<crate::rules::RuleBook> {
    let rules: Vec<crate::rules::Rule> = serde_json::from_str(book).unwrap();
    std::sync::Arc::new(crate::rules::RuleBook::compile(&rules).unwrap())
}

#[test]
fn a_muted_command_neither_rings_nor_counts_until_something_of_it_is_not_muted() {
    let mut bell = Bell::new();
    bell.settings.rules = rules(r#"[{"name": "Canaries", "when": {"node": "i-c*"}, "then": "mute"}]"#);
    let muted = bell.fail(&["i-c1"], 0.0);
    assert_eq!(muted.alert, None, "a muted failure stays off the screen");
    assert_eq!(muted.decisions[0].reason, "Muted by rule \"Canaries\".", "and names its rule");
    assert!(bell.group.is_muted(), "it does not count as unacknowledged either");
    assert_eq!(bell.fail(&["i-c2"], 1.0).decisions.len(), 0, "one reason, once");
    assert_eq!(
        shown(&bell.fail(&["i-c3", "i-9"], 2.0)).title,
        "AWS-RunPatchBaseline: 4 failed of 200",
        "the loudest decides"
    );
    assert!(!bell.group.is_muted(), "one failure that is not muted makes the command count");
    assert_eq!(
        updated(&bell.fail(&["i-c4"], 10.0)).title,
        "AWS-RunPatchBaseline: 5 failed of 200",
        "an alert that is up says the true counts, also of what is muted"
    );
}

#[test]
fn a_quiet_rule_leaves_it_to_tray_and_history_and_a_loud_one_says_so() {
    let mut bell = Bell::new();
    bell.settings.rules = rules(
        r#"[{"name": "Time-outs ring", "when": {"status": "timed_out"}, "then": "loud"},
            {"name": "Patching", "when": {"document": "AWS-RunPatch*"}, "then": "quiet"}]"#,
    );
    let quiet = bell.fail(&["i-1"], 0.0);
    assert_eq!((quiet.alert, quiet.decisions[0].outcome), (None, Outcome::Quiet), "quiet is tray and history");
    assert!(!bell.group.is_muted(), "what is quiet still counts");
    let loud = bell.command(Status::TimedOut, 1.0);
    assert!(loud.alert.is_some(), "the first rule that fits decides");
    assert!(loud.decisions[0].reason.ends_with("Loud by rule \"Time-outs ring\"."), "{}", loud.decisions[0].reason);
}
