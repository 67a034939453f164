//! What the window may ask the doctor.
//!
//! **Invariants:** nothing is sent to the topic but after a yes that knows who else will get it. The text for a ticket is the engine's, so that
//! the window and the terminal say the same.

use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Wry};
use tauri_specta::Event;
use watchbell_core::iam::{DEFAULT_SNS_ROLE, Principal};
use watchbell_engine::doctor::{self, AskedTopic, Check, CheckState, Question, Report, Stage};
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::setup::Me;
use watchbell_engine::store::SubscriptionRecord;

use super::onboarding::{access_of, records};
use super::reading::{Answer, Held};
use crate::shell::Shell;

/// Where a test message is asked for here.
const HOW_TO_SEND: &str = "\"Run with a test message\" sends one after asking";

/// One check.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct DoctorCheck {
    /// The same in every version.
    pub(crate) name: String,
    /// `machine`, `network`, `identity`, `topic`, `queue`, `subscription`, `permissions`, `delivery`.
    pub(crate) stage: String,
    /// Absent for what all topics share.
    pub(crate) topic_arn: Option<String>,
    /// `ok`, `failed`, `skipped`.
    pub(crate) state: String,
    /// What was found; empty when it was not looked at.
    pub(crate) found: String,
    /// Why it was not looked at.
    pub(crate) reason: Option<String>,
    /// What to do next, in one line or several.
    pub(crate) fix: Option<String>,
}

/// All checks.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct DoctorReport {
    pub(crate) at: String,
    pub(crate) checks: Vec<DoctorCheck>,
    /// The report as text for a ticket.
    pub(crate) text: String,
}

/// A check of the examination under way has ended. The report counts, where it says otherwise.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct DoctorTold(pub(crate) DoctorCheck);

impl From<&Check> for DoctorCheck {
    fn from(check: &Check) -> Self {
        let stage = match check.stage {
            Stage::Machine => "machine",
            Stage::Network => "network",
            Stage::Identity => "identity",
            Stage::Topic => "topic",
            Stage::Queue => "queue",
            Stage::Subscription => "subscription",
            Stage::Permissions => "permissions",
            Stage::Delivery => "delivery",
        };
        let ended = match check.state {
            CheckState::Ok => "ok",
            CheckState::Failed => "failed",
            CheckState::Skipped => "skipped",
        };
        Self {
            name: check.name.into(),
            stage: stage.into(),
            topic_arn: check.topic_arn.as_ref().map(ToString::to_string),
            state: ended.into(),
            found: check.found.clone(),
            reason: check.reason.clone(),
            fix: check.fix.clone(),
        }
    }
}

impl From<Report> for DoctorReport {
    fn from(report: Report) -> Self {
        let text = doctor::text(&report);
        Self { at: report.at.to_string(), checks: report.checks.iter().map(Into::into).collect(), text }
    }
}

/// Examines one topic, or without one each that is subscribed to here. Each check is told as an event meanwhile. With `publish`, which says that
/// the person knows who else gets it, a test message goes through the topic as well. One that is under way is ended first.
#[tauri::command]
#[specta::specta]
pub(crate) async fn run_doctor(
    app: AppHandle<Wry>,
    shell: Held<'_>,
    topic: Option<String>,
    publish: bool,
) -> Answer<DoctorReport> {
    let topic = topic.as_deref().map(str::trim).filter(|typed| !typed.is_empty()).map(read).transpose()?;
    let to_publish = if publish { Some(publish_to(&shell, topic.as_ref()).await?) } else { None };
    let question = Question {
        topic,
        sns_role: Principal::role(DEFAULT_SNS_ROLE)
            .map_err(|error| EngineProblem::new(Code::Usage, error.to_string(), error.hint()))?,
        endpoint_url: shell.endpoint_url.clone(),
        me: Me::here(),
        how_to_send: HOW_TO_SEND,
    };
    let shell = Arc::clone(&shell);
    let tell = |check: &Check| {
        // Without a window nobody hears, and nothing is lost: the report has every check.
        let _ = DoctorTold(check.into()).emit(&app);
    };
    let examination = async {
        let mut report = doctor::examine_live(Ok(shell.dir.clone()), &question, &tell).await;
        if let Some(record) = &to_publish {
            let check = message(&shell, record, &report).await;
            tell(&check);
            report.put(check);
        }
        report
    };
    Ok(shell.examining.run(&shell.quit, Box::pin(examination)).await?.into())
}

/// Ends the examination under way. What it did not get to is not known.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_doctor(shell: Held<'_>) -> Answer<()> {
    shell.examining.cancel();
    Ok(())
}

fn read(typed: &str) -> Result<AskedTopic, EngineProblem> {
    AskedTopic::read(typed).map_err(|error| EngineProblem::new(Code::Usage, error.to_string(), error.hint()))
}

/// Where a test message is to go to: one subscription, or it is not clear which.
async fn publish_to(shell: &Shell, asked: Option<&AskedTopic>) -> Result<SubscriptionRecord, EngineProblem> {
    let records = records(shell).await?;
    let found = match asked {
        Some(AskedTopic::Fifo { problem }) => return Err(problem.clone()),
        Some(AskedTopic::Standard(topic)) => records.into_iter().find(|record| record.topic_arn == *topic),
        None if records.len() > 1 => {
            let hint = "choose the one that the test message is to go to";
            return Err(EngineProblem::new(Code::Usage, "several topics are subscribed to here", hint));
        }
        None => records.into_iter().next(),
    };
    found.ok_or_else(|| {
        let hint = "subscribe to the topic first: a test message that nobody here hears tells nothing";
        EngineProblem::new(Code::Usage, "the topic is not subscribed to here", hint)
    })
}

async fn message(shell: &Shell, record: &SubscriptionRecord, report: &Report) -> Check {
    let topic = &record.topic_arn;
    if let Some(check) = doctor::cannot_send(&shell.dir, topic, Some(record), report) {
        return check;
    }
    match access_of(shell, record).await {
        Ok(access) => doctor::send(&shell.dir, &access.hurried(), topic).await,
        Err(problem) => doctor::not_sent(topic, &problem),
    }
}
