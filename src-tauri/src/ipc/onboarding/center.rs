//! Signing in through IAM Identity Center from the window, and the accounts and roles to choose from.
//!
//! **Invariants:** no token comes near the web view: it hears an address, a code that is shown anyway, and names. The browser is
//! opened by the shell.

use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::{AppHandle, Wry};
use tauri_specta::Event;
use watchbell_engine::error::Problem as EngineProblem;
use watchbell_engine::keychain::Patience;
use watchbell_engine::setup;
use watchbell_engine::sign_in::{self, Asked, How, Place, Way, called_off, way_of};
use watchbell_engine::store::{CredentialSource, SubscriptionRecord};

use super::codes::{Again, early, left};
use super::{Answer, Held, record};
use crate::signing_in;

/// The most accounts that one answer lists; a search narrows them.
const MOST: usize = 50;

/// What the person is to do now.
#[derive(Debug, Clone, Serialize, Type, Event)]
pub(crate) struct SignInAsked {
    /// For which subscription; none in the set-up.
    topic_arn: Option<String>,
    /// The page that was opened, or that is to be.
    url: String,
    /// The code to type there; none in the browser's own way.
    code: Option<String>,
    /// Until when the code is good.
    until: Option<String>,
}

impl SignInAsked {
    pub(crate) fn new(asked: Asked, topic_arn: Option<&str>) -> Self {
        let topic_arn = topic_arn.map(str::to_owned);
        match asked {
            Asked::Browser { url } => Self { topic_arn, url, code: None, until: None },
            Asked::Code { url, complete_url, code, until } => {
                let url = complete_url.unwrap_or(url);
                Self { topic_arn, url, code: Some(code), until: Some(until.to_string()) }
            }
        }
    }

    /// Whether there is a code to be typed.
    pub(crate) fn is_code(&self) -> bool {
        self.code.is_some()
    }
}

/// How one signs in again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Type)]
#[serde(rename_all = "snake_case")]
pub(crate) enum AgainHow {
    /// In the browser, where that is the subscription's way.
    Browser,
    /// With a code that is typed on a page.
    Device,
    /// As what is under way for the subscription already; nothing is begun.
    Join,
}

/// One account.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct AccountRow {
    id: String,
    name: String,
    email: Option<String>,
}

/// The accounts that fit, at most 50.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct AccountList {
    accounts: Vec<AccountRow>,
    /// How many fit in all.
    found: u32,
}

/// Signs in, in the browser or with a code, and resolves when that is done. What the person is to do is told as an event.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_center(
    app: AppHandle<Wry>,
    shell: Held<'_>,
    start_url: String,
    region: String,
    device: bool,
) -> Answer<()> {
    let place = Place::new(&start_url, &region)?;
    let session = sign_in::session(&place, shell.endpoint_url.as_deref())?;
    if !session.unlock(Patience::Asked).await? {
        // Noted before there is a token, so that none is left that nobody knows of.
        shell.onboarding.draft(&shell.dir, |draft| {
            if !draft.kept_places.contains(&place) {
                draft.kept_places.push(place.clone());
            }
        })?;
    }
    Ok(signing_in::sign_in(&app, &shell, &place, if device { How::Device } else { How::Browser }, None).await?)
}

/// Calls a sign-in off.
#[tauri::command]
#[specta::specta]
pub(crate) async fn cancel_sign_in(shell: Held<'_>) -> Answer<()> {
    shell.signing_in.cancel();
    Ok(())
}

/// The accounts that whoever is signed in may choose, those that fit the search.
#[tauri::command]
#[specta::specta]
pub(crate) async fn center_accounts(
    shell: Held<'_>,
    start_url: String,
    region: String,
    search: String,
) -> Answer<AccountList> {
    let session = sign_in::session(&Place::new(&start_url, &region)?, shell.endpoint_url.as_deref())?;
    let mut fit = sign_in::accounts(&session).await?;
    fit.retain(|account| account.fits(&search));
    let found = u32::try_from(fit.len()).unwrap_or(u32::MAX);
    let row = |of: sign_in::Account| AccountRow { id: of.id, name: of.name, email: of.email };
    Ok(AccountList { accounts: fit.into_iter().take(MOST).map(row).collect(), found })
}

/// The roles that one may have in an account.
#[tauri::command]
#[specta::specta]
pub(crate) async fn center_roles(
    shell: Held<'_>,
    start_url: String,
    region: String,
    account_id: String,
) -> Answer<Vec<String>> {
    let session = sign_in::session(&Place::new(&start_url, &region)?, shell.endpoint_url.as_deref())?;
    Ok(sign_in::roles(&session, &account_id).await?)
}

/// Signs in again for a subscription, as far as that goes without typing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn sign_in_again(
    app: AppHandle<Wry>,
    shell: Held<'_>,
    topic_arn: String,
    how: AgainHow,
) -> Answer<Again> {
    let record = record(&shell, &topic_arn).await?;
    let ended = match (how, way_of(&record)) {
        (AgainHow::Join, _) => match signing_in::join(&app, &shell, &topic_arn).await {
            None => return Ok(Again::Idle),
            Some(ended) => ended,
        },
        (_, Way::IdentityCenter(place)) => {
            let how = if how == AgainHow::Device { How::Device } else { How::Browser };
            signing_in::sign_in(&app, &shell, &place, how, Some(&topic_arn)).await
        }
        _ => Ok(()),
    };
    match ended {
        Ok(()) => match left(&shell, &record).await? {
            Again::Done => Ok(early(&shell, &record).await?.unwrap_or(Again::Done)),
            more => Ok(more),
        },
        Err(problem) if called_off(&problem) => Ok(Again::Idle),
        Err(problem) => Err(problem.into()),
    }
}

/// Signs out of a place that no subscription uses.
pub(super) async fn forget(place: Place, held: &[SubscriptionRecord]) -> Result<(), EngineProblem> {
    let of_place = CredentialSource::IdentityCenter { place, account_id: String::new(), role_name: String::new() };
    setup::forget(&of_place, held).await.map(drop)
}
