//! The policy over many commands at once: the budget and the alert for the rest; with the sea of commands that the rooms below are shown with.

mod held;
mod late;
mod laws;
mod servers;

use std::collections::{BTreeMap, BTreeSet};

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use watchbell_core::command::Counts;
use watchbell_core::policy::{
    AlertOrder, AlertText, Collective, CommandView, Decision, Failing, Fate, GroupState, Hall, HallInput, Input, Kind,
    Outcome, Settings, step, step_hall,
};
use watchbell_core::status::Status;

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// One command: its nodes that failed, and what the policy remembers.
#[derive(Default)]
struct Command {
    failed: BTreeSet<u8>,
    group: GroupState,
    wake: Option<Timestamp>,
    screen: Option<AlertText>,
    /// What it showed was not seen: the same alert is asked for once more.
    again: bool,
    decisions: Vec<Decision>,
}

/// Ingest, dispatcher and screen for many commands.
struct Sea {
    hall: Hall,
    hall_wake: Option<Timestamp>,
    commands: BTreeMap<u8, Command>,
    many: BTreeMap<Kind, AlertText>,
    settings: Settings,
    now: Timestamp,
    /// New alerts of single commands, and of collectives.
    rang: Vec<Timestamp>,
    rang_many: Vec<(Kind, Timestamp)>,
    orders_many: BTreeMap<Kind, Timestamp>,
    /// A notification server is there.
    server: bool,
}

impl Sea {
    fn new() -> Self {
        Self {
            hall: Hall::default(),
            hall_wake: None,
            commands: BTreeMap::new(),
            many: BTreeMap::new(),
            settings: Settings::default(),
            now: START,
            rang: Vec::new(),
            rang_many: Vec::new(),
            orders_many: BTreeMap::new(),
            server: true,
        }
    }

    fn seconds(&self) -> f64 {
        self.now.duration_since(START).as_secs_f64()
    }

    /// `node` of `command` fails, `late` minutes before it is received.
    fn fail(&mut self, command: u8, node: u8, late: i64) {
        let new = self.commands.entry(command).or_default().failed.insert(node);
        let failing = Failing {
            node_id: format!("i-{node:017x}"),
            status: Status::Failed,
            detail: None,
            event_time: self.now - SignedDuration::from_mins(late),
        };
        self.change(command, &Vec::from_iter(new.then_some(failing)));
        self.end_of_transaction();
    }

    /// `node` of `command` is put right by a later event.
    fn mend(&mut self, command: u8, node: u8) {
        if self.commands.entry(command).or_default().failed.remove(&node) {
            self.change(command, &[]);
            self.end_of_transaction();
        }
    }

    fn change(&mut self, command: u8, failing: &[Failing]) {
        let Some(held) = self.commands.get(&command) else { return };
        let failed = u32::try_from(held.failed.len()).unwrap();
        let counts = Counts { failed, success: 3, ..Counts::default() };
        let sample: Vec<String> = held.failed.iter().take(3).map(|node| format!("i-{node:017x}")).collect();
        let (id, document) = (format!("c{command:02}"), format!("Document-{command:02}"));
        let view = CommandView {
            command_id: &id,
            document: Some(&document),
            counts: &counts,
            topic: None,
            target_count: None,
            expires_after: None,
            window: None,
            command_level: None,
            state: &Status::Failed,
            failing_sample: &sample,
            first_failing: None,
            simulated: false,
            rings_if_simulated: false,
        };
        let input = Input::Changed { command: &view, failing, received_at: self.now };
        self.input(command, input);
    }

    fn input(&mut self, command: u8, input: Input<'_>) {
        let Some(held) = self.commands.get_mut(&command) else { return };
        let step =
            step(std::mem::take(&mut self.hall), std::mem::take(&mut held.group), input, &self.settings, self.now);
        self.hall = step.hall;
        held.group = step.group;
        held.wake = step.next_wake;
        held.decisions.extend(step.decisions);
        match step.alert {
            Some(AlertOrder::Show(text)) => {
                assert!(held.screen.is_none(), "two alerts of one command at once");
                held.screen = Some(text);
                if !std::mem::take(&mut held.again) {
                    self.rang.push(self.now);
                }
            }
            Some(AlertOrder::Update(text)) => held.screen = Some(text),
            Some(AlertOrder::Close) => held.screen = None,
            None => {}
        }
    }

    fn hall(&mut self, input: HallInput) {
        let step = step_hall(std::mem::take(&mut self.hall), input, &self.settings, self.now);
        let stored = serde_json::to_string(&step.hall).unwrap();
        self.hall = serde_json::from_str(&stored).unwrap();
        assert_eq!(self.hall, step.hall, "a hall read back from the database is the same hall");
        self.hall_wake = step.next_wake;
        let mut shown = Vec::new();
        for (kind, order) in step.orders {
            let text = match order {
                AlertOrder::Close => {
                    self.many.remove(&kind);
                    continue;
                }
                AlertOrder::Show(text) => {
                    self.rang_many.push((kind, self.now));
                    shown.push(kind);
                    text
                }
                AlertOrder::Update(text) => {
                    assert!(self.many.contains_key(&kind), "an update needs an alert to update");
                    assert!(!text.sound, "updates are silent");
                    text
                }
            };
            if let Some(before) = self.orders_many.insert(kind, self.now) {
                assert!(
                    self.now.duration_since(before).as_secs() >= 2 || self.rang_many.last() == Some(&(kind, self.now)),
                    "orders for one alert are at least 2 s apart"
                );
            }
            self.many.insert(kind, text);
        }
        let server = self.server;
        for kind in shown.into_iter().filter(|_| server) {
            self.hall(HallInput::Fate(kind, Fate::Shown));
        }
    }

    fn end_of_transaction(&mut self) {
        self.hall(HallInput::Tick);
    }

    fn pass(&mut self, by: SignedDuration) {
        let until = self.now + by;
        for _ in 0..10_000 {
            let wakes = self.commands.iter().filter_map(|(id, held)| Some((held.wake?, Some(*id))));
            let Some((at, whose)) =
                wakes.chain(self.hall_wake.map(|at| (at, None))).min().filter(|(at, _)| *at <= until)
            else {
                self.now = until;
                return;
            };
            self.now = at.max(self.now);
            match whose {
                Some(command) => {
                    self.input(command, Input::Tick);
                    self.end_of_transaction();
                }
                None => self.hall(HallInput::Tick),
            }
        }
        panic!("a wake must do its work and not ask for itself again, {} s in", self.seconds());
    }

    /// Whether the person can learn of the command: its own alert, an alert for many, or a stored reason.
    fn is_answered(command: &Command) -> bool {
        command.screen.is_some() || command.wake.is_some() || !command.decisions.is_empty()
    }

    fn members(&self, kind: Kind) -> (u32, u32) {
        let members = self.commands.values().filter(|held| held.group.member_of() == Some(kind));
        let sizes: Vec<u32> = members.map(|held| u32::try_from(held.failed.len()).unwrap()).collect();
        (u32::try_from(sizes.len()).unwrap(), sizes.iter().sum())
    }

    fn outcomes(&self, command: u8) -> Vec<Outcome> {
        self.commands[&command].decisions.iter().map(|decision| decision.outcome).collect()
    }
}

#[test]
fn an_overflow_that_nobody_was_shown_yet_is_not_over() {
    let mut sea = Sea { server: false, ..Sea::new() };
    for command in 0..7 {
        sea.fail(command, 0, 0);
    }
    sea.pass(SignedDuration::from_hours(2));
    assert_eq!(sea.hall.collective(Kind::Overflow).map(Collective::commands), Some(2), "it waits for a server");
    assert_eq!(sea.hall_wake, None, "and asks for no wake meanwhile");
    sea.hall(HallInput::Fate(Kind::Overflow, Fate::Shown));
    assert_eq!(sea.hall.collective(Kind::Overflow), None, "once it was shown, the storm of then is over");
}

#[test]
fn a_batch_that_is_judged_as_of_before_the_last_tick_keeps_budget_and_pace() {
    let mut sea = Sea::new();
    for command in 0..5 {
        sea.fail(command, 0, 0);
    }
    // It was received three seconds ago and waited while others were stored.
    sea.now -= SignedDuration::from_secs(3);
    sea.fail(5, 0, 0);
    assert_eq!(sea.rang.len(), 5, "what rang meanwhile counts");
    let told = sea.commands[&0].screen.clone();
    sea.fail(0, 1, 0);
    assert_eq!(sea.commands[&0].screen, told, "an alert that was shown a moment ago is not changed yet");
    sea.pass(SignedDuration::from_secs(6));
    assert_ne!(sea.commands[&0].screen, told, "but two seconds after it was");
}

#[test]
fn twenty_commands_that_fail_at_once_ring_five_times_and_once_for_the_rest() {
    let mut sea = Sea::new();
    for round in 0..5 {
        for command in 0..20 {
            sea.fail(command, round, 0);
            sea.pass(SignedDuration::from_millis(7));
        }
    }
    sea.pass(SignedDuration::from_secs(5));
    assert_eq!(sea.rang.len(), 5, "the budget is five new alerts in ten seconds");
    assert_eq!(sea.rang_many.len(), 1, "what exceeds it is told in one alert");
    assert_eq!(sea.many[&Kind::Overflow].title, "15 more commands are failing", "with the true number of commands");
    assert_eq!(
        sea.many[&Kind::Overflow].body,
        "Document-05, 5 nodes; Document-06, 5 nodes and 13 more.",
        "and the true number of nodes"
    );
    assert_eq!(
        sea.commands[&0].screen.as_ref().unwrap().title,
        "Document-00: 5 failed of 8 heard from",
        "counts are exact"
    );
    assert_eq!(sea.outcomes(19), [Outcome::Overflow], "each member has its reason, once");
}

#[test]
fn a_member_of_the_overflow_rings_again_only_after_the_storm_has_rested() {
    let mut sea = Sea::new();
    (0..8).for_each(|command| sea.fail(command, 0, 0));
    sea.pass(SignedDuration::from_mins(5));
    sea.fail(7, 1, 0);
    sea.pass(SignedDuration::from_secs(3));
    assert_eq!(sea.rang.len(), 5, "a member stays in the overflow alert");
    assert_eq!(
        sea.many[&Kind::Overflow].body,
        "Document-07, 2 nodes; Document-05, 1 node and 1 more.",
        "which is kept true"
    );
    sea.pass(SignedDuration::from_mins(11));
    sea.fail(7, 2, 0);
    assert_eq!(sea.rang.len(), 6, "after ten minutes without a failure it rings by itself");
}

#[test]
fn acknowledging_takes_a_command_out_of_the_overflow_and_the_last_one_closes_it() {
    let mut sea = Sea::new();
    (0..7).for_each(|command| sea.fail(command, 0, 0));
    sea.pass(SignedDuration::from_secs(3));
    for (command, left) in [(5, Some("1 more command is failing")), (6, None)] {
        sea.input(command, Input::Acknowledged { failing_nodes: &["i-00000000000000000".into()] });
        sea.end_of_transaction();
        sea.pass(SignedDuration::from_secs(3));
        let title = sea.many.get(&Kind::Overflow).map(|text| text.title.as_str());
        assert_eq!(title, left, "what is acknowledged is not told of any more");
    }
}
