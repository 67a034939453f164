//! Runs of maintenance windows and their reports, as the page gets them.
//!
//! Field for field they carry what `engine::view` documents, where the meaning of each is written. Never here: typed windows.

use serde::Serialize;
use specta::Type;
use watchbell_engine::view;

use super::typed::TypedWindowRow;
use crate::ipc::convert::{maybe, text};
use crate::ipc::types::{CommandRow, Counts, Problem};

/// The room's whole answer.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowsPage {
    pub(crate) runs: Vec<WindowRun>,
    /// Runs of that time that are not among them.
    pub(crate) left_out: u32,
    pub(crate) typed: Vec<TypedWindowRow>,
    pub(crate) sources: WindowSources,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowRun {
    pub(crate) run: String,
    /// `upcoming`, `running`, `ended`.
    pub(crate) state: String,
    /// `ssm`, `eventbridge`, `typed`.
    pub(crate) source: String,
    pub(crate) name: Option<String>,
    pub(crate) window_id: Option<String>,
    pub(crate) execution_id: Option<String>,
    pub(crate) account: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) start: String,
    pub(crate) cutoff: Option<String>,
    pub(crate) end: Option<String>,
    pub(crate) commands: u32,
    pub(crate) done: u32,
    pub(crate) known: u32,
    pub(crate) complete: bool,
    pub(crate) counts: Counts,
    pub(crate) commands_failed: u32,
    pub(crate) cut_off: u32,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowReport {
    pub(crate) window: WindowRun,
    pub(crate) told: Option<WindowTold>,
    pub(crate) commands: Vec<CommandRow>,
    pub(crate) failed: Vec<WindowNode>,
    pub(crate) cut_off: Vec<WindowNode>,
    pub(crate) events: Vec<WindowEvent>,
}

/// The alert that told of a run's end.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowTold {
    pub(crate) title: String,
    pub(crate) body: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowNode {
    pub(crate) command_id: String,
    pub(crate) document: Option<String>,
    pub(crate) node_id: String,
    pub(crate) status: String,
    pub(crate) detail: Option<String>,
    pub(crate) event_time: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowEvent {
    pub(crate) event_time: String,
    pub(crate) received_at: String,
    /// `execution`, `task`, `target`.
    pub(crate) subject: String,
    pub(crate) subject_id: Option<String>,
    pub(crate) status: String,
}

/// Where runs are known from, beside the windows typed in.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowSources {
    /// Whether the settings let SSM be asked.
    pub(crate) reading: bool,
    pub(crate) ssm: Vec<WindowSource>,
    /// When EventBridge last said something about a window.
    pub(crate) heard: Option<String>,
}

/// How a look at the windows of one account and region went.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct WindowSource {
    pub(crate) account: String,
    pub(crate) region: String,
    pub(crate) looked_at: String,
    pub(crate) problem: Option<Problem>,
}

impl From<view::WindowRun> for WindowRun {
    fn from(run: view::WindowRun) -> Self {
        Self {
            state: text(&run.state),
            status: run.status.map(|status| status.as_str().to_owned()),
            start: text(&run.start),
            cutoff: maybe(run.cutoff.as_ref()),
            end: maybe(run.end.as_ref()),
            commands: run.progress.commands,
            done: run.progress.done,
            known: run.progress.known,
            complete: run.progress.complete,
            counts: run.counts.into(),
            run: run.run,
            source: run.source,
            name: run.name,
            window_id: run.window_id,
            execution_id: run.execution_id,
            account: run.account,
            region: run.region,
            commands_failed: run.commands_failed,
            cut_off: run.cut_off,
        }
    }
}

impl From<view::WindowReport> for WindowReport {
    fn from(report: view::WindowReport) -> Self {
        Self {
            window: report.window.into(),
            told: report.told.map(|[title, body]| WindowTold { title, body }),
            commands: report.commands.into_iter().map(Into::into).collect(),
            failed: report.failed.into_iter().map(Into::into).collect(),
            cut_off: report.cut_off.into_iter().map(Into::into).collect(),
            events: report.events.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<view::FailedNode> for WindowNode {
    fn from(node: view::FailedNode) -> Self {
        Self {
            status: text(&node.status),
            event_time: text(&node.event_time),
            command_id: node.command_id,
            document: node.document,
            node_id: node.node_id,
            detail: node.detail,
        }
    }
}

impl From<view::WindowEventRow> for WindowEvent {
    fn from(event: view::WindowEventRow) -> Self {
        Self {
            event_time: text(&event.event_time),
            received_at: text(&event.received_at),
            status: event.status.as_str().to_owned(),
            subject: event.subject,
            subject_id: event.subject_id,
        }
    }
}

impl From<view::WindowSource> for WindowSource {
    fn from(source: view::WindowSource) -> Self {
        Self {
            looked_at: text(&source.looked_at),
            account: source.account,
            region: source.region,
            problem: source.problem.map(Into::into),
        }
    }
}
