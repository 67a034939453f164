//! Whose rights: what there is to sign in with, and whether AWS takes it; what was chosen so far.
//!
//! **Invariant 5:** a typed secret is tried against AWS first and goes into the keychain only then: a mistyped one must not replace
//! one that works. It is in no answer, no draft and no log.

use secrecy::{ExposeSecret, SecretString};
use watchbell_engine::aws::access::{Access, Identity, region_of};
use watchbell_engine::aws::profiles::profiles;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::keychain::{MAX_SECRET, is_temporary};
use watchbell_engine::setup::{self, DraftStep};
use watchbell_engine::store::{CredentialSource, Reader};
use watchbell_engine::view::HistoryQuery;

use super::rights::{self, Rights, RoleForm};
use super::types::{Candidates, Draft, Entered, Secret};
use super::{Answer, Held, access, apart, center, codes, convert, records};
use crate::shell::Shell;

/// Where to look when nothing names a region: AWS's first, and the one its own tools begin with.
const USUAL_REGION: &str = "us-east-1";

/// Whether the window is to begin with the set-up: it is under way, was broken off, or nothing was ever subscribed or heard.
#[tauri::command]
#[specta::specta]
pub(crate) async fn setup_wanted(shell: Held<'_>) -> Answer<bool> {
    if shell.demo {
        return Ok(false);
    }
    if shell.onboarding.wants_a_page() {
        return Ok(true);
    }
    let dir = shell.dir.clone();
    let wanted = apart(move || {
        let draft = setup::Draft::load(&dir);
        if draft.as_ref().is_some_and(|draft| matches!(draft.step, DraftStep::Check | DraftStep::Preferences)) {
            return Ok(true);
        }
        let reader = Reader::open(&dir)?;
        // A further topic that was begun to be added waits in the settings.
        if !reader.subscriptions()?.is_empty() {
            return Ok(false);
        }
        let first = HistoryQuery { limit: 1, ..HistoryQuery::default() };
        Ok(draft.is_some() || reader.history(&first)?.rows.is_empty())
    });
    Ok(wanted.await?)
}

/// What was chosen in a set-up that was broken off.
#[tauri::command]
#[specta::specta]
pub(crate) async fn setup_draft(shell: Held<'_>) -> Answer<Option<Draft>> {
    Ok(setup::Draft::load(&shell.dir).map(Into::into))
}

/// Keeps what was chosen so far. A page that keeps something has seen how a run ended.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_setup_draft(shell: Held<'_>, draft: Draft) -> Answer<()> {
    shell.onboarding.shown(draft.step != "apply");
    shell.onboarding.draft(&shell.dir, |held| {
        *held = convert::draft_of(draft, std::mem::take(held))?;
        Ok::<_, EngineProblem>(())
    })??;
    Ok(())
}

/// Ends the set-up: calls its run off and waits until that is over, forgets what was chosen, and a secret that it kept and no
/// subscription uses.
#[tauri::command]
#[specta::specta]
pub(crate) async fn end_setup(shell: Held<'_>) -> Answer<()> {
    // Before what a run remembers is known, a secret that it needs would look as if nothing used it.
    shell.onboarding.end_set_up().await;
    let held = shell.onboarding.take_draft(&shell.dir)?;
    if let Err(problem) = forget(&shell, &held).await {
        // What could not be forgotten is still known, so that it can be tried again.
        shell.onboarding.draft(&shell.dir, |draft| *draft = held)?;
        return Err(problem.into());
    }
    Ok(())
}

/// Forgets what a set-up kept and no subscription uses.
async fn forget(shell: &Shell, held: &setup::Draft) -> Result<(), EngineProblem> {
    let records = records(shell).await?;
    codes::forget(&held.opened_for, &records, None).await?;
    if let Some(id) = &held.kept_key {
        setup::forget(&CredentialSource::AccessKey { id: id.clone() }, &records).await?;
    }
    for place in &held.kept_places {
        center::forget(place.clone(), &records).await?;
    }
    Ok(())
}

/// What there is to sign in with.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_candidates() -> Answer<Candidates> {
    let found = profiles().await;
    Ok(Candidates {
        profiles: found.profiles.into_iter().map(Into::into).collect(),
        problems: found.problems.into_iter().map(Into::into).collect(),
        environment: found.environment,
        region: region_of(None).await.unwrap_or_else(|| USUAL_REGION.to_owned()),
    })
}

/// Asks AWS who one is, with a profile or an access key that the keychain has; or says whose code is needed for that.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in(shell: Held<'_>, rights: Rights, region: String) -> Answer<Entered> {
    let region = convert::region_of(&region)?;
    let access = access(&shell, &rights.try_into()?).await?;
    Ok(codes::entered(&access, &region).await?)
}

/// Asks AWS who one is with a key that was typed, and keeps its secret in the keychain when AWS takes it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_with_key(
    shell: Held<'_>,
    id: String,
    secret: Secret,
    session_token: Option<Secret>,
    role: Option<RoleForm>,
    region: String,
) -> Answer<Entered> {
    let id = id.trim().to_owned();
    let secret = trimmed(&secret.0);
    let token = session_token.map(|token| trimmed(&token.0)).filter(|token| !token.expose_secret().is_empty());
    check(&id, &secret, token.as_ref())?;
    let region = convert::region_of(&region)?;
    let (role_arn, role_terms) = rights::checked(role)?;
    // That a keychain answers is looked at first: a key that cannot be kept is of no use.
    let before = setup::kept(&id).await?;
    let identity = match &token {
        None => Identity::AccessKey { id: id.clone(), secret: secret.clone() },
        Some(token) => Identity::TemporaryKey { id: id.clone(), secret: secret.clone(), token: token.clone() },
    };
    if role_terms.mfa_serial.is_some() {
        // Behind a device the key itself is not used, and it is tried before it is kept.
        let alone = Access::new(identity.clone(), None, shell.endpoint_url.clone());
        alone.caller_soon(&region).await?;
    }
    let access = Access::with_role(identity, role_terms.of(role_arn.as_deref()), shell.endpoint_url.clone());
    let entered = codes::entered(&access, &region).await?;
    forget_former(&shell, &id).await?;
    // Noted before it is kept, so that no secret is left that nobody knows of.
    if before.is_none() {
        shell.onboarding.draft(&shell.dir, |draft| draft.kept_key = Some(id.clone()))?;
    }
    // The token first: a secret beside the token of an earlier one would be no pair.
    if let Some(token) = &token {
        setup::keep_token(&id, token).await?;
    }
    setup::keep(&id, &secret).await?;
    shell.onboarding.draft(&shell.dir, |draft| draft.credentials = Some(CredentialSource::AccessKey { id }))?;
    Ok(entered)
}

/// Forgets another key that this set-up kept before and that is not used. It is noted until it is forgotten.
async fn forget_former(shell: &Shell, id: &str) -> Result<(), EngineProblem> {
    let kept = shell.onboarding.draft(&shell.dir, |draft| draft.kept_key.clone())?;
    let Some(former) = kept.filter(|kept| kept != id) else { return Ok(()) };
    setup::forget(&CredentialSource::AccessKey { id: former }, &records(shell).await?).await?;
    shell.onboarding.draft(&shell.dir, |draft| draft.kept_key = None)
}

/// A paste brings blanks and line ends along; no key has any.
fn trimmed(secret: &SecretString) -> SecretString {
    SecretString::from(secret.expose_secret().trim())
}

fn check(id: &str, secret: &SecretString, token: Option<&SecretString>) -> Result<(), EngineProblem> {
    let wrong = |message: &str, hint: &str| Err(EngineProblem::new(Code::Usage, message, hint));
    // 16 to 128 of these letters (IAM API reference, AccessKey).
    let is_id =
        (16..=128).contains(&id.len()) && id.bytes().all(|letter| letter.is_ascii_alphanumeric() || letter == b'_');
    if !is_id {
        return wrong(
            "the access key id is not one",
            "it has 16 or more capital letters and digits and begins with AKIA, or with ASIA when it is a temporary one",
        );
    }
    let length = secret.expose_secret().len();
    if length == 0 {
        return wrong("the secret access key is missing", "paste it beside the access key id it was made with");
    }
    if secret.expose_secret().contains(char::is_whitespace) {
        return wrong("the secret access key has blanks in it", "paste the key alone: it has 40 characters");
    }
    match (is_temporary(id), token) {
        (true, None) => wrong(
            "a temporary access key needs its session token",
            "paste the session token, too: keys that begin with ASIA are signed with it",
        ),
        (false, Some(_)) => wrong(
            "this access key takes no session token",
            "leave the token empty, or give the temporary key it belongs to: that begins with ASIA",
        ),
        _ if length > MAX_SECRET => wrong("the secret access key is too long", "a secret access key has 40 characters"),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_looked_at_before_aws_is_asked() {
        let (lasting, temporary) = ("AKIAIOSFODNN7EXAMPLE", "ASIAIOSFODNN7EXAMPLE");
        for (id, secret, token, says) in [
            (lasting, "wJalrXUtnFEMI", None, ""),
            (temporary, "wJalrXUtnFEMI", Some("FwoGZXIvYXdz"), ""),
            ("AKIA", "wJalrXUtnFEMI", None, "access key id is not one"),
            (lasting, "", None, "missing"),
            (lasting, "two words", None, "blanks"),
            (temporary, "wJalrXUtnFEMI", None, "needs its session token"),
            (lasting, "wJalrXUtnFEMI", Some("FwoGZXIvYXdz"), "takes no session token"),
        ] {
            let token = token.map(|token| SecretString::from(token.to_owned()));
            let told = check(id, &SecretString::from(secret.to_owned()), token.as_ref());
            let message = told.as_ref().err().map_or("", |problem| &problem.message);
            assert!(message.contains(says) && message.is_empty() == says.is_empty(), "{id} {secret}: {told:?}");
            assert!(secret.len() < 3 || !format!("{told:?}").contains(secret), "a refusal quotes no secret: {told:?}");
        }
    }

    #[test]
    fn a_secret_shows_nothing_of_itself() {
        let secret: Secret = serde_json::from_str("\"hunter2\"").unwrap();
        assert!(!format!("{secret:?}").contains("hunter2"), "a log line must not hold it: {secret:?}");
    }
}
