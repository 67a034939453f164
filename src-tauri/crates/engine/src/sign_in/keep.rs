//! Tokens and registration of a place in the keychain: one secret an item.
//!
//! **Invariant:** this room alone writes those items, and forgets all of them at once. What cannot be read is as good as nothing:
//! the person signs in again.

use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};

use super::oidc::{AccessToken, Registration, Times, Tokens};
use super::place::Place;
use crate::keychain::{KeychainError, Patience, SecretStore, identity_center_item};

/// What the keychain has of a place.
#[derive(Clone, Default)]
pub(super) struct Kept {
    pub(super) registration: Option<Registration>,
    pub(super) access: Option<AccessToken>,
    pub(super) refresh: Option<SecretString>,
}

/// An item with a secret and what is known of it.
#[derive(Serialize, Deserialize)]
struct Item<T> {
    secret: String,
    #[serde(flatten)]
    beside: T,
}

#[derive(Serialize, Deserialize)]
struct OfRegistration {
    client_id: String,
    ends: Timestamp,
}

const KINDS: [&str; 3] = ["registration", "access-token", "refresh-token"];

fn item(kind: &str, place: &Place) -> String {
    identity_center_item(kind, place.start_url(), place.region())
}

pub(super) async fn load(store: &dyn SecretStore, place: &Place, patience: Patience) -> Result<Kept, KeychainError> {
    let [registration, access, refresh] = KINDS;
    let get = async |kind: &str| match store.get(&item(kind, place), patience).await {
        Ok(secret) => Ok(Some(secret)),
        Err(KeychainError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    };
    let Some(access) = get(access).await? else { return Ok(Kept::default()) };
    let access = read::<Times>(&access).map(|(token, times)| AccessToken { token, times });
    let registration = get(registration).await?.and_then(|text| read::<OfRegistration>(&text));
    let registration = registration.map(|(client_secret, OfRegistration { client_id, ends })| Registration {
        client_id,
        client_secret,
        ends,
    });
    Ok(Kept { registration, access, refresh: get(refresh).await? })
}

fn read<T: for<'de> Deserialize<'de>>(text: &SecretString) -> Option<(SecretString, T)> {
    let item: Item<T> = serde_json::from_str(text.expose_secret()).ok()?;
    Some((item.secret.into(), item.beside))
}

fn written<T: Serialize>(secret: &SecretString, beside: T) -> Result<SecretString, KeychainError> {
    let item = Item { secret: secret.expose_secret().to_owned(), beside };
    let text = serde_json::to_string(&item).map_err(|error| KeychainError::Failed(error.to_string()))?;
    Ok(text.into())
}

/// Keeps what a sign-in gave. The access token comes last: without it there is nothing to load.
pub(super) async fn keep(
    store: &dyn SecretStore,
    place: &Place,
    registration: &Registration,
    tokens: &Tokens,
    patience: Patience,
) -> Result<(), KeychainError> {
    let beside = OfRegistration { client_id: registration.client_id.clone(), ends: registration.ends };
    let text = written(&registration.client_secret, beside)?;
    store.set(&item(KINDS[0], place), &text, patience).await?;
    if tokens.refresh.is_none() {
        delete(store, KINDS[2], place, patience).await?;
    }
    keep_tokens(store, place, tokens, patience).await
}

/// Keeps what a renewal gave; a refresh token that was not replaced stays.
pub(super) async fn keep_tokens(
    store: &dyn SecretStore,
    place: &Place,
    tokens: &Tokens,
    patience: Patience,
) -> Result<(), KeychainError> {
    if let Some(refresh) = &tokens.refresh {
        store.set(&item(KINDS[2], place), refresh, patience).await?;
    }
    let text = written(&tokens.access.token, tokens.access.times)?;
    store.set(&item(KINDS[1], place), &text, patience).await
}

/// A refresh token that was refused is of no more use.
pub(super) async fn forget_refresh(
    store: &dyn SecretStore,
    place: &Place,
    patience: Patience,
) -> Result<(), KeychainError> {
    delete(store, KINDS[2], place, patience).await
}

/// Forgets all of them, each looked after.
pub(super) async fn forget(store: &dyn SecretStore, place: &Place, patience: Patience) -> Result<(), KeychainError> {
    for kind in KINDS {
        delete(store, kind, place, patience).await?;
    }
    Ok(())
}

async fn delete(store: &dyn SecretStore, kind: &str, place: &Place, patience: Patience) -> Result<(), KeychainError> {
    match store.delete(&item(kind, place), patience).await {
        Ok(()) | Err(KeychainError::NotFound(_)) => Ok(()),
        Err(error) => Err(error),
    }
}
