//! What SSM's API told of windows, taken into the history.
//!
//! **Invariant:** it joins with what EventBridge told, in either order; nothing of it is ever taken back.

use jiff::Timestamp;
use watchbell_core::window::{ExecutionState, RunStatus, Said};

use super::hear::{self, Batch};
use crate::error::Problem;
use crate::store::Store;
use crate::store::error::StoreError;
use crate::store::table::window_definition::{self, WindowDefinition};
use crate::store::table::window_run::{self, Identity, Source};
use crate::store::table::{command, command_window};

/// One execution as `DescribeMaintenanceWindowExecutions` tells it, with the commands that its tasks sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ToldExecution {
    /// `mw-…`
    pub window_id: String,
    /// SSM's id of the execution.
    pub execution_id: String,
    /// Its status.
    pub status: RunStatus,
    /// When it began.
    pub start: Option<Timestamp>,
    /// When it ended.
    pub end: Option<Timestamp>,
    /// The ids of its commands (`ExecutionId` of the invocations of its `RUN_COMMAND` tasks).
    pub command_ids: Vec<String>,
}

/// What one look at an account and region brought.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WindowReading {
    /// The account that was asked.
    pub account: String,
    /// The region that was asked.
    pub region: String,
    /// Every window, if the list could be read to its end.
    pub definitions: Option<Vec<WindowDefinition>>,
    /// Executions that are new or not over.
    pub executions: Vec<ToldExecution>,
    /// Why it could not be read, or not all of it.
    pub problem: Option<Problem>,
}

impl Store {
    /// Takes in what SSM's API told.
    pub async fn tell_windows(&self, reading: WindowReading, now: Timestamp) -> Result<(), StoreError> {
        self.on_writer(move |writer| writer.transact(|db, _| take_in(db, &reading, now))).await
    }
}

fn take_in(db: &rusqlite::Connection, reading: &WindowReading, now: Timestamp) -> Result<(), StoreError> {
    let WindowReading { account, region, .. } = reading;
    let mut batch = Batch::default();
    let read_before = window_definition::read_at(db)?.remove(&(account.clone(), region.clone()));
    window_definition::looked(db, account, region, reading.problem.as_ref(), now)?;
    if let Some(definitions) = &reading.definitions {
        window_definition::replace(db, account, region, definitions, now)?;
        // Names and planned ends may be new for the runs that are open.
        for run in window_run::overlapping(db, now, now)? {
            batch.run_moved(None, &run);
        }
        // What their schedules announced since the reading before is told by SSM now, or never was.
        batch.announced_anew(read_before.unwrap_or(now).min(now), now);
    }
    let mut told = Vec::new();
    for execution in &reading.executions {
        let identity = Identity {
            account: account.clone(),
            region: region.clone(),
            window_id: execution.window_id.clone(),
            execution_id: execution.execution_id.clone(),
        };
        let held = window_run::by_key(db, &identity.key())?;
        let before = held.as_ref().map(hear::span);
        let Some(said) = said(execution) else { continue };
        let mut row = held.unwrap_or_else(|| hear::fresh(identity, ExecutionState::new(&said), Source::Ssm));
        let changed = row.state.apply(&said) || before.is_none() || row.source != Source::Ssm;
        row.source = Source::Ssm;
        if changed {
            row.touched_at = row.touched_at.max(now);
        }
        let id = window_run::put(db, &row)?;
        if changed {
            batch.run_moved(before, &row);
        }
        if execution.status.is_terminal() {
            window_run::is_whole(db, id)?;
        }
        for command_id in &execution.command_ids {
            if command_window::tell(db, command_id, id)? && command::id_of(db, command_id)?.is_some() {
                told.push(command_id.as_str());
            }
        }
    }
    for command_id in told {
        batch.command_changed(command_id, now, true);
    }
    batch.settle(db)
}

/// In the terms of the join: a terminal status is dated by its end, any other by the start. One without either says nothing.
fn said(execution: &ToldExecution) -> Option<Said> {
    if execution.execution_id == window_run::ANNOUNCED {
        return None;
    }
    let over = execution.status.is_terminal();
    let at = if over { execution.end.or(execution.start) } else { execution.start }?;
    Some(Said {
        of_execution: true,
        status: execution.status.clone(),
        at,
        start: execution.start,
        end: execution.end.filter(|_| over),
    })
}
