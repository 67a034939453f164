//! One transaction's worth of messages: joined in memory, then written.
//!
//! **Invariant:** what is touched is loaded once and written once, however many messages speak of it (a command that is new, or is
//! tied to windows anew, twice: it is judged when its window is known). The result is the same as that of the pure join over all messages
//! ever stored (invariant 2). The policy is stepped once a command, with the nodes that fail after this batch and did not before.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::Timestamp;
use rusqlite::Connection;
use watchbell_core::command::CommandState;
use watchbell_core::digest::BodyDigest;
use watchbell_core::event::CommandEvent;
use watchbell_core::join::LevelState;
use watchbell_core::parse::Parsed;
use watchbell_core::policy::{Failing, GroupState, Hall, HallInput};
use watchbell_core::status::{Bucket, Level};

use super::Rules;
use super::error::StoreError;
use super::group;
use super::hall;
use super::ingest::{ChangedCommand, Heard, Stored};
use super::table::command::Held;
use super::table::quarantine::Refused;
use super::table::raw_event::Kept;
use super::table::{command, command_window, fts, invocation, own_probe, quarantine, raw_event};
use super::windows;

/// What became of one message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Understood and new.
    New,
    /// There already.
    Duplicate,
    /// Not understood, and new.
    Quarantined,
}

/// A command under change.
struct Open<'a> {
    id: Option<i64>,
    held: Held,
    /// Document and topic as the search index knows them; `None` for a new command.
    indexed: Option<(Option<String>, Option<String>)>,
    nodes: BTreeMap<&'a str, Node>,
    /// What is to be kept of it, and how many copies came.
    rows: Vec<(&'a Heard, &'a CommandEvent, u32)>,
    received_at: Timestamp,
    changed: bool,
    /// What its tie to a window hangs on, as it was before; `None` for a new command.
    tie: Option<Tie>,
}

/// When it was sent, by which topic it was heard of, and whether it is simulated.
type Tie = (Option<Timestamp>, Option<String>, bool);

/// A node under change.
struct Node {
    before: Option<Bucket>,
    now: Option<LevelState>,
    changed: bool,
}

/// Where a digest of this batch went, to count its further copies.
enum Place<'a> {
    Row { command: &'a str, row: usize },
    Stored,
}

/// Stores a batch inside the caller's transaction: one outcome a message, in their order.
pub(super) fn store(db: &Connection, rules: &Rules, heard: &[&Heard]) -> Result<Vec<Stored>, StoreError> {
    let mut commands: BTreeMap<&str, Open<'_>> = BTreeMap::new();
    let mut places: HashMap<BodyDigest, Place<'_>> = HashMap::with_capacity(heard.len());
    let mut outcomes = Vec::with_capacity(heard.len());
    let mut of_windows = windows::Batch::default();
    for one in heard {
        let event = match &one.parsed {
            Parsed::Event(event) => event,
            Parsed::Window(event) => {
                let new = of_windows.hear(db, one, event)?;
                outcomes.push((if new { Outcome::New } else { Outcome::Duplicate }, None));
                continue;
            }
            Parsed::Quarantined(_) => {
                outcomes.push((keep_in_quarantine(db, one)?, None));
                continue;
            }
        };
        let command_id = event.command_id.as_str();
        let duplicate = match places.get(&one.digest) {
            Some(Place::Row { command, row }) => {
                if let Some(row) = commands.get_mut(command).and_then(|open| open.rows.get_mut(*row)) {
                    row.2 += 1;
                }
                true
            }
            Some(Place::Stored) => raw_event::count_copy(db, &one.digest)?,
            None => {
                let there = raw_event::count_copy(db, &one.digest)?;
                if there {
                    places.insert(one.digest, Place::Stored);
                }
                there
            }
        };
        if duplicate {
            outcomes.push((Outcome::Duplicate, None));
            continue;
        }
        let open = match commands.entry(command_id) {
            std::collections::btree_map::Entry::Occupied(held) => held.into_mut(),
            std::collections::btree_map::Entry::Vacant(free) => free.insert(open(db, event, one.received_at)?),
        };
        places.insert(one.digest, Place::Row { command: command_id, row: open.rows.len() });
        open.take_in(db, one, event)?;
        outcomes.push((Outcome::New, Some(command_id)));
    }
    let mut written = HashMap::with_capacity(commands.len());
    let mut desk = hall::Desk::load(db)?;
    let now = commands.values().filter(|open| open.changed).map(|open| open.received_at).max();
    let mut waits = false;
    for (command_id, open) in &mut commands {
        let tied_anew = open.write_tie(db)?;
        if open.changed {
            of_windows.command_changed(command_id, open.received_at, tied_anew);
        }
    }
    // Before anything is judged: a rule may ask whether a command is in a maintenance window.
    of_windows.settle(db)?;
    for (command_id, mut open) in commands {
        let alert = open.write(db, &mut desk.hall, rules)?;
        waits |= alert;
        written.insert(command_id, (open.changed.then(|| Arc::new(open.as_changed())), alert));
    }
    if let Some(now) = now
        && desk.settle(db, HallInput::Tick, rules, now)?
        && !waits
    {
        // An alert for many waits because of the batch: whichever command caused it says so.
        for (changed, alert) in written.values_mut() {
            *alert |= changed.is_some();
        }
    }
    Ok(outcomes
        .into_iter()
        .map(|(outcome, command)| {
            let (changed, alert) = command.and_then(|id| written.get(id)).cloned().unwrap_or_default();
            Stored { outcome, changed, alert }
        })
        .collect())
}

fn keep_in_quarantine(db: &Connection, one: &Heard) -> Result<Outcome, StoreError> {
    let Parsed::Quarantined(reason) = &one.parsed else { return Ok(Outcome::Duplicate) };
    let new = quarantine::keep(
        db,
        &Refused {
            digest: &one.digest,
            reason,
            topic_arn: one.topic.as_str(),
            sqs_message_id: &one.sqs_message_id,
            received_at: one.received_at,
            copies: 1,
            body: &one.body,
        },
    )?;
    Ok(if new { Outcome::Quarantined } else { Outcome::Duplicate })
}

fn open<'a>(db: &Connection, first: &'a CommandEvent, received_at: Timestamp) -> Result<Open<'a>, StoreError> {
    let (id, held, indexed) = if let Some((id, held)) = command::load(db, &first.command_id)? {
        let indexed = held.words();
        (Some(id), held, Some(indexed))
    } else {
        let state = CommandState::new(first.command_id.clone(), first);
        (None, Held { state, own_probe: false, group: GroupState::default(), next_wake: None }, None)
    };
    let tie = id.map(|_| held.tie());
    Ok(Open { changed: id.is_none(), id, held, indexed, nodes: BTreeMap::new(), rows: Vec::new(), received_at, tie })
}

impl Held {
    fn tie(&self) -> Tie {
        (self.state.requested_at, self.words().1, self.state.simulated)
    }

    fn words(&self) -> (Option<String>, Option<String>) {
        let fields = &self.state.fields;
        (
            fields.document.as_ref().map(|held| held.value.clone()),
            fields.topic_arn.as_ref().map(|held| held.value.clone()),
        )
    }
}

impl<'a> Open<'a> {
    fn take_in(&mut self, db: &Connection, heard: &'a Heard, event: &'a CommandEvent) -> Result<(), StoreError> {
        if let Some(probe) = &event.probe
            && !self.held.own_probe
            && own_probe::is_ours(db, probe)?
        {
            self.held.own_probe = true;
            self.changed = true;
        }
        let node = match (event.level, event.node_id.as_deref()) {
            (Level::Invocation, Some(node_id)) => Some(match self.nodes.entry(node_id) {
                std::collections::btree_map::Entry::Occupied(node) => node.into_mut(),
                std::collections::btree_map::Entry::Vacant(free) => {
                    let now = self.id.map(|id| invocation::load(db, id, node_id)).transpose()?.flatten();
                    free.insert(Node { before: now.as_ref().map(invocation::bucket_of), now, changed: false })
                }
            }),
            _ => None,
        };
        let change = match node {
            Some(node) => {
                let before = node.now.clone();
                let change = self.held.state.apply(event, &heard.digest, Some(&mut node.now));
                node.changed |= node.now != before;
                change
            }
            None => self.held.state.apply(event, &heard.digest, None),
        };
        self.changed |= change.changed;
        self.received_at = self.received_at.max(heard.received_at);
        self.rows.push((heard, event, 1));
        Ok(())
    }

    /// Writes the command if it is new, or what its tie to a window hangs on; says whether it did.
    fn write_tie(&mut self, db: &Connection) -> Result<bool, StoreError> {
        let anew = self.tie != Some(self.held.tie());
        if anew {
            self.id = Some(command::put(db, self.id, &self.held)?);
        }
        Ok(anew)
    }

    /// Writes everything else; says whether an alert waits because of it.
    fn write(&mut self, db: &Connection, hall: &mut Hall, rules: &Rules) -> Result<bool, StoreError> {
        // Every command is there by now: a new one was written for its tie.
        let Some(id) = self.id else { return Ok(false) };
        // The nodes go first: the alert names failing ones from the table.
        self.write_nodes(db, id)?;
        let mut alert = false;
        if self.changed {
            let failing_now = self.held.state.counts.failing() > 0;
            let sample = if failing_now { group::sample(db, id)? } else { Vec::new() };
            let failing = self.newly_failing();
            let within = command_window::within(db, id)?;
            let judged =
                group::judge_change(&mut self.held, within.as_ref(), hall, &sample, &failing, self.received_at, rules);
            command::put(db, Some(id), &self.held)?;
            alert = judged.store(db, id)?;
        }
        let words = self.held.words();
        if self.indexed.as_ref() != Some(&words) {
            fts::put(db, id, &self.held.state.command_id, words.0.as_deref(), words.1.as_deref())?;
        }
        for &(heard, event, copies) in &self.rows {
            let kept = Kept {
                digest: &heard.digest,
                event,
                received_at: heard.received_at,
                copies,
                sqs_message_id: &heard.sqs_message_id,
                topic_arn: heard.topic.as_str(),
                body: &heard.body,
            };
            raw_event::add(db, id, &kept)?;
        }
        Ok(alert)
    }

    fn write_nodes(&self, db: &Connection, id: i64) -> Result<(), StoreError> {
        for (node_id, node) in &self.nodes {
            if let Some(now) = node.now.as_ref().filter(|_| node.changed) {
                invocation::put(db, id, node_id, now)?;
            }
        }
        Ok(())
    }

    fn newly_failing(&self) -> Vec<Failing> {
        let fails = |node: &'_ Node| node.now.as_ref().filter(|now| invocation::bucket_of(now).is_failing()).cloned();
        let newly = self.nodes.iter().filter(|(_, node)| !node.before.is_some_and(Bucket::is_failing));
        newly
            .filter_map(|(node_id, node)| {
                let LevelState { status, detail, event_time } = fails(node)?;
                Some(Failing { node_id: (*node_id).to_owned(), status, detail, event_time })
            })
            .collect()
    }

    fn as_changed(&self) -> ChangedCommand {
        let state = &self.held.state;
        ChangedCommand {
            command_id: state.command_id.clone(),
            document: state.fields.document.as_ref().map(|document| document.value.clone()),
            state: state.state(),
            counts: state.counts,
            target_count: state.target_count(),
            simulated: state.simulated,
        }
    }
}
