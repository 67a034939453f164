//! Laws of the alert policy over any order of any messages, at any pace, with duplicates.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use std::collections::BTreeMap;
use watchbell_core::command::CommandState;
use watchbell_core::digest::BodyDigest;
use watchbell_core::event::CommandEvent;
use watchbell_core::join::LevelState;
use watchbell_core::policy::{
    AlertMode, AlertOrder, AlertText, CommandView, Decision, Failing, Fate, GroupState, Hall, Input, Settings, Step,
    step,
};
use watchbell_core::status::{Level, Status, bucket};
use watchbell_core::words;

const START: Timestamp = Timestamp::constant(1_800_000_000, 0);

/// One thing that happens, and how long after the one before.
#[derive(Debug, Clone)]
enum Act {
    /// A batch of messages: (node or the command itself, status, event time in s).
    Batch(Vec<(Option<u8>, usize, u8)>),
    Fate(Fate),
    Acknowledge,
    Alerts(bool),
}

const STATUSES: [(Status, Option<&str>); 6] = [
    (Status::InProgress, Some("InProgress")),
    (Status::Success, Some("Success")),
    (Status::Failed, Some("Failed")),
    (Status::TimedOut, Some("ExecutionTimedOut")),
    (Status::Failed, Some("Terminated")),
    (Status::Cancelled, Some("Cancelled")),
];

/// Ingest, dispatcher and screen, reduced to what the laws speak of.
struct World {
    command: Option<CommandState>,
    nodes: BTreeMap<String, Option<LevelState>>,
    hall: Hall,
    group: GroupState,
    settings: Settings,
    now: Timestamp,
    wake: Option<Timestamp>,
    screen: Option<AlertText>,
    /// When each `Show` and `Update` was ordered.
    orders: Vec<Timestamp>,
    decisions: Vec<Decision>,
}

impl World {
    fn new() -> Self {
        Self {
            command: None,
            nodes: BTreeMap::new(),
            hall: Hall::default(),
            group: GroupState::default(),
            // Lateness and the other commands have laws of their own, in `storm`.
            settings: Settings { late_after: SignedDuration::from_hours(1_000_000), ..Settings::default() },
            now: START,
            wake: None,
            screen: None,
            orders: Vec::new(),
            decisions: Vec::new(),
        }
    }

    /// Lets time pass, waking the policy when it asked for it.
    fn pass(&mut self, by: SignedDuration) -> Result<(), TestCaseError> {
        let until = self.now + by;
        let mut wakes = 0;
        while let Some(wake) = self.wake.filter(|wake| *wake <= until) {
            self.now = wake.max(self.now);
            self.take(step(self.hall.clone(), self.group.clone(), Input::Tick, &self.settings, self.now))?;
            wakes += 1;
            prop_assert!(wakes < 10, "a wake must do its work and not ask for itself again");
        }
        self.now = until;
        Ok(())
    }

    fn batch(&mut self, batch: &[(Option<u8>, usize, u8)]) -> Result<(), TestCaseError> {
        let mut newly = Vec::new();
        let mut changed = false;
        for (node, status, second) in batch {
            let event = event(*node, *status, *second);
            let digest = BodyDigest::of(&format!("{node:?} {status} {second}"));
            let command = self.command.get_or_insert_with(|| CommandState::new("c".into(), &event));
            let held = event.node_id.as_ref().map(|id| self.nodes.entry(id.clone()).or_default());
            let change = command.apply(&event, &digest, held);
            changed |= change.changed;
            if let Some(id) = event.node_id {
                if change.ceased_failing {
                    newly.retain(|failed| *failed != id);
                } else if change.newly_failing {
                    newly.push(id);
                }
            }
        }
        if changed { self.tell(&newly) } else { Ok(()) }
    }

    fn failing(&self) -> Vec<String> {
        let failing = |held: &Option<LevelState>| {
            held.as_ref().is_some_and(|state| bucket(&state.status, state.detail.as_deref()).is_failing())
        };
        self.nodes.iter().filter(|(_, held)| failing(held)).map(|(id, _)| id.clone()).collect()
    }

    fn with_view<T>(&self, look: impl FnOnce(&CommandView<'_>) -> T) -> Option<T> {
        let command = self.command.as_ref()?;
        let failing = self.failing();
        let state = command.state();
        Some(look(&CommandView {
            command_id: &command.command_id,
            document: Some("AWS-RunPatchBaseline"),
            counts: &command.counts,
            topic: None,
            target_count: command.target_count(),
            expires_after: None,
            window: None,
            command_level: command.command_level.as_ref(),
            state: &state,
            failing_sample: &failing[..failing.len().min(3)],
            first_failing: None,
            simulated: false,
            rings_if_simulated: false,
        }))
    }

    fn tell(&mut self, newly: &[String]) -> Result<(), TestCaseError> {
        let failing: Vec<_> = newly
            .iter()
            .filter_map(|node| {
                let held = self.nodes.get(node)?.as_ref()?;
                let (status, detail) = (held.status.clone(), held.detail.clone());
                // As if it happened now: lateness has laws of its own.
                Some(Failing { node_id: node.clone(), status, detail, event_time: self.now })
            })
            .collect();
        let told = self.with_view(|view| {
            let input = Input::Changed { command: view, failing: &failing, received_at: self.now };
            step(self.hall.clone(), self.group.clone(), input, &self.settings, self.now)
        });
        told.map_or(Ok(()), |step| self.take(step))
    }

    fn take(&mut self, step: Step) -> Result<(), TestCaseError> {
        match step.alert {
            Some(AlertOrder::Show(text)) => {
                prop_assert!(self.screen.is_none(), "two alerts of one group at once");
                self.order(text)?;
            }
            Some(AlertOrder::Update(text)) => {
                prop_assert!(self.screen.is_some(), "an update needs an alert to update");
                prop_assert!(!text.sound, "updates are silent");
                self.order(text)?;
            }
            Some(AlertOrder::Close) => self.screen = None,
            None => {}
        }
        self.hall = step.hall;
        self.group = serde_json::from_str(&serde_json::to_string(&step.group).unwrap()).unwrap();
        self.wake = step.next_wake;
        self.decisions.extend(step.decisions);
        Ok(())
    }

    fn order(&mut self, text: AlertText) -> Result<(), TestCaseError> {
        if let Some(last) = self.orders.last() {
            prop_assert!(self.now.duration_since(*last).as_secs() >= 2, "orders are at least 2 s apart");
        }
        self.orders.push(self.now);
        self.screen = Some(text);
        Ok(())
    }

    fn act(&mut self, act: &Act) -> Result<(), TestCaseError> {
        match act {
            Act::Batch(batch) => self.batch(batch),
            Act::Fate(fate) => {
                if self.screen.is_none() {
                    return Ok(());
                }
                if *fate != Fate::Shown {
                    self.screen = None;
                }
                self.take(step(self.hall.clone(), self.group.clone(), Input::Fate(*fate), &self.settings, self.now))
            }
            Act::Acknowledge => {
                let failing = self.failing();
                let input = Input::Acknowledged { failing_nodes: &failing };
                self.take(step(self.hall.clone(), self.group.clone(), input, &self.settings, self.now))
            }
            Act::Alerts(on) => {
                self.settings.alerts = if *on { AlertMode::All } else { AlertMode::None };
                Ok(())
            }
        }
    }

    fn trouble(&self) -> bool {
        self.command.as_ref().is_some_and(|command| {
            let level = command.command_level.as_ref().is_some_and(|level| level.status.is_failing());
            level || command.counts.failing() > 0 || command.counts.not_run > 0
        })
    }
}

fn event(node: Option<u8>, status: usize, second: u8) -> CommandEvent {
    let (status, detail) = STATUSES[status].clone();
    CommandEvent {
        command_id: "c".into(),
        document: None,
        level: if node.is_some() { Level::Invocation } else { Level::Command },
        node_id: node.map(|n| format!("i-{n:017x}")),
        status,
        detail: detail.filter(|_| node.is_some()).map(str::to_owned),
        event_time: START + SignedDuration::from_secs(second.into()),
        requested_at: None,
        expires_after: None,
        instance_ids: Vec::new(),
        s3_bucket: None,
        s3_prefix: None,
        topic_arn: None,
        message_id: None,
        sent_at: None,
        probe: None,
        parameters: None,
    }
}

fn batches() -> impl Strategy<Value = Act> {
    let message = (proptest::option::weighted(0.85, 0_u8..6), 0..STATUSES.len(), 0_u8..8);
    proptest::collection::vec(message, 1..5).prop_map(Act::Batch)
}

fn people() -> impl Strategy<Value = Act> {
    prop_oneof![
        Just(Act::Fate(Fate::Shown)),
        Just(Act::Fate(Fate::Dismissed)),
        Just(Act::Fate(Fate::Expired)),
        Just(Act::Fate(Fate::Clicked)),
        Just(Act::Fate(Fate::Refused)),
        Just(Act::Fate(Fate::ServerChanged)),
        Just(Act::Acknowledge),
        any::<bool>().prop_map(Act::Alerts),
    ]
}

fn script(act: impl Strategy<Value = Act>) -> impl Strategy<Value = Vec<(Act, i64)>> {
    let pause = prop_oneof![4 => 0_i64..3_000, 1 => 0_i64..1_500_000];
    proptest::collection::vec((act, pause), 1..40)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    #[test]
    fn the_last_alert_shows_the_true_counts_once_time_passes(script in script(batches())) {
        let mut world = World::new();
        for (act, pause) in &script {
            world.act(act)?;
            world.pass(SignedDuration::from_millis(*pause))?;
        }
        world.pass(SignedDuration::from_secs(3))?;
        prop_assert_eq!(world.wake, None, "nothing waits once time has passed");
        let truth = world.with_view(|view| words::alert(view, &Settings::default())).filter(|_| world.trouble());
        let never_ran_alone = world.command.as_ref().is_some_and(|c| c.counts.failing() == 0);
        match (&world.screen, truth) {
            (Some(screen), Some(truth)) => {
                prop_assert_eq!((&screen.title, &screen.body), (&truth.title, &truth.body), "the last text is the true one");
            }
            (None, None) => {}
            (None, Some(_)) if never_ran_alone && world.decisions.iter().any(|d| d.reason.contains("never ran")) => {}
            (screen, truth) => prop_assert!(false, "screen {screen:?} but truth {truth:?}"),
        }
    }

    #[test]
    fn one_alert_a_group_well_spaced_and_nothing_fails_without_a_reason(
        script in script(prop_oneof![3 => batches(), 2 => people()])
    ) {
        let mut world = World::new();
        let mut decided_in_calm = 0;
        for (act, pause) in &script {
            world.act(act)?;
            let reasoned = world.decisions.len() > decided_in_calm;
            let answered = world.screen.is_some() || world.wake.is_some() || reasoned;
            prop_assert!(!world.trouble() || answered, "something fails, and there is neither an alert nor a reason");
            if !world.trouble() {
                decided_in_calm = world.decisions.len();
            }
            world.pass(SignedDuration::from_millis(*pause))?;
        }
    }

    #[test]
    fn any_order_with_any_duplicates_ends_in_the_same_alert(
        messages in proptest::collection::vec(((0_u8..6).prop_map(Some), 0..STATUSES.len(), 0_u8..8), 1..20),
        seed in any::<u64>(),
    ) {
        let run = |order: Vec<(Option<u8>, usize, u8)>| -> Result<Option<AlertText>, TestCaseError> {
            let mut world = World::new();
            for message in order {
                world.batch(&[message])?;
                world.pass(SignedDuration::from_millis(100))?;
            }
            world.pass(SignedDuration::from_secs(3))?;
            Ok(world.screen.filter(|_| world.command.is_some_and(|c| c.counts.failing() > 0)))
        };
        let mut shuffled: Vec<_> = messages.iter().chain(&messages).copied().collect();
        let length = shuffled.len() as u64;
        for (place, step) in (0..shuffled.len()).zip(0_u64..) {
            let other = usize::try_from(seed.rotate_left(u32::try_from(step % 64).unwrap()) % length).unwrap();
            shuffled.swap(place, other);
        }
        let words = |text: Option<AlertText>| text.map(|text| (text.title, text.body));
        prop_assert_eq!(words(run(messages)?), words(run(shuffled)?), "the last alert does not hang on the order of arrival");
    }
}
