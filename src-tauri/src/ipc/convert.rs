//! From the engine's read models to the window's types.

use std::sync::atomic::Ordering;

use serde::Serialize;
use watchbell_core::health::Health as CoreHealth;
use watchbell_core::window::Current;
use watchbell_engine::{clock, error, settings, view};

use super::ticket;
use super::types::{
    CommandPage, CommandRow, Counts, DecisionRow, EngineState, EventPage, EventRow, GapRow, Health, InvocationPage,
    InvocationRow, OpenWindow, Problem, QuarantinePage, QuarantineRow, Settings, Standing, SubscriptionLine, Theme,
    WindowTie,
};
use crate::shell::{EngineNow, Shell};

/// The stable text of a value that serialises as one.
pub(super) fn text(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(text)) => text,
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

pub(super) fn maybe(value: Option<&impl Serialize>) -> Option<String> {
    value.map(text)
}

impl From<error::Problem> for Problem {
    fn from(problem: error::Problem) -> Self {
        Self { code: problem.code.as_str().into(), message: problem.message, hint: problem.hint }
    }
}

impl From<watchbell_core::command::Counts> for Counts {
    fn from(counts: watchbell_core::command::Counts) -> Self {
        Self {
            pending: counts.pending,
            in_progress: counts.in_progress,
            success: counts.success,
            failed: counts.failed,
            timed_out: counts.timed_out,
            cancelled: counts.cancelled,
            not_run: counts.not_run,
            other: counts.other,
        }
    }
}

impl From<view::WindowRef> for WindowTie {
    fn from(of: view::WindowRef) -> Self {
        Self { run: of.run, name: of.name.unwrap_or(of.id), guess: of.guess }
    }
}

impl From<view::CommandRow> for CommandRow {
    fn from(row: view::CommandRow) -> Self {
        Self {
            state: text(&row.state),
            status: maybe(row.status.as_ref()),
            levels: row.levels.iter().map(text).collect(),
            requested_at: maybe(row.requested_at.as_ref()),
            updated_at: text(&row.updated_at),
            command_id: row.command_id,
            document: row.document,
            topic_arn: row.topic_arn,
            target_count: row.target_count,
            nodes_heard: row.nodes_heard,
            counts: row.counts.into(),
            acknowledged: row.acknowledged,
            simulated: row.simulated,
            muted: row.muted,
            window: row.window.map(Into::into),
        }
    }
}

impl From<view::DecisionRow> for DecisionRow {
    fn from(row: view::DecisionRow) -> Self {
        Self { at: text(&row.at), outcome: row.outcome, reason: row.reason }
    }
}

impl From<view::InvocationRow> for InvocationRow {
    fn from(row: view::InvocationRow) -> Self {
        Self { status: text(&row.status), event_time: text(&row.event_time), node_id: row.node_id, detail: row.detail }
    }
}

impl From<view::EventRow> for EventRow {
    fn from(row: view::EventRow) -> Self {
        Self {
            event_time: text(&row.event_time),
            received_at: text(&row.received_at),
            level: text(&row.level),
            status: text(&row.status),
            node_id: row.node_id,
            detail: row.detail,
            message_id: row.message_id,
        }
    }
}

impl From<view::QuarantineRow> for QuarantineRow {
    fn from(row: view::QuarantineRow) -> Self {
        Self {
            id: u32::try_from(row.id).unwrap_or(u32::MAX),
            received_at: text(&row.received_at),
            reason: row.reason,
            body: row.body,
            topic_arn: row.topic_arn,
        }
    }
}

impl From<view::GapRow> for GapRow {
    fn from(row: view::GapRow) -> Self {
        Self {
            from: text(&row.from),
            to: text(&row.to),
            reason: text(&row.reason),
            topic_arn: row.topic_arn,
            may_have_lost: row.may_have_lost,
        }
    }
}

impl From<view::Page<view::CommandRow>> for CommandPage {
    fn from(page: view::Page<view::CommandRow>) -> Self {
        Self { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<view::Page<view::InvocationRow>> for InvocationPage {
    fn from(page: view::Page<view::InvocationRow>) -> Self {
        Self { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<view::Page<view::EventRow>> for EventPage {
    fn from(page: view::Page<view::EventRow>) -> Self {
        Self { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<view::Page<view::QuarantineRow>> for QuarantinePage {
    fn from(page: view::Page<view::QuarantineRow>) -> Self {
        Self { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }
    }
}

impl From<view::SubscriptionStatus> for SubscriptionLine {
    fn from(line: view::SubscriptionStatus) -> Self {
        Self {
            report: ticket::about(&line),
            name: line.topic_arn.rsplit(':').next().unwrap_or_default().into(),
            state: text(&line.state),
            last_completed_poll: maybe(line.last_completed_poll.as_ref()),
            last_message: maybe(line.last_message.as_ref()),
            backlog: line.backlog.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
            in_flight: line.in_flight.map(|count| u32::try_from(count).unwrap_or(u32::MAX)),
            last_batch_waited_seconds: line.last_batch_waited_seconds,
            signs_out: maybe(line.signs_out(clock::now()).as_ref()),
            topic_arn: line.topic_arn,
            queue_url: line.queue_url,
            reason: line.reason,
            hint: line.hint,
        }
    }
}

impl From<settings::Settings> for Settings {
    fn from(held: settings::Settings) -> Self {
        let theme = match held.theme {
            settings::Theme::System => Theme::System,
            settings::Theme::Light => Theme::Light,
            settings::Theme::Dark => Theme::Dark,
        };
        Self {
            theme,
            alerts: held.alerts,
            sound: held.sound,
            autostart: held.autostart,
            keep_parameters: held.keep_parameters,
            late_after_minutes: held.late_after_minutes,
            leave_tray_after_days: held.leave_tray_after_days,
            read_windows: held.read_windows,
        }
    }
}

impl From<Settings> for settings::Settings {
    fn from(chosen: Settings) -> Self {
        let theme = match chosen.theme {
            Theme::System => settings::Theme::System,
            Theme::Light => settings::Theme::Light,
            Theme::Dark => settings::Theme::Dark,
        };
        Self {
            theme,
            alerts: chosen.alerts,
            sound: chosen.sound,
            autostart: chosen.autostart,
            keep_parameters: chosen.keep_parameters,
            late_after_minutes: chosen.late_after_minutes,
            leave_tray_after_days: chosen.leave_tray_after_days,
            read_windows: chosen.read_windows,
        }
    }
}

impl From<&Shell> for Standing {
    fn from(shell: &Shell) -> Self {
        let now = shell.engine.borrow().clone();
        let mut standing = Self {
            health: Health::Blind,
            headline: now.tray().headline,
            engine: EngineState::Starting,
            unacknowledged: 0,
            quarantined: 0,
            snoozed_until: None,
            quiet_until: None,
            open_windows: 0,
            last_window: None,
            subscriptions: Vec::new(),
            problems: Vec::new(),
            revision: 0,
            tray_host: *shell.tray_host.borrow(),
            tray_library: shell.tray_library.load(Ordering::Relaxed),
            version: env!("CARGO_PKG_VERSION").into(),
            data_dir: shell.dir.root().display().to_string(),
        };
        match now {
            EngineNow::Starting => standing.health = Health::Ok,
            EngineNow::Stopped(problem) => {
                standing.engine = EngineState::Stopped;
                standing.problems.push(problem.into());
            }
            EngineNow::Running(now) => {
                standing.engine = EngineState::Running;
                standing.health = match now.status.health {
                    CoreHealth::Ok => Health::Ok,
                    CoreHealth::Failing => Health::Failing,
                    CoreHealth::Blind => Health::Blind,
                };
                standing.unacknowledged = now.status.unacknowledged;
                standing.quarantined = now.status.quarantined;
                standing.snoozed_until = maybe(now.status.snoozed_until.as_ref());
                standing.quiet_until = maybe(now.status.quiet_until.as_ref());
                standing.open_windows = u32::try_from(now.windows.len()).unwrap_or(u32::MAX);
                standing.last_window = ends_last(&now.windows);
                standing.subscriptions = now.status.subscriptions.into_iter().map(Into::into).collect();
                standing.problems = now.status.problems.into_iter().map(Into::into).collect();
                // The page compares it with the one before: only that it differs matters.
                standing.revision = u32::try_from(now.revision & u64::from(u32::MAX)).unwrap_or_default();
            }
        }
        standing
    }
}

fn ends_last(open: &[Current]) -> Option<OpenWindow> {
    let (window, ends) = open.iter().filter_map(|window| Some((window, window.end?))).max_by_key(|(_, ends)| *ends)?;
    Some(OpenWindow { run: window.run.clone(), name: window.name.clone(), ends: text(&ends) })
}
