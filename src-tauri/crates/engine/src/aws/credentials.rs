//! From where a subscription's rights come to the signer: a profile has its own source, an access key's secret lies in the keychain.
//!
//! **Invariant 5:** a secret goes from the keychain into an [`Identity`] and nowhere else.

use super::access::{Access, Identity};
use crate::error::Problem;
use crate::keychain::{ChildStore, Patience, SecretStore, access_key_item};
use crate::store::{CredentialSource, SubscriptionRecord};

/// With the secret out of the keychain, which may ask the person to unlock it when it has the [`Patience`] for that.
///
/// # Errors
/// When the keychain does not give the secret.
pub async fn identity_of(credentials: &CredentialSource, patience: Patience) -> Result<Identity, Problem> {
    match credentials {
        CredentialSource::Profile { name } => Ok(Identity::Profile(name.clone())),
        CredentialSource::AccessKey { id } => {
            let secret = ChildStore::of_this_program()?.get(&access_key_item(id), patience).await?;
            Ok(Identity::AccessKey { id: id.clone(), secret })
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
