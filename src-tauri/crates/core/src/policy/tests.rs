//! The policy by example: one rule a test; with the bell that the rooms below are shown with. Laws over any order of events are in
//! `tests/main/policy.rs`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod fates;
mod settings;
mod watched;

use super::{
    AlertMode, AlertOrder, CommandView, Failing, Fate, GroupState, Hall, Input, Outcome, Settings, Step, Urgency, step,
};
use crate::command::Counts;
use crate::join::LevelState;
use crate::status::Status;
use jiff::{SignedDuration, Timestamp};
use rstest::rstest;

/// A command and its group, driven by hand.
struct Bell {
    hall: Hall,
    group: GroupState,
    settings: Settings,
    counts: Counts,
    command_level: Option<LevelState>,
    simulated: bool,
    rings_if_simulated: bool,
    failing: Vec<String>,
    outcomes: Vec<Outcome>,
}

fn at(seconds: f64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_secs_f64(1_800_000_000.0 + seconds)
}

fn view<'a>(
    counts: &'a Counts,
    command_level: Option<&'a LevelState>,
    failing_sample: &'a [String],
) -> CommandView<'a> {
    CommandView {
        command_id: "03e5b2dc-91d2-4ce4-8b8c-ed5f02b60904",
        document: Some("AWS-RunPatchBaseline"),
        counts,
        topic: None,
        target_count: Some(200),
        expires_after: None,
        window: None,
        command_level,
        state: &Status::Failed,
        failing_sample,
        first_failing: None,
        simulated: false,
        rings_if_simulated: false,
    }
}

fn failing(node: &str, event_time: Timestamp) -> Failing {
    Failing { node_id: node.to_owned(), status: Status::Failed, detail: None, event_time }
}

impl Bell {
    fn new() -> Self {
        Self {
            hall: Hall::default(),
            group: GroupState::default(),
            settings: Settings::default(),
            counts: Counts::default(),
            command_level: None,
            simulated: false,
            rings_if_simulated: false,
            failing: Vec::new(),
            outcomes: Vec::new(),
        }
    }

    fn keep(&mut self, step: Step) -> Step {
        // Through JSON, as the store does it: nothing may hang on what is not stored.
        let stored = serde_json::to_string(&step.group).unwrap();
        self.group = serde_json::from_str(&stored).unwrap();
        assert_eq!(self.group, step.group, "a group read back from the database is the same group");
        let stored = serde_json::to_string(&step.hall).unwrap();
        self.hall = serde_json::from_str(&stored).unwrap();
        assert_eq!(self.hall, step.hall, "a hall read back from the database is the same hall");
        self.outcomes.extend(step.decisions.iter().map(|decision| decision.outcome));
        for decision in &step.decisions {
            assert!(decision.reason.ends_with('.'), "a reason is a sentence: {}", decision.reason);
        }
        step
    }

    fn changed(&mut self, newly: &[String], seconds: f64) -> Step {
        let sample = self.failing[..self.failing.len().min(3)].to_vec();
        let view = CommandView {
            simulated: self.simulated,
            rings_if_simulated: self.rings_if_simulated,
            ..view(&self.counts, self.command_level.as_ref(), &sample)
        };
        let failing: Vec<_> = newly.iter().map(|node| failing(node, at(seconds))).collect();
        let input = Input::Changed { command: &view, failing: &failing, received_at: at(seconds) };
        let step = step(self.hall.clone(), self.group.clone(), input, &self.settings, at(seconds));
        self.keep(step)
    }

    fn fail(&mut self, nodes: &[&str], seconds: f64) -> Step {
        let nodes: Vec<String> = nodes.iter().map(|node| (*node).to_owned()).collect();
        self.counts.failed += u32::try_from(nodes.len()).unwrap();
        self.failing.extend(nodes.clone());
        self.changed(&nodes, seconds)
    }

    fn mend(&mut self, nodes: u32, seconds: f64) -> Step {
        self.counts.failed -= nodes;
        self.counts.success += nodes;
        self.failing.truncate(self.counts.failed as usize);
        self.changed(&[], seconds)
    }

    fn command(&mut self, status: Status, seconds: f64) -> Step {
        self.command_level = Some(LevelState { status, detail: None, event_time: at(seconds) });
        self.changed(&[], seconds)
    }

    fn watch(&mut self, seconds: f64) -> Step {
        let counts = self.counts;
        let level = self.command_level.clone();
        let view = view(&counts, level.as_ref(), &[]);
        self.input(Input::Watch { command: Some(&view) }, seconds)
    }

    fn input(&mut self, input: Input<'_>, seconds: f64) -> Step {
        let step = step(self.hall.clone(), self.group.clone(), input, &self.settings, at(seconds));
        self.keep(step)
    }

    fn fate(&mut self, fate: Fate, seconds: f64) -> Step {
        self.input(Input::Fate(fate), seconds)
    }

    fn acknowledge(&mut self, seconds: f64) -> Step {
        let failing = self.failing.clone();
        self.input(Input::Acknowledged { failing_nodes: &failing }, seconds)
    }
}

fn shown(step: &Step) -> &super::AlertText {
    match &step.alert {
        Some(AlertOrder::Show(text)) => text,
        other => panic!("a new alert was expected, not {other:?}"),
    }
}

fn updated(step: &Step) -> &super::AlertText {
    match &step.alert {
        Some(AlertOrder::Update(text)) => text,
        other => panic!("an update in place was expected, not {other:?}"),
    }
}

#[test]
fn the_first_failure_rings_at_once_and_later_ones_update_it_silently() {
    let mut bell = Bell::new();
    let first = bell.fail(&["i-1"], 0.0);
    let text = shown(&first);
    assert_eq!(text.title, "AWS-RunPatchBaseline failed on i-1", "the first alert names the node");
    assert!(text.sound && text.urgency == Urgency::Critical, "the first failure is heard and stays");
    bell.fate(Fate::Shown, 0.25);

    let second = bell.fail(&["i-2"], 0.5);
    assert_eq!(second.alert, None, "an update waits until 2 s have passed");
    assert_eq!(second.next_wake, Some(at(2.25)), "what waits asks for a wake, so long after the person saw it");
    bell.fail(&["i-3"], 1.0);
    let early = bell.input(Input::Tick, 1.9);
    assert_eq!((early.alert, early.next_wake), (None, Some(at(2.25))), "an early wake changes nothing");
    let tick = bell.input(Input::Tick, 2.25);
    let text = updated(&tick);
    assert_eq!(text.title, "AWS-RunPatchBaseline: 3 failed of 200", "the update has the last true counts");
    assert!(!text.sound, "updates are silent");
    assert_eq!(tick.next_wake, None, "nothing waits after the update");
    assert_eq!(bell.outcomes, [Outcome::Rang, Outcome::Updated], "both decisions are stored");
}

#[test]
fn an_update_after_a_quiet_while_goes_out_at_once() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    updated(&bell.fail(&["i-2"], 30.0));
}

#[test]
fn the_same_state_again_changes_nothing() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    let again = bell.changed(&[], 10.0);
    assert_eq!((again.alert, again.next_wake, again.decisions.len()), (None, None, 0), "a duplicate must not update");
}

#[test]
fn a_superseded_failure_is_corrected_and_the_alert_closed_at_zero() {
    let mut bell = Bell::new();
    bell.fail(&["i-1", "i-2", "i-3"], 0.0);
    bell.fate(Fate::Shown, 0.1);
    assert_eq!(updated(&bell.mend(1, 5.0)).title, "AWS-RunPatchBaseline: 2 failed of 200", "the count goes down too");
    assert_eq!(
        bell.mend(2, 5.1).alert,
        Some(AlertOrder::Close),
        "with nothing failing the alert is taken down at once"
    );
    assert_eq!(bell.outcomes, [Outcome::Rang, Outcome::Corrected, Outcome::Corrected], "a correction is called that");
    let again = bell.fail(&["i-9"], 5.2);
    assert_eq!((again.alert, again.next_wake), (None, Some(at(7.1))), "a flapping command is held to one order in 2 s");
    shown(&bell.input(Input::Tick, 7.1));
}

#[test]
fn both_levels_end_in_one_alert() {
    let mut bell = Bell::new();
    bell.fail(&["i-1", "i-2"], 0.0);
    let both = bell.command(Status::Failed, 10.0);
    assert!(updated(&both).body.ends_with("The command as a whole failed."), "the alert tells of both");
    assert_eq!(bell.outcomes, [Outcome::Rang, Outcome::Joined, Outcome::Updated], "joining is a decision");

    let mut bell = Bell::new();
    let first = bell.command(Status::TimedOut, 0.0);
    assert_eq!(shown(&first).title, "AWS-RunPatchBaseline timed out", "a command-level failure rings too");
    updated(&bell.fail(&["i-1"], 10.0));
    assert!(bell.outcomes.contains(&Outcome::Joined), "nodes join the command's alert");
}

#[test]
fn never_run_nodes_ring_only_alone() {
    let mut bell = Bell::new();
    bell.counts.not_run = 4;
    let alone = bell.changed(&[], 0.0);
    assert_eq!(shown(&alone).urgency, Urgency::Normal, "alone they ring, but nothing broke on a node");

    let mut bell = Bell::new();
    bell.fail(&["i-1"], 0.0);
    bell.mend(1, 5.0);
    bell.counts.not_run = 4;
    let after = bell.changed(&[], 10.0);
    assert_eq!(after.alert, None, "after another failure of the command rang they do not");
    assert_eq!(after.decisions[0].outcome, Outcome::Quiet, "and the reason is stored");
}

#[test]
fn acknowledged_stays_quiet_until_another_node_fails() {
    let mut bell = Bell::new();
    bell.fail(&["i-1", "i-2"], 0.0);
    assert_eq!(bell.acknowledge(5.0).alert, Some(AlertOrder::Close), "an acknowledged alert leaves the screen");
    assert!(bell.group.is_acknowledged(), "the group knows it");
    bell.mend(1, 6.0);
    let again = bell.fail(&["i-2"], 20.0);
    assert_eq!(again.alert, None, "a node inside the set does not break it");
    assert_eq!(
        bell.command(Status::Failed, 21.0).alert,
        None,
        "after invocations were heard a command-level failure does not break it"
    );
    let other = bell.fail(&["i-3"], 30.0);
    assert_eq!(
        shown(&other).title,
        "AWS-RunPatchBaseline: 3 failed of 200",
        "a node outside rings with the full counts"
    );
    assert!(!bell.group.is_acknowledged(), "and the acknowledgement is over");
}

#[test]
fn a_command_level_failure_breaks_an_acknowledgement_if_no_invocation_was_heard() {
    let mut bell = Bell::new();
    bell.command(Status::Failed, 0.0);
    bell.acknowledge(1.0);
    bell.command(Status::Success, 2.0);
    shown(&bell.command(Status::Failed, 30.0));
}

#[test]
fn acknowledging_what_does_not_fail_does_nothing() {
    let mut bell = Bell::new();
    let nothing = bell.acknowledge(0.0);
    assert_eq!((nothing.alert, nothing.decisions.len()), (None, 0), "there is nothing to acknowledge");
    assert!(!bell.group.is_acknowledged(), "a later failure must ring");
}

#[test]
fn a_foreign_probe_never_rings_and_an_own_one_does() {
    let mut bell = Bell::new();
    bell.simulated = true;
    let foreign = bell.fail(&["i-1"], 0.0);
    assert_eq!(
        (foreign.alert, foreign.decisions[0].outcome),
        (None, Outcome::Muted),
        "a colleague's test is muted, with a reason"
    );
    bell.rings_if_simulated = true;
    shown(&bell.fail(&["i-2"], 1.0));
}

#[test]
fn a_probe_that_turns_out_to_be_real_rings() {
    let mut bell = Bell::new();
    bell.simulated = true;
    bell.fail(&["i-1"], 0.0);
    bell.simulated = false;
    bell.counts.success += 1;
    shown(&bell.changed(&[], 5.0));
}

#[test]
fn a_clock_set_back_does_not_hold_an_alert_for_hours() {
    let mut bell = Bell::new();
    bell.fail(&["i-1"], 7_200.0);
    updated(&bell.fail(&["i-2"], 0.0));
}

#[test]
fn news_that_waits_stays_news_when_a_success_changes_the_text() {
    let mut bell = Bell::new();
    bell.fail(&["i-1", "i-2"], 0.0);
    bell.fail(&["i-3"], 0.5);
    bell.mend(1, 1.0);
    bell.fail(&["i-4"], 1.1);
    bell.mend(1, 1.2);
    bell.counts.timed_out += 1;
    bell.changed(&["i-5".into()], 1.3);
    bell.mend(1, 1.4);
    bell.fate(Fate::Expired, 1.5);
    shown(&bell.input(Input::Tick, 2.0));
}
