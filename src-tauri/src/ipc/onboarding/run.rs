//! Setting up and repairing: the run itself, followed by the page that asked for it and by one that comes later.
//!
//! **Invariants:** a run goes on without a window, and is undone when it fails, is called off, or the app ends. It can be called off
//! from its first moment on, while the keychain is asked, too.

use std::sync::Arc;

use serde::Serialize;
use specta::Type;
use tauri::{AppHandle, Wry};
use tauri_specta::Event;
use watchbell_engine::aws::subscribe::{Step, StepState, SubscribeFailed, Subscribed};
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::setup;
use watchbell_engine::store::SubscriptionRecord;

use super::types::{Applied, SetupRun, StepRow, Wanted};
use super::{Answer, Held, access, convert, record, records};
use crate::onboarding::SetUp;
use crate::shell::Shell;

/// The steps that make something; refused there, an administrator's queue is the way on.
const MAKING: [&str; 4] = ["queue", "policy", "tags", "subscription"];

/// A step of the run under way has ended, or was taken back: all that was told of it so far, so that whoever missed some misses none.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct SetupStepped(pub(crate) Vec<StepRow>);

/// Does what was planned. Steps are told as events while it runs.
#[tauri::command]
#[specta::specta]
pub(crate) async fn apply_subscription(app: AppHandle<Wry>, shell: Held<'_>, wanted: Wanted) -> Answer<Applied> {
    let wanted = convert::wanted_of(wanted, shell.endpoint_url.clone())?;
    run(app, Arc::clone(&shell), wanted, None).await
}

/// Makes again what somebody deleted or changed, after the person's yes.
#[tauri::command]
#[specta::specta]
pub(crate) async fn repair_subscription(app: AppHandle<Wry>, shell: Held<'_>, topic_arn: String) -> Answer<Applied> {
    let record = record(&shell, &topic_arn).await?;
    run(app, Arc::clone(&shell), setup::wanted_of(&record), Some(record)).await
}

/// Calls the run off. It is undone by itself.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_setup(shell: Held<'_>) -> Answer<()> {
    shell.onboarding.cancel();
    Ok(())
}

/// The set-up's run that another page began: under way, or ended while nobody looked.
#[tauri::command]
#[specta::specta]
pub(crate) async fn setup_run(shell: Held<'_>) -> Answer<Option<SetupRun>> {
    Ok(shell
        .onboarding
        .set_up()
        .map(|held| SetupRun { topic_arn: held.topic.to_string(), steps: held.steps.iter().map(Into::into).collect() }))
}

/// How it ended. Resolves when it is over.
#[tauri::command]
#[specta::specta]
pub(crate) async fn setup_outcome(shell: Held<'_>) -> Answer<Applied> {
    match shell.onboarding.set_up_over().await {
        Some(SetUp { ended: Some(how), .. }) => Ok(applied(how)),
        _ => Err(broke_off("nobody knows how it ended").into()),
    }
}

/// `repaired` is the subscription that is made again; without one it is a set-up.
async fn run(
    app: AppHandle<Wry>,
    shell: Arc<Shell>,
    wanted: setup::Wanted,
    repaired: Option<SubscriptionRecord>,
) -> Answer<Applied> {
    let runs = shell.onboarding.runs().clone();
    // In a task of its own, so that it is carried to its end whatever becomes of the page that asked.
    let run = runs.spawn(async move {
        // First of all: what is called off from now on finds a run.
        let run = match &repaired {
            Some(_) => shell.onboarding.begin(&shell.quit)?,
            None => shell.onboarding.begin_set_up(&shell.quit, &wanted.topic)?,
        };
        let mut told: Vec<StepRow> = Vec::new();
        let mut progress = |step: &Step| {
            run.hear(step);
            told.push(step.into());
            // Without a window nobody hears, and nothing is lost: the last word has every step.
            let _ = SetupStepped(told.clone()).emit(&app);
        };
        let begun = async {
            let before = match repaired {
                Some(record) => Some(record),
                None => records(&shell).await?.into_iter().find(|record| record.topic_arn == wanted.topic),
            };
            let request = setup::request(&wanted, before.as_ref())?;
            // The keychain may ask the person, and wait for a minute.
            Ok::<_, EngineProblem>((access(&shell, &wanted.rights()).await?, request, before))
        };
        let begun = tokio::select! {
            biased;
            () = run.cancel.cancelled() => Err(SubscribeFailed::called_off()),
            begun = begun => begun.map_err(SubscribeFailed::from),
        };
        let how = match begun {
            Ok((access, request, before)) => {
                let asked = (&wanted, &request);
                setup::enrol(&shell.dir, &access, asked, before.as_ref(), None, &mut progress, &run.cancel).await
            }
            Err(failed) => Err(failed),
        };
        run.end(&how);
        Ok::<_, EngineProblem>(applied(how))
    });
    match run.await {
        Ok(applied) => Ok(applied?),
        Err(error) => Err(broke_off(&error.to_string()).into()),
    }
}

fn broke_off(why: &str) -> EngineProblem {
    EngineProblem::new(
        Code::No,
        format!("the run broke off: {why}"),
        "look in the settings for what it left over (watchbellctl subscriptions lists it, too), and try again",
    )
}

fn applied(done: Result<Subscribed, SubscribeFailed>) -> Applied {
    match done {
        Ok(done) => Applied {
            steps: done.steps.iter().map(Into::into).collect(),
            risks: done.risks,
            problem: None,
            refused: false,
        },
        Err(failed) => {
            let at = failed.steps.iter().rev().find(|step| step.state == StepState::Failed);
            let refused = failed.problem.code == Code::AwsRefused && at.is_some_and(|step| MAKING.contains(&step.name));
            Applied {
                steps: failed.steps.iter().map(Into::into).collect(),
                risks: Vec::new(),
                problem: Some(failed.problem.into()),
                refused,
            }
        }
    }
}
