//! What the policy remembers of one command between steps.
//!
//! **Invariant:** small and readable by any later version: unknown fields are skipped and missing ones have a default.
//! Never here: the failing nodes themselves. The history holds them; the group holds only those that were acknowledged.

use super::collective::{Kind, Share};
use super::hall::Hall;
use super::node_set::NodeSet;
use super::order::{AlertText, Outcome};
use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// One per command, stored as JSON beside the events. A new command starts with the default.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct GroupState {
    pub(super) phase: Phase,
    /// What the screen should say and does not yet.
    pub(super) due: Option<Due>,
    /// The text of the last order that is still wanted on the screen.
    pub(super) ordered: Option<AlertText>,
    /// When the last order was given.
    pub(super) ordered_at: Option<Timestamp>,
    /// Whether any alert was ever ordered.
    pub(super) rang: bool,
    /// Whether the alert was asked for again already and has not been shown since.
    pub(super) retried: bool,
    /// SSM's id, and what the command is called in a sentence, once it failed.
    pub(super) command_id: String,
    pub(super) name: String,
    /// What was true at the last change.
    pub(super) heard: Heard,
    /// The failing nodes when the person acknowledged.
    pub(super) acknowledged: Option<NodeSet>,
    /// The last reason given for not ringing, so that it is stored once and not for each message.
    pub(super) hush: Option<Hush>,
    /// Whether every failure so far was muted.
    pub(super) muted: bool,
    /// The person wants to be told when the command ends.
    pub(super) watch: Option<Watch>,
}

impl GroupState {
    /// Whether the person acknowledged the command and nothing has broken that since.
    pub fn is_acknowledged(&self) -> bool {
        self.acknowledged.is_some()
    }

    /// Whether the command counts as muted: every failure of it was, by rule, by the settings, or as another's probe.
    pub fn is_muted(&self) -> bool {
        self.muted
    }

    /// Whether the person wants to be told when it ends.
    pub fn is_watched(&self) -> bool {
        self.watch.is_some()
    }

    /// The alert for many commands that it became a member of. It may be over by now.
    pub fn member_of(&self) -> Option<Kind> {
        match self.phase {
            Phase::In { kind, .. } => Some(kind),
            _ => None,
        }
    }

    /// Whether that alert for many commands tells of it now: one of that kind that came later does not.
    pub fn is_told_by(&self, kind: Kind, hall: &Hall) -> bool {
        let Phase::In { kind: joined, serial, .. } = self.phase else { return false };
        joined == kind && hall.collective(kind).is_some_and(|collective| collective.serial == serial)
    }

    /// Whether an alert of the group is on the screen, or was ordered and nothing is known of it yet.
    pub fn is_on_screen(&self) -> bool {
        matches!(self.phase, Phase::Ordered | Phase::Up)
    }
}

/// Where the one alert of the group is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Phase {
    /// Nothing on the screen.
    #[default]
    Quiet,
    /// Ordered; its fate is not known yet.
    Ordered,
    /// On the screen.
    Up,
    /// It left the screen by itself: only something new brings it back.
    Gone,
    /// The person closed or pressed it.
    Dismissed {
        /// When.
        at: Timestamp,
    },
    /// The notification server would not have it.
    Refused,
    /// It is told of in an alert for many commands.
    In {
        /// Which.
        kind: Kind,
        /// Which of its kind.
        serial: u64,
        /// What it adds there.
        share: Share,
    },
}

/// A wish to be told of the end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Watch {
    /// When something of the command was last heard, or the wish was made.
    pub(super) heard_at: Timestamp,
    /// When SSM gives the command up, where that is known.
    pub(super) expires: Option<Timestamp>,
    /// What it is called in a sentence.
    pub(super) name: String,
    /// How many nodes were heard from, how many of them run, and how many it was sent to, where that is known.
    pub(super) heard: u32,
    pub(super) running: u32,
    pub(super) targets: Option<u32>,
}

/// Text that waits for its turn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Due {
    pub(super) text: AlertText,
    /// What to store when it is ordered.
    pub(super) outcome: Outcome,
    /// Why, for the same place.
    pub(super) reason: String,
    /// Whether it tells of a failure that the screen did not tell of yet.
    pub(super) news: bool,
    /// What the hall's door asks of it, should it be a new alert.
    #[serde(default)]
    pub(super) call: Call,
}

/// What a new alert says of itself at the hall's door.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Call {
    /// Every failure that it tells of was received long after it happened.
    pub(super) late: bool,
    /// Why it rings in quiet hours, if it does.
    pub(super) breaks: Option<String>,
    /// When its newest failure happened.
    pub(super) failed_at: Option<Timestamp>,
    /// How it comes to the door.
    pub(super) comes: Comes,
}

/// How a call comes to the hall's door. `seen`: a server has shown it before, so it comes again silently and is no new alert.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Comes {
    /// For the first time.
    #[default]
    New,
    /// The same alert is asked for once more: it has been through the door.
    Again { seen: bool },
    /// Several alerts went with their notification server, or wait for one to come: told by count, not one by one.
    ByCount { seen: bool },
}

/// The trouble of a command in numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Heard {
    /// Nodes that failed or timed out.
    pub(super) failing: u32,
    /// Nodes that never ran.
    pub(super) not_run: u32,
    /// The command as a whole failed or timed out.
    pub(super) command_failing: bool,
    /// Some invocation was heard.
    pub(super) invocations: bool,
}

impl Heard {
    /// Whether anything is wrong with the command.
    pub(super) fn is_trouble(self) -> bool {
        self.failing > 0 || self.not_run > 0 || self.command_failing
    }

    /// Whether some trouble of `before` is no more.
    pub(super) fn eases(self, before: Self) -> bool {
        self.failing < before.failing
            || self.not_run < before.not_run
            || (before.command_failing && !self.command_failing)
    }
}

/// Why a failure does not ring.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Hush {
    /// Alerts are off.
    AlertsOff,
    /// Another Watchbell's probe.
    ForeignProbe,
    /// Inside what the person acknowledged.
    Acknowledged,
    /// The person closed the alert a short while ago.
    Dismissed,
    /// Only nodes that never ran are left, and the command rang before.
    NeverRan,
    /// The notification server refused it twice.
    Refused,
    /// The person's rules: the outcome and the sentence that names the rule.
    Rule(Outcome, String),
}

impl Hush {
    /// How the reason is stored.
    pub(super) fn decision(&self) -> (Outcome, &str) {
        match self {
            Self::Rule(outcome, reason) => (*outcome, reason),
            Self::AlertsOff => (Outcome::Muted, "Alerts are off in the settings."),
            Self::ForeignProbe => {
                (Outcome::Muted, "It was simulated by another Watchbell, so nothing failed in earnest.")
            }
            Self::Acknowledged => (
                Outcome::Acknowledged,
                "You acknowledged this command, and no node outside the acknowledged ones failed.",
            ),
            Self::Dismissed => (
                Outcome::Dismissed,
                "You closed or opened its alert: only a node that fails at least 10 min later brings it back.",
            ),
            Self::NeverRan => (Outcome::Quiet, "Only nodes that never ran are left, and this command rang before."),
            Self::Refused => {
                (Outcome::Quiet, "The notification server refused the alert twice. Tray and history show the failure.")
            }
        }
    }

    /// Whether it mutes: such a failure does not count as unacknowledged either.
    pub(super) fn mutes(&self) -> bool {
        matches!(self, Self::ForeignProbe | Self::Rule(Outcome::Muted, _))
    }
}
