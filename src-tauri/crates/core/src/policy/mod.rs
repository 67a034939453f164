//! When to ring: one pure step for one command's group, and one for what all groups share.
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
//! A command that would ring asks at the door of the [`Hall`], which knows the budget, the snooze and the quiet hours; what is not
//! let through becomes a member of an alert for many commands.

mod change;
mod collective;
mod fate;
mod group;
mod hall;
mod node_set;
mod order;
mod settings;
mod turn;
mod watch;

#[cfg(test)]
mod tests;

pub use collective::{Collective, Kind, Named};
pub use group::GroupState;
pub use hall::{Hall, HallInput, HallStep, Snooze, step_hall};
pub use node_set::NodeSet;
pub use order::{AlertOrder, AlertText, Decision, Outcome, Urgency};
pub use settings::{AlertMode, Settings};

use crate::command::Counts;
use crate::join::LevelState;
use crate::status::Status;
use jiff::{SignedDuration, Timestamp};
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
    /// The topic that told of it.
    pub topic: Option<&'a str>,
    /// How many nodes it was sent to, where that is known.
    pub target_count: Option<u32>,
    /// When SSM gives it up, where that is known.
    pub expires_after: Option<Timestamp>,
    /// The maintenance window it runs in.
    pub window: Option<Window<'a>>,
    /// What SSM said of the command as a whole, once heard.
    pub command_level: Option<&'a LevelState>,
    /// The worst of both levels.
    pub state: &'a Status,
    /// Up to three of the failing nodes, in a stable order.
    pub failing_sample: &'a [String],
    /// How the first node of `failing_sample` stands.
    pub first_failing: Option<&'a LevelState>,
    /// It carries a probe: nothing failed in earnest.
    pub simulated: bool,
    /// This Watchbell sent the probe itself, to see it ring.
    pub rings_if_simulated: bool,
}

/// The maintenance window of a command, as the policy and the words see it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window<'a> {
    /// Its name.
    pub name: &'a str,
    /// When no new task begins any more, where that is known.
    pub cutoff: Option<Timestamp>,
    /// When it ends, where that is known.
    pub end: Option<Timestamp>,
    /// SSM says that this run of it timed out.
    pub timed_out: bool,
}

/// The same, held: the window that a command is tied to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Within {
    /// Its name, else its id.
    pub name: String,
    /// When no new task begins any more, where that is known.
    pub cutoff: Option<Timestamp>,
    /// When it ends, where that is known.
    pub end: Option<Timestamp>,
    /// SSM says that this run of it timed out.
    pub timed_out: bool,
}

impl Within {
    /// As the policy and the words see it.
    pub fn view(&self) -> Window<'_> {
        Window { name: &self.name, cutoff: self.cutoff, end: self.end, timed_out: self.timed_out }
    }
}

/// A node that fails now and did not before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failing {
    /// The managed node.
    pub node_id: String,
    /// Failed or timed out.
    pub status: Status,
    /// AWS's `detailedStatus`.
    pub detail: Option<String>,
    /// When it happened.
    pub event_time: Timestamp,
}

/// What happened to a group.
#[derive(Debug, Clone, Copy)]
pub enum Input<'a> {
    /// The joined state of the command changed.
    Changed {
        /// The command as it stands now.
        command: &'a CommandView<'a>,
        /// The nodes that are failing now and were not before this batch (Failed or TimedOut; not those that never ran).
        failing: &'a [Failing],
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
    /// The person wants to be told when the command ends, or does not any more.
    Watch {
        /// The command as it stands now; `None` takes the wish back.
        command: Option<&'a CommandView<'a>>,
    },
    /// Something became of the alert.
    Fate(Fate),
    /// Something became of the alert for many commands that tells of it ([`GroupState::is_told_by`]).
    FateOfMany(Fate),
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
    /// The same, and several alerts were up: they are shown again once, by count.
    Regrouped,
}

/// What a step hands back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What all groups share, from now on. Its own alerts are ordered by [`step_hall`].
    pub hall: Hall,
    /// The group from now on, to be stored with the events.
    pub group: GroupState,
    /// What was decided and why, oldest first.
    pub decisions: Vec<Decision>,
    /// What should happen to the alert, if anything.
    pub alert: Option<AlertOrder>,
    /// The command ended, or cannot be told of any more, and the person wanted to know: an alert of its own.
    pub ended: Option<AlertText>,
    /// When to come back with a [`Input::Tick`], if at all.
    pub next_wake: Option<Timestamp>,
}

/// Takes one step. The same arguments always give the same step.
pub fn step(hall: Hall, group: GroupState, input: Input<'_>, settings: &Settings, now: Timestamp) -> Step {
    let mut turn = Turn::new(hall, group, settings, now);
    match input {
        Input::Changed { command, failing, received_at } => {
            change::changed(&mut turn, command, failing, received_at);
            watch::changed(&mut turn, command);
        }
        Input::Tick => watch::tick(&mut turn),
        Input::Watch { command } => watch::wish(&mut turn, command),
        Input::Acknowledged { failing_nodes } => change::acknowledged(&mut turn, failing_nodes),
        Input::Fate(fate) => fate::met(&mut turn, fate),
        Input::FateOfMany(fate) => fate::of_many(&mut turn, fate),
    }
    turn.order_what_is_due();
    turn.finish()
}

/// A batch is judged as of when it was received, while ticks go on: `now` may lie so much before an order and no clock was set back.
const OUT_OF_ORDER: SignedDuration = SignedDuration::from_secs(60);

/// Whether `span` has passed since. A time that lies ahead means that the clock was set back: nobody can tell, so it counts as over.
fn is_over(since: Timestamp, span: SignedDuration, now: Timestamp) -> bool {
    now.duration_since(since) >= span || since.duration_since(now) > OUT_OF_ORDER
}

/// The earliest time for the next order after one at `before`.
fn spaced(before: Option<Timestamp>, by: SignedDuration, now: Timestamp) -> Timestamp {
    match before {
        // A clock that was set back must not keep an alert waiting for hours.
        Some(at) if at.duration_since(now) <= OUT_OF_ORDER => at.checked_add(by).unwrap_or(Timestamp::MAX),
        _ => now,
    }
}
