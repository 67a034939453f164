//! Codes of MFA devices from the window: for a subscription that is signed out, and for rights that are being chosen.
//!
//! **Invariants:** a code comes in once, opens a session that the keychain keeps, and is kept nowhere; no answer carries one. The poller
//! never waits for one. A session that a set-up opened and nothing uses is forgotten with the set-up.

use std::sync::Arc;

use secrecy::ExposeSecret;
use serde::Serialize;
use specta::Type;
use watchbell_engine::aws::access::Access;
use watchbell_engine::aws::refusal::login_in;
use watchbell_engine::error::Problem as EngineProblem;
use watchbell_engine::keychain::Patience;
use watchbell_engine::setup;
use watchbell_engine::sign_in::{Way, way_back, way_of};
use watchbell_engine::store::SubscriptionRecord;

use super::rights::Rights;
use super::types::{Entered, Secret};
use super::{Answer, Held, access, access_of, convert, record, records};
use crate::shell::Shell;

/// What is left to do to be signed in again.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Again {
    /// Nothing: it goes on by itself.
    Done,
    /// Nobody signs in now: it was called off, or none was under way.
    Idle,
    /// The code of this MFA device, with `give_code`.
    Code { serial: String },
    /// It is not ours to do: the person's own tools, in words, and the command where there is one.
    Elsewhere { hint: String, command: Option<String> },
}

/// Takes the code that an MFA device shows, for a subscription.
#[tauri::command]
#[specta::specta]
pub(crate) async fn give_code(shell: Held<'_>, topic_arn: String, code: Secret) -> Answer<Again> {
    let record = record(&shell, &topic_arn).await?;
    give(&access_of(&shell, &record).await?, &record.queue_region, &code).await?;
    Ok(left(&shell, &record).await?)
}

/// Takes it for rights that are being chosen, and says who one is with them or which code is wanted next.
#[tauri::command]
#[specta::specta]
pub(crate) async fn give_sign_in_code(
    shell: Held<'_>,
    rights: Rights,
    region: String,
    code: Secret,
) -> Answer<Entered> {
    let region = convert::region_of(&region)?;
    let rights = setup::Rights::try_from(rights)?;
    let access = access(&shell, &rights).await?;
    // Noted before there is one, so that no session is left that nobody knows of.
    shell.onboarding.draft(&shell.dir, |draft| {
        if !draft.opened_for.contains(&rights) {
            draft.opened_for.push(rights.clone());
        }
    })?;
    give(&access, &region, &code).await?;
    if let Err(problem) = forget_others(&shell, &rights).await {
        tracing::warn!(%problem, "a session of rights that were chosen before is forgotten with the set-up");
    }
    Ok(entered(&access, &region).await?)
}

/// Forgets what this set-up opened for other rights than those that are chosen now.
async fn forget_others(shell: &Shell, chosen: &setup::Rights) -> Result<(), EngineProblem> {
    let opened = shell.onboarding.draft(&shell.dir, |draft| draft.opened_for.clone())?;
    let others: Vec<_> = opened.into_iter().filter(|rights| rights != chosen).collect();
    forget(&others, &records(shell).await?, Some(chosen)).await?;
    shell.onboarding.draft(&shell.dir, |draft| draft.opened_for.retain(|rights| !others.contains(rights)))
}

/// Forgets the sessions that were opened for these rights and that neither a subscription nor the chosen rights come to.
pub(super) async fn forget(
    opened: &[setup::Rights],
    held: &[SubscriptionRecord],
    chosen: Option<&setup::Rights>,
) -> Result<(), EngineProblem> {
    let in_use: Vec<_> = held.iter().map(setup::Rights::of).chain(chosen.cloned()).collect();
    for rights in opened {
        rights.forget_codes(&in_use).await?;
    }
    Ok(())
}

async fn give(access: &Access, region: &str, code: &Secret) -> Result<(), EngineProblem> {
    access.give_code(region, code.0.expose_secret()).await?;
    Ok(())
}

/// Who one is, or the device whose code is needed before AWS can be asked.
pub(super) async fn entered(access: &Access, region: &str) -> Result<Entered, EngineProblem> {
    if let Some(serial) = access.code_wanted(region, Patience::Asked).await? {
        return Ok(Entered::Code { serial });
    }
    Ok(Entered::In { caller: access.caller_soon(region).await?.into() })
}

/// What is left to do for a subscription that is signed out.
pub(super) async fn left(shell: &Arc<Shell>, record: &SubscriptionRecord) -> Result<Again, EngineProblem> {
    let access = access_of(shell, record).await?;
    if let Some(serial) = access.code_wanted(&record.queue_region, Patience::Asked).await? {
        return Ok(Again::Code { serial });
    }
    match access.caller_soon(&record.queue_region).await {
        Ok(_) => {
            shell.desk()?.signed_in();
            Ok(Again::Done)
        }
        Err(problem) => Ok(elsewhere(problem.hint)),
    }
}

/// What can be done before the sign-in of a subscription ends, where that is near.
pub(super) async fn early(shell: &Arc<Shell>, record: &SubscriptionRecord) -> Result<Option<Again>, EngineProblem> {
    if !shell.desk()?.signs_out_soon(record.topic_arn.as_str()) {
        return Ok(None);
    }
    if let Some(serial) = access_of(shell, record).await?.code_soon(&record.queue_region).await? {
        return Ok(Some(Again::Code { serial }));
    }
    // Its end is looked up anew when this is asked; until that is told, the way is told.
    let way = way_back(record).await.filter(|_| matches!(way_of(record), Way::Profile(_)));
    Ok(way.map(elsewhere))
}

fn elsewhere(hint: String) -> Again {
    let command = login_in(&hint).map(str::to_owned);
    Again::Elsewhere { hint, command }
}
