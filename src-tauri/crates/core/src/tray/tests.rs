//! The tray by example.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use super::{FailingLine, SnoozeChoice, SubscriptionLine, TrayInput, TrayMark, tray_model};
use crate::health::SubscriptionState as S;
use crate::window::{Current, Progress};
use jiff::Zoned;
use jiff::tz::{TimeZone, offset};

/// 23 November 2026, 04:00 in a zone two hours ahead of UTC.
fn now() -> Zoned {
    "2026-11-23T02:00:00Z".parse::<jiff::Timestamp>().unwrap().to_zoned(TimeZone::fixed(offset(2)))
}

fn line(name: &str, state: S, since: Option<&str>) -> SubscriptionLine {
    SubscriptionLine {
        topic_arn: format!("arn:aws:sns:us-east-1:123456789012:{name}"),
        name: name.into(),
        state,
        since: since.map(|at| at.parse().unwrap()),
        reason: None,
        hint: None,
        signs_out: None,
    }
}

fn failing(count: u32) -> TrayInput {
    let lines =
        (0..count).map(|n| FailingLine { command_id: format!("c{n}"), text: format!("Document {n}: 1 failed of 2") });
    TrayInput { unacknowledged: count, failing: lines.collect(), ..TrayInput::default() }
}

#[test]
fn deafness_comes_before_failure_and_both_are_named() {
    let input = TrayInput {
        subscriptions: vec![line("ssm-notify", S::Blind, Some("2026-11-23T00:14:00Z")), line("other", S::Ok, None)],
        ..failing(3)
    };
    let model = tray_model(&input, &now());
    assert_eq!(model.headline, "Cannot hear ssm-notify since 02:14; 3 commands failing", "in the person's own zone");
    assert_eq!(model.mark, TrayMark::Blind, "an old failure must not hide deafness");
    assert!(model.can_acknowledge, "deaf or not, failures can be acknowledged");
}

#[test]
fn every_state_has_its_headline() {
    let yesterday = Some("2026-11-22T20:10:00Z");
    let mut said = Vec::new();
    let mut say = |input: TrayInput| {
        let model = tray_model(&input, &now());
        said.push(format!("{:?} | {} | {}", model.mark, model.headline, model.explanation.unwrap_or_default()));
    };
    say(TrayInput::default());
    for state in [S::Ok, S::Connecting, S::Paused, S::Unchecked, S::SignedOut, S::Denied, S::QueueMissing] {
        say(TrayInput { subscriptions: vec![line("ssm-notify", state, yesterday)], ..TrayInput::default() });
    }
    let two = |a, b| vec![line("one", a, yesterday), line("two", b, Some("2026-11-23T01:00:00Z"))];
    for (a, b) in [
        (S::Ok, S::Ok),
        (S::Ok, S::Paused),
        (S::Paused, S::Paused),
        (S::Ok, S::Connecting),
        (S::Blind, S::SubscriptionMissing),
    ] {
        say(TrayInput { subscriptions: two(a, b), ..TrayInput::default() });
    }
    say(failing(1));
    say(TrayInput { alerts_problem: Some("No notification server is running. Start one.".into()), ..failing(2) });
    say(TrayInput { engine_problem: Some("The disk is full. Free some space.".into()), ..failing(2) });
    let reasons = SubscriptionLine {
        reason: Some("The credentials of acme-prod ended.".into()),
        hint: Some("Sign in again.".into()),
        ..line("bad\u{202e}name", S::SignedOut, None)
    };
    say(TrayInput { subscriptions: vec![reasons], ..TrayInput::default() });
    let bare = SubscriptionLine {
        reason: Some("could not reach AWS for sqs:ReceiveMessage: connection refused".into()),
        hint: Some("check the network, VPN and proxy".into()),
        ..line("ssm-notify", S::Blind, None)
    };
    let mute = Some("no alert can be shown: no notification server runs".to_owned());
    say(TrayInput { subscriptions: vec![bare], alerts_problem: mute, ..failing(1) });
    insta::assert_snapshot!(said.join("\n"));
}

#[test]
fn what_cannot_ring_is_marked_unless_something_fails() {
    let mute = |input: TrayInput| TrayInput { alerts_problem: Some("no notification server runs".into()), ..input };
    let calm = TrayInput { subscriptions: vec![line("ssm-notify", S::Ok, None)], ..TrayInput::default() };
    assert_eq!(tray_model(&mute(calm.clone()), &now()).mark, TrayMark::Blind, "a calm mark would promise a ring");
    let windows = TrayInput { windows: vec![open("Sunday patch")], ..calm };
    assert_eq!(tray_model(&mute(windows), &now()).mark, TrayMark::Blind, "above all in a window");
    assert_eq!(
        tray_model(&mute(failing(1)), &now()).mark,
        TrayMark::Failing,
        "the mark is all that tells a failure then"
    );
}

#[test]
fn time_alone_changes_nothing() {
    let input = TrayInput {
        subscriptions: vec![line("ssm-notify", S::Blind, Some("2026-11-23T00:14:00Z"))],
        last_heard: Some("2026-11-23T00:13:20Z".parse().unwrap()),
        ..failing(2)
    };
    let later = now() + jiff::SignedDuration::from_hours(7);
    assert_eq!(tray_model(&input, &now()), tray_model(&input, &later), "a tray that is redrawn on each tick flickers");
    assert_eq!(
        tray_model(&input, &now()).title,
        "Watchbell: Cannot hear ssm-notify since 02:14; 2 commands failing, last message 02:13",
        "the tooltip says when a message came"
    );
}

#[test]
fn the_menu_lists_five_commands_at_most() {
    assert_eq!(tray_model(&failing(9), &now()).failing.len(), 5, "a menu must stay readable in a storm");
}

fn open(name: &str) -> Current {
    Current {
        run: format!("run of {name}"),
        name: name.into(),
        start: "2026-11-23T00:00:00Z".parse().unwrap(),
        cutoff: Some("2026-11-23T02:48:00Z".parse().unwrap()),
        end: Some("2026-11-23T03:00:00Z".parse().unwrap()),
        progress: Progress { commands: 1, done: 148, known: 200, complete: true, failed: 0, timed_out: 0 },
    }
}

#[test]
fn an_open_window_has_a_line_and_a_mark_that_failure_and_deafness_outrank() {
    let calm = TrayInput { windows: vec![open("Sunday patch")], ..TrayInput::default() };
    let model = tray_model(&calm, &now());
    assert_eq!(model.mark, TrayMark::Window, "a ring for an open window");
    let line = model.window.unwrap();
    assert_eq!(
        line.text, "Sunday patch: 148 of 200 done, cutoff at 04:48, ends at 05:00",
        "a clock time, which does not age"
    );
    assert_eq!(line.run, "run of Sunday patch", "pressing it opens its page");
    let failing = TrayInput { windows: calm.windows.clone(), ..failing(1) };
    assert_eq!(tray_model(&failing, &now()).mark, TrayMark::Failing, "a failure outranks an open window");
    let deaf = TrayInput { subscriptions: vec![line_of_deafness()], ..failing };
    let model = tray_model(&deaf, &now());
    assert_eq!(model.mark, TrayMark::Blind, "deafness outranks everything");
    assert!(model.window.is_some(), "the window keeps its line under any mark");
    let two = TrayInput { windows: vec![open("Sunday patch"), open("Other")], ..TrayInput::default() };
    let line = tray_model(&two, &now()).window.unwrap();
    assert!(line.text.ends_with("ends at 05:00; 1 window more open"), "{}", line.text);
}

#[test]
fn quiet_hours_are_told_like_a_snooze_which_is_told_before_them() {
    let quiet = TrayInput { quiet_until: Some("2026-11-23T06:00:00Z".parse().unwrap()), ..TrayInput::default() };
    let model = tray_model(&quiet, &now());
    assert_eq!((model.mark, model.headline.as_str()), (TrayMark::Snoozed, "Quiet hours until 08:00"));
    assert_eq!(model.snoozed, None, "and nothing offers to end them");
    let failing = TrayInput { quiet_until: quiet.quiet_until, ..failing(1) };
    let model = tray_model(&failing, &now());
    assert_eq!(
        (model.mark, model.headline.as_str()),
        (TrayMark::Failing, "1 command failing; quiet hours until 08:00")
    );
    let both = TrayInput { snoozed_until: Some("2026-11-23T03:00:00Z".parse().unwrap()), ..quiet };
    assert_eq!(tray_model(&both, &now()).headline, "Snoozed until 05:00", "whoever is snoozed can end that");
}

fn line_of_deafness() -> SubscriptionLine {
    line("ssm-notify", S::Blind, None)
}

#[test]
fn the_snooze_that_was_chosen_is_checked_and_a_window_is_offered_while_one_is_open() {
    let at = |text: &str| text.parse::<jiff::Timestamp>().unwrap();
    let checked = |input: &TrayInput| {
        let lines = tray_model(input, &now()).snoozes;
        (lines.len(), lines.into_iter().filter(|line| line.checked).map(|line| line.choice).collect::<Vec<_>>())
    };
    let calm = TrayInput::default();
    assert_eq!(checked(&calm), (3, vec![]), "three spans, none of them on");
    let since = at("2026-11-23T02:00:00Z");
    for (until, window, choice) in [
        ("2026-11-23T02:30:00Z", false, Some(SnoozeChoice::HalfHour)),
        ("2026-11-23T03:00:00.3Z", false, Some(SnoozeChoice::Hour)),
        ("2026-11-23T03:10:00Z", false, None),
        ("2026-11-23T03:00:00Z", true, Some(SnoozeChoice::WindowEnd)),
    ] {
        let snooze = crate::policy::Snooze { since, until: at(until), window };
        assert_eq!(SnoozeChoice::of(&snooze), choice, "{until}");
        let input = TrayInput { snoozed_until: Some(at(until)), snooze_choice: choice, ..TrayInput::default() };
        assert_eq!(checked(&input).1, Vec::from_iter(choice), "the one that was chosen");
    }
    let open = TrayInput { window_ends: Some(at("2026-11-23T04:00:00Z")), ..TrayInput::default() };
    assert_eq!(checked(&open).0, 4, "an open window can be waited for");
}

#[test]
fn a_sign_out_is_seen_coming_with_its_clock_time_and_a_way_to_sign_in() {
    let ends = |at: &str| SubscriptionLine { signs_out: Some(at.parse().unwrap()), ..line("ssm-notify", S::Ok, None) };
    let one =
        tray_model(&TrayInput { subscriptions: vec![ends("2026-11-23T02:25:00Z")], ..TrayInput::default() }, &now());
    assert_eq!(one.headline, "Nothing failing on ssm-notify; ssm-notify signs out at 04:25");
    assert_eq!(one.mark, TrayMark::Fine, "it is heard until then");
    assert_eq!(one.sign_in.unwrap().text, "Sign in…");
    let two = vec![ends("2026-11-23T02:25:00Z"), ends("2026-11-23T02:20:00Z"), line("other", S::SignedOut, None)];
    let two = tray_model(&TrayInput { subscriptions: two, ..TrayInput::default() }, &now());
    assert!(two.headline.ends_with("; 2 topics sign out from 04:20 on"), "{}", two.headline);
    let entry = two.sign_in.unwrap();
    assert_eq!(entry.text, "Sign in for other…", "what is signed out comes before what soon will be");
    assert!(entry.topic_arn.ends_with(":other"));
    let none = TrayInput { subscriptions: vec![line("ssm-notify", S::Denied, None)], ..TrayInput::default() };
    assert_eq!(tray_model(&none, &now()).sign_in, None, "signing in mends no denial");
}
