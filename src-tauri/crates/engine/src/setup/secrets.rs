//! The secret of an access key on its way into the OS keychain, out of it, and forgotten.
//!
//! **Invariant 5:** a secret goes from the person to the keychain and to the signer, and nowhere else. One secret an item: the
//! session token of a temporary key has one of its own.

use secrecy::SecretString;

use crate::aws::access::{Access, Identity};
use crate::error::Problem;
use crate::keychain::{
    ChildStore, KeychainError, Patience, SecretStore, access_key_item, is_temporary, session_token_item,
};
use crate::store::{CredentialSource, SubscriptionRecord};

/// With the secret out of the keychain, which may ask the person to unlock it when it has the [`Patience`] for that.
///
/// # Errors
/// What the keychain said.
pub async fn identity_of(credentials: &CredentialSource, patience: Patience) -> Result<Identity, Problem> {
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
    }
}

/// The rights of a subscription; `endpoint_url` goes before its own.
///
/// # Errors
/// As [`identity_of`].
pub async fn access_of(
    record: &SubscriptionRecord,
    endpoint_url: Option<String>,
    patience: Patience,
) -> Result<Access, Problem> {
    let identity = identity_of(&record.credentials, patience).await?;
    Ok(Access::new(identity, record.role_arn.clone(), endpoint_url.or_else(|| record.endpoint_url.clone())))
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
        None => forget(&CredentialSource::AccessKey { id: id.to_owned() }, &[]).await,
    }
}

/// Forgets the secrets of a subscription's access key, unless another subscription uses it. One that is gone is forgotten.
///
/// # Errors
/// What the keychain said.
pub async fn forget(credentials: &CredentialSource, others: &[SubscriptionRecord]) -> Result<(), Problem> {
    let CredentialSource::AccessKey { id } = credentials else { return Ok(()) };
    if others.iter().any(|other| other.credentials == *credentials) {
        return Ok(());
    }
    let store = ChildStore::of_this_program()?;
    let mut items = vec![access_key_item(id)];
    if is_temporary(id) {
        items.push(session_token_item(id));
    }
    for item in items {
        match store.delete(&item, Patience::Asked).await {
            Ok(()) | Err(KeychainError::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}
