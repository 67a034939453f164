//! One command as it stands: the join of everything heard of it, and its nodes counted.
//!
//! **Invariant:** the state is a function of the *set* of its events. `counts` agrees with the nodes' own states as long
//! as the caller hands every invocation event the held state of its node.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::digest::BodyDigest;
use crate::event::CommandEvent;
use crate::join::{CommandFields, LevelState, join_event};
use crate::status::{Bucket, Level, Status, bucket};

/// How many nodes are in which state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// Not yet begun.
    pub pending: u32,
    /// Running.
    pub in_progress: u32,
    /// Ended well.
    pub success: u32,
    /// Ended badly.
    pub failed: u32,
    /// Timed out.
    pub timed_out: u32,
    /// Called off.
    pub cancelled: u32,
    /// Never ran: stopped by max-errors.
    pub not_run: u32,
    /// In a status this program does not know.
    pub other: u32,
}

impl Counts {
    /// The count of one bucket.
    pub fn get(&self, bucket: Bucket) -> u32 {
        match bucket {
            Bucket::Pending => self.pending,
            Bucket::InProgress => self.in_progress,
            Bucket::Success => self.success,
            Bucket::Failed => self.failed,
            Bucket::TimedOut => self.timed_out,
            Bucket::Cancelled => self.cancelled,
            Bucket::NotRun => self.not_run,
            Bucket::Other => self.other,
        }
    }

    /// One node more.
    pub fn add(&mut self, bucket: Bucket) {
        let count = self.slot(bucket);
        *count = count.saturating_add(1);
    }

    /// One node less.
    pub fn remove(&mut self, bucket: Bucket) {
        let count = self.slot(bucket);
        *count = count.saturating_sub(1);
    }

    /// The nodes heard from.
    pub fn heard(&self) -> u32 {
        Bucket::ALL.into_iter().fold(0, |sum, bucket| sum.saturating_add(self.get(bucket)))
    }

    /// The nodes that ring: failed and timed out, not those that never ran.
    pub fn failing(&self) -> u32 {
        self.failed.saturating_add(self.timed_out)
    }

    fn slot(&mut self, bucket: Bucket) -> &mut u32 {
        match bucket {
            Bucket::Pending => &mut self.pending,
            Bucket::InProgress => &mut self.in_progress,
            Bucket::Success => &mut self.success,
            Bucket::Failed => &mut self.failed,
            Bucket::TimedOut => &mut self.timed_out,
            Bucket::Cancelled => &mut self.cancelled,
            Bucket::NotRun => &mut self.not_run,
            Bucket::Other => &mut self.other,
        }
    }
}

/// Everything known of one command, but for its nodes' own states.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandState {
    /// SSM's id.
    pub command_id: String,
    /// Document, targets and the like.
    pub fields: CommandFields,
    /// The least `requested_at` heard.
    pub requested_at: Option<Timestamp>,
    /// The greatest `event_time` heard.
    pub updated_at: Timestamp,
    /// What was heard of the command as a whole.
    pub command_level: Option<LevelState>,
    /// Whether anything was heard at command level.
    pub heard_command: bool,
    /// Whether anything was heard at invocation level.
    pub heard_invocation: bool,
    /// The nodes, counted.
    pub counts: Counts,
    /// Whether *every* event of it was a probe. One real event makes it real, so that no stray test message can
    /// silence a real command.
    pub simulated: bool,
}

/// What one event did to a command.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// Whether anything of the command or its node has to be stored.
    pub changed: bool,
    /// The node's bucket before; `None` for a node never heard from, and at command level.
    pub node_before: Option<Bucket>,
    /// The node's bucket after; `None` at command level.
    pub node_after: Option<Bucket>,
    /// The node (or the command level) was not failing and is now: failed or timed out.
    pub newly_failing: bool,
    /// The node (or the command level) was failing and a later event put that right.
    pub ceased_failing: bool,
}

impl CommandState {
    /// A command of which only `first` will have been heard: the caller goes on with [`CommandState::apply`] of it.
    pub fn new(command_id: String, first: &CommandEvent) -> Self {
        CommandState {
            command_id,
            fields: CommandFields::default(),
            requested_at: first.requested_at,
            updated_at: first.event_time,
            command_level: None,
            heard_command: false,
            heard_invocation: false,
            counts: Counts::default(),
            simulated: first.probe.is_some(),
        }
    }

    /// How many nodes the command was sent to; known only when they were named one by one.
    pub fn target_count(&self) -> Option<u32> {
        let targets = self.fields.targets.as_ref()?;
        u32::try_from(targets.value.len()).ok().filter(|&count| count > 0)
    }

    /// The worst of both levels: failed > timed out > cancelled > unknown > in progress > pending > success.
    ///
    /// Nodes that never ran count as failed. `Success` means that nothing worse was *heard*; whether the command
    /// succeeded as a whole is known only from its own level or from all of [`CommandState::target_count`].
    pub fn state(&self) -> Status {
        let level = self.command_level.as_ref().map(|held| &held.status);
        let heard = |status: &Status, nodes: u32| nodes > 0 || level == Some(status);
        let counts = &self.counts;
        if heard(&Status::Failed, counts.failed.saturating_add(counts.not_run)) {
            Status::Failed
        } else if heard(&Status::TimedOut, counts.timed_out) {
            Status::TimedOut
        } else if heard(&Status::Cancelled, counts.cancelled) {
            Status::Cancelled
        } else if let Some(unknown @ Status::Other(_)) = level {
            unknown.clone()
        } else if counts.other > 0 {
            Status::Other("unknown".to_owned())
        } else if heard(&Status::InProgress, counts.in_progress) {
            Status::InProgress
        } else if heard(&Status::Pending, counts.pending) {
            Status::Pending
        } else if heard(&Status::Success, counts.success) {
            Status::Success
        } else {
            Status::Pending
        }
    }

    /// Takes in one event. For an invocation event `node` is what is held of that node (`None` inside when nothing is),
    /// and is brought up to date; at command level it is ignored.
    pub fn apply(
        &mut self,
        event: &CommandEvent,
        digest: &BodyDigest,
        node: Option<&mut Option<LevelState>>,
    ) -> Change {
        let mut change = Change { changed: self.join_fields(event, digest), ..Change::default() };
        match (event.level, node) {
            (Level::Command, _) => {
                self.heard_command |= mark(&mut change.changed, !self.heard_command);
                let before = self.command_level.as_ref().is_some_and(|held| held.status.is_failing());
                change.changed |= join_event(&mut self.command_level, event);
                let after = self.command_level.as_ref().is_some_and(|held| held.status.is_failing());
                (change.newly_failing, change.ceased_failing) = (!before && after, before && !after);
            }
            (Level::Invocation, node) => {
                self.heard_invocation |= mark(&mut change.changed, !self.heard_invocation);
                if let Some(held) = node {
                    self.apply_node(event, held, &mut change);
                }
            }
        }
        change
    }

    fn apply_node(&mut self, event: &CommandEvent, held: &mut Option<LevelState>, change: &mut Change) {
        let place = |held: &Option<LevelState>| held.as_ref().map(|s| bucket(&s.status, s.detail.as_deref()));
        let before = place(held);
        change.changed |= join_event(held, event);
        let after = place(held);
        if before != after {
            if let Some(bucket) = before {
                self.counts.remove(bucket);
            }
            if let Some(bucket) = after {
                self.counts.add(bucket);
            }
        }
        let failing = |b: Option<Bucket>| b.is_some_and(Bucket::is_failing);
        (change.node_before, change.node_after) = (before, after);
        change.newly_failing = !failing(before) && failing(after);
        change.ceased_failing = failing(before) && !failing(after);
    }

    fn join_fields(&mut self, event: &CommandEvent, digest: &BodyDigest) -> bool {
        let mut changed = self.fields.join(event, digest);
        if let Some(requested) = event.requested_at
            && self.requested_at.is_none_or(|held| requested < held)
        {
            self.requested_at = Some(requested);
            changed = true;
        }
        if event.event_time > self.updated_at {
            self.updated_at = event.event_time;
            changed = true;
        }
        if self.simulated && event.probe.is_none() {
            self.simulated = false;
            changed = true;
        }
        changed
    }
}

/// Notes in `changed` that something was heard for the first time.
fn mark(changed: &mut bool, first: bool) -> bool {
    *changed |= first;
    true
}
