//! When to ring: the first alert policy, one pure step for one command's group.
//!
//! **Invariants:**
//! - At most one alert of a group is on the screen; between two `Show`s there is a `Close` or a [`Fate`].
//! - Two orders for one group are at least `update_every` apart (a `Close` may come at any time), and the last one
//!   carries the true counts: what could not be said yet is kept as due and asks for a wake.
//! - Nothing fails without an alert or a stored reason why there is none.
//!
//! The group's state is stored in the same transaction as the events, so a crash loses none of it. At start the engine
//! reports an alert of an earlier run that had been shown as [`Fate::Expired`], so that it does not ring anew.
//!
//! What never happens here: reading a clock, a setting or the screen. All of it is an argument.
//!
//! Where later parts go: a budget over all groups and the digest judge a `Due` before [`turn::Turn::order_what_is_due`]
//! gives it out; snooze, quiet hours, rules and maintenance windows are further reasons beside [`group::Hush`], asked in
//! [`change`] at the place where settings are asked today.

mod change;
mod fate;
mod group;
mod node_set;
mod order;
mod settings;
mod turn;

#[cfg(test)]
mod tests;

pub use group::GroupState;
pub use node_set::NodeSet;
pub use order::{AlertOrder, AlertText, Decision, Outcome, Urgency};
pub use settings::{AlertMode, Settings};

use crate::command::Counts;
use crate::join::LevelState;
use crate::status::Status;
use jiff::Timestamp;
use turn::Turn;

/// A command as the policy and the words see it: joined state, no history.
#[derive(Debug, Clone, Copy)]
pub struct CommandView<'a> {
    /// SSM's command id.
    pub command_id: &'a str,
    /// The document's name or ARN, once heard.
    pub document: Option<&'a str>,
    /// The nodes heard from, by bucket.
    pub counts: &'a Counts,
    /// How many nodes it was sent to, where that is known.
    pub target_count: Option<u32>,
    /// What SSM said of the command as a whole, once heard.
    pub command_level: Option<&'a LevelState>,
    /// The worst of both levels.
    pub state: &'a Status,
    /// Up to three of the failing nodes, in a stable order.
    pub failing_sample: &'a [String],
    /// AWS's `detailedStatus` of the first node of `failing_sample`.
    pub first_detail: Option<&'a str>,
    /// It carries a probe: nothing failed in earnest.
    pub simulated: bool,
    /// This Watchbell sent the probe itself, to see it ring.
    pub rings_if_simulated: bool,
}

/// What happened to a group.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The joined state of the command changed.
    Changed {
        /// The command as it stands now.
        command: &'a CommandView<'a>,
        /// The nodes that are failing now and were not before this batch (Failed or TimedOut; not those that never ran).
        failing_nodes: &'a [String],
        /// When the batch was received. Replay passes it as `now` too.
        received_at: Timestamp,
    },
    /// The time of `next_wake` came.
    Tick,
    /// The person acknowledged the command.
    Acknowledged {
        /// Every node that fails now: only a failing node outside them rings again.
        failing_nodes: &'a [String],
    },
    /// Something became of the alert.
    Fate(Fate),
}

/// What became of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// The notification server took it.
    Shown,
    /// The person closed it.
    Dismissed,
    /// It left the screen by itself.
    Expired,
    /// The person pressed it.
    Clicked,
    /// The notification server said no.
    Refused,
    /// Another notification server took over; what the old one showed is gone.
    ServerChanged,
}

/// What a step hands back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// The group from now on, to be stored with the events.
    pub group: GroupState,
    /// What was decided and why, oldest first.
    pub decisions: Vec<Decision>,
    /// What should happen to the alert, if anything.
    pub alert: Option<AlertOrder>,
    /// When to come back with a [`Input::Tick`], if at all.
    pub next_wake: Option<Timestamp>,
}

/// Takes one step. The same arguments always give the same step.
pub fn step(group: GroupState, input: Input<'_>, settings: &Settings, now: Timestamp) -> Step {
    let mut turn = Turn::new(group, settings, now);
    match input {
        Input::Changed { command, failing_nodes, received_at } => {
            change::changed(&mut turn, command, failing_nodes, received_at);
        }
        Input::Tick => {}
        Input::Acknowledged { failing_nodes } => change::acknowledged(&mut turn, failing_nodes),
        Input::Fate(fate) => fate::met(&mut turn, fate),
    }
    turn.order_what_is_due();
    turn.finish()
}
