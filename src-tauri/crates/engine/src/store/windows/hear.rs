//! What a batch of messages does to windows: events are joined into runs, and what is affected is noted to be settled.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use rusqlite::Connection;
use watchbell_core::window::{ABSORBS, ExecutionState, WindowEvent};

use super::settle;
use crate::store::error::StoreError;
use crate::store::ingest::Heard;
use crate::store::table::window_event::{self, Kept};
use crate::store::table::window_run::{self, Identity, RunRow, Source};
use crate::store::table::{command, window_run as run};

/// What is to be settled at a transaction's end.
#[derive(Debug, Default)]
pub(in crate::store) struct Batch<'a> {
    /// Times in which a run came, went or moved.
    moved: Vec<(Timestamp, Timestamp)>,
    /// Commands whose time, topic or realness is new.
    retied: BTreeSet<&'a str>,
    /// Commands that changed, and when that was received.
    touched: BTreeMap<&'a str, Timestamp>,
}

impl<'a> Batch<'a> {
    /// Keeps one message about a window; says whether it is new.
    pub(in crate::store) fn hear(
        &mut self,
        db: &Connection,
        heard: &Heard,
        event: &WindowEvent,
    ) -> Result<bool, StoreError> {
        if window_event::count_copy(db, &heard.digest)? {
            return Ok(false);
        }
        let run = self.join(db, event, heard.received_at)?;
        let kept = Kept {
            digest: &heard.digest,
            event,
            received_at: heard.received_at,
            sqs_message_id: &heard.sqs_message_id,
            topic_arn: heard.topic.as_str(),
            body: &heard.body,
        };
        window_event::add(db, run, &kept)?;
        Ok(true)
    }

    fn join(
        &mut self,
        db: &Connection,
        event: &WindowEvent,
        received_at: Timestamp,
    ) -> Result<Option<i64>, StoreError> {
        let (Some(said), Some(execution_id)) = (event.said(), event.subject.execution_id()) else { return Ok(None) };
        let identity = Identity {
            account: event.account.clone(),
            region: event.region.clone(),
            window_id: event.window_id.clone(),
            execution_id: execution_id.to_owned(),
        };
        let held = window_run::by_key(db, &identity.key())?;
        let before = held.as_ref().map(span);
        let mut row = held.unwrap_or_else(|| fresh(identity, ExecutionState::new(&said), Source::EventBridge));
        let changed = row.state.apply(&said) || before.is_none();
        row.touched_at = row.touched_at.max(received_at);
        let id = run::put(db, &row)?;
        if changed {
            self.run_moved(before, &row);
        }
        Ok(Some(id))
    }

    /// A run is new, or its time may have changed.
    pub(in crate::store) fn run_moved(&mut self, before: Option<(Timestamp, Timestamp)>, now: &RunRow) {
        let (start, end) = span(now);
        let (first, last) = before.unwrap_or((start, end));
        self.moved.push((start.min(first), end.max(last)));
    }

    /// What the schedules of SSM's windows announce in this time may have changed.
    pub(super) fn announced_anew(&mut self, from: Timestamp, to: Timestamp) {
        self.moved.push((from.checked_sub(ABSORBS).unwrap_or(from), to));
    }

    /// A command changed; `retie` when its time, its topic or its realness is new.
    pub(in crate::store) fn command_changed(&mut self, command_id: &'a str, received_at: Timestamp, retie: bool) {
        self.touched.insert(command_id, received_at);
        if retie {
            self.retied.insert(command_id);
        }
    }

    /// Settles what was noted.
    pub(in crate::store) fn settle(self, db: &Connection) -> Result<(), StoreError> {
        if !self.moved.is_empty() || !self.retied.is_empty() {
            settle::after(db, &self.moved, &self.retied)?;
        }
        for (command_id, received_at) in self.touched {
            if let Some(id) = command::id_of(db, command_id)? {
                window_run::touch(db, id, received_at)?;
            }
        }
        Ok(())
    }
}

/// A run of which nothing is stored yet.
pub(super) fn fresh(identity: Identity, state: ExecutionState, source: Source) -> RunRow {
    RunRow {
        id: 0,
        key: identity.key(),
        source,
        identity: Some(identity),
        state,
        name: None,
        cutoff: None,
        planned_end: None,
        touched_at: Timestamp::UNIX_EPOCH,
    }
}

pub(super) fn span(row: &RunRow) -> (Timestamp, Timestamp) {
    (row.state.start(), row.closes())
}
