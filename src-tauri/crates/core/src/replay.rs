//! What the alerts of a stretch of history would have been: its events once more, through the policy, as of when they came.
//!
//! **Invariant:** `received_at` is the time, as it was when the event was judged first, so the same history under the same settings
//! gives the same report. Nobody presses or closes anything in a replay: what rang stays up. A digest of what came late closes
//! at a pause in what was received ([`CAUGHT_UP`]).
//! Never here: reading the history, or what the person did. Acknowledgements and snoozes of then are left out.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use jiff::{SignedDuration, Timestamp};

use crate::command::CommandState;
use crate::digest::BodyDigest;
use crate::event::CommandEvent;
use crate::join::LevelState;
use crate::policy::{
    AlertOrder, CommandView, Failing, Fate, GroupState, Hall, HallInput, Input, Outcome, Settings, Within, step,
    step_hall,
};
use crate::status::bucket;
use crate::words;

/// How many failing nodes an alert may name.
const SAMPLE: usize = 3;
/// After the last event, time goes on for so long: whatever was held back has been told by then.
const AFTERMATH: SignedDuration = SignedDuration::from_hours(24 * 8);

/// A pause of this length in what was received stands for queues that were empty twice, which closes a digest. The engine asks each
/// queue for 20 s at a time, so two empty answers take 40 s; a pause that long is not kept in the history, only what came is. It
/// assumes that the engine listened on: where it was stopped in the midst of a catch-up, the replay counts two where one was told.
const CAUGHT_UP: SignedDuration = SignedDuration::from_secs(60);

/// A replay under way.
pub struct Replay {
    settings: Settings,
    hall: Hall,
    hall_wake: Option<Timestamp>,
    commands: Vec<Command>,
    index: HashMap<String, usize>,
    ties: HashMap<String, Within>,
    wakes: BinaryHeap<Reverse<(Timestamp, usize)>>,
    now: Timestamp,
    /// When the queues are taken to be empty if nothing comes before.
    caught_up: Option<Timestamp>,
    events: u32,
    alerts: u32,
}

struct Command {
    state: CommandState,
    nodes: HashMap<String, Option<LevelState>>,
    sample: Vec<String>,
    group: GroupState,
    wake: Option<Timestamp>,
    first: Option<(Outcome, String)>,
}

/// What came of one command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// SSM's id.
    pub command_id: String,
    /// What it is called in a sentence.
    pub name: String,
    /// What was decided first.
    pub outcome: Outcome,
    /// Why, a sentence.
    pub reason: String,
}

/// What came of all.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Report {
    /// The events that were judged.
    pub events: u32,
    /// New alerts on the screen, those for many commands included; changes in place are not counted.
    pub alerts: u32,
    /// The commands about which something was decided, in the order in which they came.
    pub commands: Vec<Replayed>,
}

impl Report {
    /// How many commands had this outcome.
    pub fn count(&self, outcome: Outcome) -> u32 {
        let with = self.commands.iter().filter(|command| command.outcome == outcome).count();
        u32::try_from(with).unwrap_or(u32::MAX)
    }
}

impl Replay {
    /// A replay under these settings.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            hall: Hall::default(),
            hall_wake: None,
            commands: Vec::new(),
            index: HashMap::new(),
            ties: HashMap::new(),
            wakes: BinaryHeap::new(),
            now: Timestamp::MIN,
            caught_up: None,
            events: 0,
            alerts: 0,
        }
    }

    /// The maintenance window of a command, as the history knows it by now.
    pub fn tie(&mut self, command_id: String, window: Within) {
        self.ties.insert(command_id, window);
    }

    /// One event, in the order of its coming. One that came before the last is judged at the time of that.
    pub fn feed(&mut self, event: &CommandEvent, digest: &BodyDigest, received_at: Timestamp) {
        self.events = self.events.saturating_add(1);
        let now = received_at.max(self.now);
        if let Some(caught_up) = self.caught_up.filter(|at| *at <= now) {
            self.catch_up(caught_up);
        }
        self.caught_up = now.checked_add(CAUGHT_UP).ok();
        self.pass(now);
        let at = self.at(event);
        let Some(command) = self.commands.get_mut(at) else { return };
        let mut failing = Vec::new();
        let change = match &event.node_id {
            Some(node) => {
                let held = command.nodes.entry(node.clone()).or_default();
                let change = command.state.apply(event, digest, Some(held));
                if change.newly_failing
                    && let Some(LevelState { status, detail, event_time }) = held.clone()
                {
                    failing.push(Failing { node_id: node.clone(), status, detail, event_time });
                    if command.sample.len() < SAMPLE {
                        command.sample.push(node.clone());
                    }
                } else if change.ceased_failing {
                    command.sample.retain(|held| held != node);
                }
                change
            }
            None => command.state.apply(event, digest, None),
        };
        if change.changed {
            self.changed(at, &failing);
        }
    }

    /// The history is over: what waits is told, and the report made.
    pub fn finish(mut self) -> Report {
        if let Some(caught_up) = self.caught_up {
            self.catch_up(caught_up);
            self.pass(self.now.checked_add(AFTERMATH).unwrap_or(Timestamp::MAX));
        }
        let (events, alerts) = (self.events, self.alerts);
        let commands = self.commands.into_iter().filter_map(|command| {
            let (outcome, reason) = command.first?;
            let document = command.state.fields.document.as_ref().map(|document| document.value.as_str());
            let name = words::subject(&command.state.command_id, document);
            Some(Replayed { command_id: command.state.command_id, name, outcome, reason })
        });
        Report { events, alerts, commands: commands.collect() }
    }

    /// What was late has all come.
    fn catch_up(&mut self, at: Timestamp) {
        self.pass(at);
        self.hall(HallInput::CaughtUp);
    }

    fn at(&mut self, event: &CommandEvent) -> usize {
        if let Some(&at) = self.index.get(&event.command_id) {
            return at;
        }
        self.commands.push(Command {
            state: CommandState::new(event.command_id.clone(), event),
            nodes: HashMap::new(),
            sample: Vec::new(),
            group: GroupState::default(),
            wake: None,
            first: None,
        });
        let at = self.commands.len() - 1;
        self.index.insert(event.command_id.clone(), at);
        at
    }

    fn changed(&mut self, at: usize, failing: &[Failing]) {
        let Some(command) = self.commands.get_mut(at) else { return };
        let first = command.sample.first().and_then(|node| command.nodes.get(node)?.clone());
        let first = first.filter(|held| bucket(&held.status, held.detail.as_deref()).is_failing());
        let state = command.state.state();
        let view = CommandView {
            command_id: &command.state.command_id,
            document: command.state.fields.document.as_ref().map(|document| document.value.as_str()),
            counts: &command.state.counts,
            topic: command.state.fields.topic_arn.as_ref().map(|topic| topic.value.as_str()),
            target_count: command.state.target_count(),
            expires_after: None,
            window: self.ties.get(&command.state.command_id).map(Within::view),
            command_level: command.state.command_level.as_ref(),
            state: &state,
            failing_sample: &command.sample,
            first_failing: first.as_ref(),
            simulated: command.state.simulated,
            rings_if_simulated: false,
        };
        let input = Input::Changed { command: &view, failing, received_at: self.now };
        let (hall, group) = (std::mem::take(&mut self.hall), std::mem::take(&mut command.group));
        let step = step(hall, group, input, &self.settings, self.now);
        self.took(at, step);
        self.hall(HallInput::Tick);
    }

    fn took(&mut self, at: usize, step: crate::policy::Step) {
        self.hall = step.hall;
        let Some(command) = self.commands.get_mut(at) else { return };
        command.group = step.group;
        if command.first.is_none() {
            command.first = step.decisions.into_iter().next().map(|decision| (decision.outcome, decision.reason));
        }
        self.alerts += u32::from(matches!(step.alert, Some(AlertOrder::Show(_))));
        if command.wake != step.next_wake {
            command.wake = step.next_wake;
            self.wakes.extend(step.next_wake.map(|wake| Reverse((wake, at))));
        }
    }

    fn hall(&mut self, input: HallInput) {
        let step = step_hall(std::mem::take(&mut self.hall), input, &self.settings, self.now);
        self.hall = step.hall;
        self.hall_wake = step.next_wake;
        for (kind, order) in step.orders {
            if matches!(order, AlertOrder::Show(_)) {
                self.alerts += 1;
                // The screen of a replay shows everything at once.
                self.hall(HallInput::Fate(kind, Fate::Shown));
            }
        }
    }

    /// Lets time pass, waking what asked for it.
    fn pass(&mut self, until: Timestamp) {
        loop {
            let group = self.wakes.peek().map(|Reverse((wake, _))| *wake);
            let Some(wake) = [group, self.hall_wake].into_iter().flatten().min().filter(|wake| *wake <= until) else {
                self.now = until;
                return;
            };
            self.now = wake.max(self.now);
            if self.hall_wake == Some(wake) {
                self.hall(HallInput::Tick);
                // A wake that asks for itself again would hang the replay; it has done its work by now.
                self.hall_wake = self.hall_wake.filter(|next| *next > wake);
                continue;
            }
            let Some(Reverse((wake, at))) = self.wakes.pop() else { continue };
            let Some(command) = self.commands.get_mut(at).filter(|command| command.wake == Some(wake)) else {
                continue;
            };
            command.wake = None;
            let (hall, group) = (std::mem::take(&mut self.hall), std::mem::take(&mut command.group));
            let step = step(hall, group, Input::Tick, &self.settings, self.now);
            let again = step.next_wake.filter(|next| *next > wake);
            self.took(at, crate::policy::Step { next_wake: again, ..step });
            self.hall(HallInput::Tick);
        }
    }
}
