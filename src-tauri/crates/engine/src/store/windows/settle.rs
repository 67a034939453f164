//! Gives runs their names and planned ends, and commands their runs, over the time that is affected.
//!
//! **Invariant:** the outcome is a function of the runs, the typed windows, what SSM told and the commands' times. An
//! execution takes the name of the typed run that it follows closely, unless it cannot be told which of several it is; that
//! typed run then stands for nothing of its own in that account and region. So does a run that the schedule of SSM's window
//! announces ([`super::announced`]), once SSM told of an execution of that window.

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use watchbell_core::arn::TopicArn;
use watchbell_core::window::{ABSORBS, ExecutionState, LEAD, LONGEST, Span, choose, is_run_of};

use super::announced::{Announced, is_told_by, is_typed_as};
use super::plan::{Plan, TypedRun};
use crate::store::error::StoreError;
use crate::store::table::command_window::{self, Tied};
use crate::store::table::window_definition;
use crate::store::table::window_run::{self, RunRow, Source};

/// Beyond the edges of what moved, runs are named anew: as far as two starts can be taken for one.
const NEIGHBOURS: SignedDuration = SignedDuration::from_mins(11);

/// Settles after runs moved in these times and these commands became known.
pub(super) fn after(
    db: &Connection,
    moved: &[(Timestamp, Timestamp)],
    commands: &BTreeSet<&str>,
) -> Result<(), StoreError> {
    let plan = Plan::load(db)?;
    let announced = Announced::load(db)?;
    for &(from, to) in moved {
        // A typed run that is now an execution's may have held commands until its own end.
        let reach = from.checked_add(LONGEST).unwrap_or(to);
        settle(db, (&plan, &announced), widen(from, -1), widen(to.max(reach), 1))?;
    }
    for command_id in commands {
        if let Some(tied) = command_window::one(db, command_id)? {
            let at = tied.requested_at.unwrap_or(Timestamp::UNIX_EPOCH);
            let runs = Runs::load(db, (&plan, &announced), at, at)?;
            tie(db, &runs, &tied)?;
        }
    }
    Ok(())
}

/// Settles everything in this time anew.
pub(super) fn between(db: &Connection, plan: &Plan, from: Timestamp, to: Timestamp) -> Result<(), StoreError> {
    settle(db, (plan, &Announced::load(db)?), from, to)
}

/// Typed windows, and those that SSM described.
type Plans<'a> = (&'a Plan, &'a Announced);

fn settle(db: &Connection, plans: Plans<'_>, from: Timestamp, to: Timestamp) -> Result<(), StoreError> {
    name(db, plans.0, from, to)?;
    let runs = Runs::load(db, plans, from, to)?;
    for tied in command_window::sent_between(db, from, to)? {
        tie(db, &runs, &tied)?;
    }
    Ok(())
}

fn widen(at: Timestamp, sign: i32) -> Timestamp {
    at.checked_add(NEIGHBOURS * sign).unwrap_or(at)
}

/// Names the executions that began in this time.
fn name(db: &Connection, plan: &Plan, from: Timestamp, to: Timestamp) -> Result<(), StoreError> {
    // Only what began in this time: of one that began before, neither its typed run nor its rivals need be among these.
    let (first, last) = (widen(from, -1), widen(to, 1));
    let mut executions = window_run::overlapping(db, first, last)?;
    executions.retain(RunRow::is_execution);
    let typed = plan.overlapping(first, last);
    for run in executions.iter().filter(|run| from <= run.state.start() && run.state.start() <= to) {
        let Some(identity) = &run.identity else { continue };
        let told = window_definition::get(db, &identity.account, &identity.region, &identity.window_id)?;
        let start = run.state.start();
        let after = |hours: u32| start.checked_add(SignedDuration::from_hours(hours.into())).ok();
        let mut named = run.clone();
        (named.name, named.cutoff, named.planned_end) = match (told, typed_run_of(run, &executions, &typed)) {
            (Some(told), _) => {
                let cutoff = told.duration_hours.saturating_sub(told.cutoff_hours);
                (Some(told.name), after(cutoff), after(told.duration_hours))
            }
            (None, Some(typed)) => (Some(typed.name.clone()), Some(typed.run.cutoff), Some(typed.run.end)),
            (None, None) => (None, None, None),
        };
        if named != *run {
            window_run::put(db, &named)?;
        }
    }
    Ok(())
}

/// The typed run that an execution is; none when some other window of the same place could be it as well.
fn typed_run_of<'a>(run: &RunRow, executions: &[RunRow], typed: &'a [TypedRun]) -> Option<&'a TypedRun> {
    let place = |row: &RunRow| row.identity.as_ref().map(|of| (of.account.clone(), of.region.clone()));
    let window = |row: &RunRow| row.identity.as_ref().map(|of| of.window_id.clone());
    let near = typed.iter().filter(|typed| is_run_of(run.state.start(), typed.run.start));
    let nearest = near.min_by_key(|typed| (run.state.start().duration_since(typed.run.start).abs(), &typed.name))?;
    let rival = executions.iter().any(|other| {
        place(other) == place(run) && window(other) != window(run) && is_run_of(other.state.start(), nearest.run.start)
    });
    (!rival).then_some(nearest)
}

/// What commands of some time can belong to.
struct Runs {
    stored: Vec<RunRow>,
    typed: Vec<TypedRun>,
    announced: Vec<RunRow>,
}

impl Runs {
    fn load(db: &Connection, plans: Plans<'_>, from: Timestamp, to: Timestamp) -> Result<Self, StoreError> {
        let (plan, announced) = plans;
        // Executions a little further: they decide whether a typed run stands for itself.
        let around = ABSORBS + LEAD;
        let (from, to) = (from.checked_sub(LONGEST).unwrap_or(from), to.checked_add(around).unwrap_or(to));
        let mut stored = window_run::overlapping(db, from, to)?;
        stored.retain(|run| run.is_execution() || announced.may_be(run));
        Ok(Self { stored, typed: plan.overlapping(from, to), announced: announced.overlapping(from, to) })
    }

    /// The runs of one account and region, each once.
    fn spans(&self, place: (&str, &str)) -> Vec<Span<String>> {
        let here = |run: &&RunRow| run.identity.as_ref().is_some_and(|of| (&*of.account, &*of.region) == place);
        let executions: Vec<&RunRow> = self.stored.iter().filter(|run| run.is_execution()).filter(here).collect();
        let absorbed = |start: Timestamp| executions.iter().any(|execution| is_run_of(execution.state.start(), start));
        let mut spans: Vec<_> = executions.iter().filter(|run| !run.was_skipped()).map(|run| span(run)).collect();
        let kept = self.stored.iter().filter(|run| run.identity.is_none() && !absorbed(run.state.start()));
        spans.extend(kept.map(span));
        let planned = self.typed.iter().filter(|typed| !absorbed(typed.run.start));
        spans.extend(planned.map(|typed| Span { start: typed.run.start, end: typed.run.end, key: typed.key() }));
        let told = |run: &RunRow| executions.iter().any(|execution| is_told_by(run, execution));
        let typed = |run: &RunRow| {
            let planned = self.typed.iter().any(|of| is_typed_as(run, Some(&of.name), of.run.start));
            let mut kept = self.stored.iter().filter(|of| of.identity.is_none());
            planned || kept.any(|of| is_typed_as(run, of.name.as_deref(), of.state.start()))
        };
        let kept = self.stored.iter().filter(|run| !run.is_execution()).filter(here);
        let announced = kept.chain(self.announced.iter().filter(here)).filter(|run| !told(run) && !typed(run));
        spans.extend(announced.map(span));
        spans.sort_by(|one, other| one.key.cmp(&other.key));
        // What is stored of a run comes first and counts: its window may have been typed anew since.
        spans.dedup_by(|later, first| later.key == first.key);
        spans
    }

    /// The row of a run; a typed or an announced one gets one with its first command.
    fn id_of(&self, db: &Connection, key: &str) -> Result<Option<i64>, StoreError> {
        if let Some(run) = self.stored.iter().find(|run| run.key == key) {
            return Ok(Some(run.id));
        }
        if let Some(run) = window_run::by_key(db, key)? {
            return Ok(Some(run.id));
        }
        if let Some(run) = self.announced.iter().find(|run| run.key == key) {
            return window_run::put(db, run).map(Some);
        }
        let Some(typed) = self.typed.iter().find(|typed| typed.key() == key) else { return Ok(None) };
        window_run::put(db, &row_of(typed)).map(Some)
    }
}

fn span(run: &RunRow) -> Span<String> {
    Span { start: run.state.start(), end: run.closes(), key: run.key.clone() }
}

/// A typed run as a row.
pub(super) fn row_of(typed: &TypedRun) -> RunRow {
    let start = typed.run.start;
    RunRow {
        id: 0,
        key: typed.key(),
        source: Source::Typed,
        identity: None,
        state: ExecutionState { level: None, first_heard: start, started: Some(start), ended: None },
        name: Some(typed.name.clone()),
        cutoff: Some(typed.run.cutoff),
        planned_end: Some(typed.run.end),
        touched_at: Timestamp::UNIX_EPOCH,
    }
}

/// Ties one command.
fn tie(db: &Connection, runs: &Runs, tied: &Tied) -> Result<(), StoreError> {
    let link = match tied.told {
        Some(run) => Some((run, false)),
        None => guess(db, runs, tied)?.map(|run| (run, true)),
    };
    if link == tied.link {
        return Ok(());
    }
    command_window::put(db, tied.command, link)?;
    if let Some((before, _)) = tied.link {
        if let Some((now, _)) = link {
            window_run::inherit_report(db, before, now)?;
        }
        window_run::remove_empty(db, before)?;
    }
    Ok(())
}

fn guess(db: &Connection, runs: &Runs, tied: &Tied) -> Result<Option<i64>, StoreError> {
    let Some(at) = tied.requested_at.filter(|_| !tied.simulated) else { return Ok(None) };
    let topic = tied.topic_arn.as_deref().and_then(|topic| topic.parse::<TopicArn>().ok());
    let Some(topic) = topic else { return Ok(None) };
    let spans = runs.spans((topic.account(), topic.region()));
    match choose(at, &spans) {
        Some(span) => runs.id_of(db, &span.key),
        None => Ok(None),
    }
}
