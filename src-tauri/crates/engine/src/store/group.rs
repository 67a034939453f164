//! One step of the alert policy for one stored command, with everything it leads to.
//!
//! **Invariant:** the policy's state, its decisions and its wishes for the screen are written together, in the transaction
//! of what caused them, so that a crash loses none of the three.

use jiff::Timestamp;
use rusqlite::Connection;
use watchbell_core::join::LevelState;
use watchbell_core::policy::{self, AlertOrder, AlertText, CommandView, Decision, Failing, Hall, Input, Kind, Within};

use super::Rules;
use super::error::StoreError;
use super::hall;
use super::key::AlertKey;
use super::table::command::Held;
use super::table::{alert, command, command_window, decision, invocation};

/// How many failing nodes an alert may name.
const SAMPLE: usize = 3;

/// What a step wants stored beside the command itself.
#[derive(Debug)]
pub(super) struct Judged {
    command_id: String,
    decisions: Vec<Decision>,
    order: Option<AlertOrder>,
    ended: Option<AlertText>,
}

impl Judged {
    /// Stores it for the command of this row; says whether an alert waits because of it.
    pub(super) fn store(self, db: &Connection, id: i64) -> Result<bool, StoreError> {
        for one in &self.decisions {
            decision::add(db, id, one)?;
        }
        let waits = self.order.is_some() || self.ended.is_some();
        if let Some(text) = self.ended {
            alert::order(db, &AlertKey::Ended(self.command_id.clone()), &AlertOrder::Show(text))?;
        }
        if let Some(order) = &self.order {
            alert::order(db, &AlertKey::Command(self.command_id), order)?;
        }
        Ok(waits)
    }
}

/// Steps the group in memory.
fn judge(held: &mut Held, hall: &mut Hall, input: Input<'_>, rules: &Rules, now: Timestamp) -> Judged {
    let step = policy::step(std::mem::take(hall), std::mem::take(&mut held.group), input, &rules.policy, now);
    *hall = step.hall;
    held.group = step.group;
    held.next_wake = step.next_wake;
    let command_id = held.state.command_id.clone();
    Judged { command_id, decisions: step.decisions, order: step.alert, ended: step.ended }
}

/// Up to three failing nodes and how they stand.
pub(super) type Sample = [(String, LevelState)];

/// The failing nodes that an alert may name.
pub(super) fn sample(db: &Connection, id: i64) -> Result<Vec<(String, LevelState)>, StoreError> {
    invocation::failing(db, id, i64::try_from(SAMPLE).unwrap_or(i64::MAX))
}

/// Looks at a command as the policy does.
pub(super) fn viewed<T>(
    held: &Held,
    within: Option<&Within>,
    failing: &Sample,
    look: impl FnOnce(&CommandView<'_>) -> T,
) -> T {
    let sample: Vec<String> = failing.iter().map(|(node, _)| node.clone()).collect();
    let state = &held.state;
    look(&CommandView {
        command_id: &state.command_id,
        document: state.fields.document.as_ref().map(|document| document.value.as_str()),
        counts: &state.counts,
        topic: state.fields.topic_arn.as_ref().map(|topic| topic.value.as_str()),
        target_count: state.target_count(),
        expires_after: state.fields.expires_after.as_ref().map(|at| at.value),
        window: within.map(Within::view),
        command_level: state.command_level.as_ref(),
        state: &state.state(),
        failing_sample: &sample,
        first_failing: failing.first().map(|(_, held)| held),
        simulated: state.simulated,
        rings_if_simulated: held.own_probe,
    })
}

/// Steps the group because its command changed. `within` is the window that it is tied to.
pub(super) fn judge_change(
    held: &mut Held,
    within: Option<&Within>,
    hall: &mut Hall,
    sample: &Sample,
    failing: &[Failing],
    received_at: Timestamp,
    rules: &Rules,
) -> Judged {
    let before = held.clone();
    viewed(&before, within, sample, |command| {
        // What was received then is judged as of then: a replay comes to the same decisions.
        judge(held, hall, Input::Changed { command, failing, received_at }, rules, received_at)
    })
}

/// Steps the group of a stored command and stores what follows; says whether an alert waits because of it.
pub(super) fn step(
    db: &Connection,
    id: i64,
    input: Input<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let mut desk = hall::Desk::load(db)?;
    let waits = step_with(db, &mut desk, id, input, rules, now)?;
    Ok(desk.settle(db, policy::HallInput::Tick, rules, now)? || waits)
}

/// [`step`] as one of several in a transaction; the caller settles the hall after the last.
pub(super) fn step_with(
    db: &Connection,
    desk: &mut hall::Desk,
    id: i64,
    input: Input<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some((id, mut held)) = command::load_by_id(db, id)? else { return Ok(false) };
    let before = held.clone();
    let judged = judge(&mut held, &mut desk.hall, input, rules, now);
    if held != before {
        command::put(db, Some(id), &held)?;
    }
    judged.store(db, id)
}

/// The person acknowledges these commands: the nodes that fail now will not ring again for them.
pub(super) fn acknowledge(db: &Connection, ids: &[i64], rules: &Rules, now: Timestamp) -> Result<(), StoreError> {
    let mut desk = hall::Desk::load(db)?;
    for &id in ids {
        let failing: Vec<String> = invocation::failing(db, id, -1)?.into_iter().map(|(node, _)| node).collect();
        step_with(db, &mut desk, id, Input::Acknowledged { failing_nodes: &failing }, rules, now)?;
    }
    // After the last: an alert for many that tells of all of them comes down, and does not count down first.
    desk.settle(db, policy::HallInput::Tick, rules, now).map(drop)
}

/// The commands that an alert for many tells of now and that nobody acknowledged yet.
pub(super) fn told_by(db: &Connection, kind: Kind, hall: &Hall) -> Result<Vec<i64>, StoreError> {
    let mut members = Vec::new();
    for id in command::unacknowledged(db)? {
        if command::load_by_id(db, id)?.is_some_and(|(_, held)| held.group.is_told_by(kind, hall)) {
            members.push(id);
        }
    }
    Ok(members)
}

/// The person wants to be told when a command ends, or does not any more.
pub(super) fn watch(db: &Connection, id: i64, on: bool, rules: &Rules, now: Timestamp) -> Result<(), StoreError> {
    if !on {
        return step(db, id, Input::Watch { command: None }, rules, now).map(drop);
    }
    let Some((_, held)) = command::load_by_id(db, id)? else { return Ok(()) };
    let sample = sample(db, id)?;
    let within = command_window::within(db, id)?;
    viewed(&held, within.as_ref(), &sample, |command| step(db, id, Input::Watch { command: Some(command) }, rules, now))
        .map(drop)
}
