//! One step of the alert policy for one stored command, with everything it leads to.
//!
//! **Invariant:** the policy's state, its decisions and its wish for the screen are written together, in the transaction
//! of what caused them, so that a crash loses none of the three.

use jiff::Timestamp;
use rusqlite::Connection;
use watchbell_core::policy::{self, AlertOrder, CommandView, Decision, Input};

use super::Rules;
use super::error::StoreError;
use super::table::command::Held;
use super::table::{alert, command, decision, invocation};

/// What a step wants stored beside the command itself.
#[derive(Debug, Default)]
pub(super) struct Judged {
    pub(super) decisions: Vec<Decision>,
    pub(super) order: Option<AlertOrder>,
}

impl Judged {
    /// Stores it for the command of this row; says whether an alert waits because of it.
    pub(super) fn store(&self, db: &Connection, id: i64) -> Result<bool, StoreError> {
        for one in &self.decisions {
            decision::add(db, id, one)?;
        }
        if let Some(order) = &self.order {
            alert::order(db, id, order)?;
        }
        Ok(self.order.is_some())
    }
}

/// Steps the group in memory.
pub(super) fn judge(held: &mut Held, input: Input<'_>, rules: &Rules, now: Timestamp) -> Judged {
    let step = policy::step(std::mem::take(&mut held.group), input, &rules.policy, now);
    held.group = step.group;
    held.next_wake = step.next_wake;
    Judged { decisions: step.decisions, order: step.alert }
}

/// Steps the group because its command changed. `failing` is up to three of its failing nodes with their details.
pub(super) fn judge_change(
    held: &mut Held,
    failing: &[(String, Option<String>)],
    newly_failing: &[String],
    received_at: Timestamp,
    rules: &Rules,
) -> Judged {
    let (group, own_probe) = (std::mem::take(&mut held.group), held.own_probe);
    let sample: Vec<String> = failing.iter().map(|(node, _)| node.clone()).collect();
    let state = &held.state;
    let view = CommandView {
        command_id: &state.command_id,
        document: state.fields.document.as_ref().map(|document| document.value.as_str()),
        counts: &state.counts,
        target_count: state.target_count(),
        command_level: state.command_level.as_ref(),
        state: &state.state(),
        failing_sample: &sample,
        first_detail: failing.first().and_then(|(_, detail)| detail.as_deref()),
        simulated: state.simulated,
        rings_if_simulated: own_probe,
    };
    let input = Input::Changed { command: &view, failing_nodes: newly_failing, received_at };
    // What was received then is judged as of then: a replay comes to the same decisions.
    let step = policy::step(group, input, &rules.policy, received_at);
    held.group = step.group;
    held.next_wake = step.next_wake;
    Judged { decisions: step.decisions, order: step.alert }
}

/// Steps the group of a stored command and stores what follows; says whether an alert waits because of it.
pub(super) fn step(
    db: &Connection,
    id: i64,
    input: Input<'_>,
    rules: &Rules,
    now: Timestamp,
) -> Result<bool, StoreError> {
    let Some((id, mut held)) = command::load_by_id(db, id)? else { return Ok(false) };
    let before = held.clone();
    let judged = judge(&mut held, input, rules, now);
    if held != before {
        command::put(db, Some(id), &held)?;
    }
    judged.store(db, id)
}

/// The person acknowledges a command: the nodes that fail now will not ring again for it.
pub(super) fn acknowledge(db: &Connection, id: i64, rules: &Rules, now: Timestamp) -> Result<(), StoreError> {
    let failing: Vec<String> = invocation::failing(db, id, -1)?.into_iter().map(|(node, _)| node).collect();
    step(db, id, Input::Acknowledged { failing_nodes: &failing }, rules, now)?;
    Ok(())
}
