//! One alert for many commands: the overflow of a storm, the digest of what came late, and what a snooze or quiet hours held back.
//!
//! **Invariants:**
//! - Its numbers are sums of its members' shares, kept by difference: a member that changes or leaves takes its old share along, so the
//!   last text is exact however many members there are and in whatever order they came.
//! - Two orders for it are at least `update_every` apart, and updates are silent.
//!
//! Never here: which command becomes a member. The hall decides that; this room counts and words.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};

use super::Fate;
use super::order::{AlertOrder, AlertText};
use super::settings::Settings;
use crate::words;

/// The most members that are remembered by name, the worst first; the rest are counted.
const NAMED: usize = 8;

/// Which of the alerts for many commands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// More commands fail at once than may ring by themselves.
    Overflow,
    /// Failures that were received long after they happened.
    Digest,
    /// What a snooze or quiet hours held back, told when they end.
    Held,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Overflow, Self::Digest, Self::Held];

    /// The word by which it is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Overflow => "overflow",
            Self::Digest => "digest",
            Self::Held => "held",
        }
    }
}

/// What one command adds to a collective alert.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Share {
    /// Its nodes that failed or timed out.
    pub(super) nodes: u32,
}

/// A member by name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Named {
    /// SSM's command id.
    pub command_id: String,
    /// What it is called in a sentence.
    pub name: String,
    /// Its failing nodes.
    pub nodes: u32,
}

/// Where its alert is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Place {
    /// Not on the screen yet.
    #[default]
    Waiting,
    /// Ordered, and on the screen as far as is known.
    Up,
    /// It left by itself; what is new brings it back silently.
    Gone,
    /// The person closed or pressed it.
    Dismissed {
        /// When.
        at: Timestamp,
    },
}

/// Whether commands may still join, and whether its alert may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Stage {
    /// Commands join; nothing is shown before the hold ends.
    Holding,
    /// Commands join, and it is told of them.
    Open,
    /// It is told of those that joined, and no other joins.
    Closed,
}

/// What waits to be said.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Due {
    #[default]
    Nothing,
    /// Other numbers.
    Counts,
    /// A new failure.
    News,
}

/// A collective alert and its members in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collective {
    /// Told apart from earlier ones of its kind.
    pub(super) serial: u64,
    pub(super) stage: Stage,
    commands: u32,
    nodes: u32,
    named: Vec<Named>,
    /// When the first and the last of its failures happened.
    from: Timestamp,
    to: Timestamp,
    /// When it last heard of a failure.
    pub(super) news_at: Timestamp,
    place: Place,
    due: Due,
    /// It was heard once: what comes after is silent.
    rang: bool,
    /// A server has shown it. What nobody was shown yet is not given up for a later alert of its kind.
    #[serde(default = "yes")]
    shown: bool,
    ordered: Option<AlertText>,
    ordered_at: Option<Timestamp>,
    /// It took the place of the alerts that were up, so there is nothing beside it to be more than.
    #[serde(default)]
    alone: bool,
}

fn yes() -> bool {
    true
}

impl Collective {
    pub(super) fn new(serial: u64, stage: Stage, failed_at: Timestamp, now: Timestamp) -> Self {
        Self {
            serial,
            stage,
            commands: 0,
            nodes: 0,
            named: Vec::new(),
            from: failed_at,
            to: failed_at,
            news_at: now,
            place: Place::Waiting,
            due: Due::Nothing,
            rang: false,
            shown: false,
            ordered: None,
            ordered_at: None,
            alone: false,
        }
    }

    /// It takes the place of alerts that were up (`seen`: nobody needs to hear of them twice), or that no server has shown yet.
    pub(super) fn stand_alone(&mut self, seen: bool) {
        self.alone |= seen || self.commands == 1;
        self.rang |= seen;
    }

    /// Whether it took the place of the alerts that were up.
    pub fn stands_alone(&self) -> bool {
        self.alone
    }

    /// How many commands are in it.
    pub fn commands(&self) -> u32 {
        self.commands
    }

    /// How many failing nodes they have together.
    pub fn nodes(&self) -> u32 {
        self.nodes
    }

    /// Its worst members, at most eight.
    pub fn named(&self) -> &[Named] {
        &self.named
    }

    /// When the first and the last of its failures happened.
    pub fn span(&self) -> (Timestamp, Timestamp) {
        (self.from, self.to)
    }

    /// Whether the person closed it at least `ago`: what fails from then on is news again.
    pub(super) fn was_closed(&self, ago: SignedDuration, now: Timestamp) -> bool {
        matches!(self.place, Place::Dismissed { at } if super::is_over(at, ago, now))
    }

    /// Whether nobody was shown it yet, although it has members.
    pub(super) fn is_untold(&self) -> bool {
        !self.shown && self.commands > 0
    }

    /// Commands join again, though it was closed: nobody was shown it yet.
    pub(super) fn reopen(&mut self, stage: Stage) {
        self.stage = stage;
        if stage == Stage::Holding {
            // The hold's end is an alert of its own.
            (self.place, self.rang) = (Place::Waiting, false);
        }
    }

    pub(super) fn is_up(&self) -> bool {
        self.place == Place::Up
    }

    /// A command comes in.
    pub(super) fn join(&mut self, member: Named, failed_at: Timestamp, now: Timestamp) {
        self.commands = self.commands.saturating_add(1);
        self.nodes = self.nodes.saturating_add(member.nodes);
        self.name(member);
        self.heard(failed_at, now);
    }

    /// A member's share changed; `failed_at` is when its newest failure happened, if there is a new one.
    pub(super) fn change(&mut self, before: Share, member: Named, failed_at: Option<Timestamp>, now: Timestamp) {
        self.nodes = self.nodes.saturating_sub(before.nodes).saturating_add(member.nodes);
        self.name(member);
        match failed_at {
            Some(at) => self.heard(at, now),
            None => self.due = self.due.max(Due::Counts),
        }
    }

    /// A member leaves: acknowledged, put right, or ringing by itself.
    pub(super) fn leave(&mut self, command_id: &str, share: Share) {
        self.commands = self.commands.saturating_sub(1);
        self.nodes = self.nodes.saturating_sub(share.nodes);
        self.named.retain(|named| named.command_id != command_id);
        self.due = self.due.max(Due::Counts);
    }

    fn heard(&mut self, failed_at: Timestamp, now: Timestamp) {
        self.from = self.from.min(failed_at);
        self.to = self.to.max(failed_at);
        self.news_at = now;
        self.due = Due::News;
    }

    fn name(&mut self, member: Named) {
        self.named.retain(|named| named.command_id != member.command_id);
        self.named.push(member);
        self.named.sort_by(|a, b| b.nodes.cmp(&a.nodes).then_with(|| a.command_id.cmp(&b.command_id)));
        self.named.truncate(NAMED);
    }

    /// The hold is over: what it kept back may be told.
    pub(super) fn tell(&mut self) {
        self.stage = Stage::Closed;
        self.due = Due::News;
    }

    /// Something became of its alert.
    pub(super) fn met(&mut self, fate: Fate, now: Timestamp) {
        // Whatever was up beside it went with the server.
        self.alone |= fate == Fate::ServerChanged;
        match fate {
            Fate::Dismissed | Fate::Clicked => {
                self.place = Place::Dismissed { at: now };
                self.due = Due::Nothing;
            }
            Fate::Expired if self.is_up() => {
                self.place = Place::Gone;
                // What was new and not told yet is worth a silent alert; smaller counts are not.
                self.due = if self.due == Due::News { Due::News } else { Due::Nothing };
            }
            // The new server is asked once more; nobody needs to hear it twice.
            Fate::Refused | Fate::ServerChanged | Fate::Regrouped if self.is_up() => {
                self.shown = false;
                self.place = Place::Waiting;
                self.due = Due::News;
            }
            Fate::Shown => {
                self.shown = true;
                // The next change is so long after what the person saw.
                self.ordered_at = self.ordered_at.max(Some(now));
            }
            Fate::Expired | Fate::Refused | Fate::ServerChanged | Fate::Regrouped => {}
        }
    }

    /// Gives out what is due, if its time has come. While it is snoozed nothing comes up; what is up is kept true.
    pub(super) fn order(
        &mut self,
        kind: Kind,
        snoozed: bool,
        settings: &Settings,
        now: Timestamp,
    ) -> Option<AlertOrder> {
        if !self.may_order(snoozed) || self.next_order_at(settings, now) > now {
            return None;
        }
        let news = std::mem::take(&mut self.due) == Due::News;
        if self.commands == 0 {
            let up = self.is_up();
            self.place = Place::Waiting;
            return up.then_some(AlertOrder::Close);
        }
        let text = words::collective(kind, self, settings);
        match self.place {
            Place::Up if self.ordered.as_ref().is_some_and(|ordered| ordered.reads_like(&text)) => None,
            Place::Up => Some(self.ordered(AlertText { sound: false, ..text }, now, AlertOrder::Update)),
            Place::Waiting | Place::Gone if news => {
                let sound = settings.sound && !std::mem::replace(&mut self.rang, true);
                self.place = Place::Up;
                Some(self.ordered(AlertText { sound, ..text }, now, AlertOrder::Show))
            }
            Place::Waiting | Place::Gone | Place::Dismissed { .. } => None,
        }
    }

    fn ordered(&mut self, text: AlertText, now: Timestamp, order: fn(AlertText) -> AlertOrder) -> AlertOrder {
        self.ordered_at = Some(now);
        self.ordered = Some(text.clone());
        order(text)
    }

    /// When it wants to be looked at again. The end of a snooze is a wake of the hall's own.
    pub(super) fn next_wake(&self, snoozed: bool, settings: &Settings, now: Timestamp) -> Option<Timestamp> {
        let closed = matches!(self.place, Place::Dismissed { .. });
        (self.may_order(snoozed) && !closed).then(|| self.next_order_at(settings, now))
    }

    fn may_order(&self, snoozed: bool) -> bool {
        let up_anew = matches!(self.place, Place::Waiting | Place::Gone) && self.commands > 0;
        self.stage != Stage::Holding && self.due != Due::Nothing && !(snoozed && up_anew)
    }

    fn next_order_at(&self, settings: &Settings, now: Timestamp) -> Timestamp {
        if self.commands == 0 {
            // An alert that tells of nothing any more comes down at once.
            return now;
        }
        super::spaced(self.ordered_at, settings.update_every, now)
    }
}
