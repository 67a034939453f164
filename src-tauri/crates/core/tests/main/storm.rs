//! Laws of the policy over many commands at once: the budget, the alerts for many, late failures, snooze and quiet hours.

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

#[derive(Debug, Clone)]
enum Act {
    Fail { command: u8, node: u8, late: i64 },
    Mend { command: u8, node: u8 },
    Acknowledge { command: u8 },
    Fate { command: u8, fate: Fate },
    FateOfMany { kind: Kind, fate: Fate },
    Snooze { minutes: i64 },
    Unsnooze,
    CaughtUp,
    ServerReplaced,
}

fn failures() -> impl Strategy<Value = Act> {
    (0_u8..12, 0_u8..5, prop_oneof![3 => Just(0_i64), 1 => 11_i64..600]).prop_map(|(command, node, late)| Act::Fail {
        command,
        node,
        late,
    })
}

fn fates() -> impl Strategy<Value = Fate> {
    prop_oneof![Just(Fate::Shown), Just(Fate::Dismissed), Just(Fate::Clicked), Just(Fate::Expired), Just(Fate::Refused)]
}

fn people() -> impl Strategy<Value = Act> {
    let kinds = prop_oneof![Just(Kind::Overflow), Just(Kind::Digest), Just(Kind::Held)];
    prop_oneof![
        (0_u8..12).prop_map(|command| Act::Acknowledge { command }),
        (0_u8..12, fates()).prop_map(|(command, fate)| Act::Fate { command, fate }),
        (kinds, fates()).prop_map(|(kind, fate)| Act::FateOfMany { kind, fate }),
        (1_i64..90).prop_map(|minutes| Act::Snooze { minutes }),
        Just(Act::Unsnooze),
        Just(Act::CaughtUp),
        Just(Act::ServerReplaced),
        (0_u8..12, 0_u8..5).prop_map(|(command, node)| Act::Mend { command, node }),
    ]
}

impl Sea {
    fn act(&mut self, act: &Act) {
        match act {
            Act::Fail { command, node, late } => self.fail(*command, *node, *late),
            Act::Mend { command, node } => self.mend(*command, *node),
            Act::Acknowledge { command } => {
                let Some(held) = self.commands.get(command) else { return };
                let nodes: Vec<String> = held.failed.iter().map(|node| format!("i-{node:017x}")).collect();
                self.input(*command, Input::Acknowledged { failing_nodes: &nodes });
                self.end_of_transaction();
            }
            Act::Fate { command, fate } => {
                let Some(held) = self.commands.get_mut(command).filter(|held| held.screen.is_some()) else { return };
                if *fate != Fate::Shown {
                    held.screen = None;
                }
                held.again = matches!(fate, Fate::Refused | Fate::ServerChanged);
                self.input(*command, Input::Fate(*fate));
                self.end_of_transaction();
            }
            Act::FateOfMany { kind, fate } => {
                if self.many.contains_key(kind) {
                    if *fate != Fate::Shown {
                        self.many.remove(kind);
                    }
                    self.hall(HallInput::Fate(*kind, *fate));
                }
            }
            Act::Snooze { minutes } => {
                let until = self.now + SignedDuration::from_mins(*minutes);
                self.hall(HallInput::Snooze { until, window: false });
            }
            Act::Unsnooze => self.hall(HallInput::Unsnooze),
            Act::CaughtUp => self.hall(HallInput::CaughtUp),
            Act::ServerReplaced => self.replace_server(),
        }
    }

    /// What was up is gone: as the store tells it, what is of many commands first.
    fn replace_server(&mut self) {
        for kind in Kind::ALL {
            self.many.remove(&kind);
            self.hall(HallInput::Fate(kind, Fate::ServerChanged));
        }
        let up = |held: &Command| held.screen.is_some();
        let up: Vec<u8> = self.commands.iter().filter(|(_, held)| up(held)).map(|(id, _)| *id).collect();
        let fate = if up.len() > 1 { Fate::Regrouped } else { Fate::ServerChanged };
        for command in up {
            let held = self.commands.get_mut(&command).unwrap();
            held.screen = None;
            held.again = fate == Fate::ServerChanged;
            self.input(command, Input::Fate(fate));
        }
        self.end_of_transaction();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_budget_is_never_exceeded_and_nothing_fails_without_an_answer(
        script in proptest::collection::vec((prop_oneof![4 => failures(), 1 => people()], 0_i64..4_000), 1..120)
    ) {
        let mut sea = Sea::new();
        for (act, pause) in &script {
            sea.act(act);
            for held in sea.commands.values().filter(|held| !held.failed.is_empty()) {
                prop_assert!(Sea::is_answered(held), "something fails, and there is neither an alert nor a reason");
            }
            sea.pass(SignedDuration::from_millis(*pause));
        }
        for (place, first) in sea.rang.iter().enumerate() {
            let within = sea.rang[place..].iter().filter(|at| at.duration_since(*first).as_secs() < 10).count();
            prop_assert!(within <= 5, "{within} new alerts within ten seconds");
        }
    }

    #[test]
    fn the_counts_of_an_alert_for_many_are_those_of_its_members(
        script in proptest::collection::vec((failures(), 0_i64..500), 1..80)
    ) {
        let mut sea = Sea::new();
        for (act, pause) in &script {
            sea.act(act);
            sea.pass(SignedDuration::from_millis(*pause));
        }
        sea.pass(SignedDuration::from_secs(3));
        for kind in Kind::ALL {
            let told = sea.hall.collective(kind).map_or((0, 0), |held| (held.commands(), held.nodes()));
            prop_assert_eq!(told, sea.members(kind), "the sums are kept by difference and stay exact");
        }
        let on_their_own = sea.commands.values().filter(|held| held.group.member_of().is_none());
        for held in on_their_own {
            let failed = held.failed.len();
            let told = held.screen.as_ref().map(|text| text.title.clone()).unwrap_or_default();
            let expected = if failed == 1 { " failed on ".to_owned() } else { format!(": {failed} failed of {} heard from", failed + 3) };
            prop_assert!(told.contains(&expected), "the last text is the true one: {told}, not {expected}");
        }
    }

    #[test]
    fn any_order_with_any_duplicates_counts_the_same(
        failures in proptest::collection::vec((0_u8..9, 0_u8..6), 1..60),
        seed in any::<u64>(),
    ) {
        let run = |order: &[(u8, u8)]| {
            let mut sea = Sea::new();
            for (command, node) in order {
                sea.fail(*command, *node, 0);
            }
            sea.pass(SignedDuration::from_secs(3));
            let nodes: usize = sea.commands.values().map(|held| held.failed.len()).sum();
            (sea.commands.keys().copied().collect::<Vec<_>>(), nodes, sea.rang.len(), sea.members(Kind::Overflow).0)
        };
        let mut shuffled: Vec<_> = failures.iter().chain(&failures).copied().collect();
        let length = shuffled.len();
        for place in 0..length {
            let other = usize::try_from(seed.rotate_left(u32::try_from(place % 64).unwrap()) % length as u64).unwrap();
            shuffled.swap(place, other);
        }
        prop_assert_eq!(run(&failures), run(&shuffled), "arrival decides which command rings, not how many do or how much failed");
    }
}
