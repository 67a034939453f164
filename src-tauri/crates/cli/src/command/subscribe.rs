//! `subscribe`: plan, ask, apply, remember.
//!
//! **Invariant 7:** a run that fails anywhere or is interrupted, the remembering included, leaves nothing behind in AWS or in the
//! keychain. A secret goes to the keychain only once AWS has taken it.

use serde_json::json;
use watchbell_core::plan::Filter;
use watchbell_core::words;
use watchbell_engine::aws::access::Access;
use watchbell_engine::aws::subscribe::{
    self, Step, StepState, SubscribeFailed, SubscribePlan, SubscribeRequest, Subscribed,
};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::Patience;
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup::{self, NewSecret, Wanted};
use watchbell_engine::store::{CredentialSource, Reader, RoleTerms, SubscriptionRecord};

use super::interruption::Interruption;
use super::provisional::Provisional;
use super::{account, center, subscriptions};
use crate::args::{FilterArg, Global, Subscribe};
use crate::ended::{Answer, Cut, Ended};
use crate::output::progress::Turning;
use crate::output::{Out, can_ask};

/// Does what was asked, or with `--dry-run` says what would be done.
pub(super) async fn run(asked: &Subscribe, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let held = Reader::open(&dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
    let before = held.iter().find(|record| record.topic_arn == asked.topic_arn);
    let endpoint_url = global.endpoint_url.clone().or_else(|| before.and_then(|record| record.endpoint_url.clone()));
    let provisional = Provisional::new(&dir, endpoint_url.as_deref(), out);
    let ended = Box::pin(with_credentials(asked, &dir, endpoint_url, before, &provisional, out)).await;
    if !matches!(ended, Ok(Made::Yes)) {
        provisional.forget().await;
    }
    ended.map(|_| Answer::Done)
}

/// Whether there is a subscription now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Made {
    Yes,
    No,
}

async fn with_credentials(
    asked: &Subscribe,
    dir: &DataDir,
    endpoint_url: Option<String>,
    before: Option<&SubscriptionRecord>,
    provisional: &Provisional,
    out: Out,
) -> Result<Made, Cut> {
    let held = before.map(|record| &record.credentials);
    let through = center::choose(&asked.credentials.center, held, endpoint_url.as_deref(), provisional, out).await?;
    let role_arn = asked.credentials.role_arn.clone();
    let role_terms = match (&role_arn, before) {
        (None, Some(before)) => before.role_terms.clone(),
        _ => RoleTerms {
            external_id: asked.credentials.external_id.clone(),
            mfa_serial: asked.credentials.mfa_serial.clone(),
        },
    };
    let wanted = Wanted {
        topic: asked.topic_arn.clone(),
        queue_region: asked.region.clone(),
        filter: match asked.filter {
            Some(FilterArg::All) => Filter::All,
            Some(FilterArg::Alerts) => Filter::Alerts,
            None => before.map_or(Filter::All, |record| record.filter),
        },
        queue_url: asked.queue_url.clone(),
        credentials: through.unwrap_or_else(|| credentials(asked, before)),
        role_arn: role_arn.or_else(|| before.and_then(|record| record.role_arn.clone())),
        role_terms,
        endpoint_url,
        // What is taken over was in the plan that was agreed to, or --yes agreed to all.
        take_over: true,
    };
    let request = setup::request(&wanted, before)?;
    let (identity, new_secret) = if let Some(id) = &asked.credentials.access_key_id {
        let new = account::key_from_stdin(id)?;
        (account::identity_with(&new), Some(new))
    } else {
        let endpoint_url = wanted.endpoint_url.as_deref();
        (account::identity_of(&wanted.credentials, endpoint_url, Patience::Asked).await?, None)
    };
    let role = wanted.role_terms.of(wanted.role_arn.as_deref());
    let access = Access::with_role(identity, role, wanted.endpoint_url.clone());
    let note = || {
        provisional.note_rights(&wanted.rights());
        provisional.listen()
    };
    account::give_codes(&access, wanted.topic.region(), note, out).await?;

    if asked.dry_run || !asked.yes {
        let turning = Turning::over("Looking at what exists");
        let plan = subscribe::plan(&access, &request).await?;
        drop(turning);
        if asked.dry_run {
            show_plan(&plan, &request, out)?;
            return Ok(Made::No);
        }
        consent(&plan, &request, out)?;
    }

    // Only now: until here nothing was made in AWS.
    let interruption = Interruption::listen(out, "what was made is being taken back")?;
    provisional.rest();
    let done = Box::pin(apply(dir, &access, (&wanted, &request), before, new_secret.as_ref(), &interruption))
        .await
        .map_err(|failed| cut(failed, out))?;
    show_done(&done, &request, out)?;
    Ok(Made::Yes)
}

fn cut(failed: SubscribeFailed, out: Out) -> Cut {
    if !out.is_json() {
        out.notes(&failed.steps.iter().map(line).collect::<Vec<_>>());
    }
    Cut::partly(failed.problem, [("steps", json!(failed.steps))])
}

/// Those of the flags; without any, those that the subscription already has.
fn credentials(asked: &Subscribe, before: Option<&SubscriptionRecord>) -> CredentialSource {
    match (&asked.credentials.access_key_id, &asked.credentials.profile, before) {
        (Some(id), _, _) => CredentialSource::AccessKey { id: id.clone() },
        (None, Some(name), _) => CredentialSource::Profile { name: Some(name.clone()) },
        (None, None, Some(record)) => record.credentials.clone(),
        (None, None, None) => CredentialSource::Profile { name: None },
    }
}

async fn apply(
    dir: &DataDir,
    access: &Access,
    wanted: (&Wanted, &SubscribeRequest),
    before: Option<&SubscriptionRecord>,
    new_secret: Option<&NewSecret>,
    interruption: &Interruption,
) -> Result<Subscribed, SubscribeFailed> {
    let turning = Turning::over("Subscribing");
    let mut progress = |step: &Step| match step.state {
        StepState::Running => turning.say(&words::clean_to(&step.detail, 300)),
        _ => turning.say(step.name),
    };
    setup::enrol(dir, access, wanted, before, new_secret, &mut progress, interruption.token()).await
}

fn consent(plan: &SubscribePlan, request: &SubscribeRequest, out: Out) -> Result<(), Problem> {
    if plan.steps.iter().all(|step| step.state == StepState::Unchanged) {
        return Ok(());
    }
    out.note(&plan_text(plan, request));
    if !can_ask() {
        let hint = "Say --yes to do it, or --dry-run to see the plan alone";
        return Err(Problem::new(Code::Usage, "There is no terminal to ask on, so nothing was changed", hint));
    }
    if out.asks("Do this?") { Ok(()) } else { Err(Problem::new(Code::No, "Nothing was changed", "")) }
}

fn show_plan(plan: &SubscribePlan, request: &SubscribeRequest, out: Out) -> std::io::Result<()> {
    if out.is_json() { out.document(plan) } else { out.text(&plan_text(plan, request)) }
}

fn plan_text(plan: &SubscribePlan, request: &SubscribeRequest) -> String {
    let mut lines = vec![format!("Topic {}, queue {}", plan.topic_arn, plan.queue_name)];
    lines.extend(plan.steps.iter().map(line));
    lines.extend(remarks(&plan.risks, request));
    lines.join("\n")
}

fn show_done(done: &Subscribed, request: &SubscribeRequest, out: Out) -> std::io::Result<()> {
    if out.is_json() {
        return out.document(done);
    }
    let mut lines: Vec<String> = done.steps.iter().map(line).collect();
    lines.extend(remarks(&done.risks, request));
    lines.push(format!("Subscribed to {}. Hear it with: watchbellctl watch", done.topic_arn));
    out.text(&lines.join("\n"))
}

fn remarks(risks: &[String], request: &SubscribeRequest) -> Vec<String> {
    let less = (request.filter == Filter::Alerts).then(|| format!("  Mind: {}", subscriptions::HEARS_LESS));
    less.into_iter().chain(risks.iter().map(|risk| format!("  Mind: {}", words::clean_to(risk, 400)))).collect()
}

fn line(step: &Step) -> String {
    let state = match step.state {
        StepState::Planned => "planned",
        StepState::Running => "under way",
        StepState::Done => "done",
        StepState::Unchanged => "unchanged",
        StepState::Failed => "failed",
        StepState::Undone => "undone",
    };
    format!("  {:<13}{state:<11}{}", step.name, words::clean_to(&step.detail, 300))
}
