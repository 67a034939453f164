//! The secret of an access key on its way into the OS keychain, out of it, and forgotten.
//!
//! **Invariant 5:** a secret goes from the person to the keychain and to the signer, and nowhere else. One secret an item: the
//! session token of a temporary key has one of its own.

use secrecy::SecretString;

use super::rights::Rights;
use crate::aws::access::{Access, Identity};
use crate::error::Problem;
use crate::keychain::{
    ChildStore, KeychainError, Patience, SecretStore, access_key_item, is_temporary, session_token_item,
};
use crate::sign_in;
use crate::store::{CredentialSource, SubscriptionRecord};

/// With the secret out of the keychain, which may ask the person to unlock it when it has the [`Patience`] for that.
///
/// # Errors
/// What the keychain said.
pub async fn identity_of(
    credentials: &CredentialSource,
    endpoint_url: Option<&str>,
    patience: Patience,
) -> Result<Identity, Problem> {
    match credentials {
        CredentialSource::Profile { name } => Ok(Identity::Profile(name.clone())),
        CredentialSource::AccessKey { id } => {
            let store = ChildStore::of_this_program()?;
            let secret = store.get(&access_key_item(id), patience).await?;
            if !is_temporary(id) {
                return Ok(Identity::AccessKey { id: id.clone(), secret });
            }
            let token = store.get(&session_token_item(id), patience).await?;
            Ok(Identity::TemporaryKey { id: id.clone(), secret, token })
        }
        CredentialSource::IdentityCenter { place, account_id, role_name } => {
            let session = sign_in::session(place, endpoint_url)?;
            // Whether somebody is signed in comes out with the first call, in its own words.
            session.unlock(patience).await?;
            Ok(Identity::IdentityCenter { session, account_id: account_id.clone(), role_name: role_name.clone() })
        }
    }
}

/// The rights of a subscription, its role included. `endpoint_url` overrides the one that is remembered.
///
/// # Errors
/// What the keychain said.
pub async fn access_of(
    record: &SubscriptionRecord,
    endpoint_url: Option<&str>,
    patience: Patience,
) -> Result<Access, Problem> {
    let endpoint_url = endpoint_url.or(record.endpoint_url.as_deref());
    Rights::of(record).access(endpoint_url, patience).await
}

/// Keeps the secret of an access key.
///
/// # Errors
/// What the keychain said.
pub async fn keep(id: &str, secret: &SecretString) -> Result<(), Problem> {
    Ok(ChildStore::of_this_program()?.set(&access_key_item(id), secret, Patience::Asked).await?)
}

/// Keeps the session token of a temporary access key.
///
/// # Errors
/// What the keychain said.
pub async fn keep_token(id: &str, token: &SecretString) -> Result<(), Problem> {
    Ok(ChildStore::of_this_program()?.set(&session_token_item(id), token, Patience::Asked).await?)
}

/// What the keychain has for this access key now, so that it can be put back.
///
/// # Errors
/// When no keychain answers, or a locked one stays so: that is to be known before anything is made.
pub async fn kept(id: &str) -> Result<Option<SecretString>, Problem> {
    match ChildStore::of_this_program()?.get(&access_key_item(id), Patience::Asked).await {
        Ok(secret) => Ok(Some(secret)),
        Err(KeychainError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Makes the keychain's item what it was before [`keep`].
///
/// # Errors
/// What the keychain said.
pub async fn put_back(id: &str, before: Option<&SecretString>) -> Result<(), Problem> {
    match before {
        Some(secret) => keep(id, secret).await,
        None => forget(&CredentialSource::AccessKey { id: id.to_owned() }, &[]).await.map(drop),
    }
}

/// Forgets everything that was kept for a subscription and that no other one uses: secrets, sign-ins, sessions behind an MFA device.
/// Names what was forgotten.
///
/// # Errors
/// What the keychain said.
pub async fn forget_all(record: &SubscriptionRecord, others: &[SubscriptionRecord]) -> Result<Vec<String>, Problem> {
    let in_use: Vec<_> = others.iter().map(Rights::of).collect();
    let mut forgotten = Rights::of(record).forget_codes(&in_use).await?;
    forgotten.extend(forget(&record.credentials, others).await?);
    Ok(forgotten)
}

/// Whether no keychain runs here at all, so that nothing can be in one.
pub(super) async fn is_there_none() -> bool {
    let Ok(store) = ChildStore::of_this_program() else { return false };
    matches!(store.get(&access_key_item("none"), Patience::Background).await, Err(KeychainError::Missing(_)))
}

/// Forgets the secrets of an access key or a sign-in, unless another subscription uses it. One that is gone is forgotten. Names what
/// was there.
///
/// # Errors
/// What the keychain said.
pub async fn forget(credentials: &CredentialSource, others: &[SubscriptionRecord]) -> Result<Vec<String>, Problem> {
    let id = match credentials {
        CredentialSource::Profile { .. } => return Ok(Vec::new()),
        CredentialSource::IdentityCenter { place, .. } => {
            // One sign-in serves every account and role of its place.
            let uses = |other: &SubscriptionRecord| matches!(&other.credentials, CredentialSource::IdentityCenter { place: theirs, .. } if theirs == place);
            if others.iter().any(uses) {
                return Ok(Vec::new());
            }
            sign_in::sign_out(place, None).await?;
            return Ok(vec![format!("the sign-in at {}", place.start_url())]);
        }
        CredentialSource::AccessKey { id } => id,
    };
    if others.iter().any(|other| other.credentials == *credentials) {
        return Ok(Vec::new());
    }
    let store = ChildStore::of_this_program()?;
    let mut items = vec![(access_key_item(id), format!("the secret of the access key {id}"))];
    if is_temporary(id) {
        items.push((session_token_item(id), format!("the session token of the access key {id}")));
    }
    let mut forgotten = Vec::new();
    for (item, what) in items {
        match store.delete(&item, Patience::Asked).await {
            Ok(()) => forgotten.push(what),
            Err(KeychainError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(forgotten)
}
