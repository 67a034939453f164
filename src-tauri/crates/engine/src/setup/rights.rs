//! Whose rights somebody uses: where the credentials come from, and a role on top of them, before and after there is a subscription.
//!
//! **Invariant:** never a secret; what is secret about them lies in the keychain and is read when they are used.

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use super::secrets::identity_of;
use crate::aws::access::{Access, Identity};
use crate::aws::identity::Role;
use crate::error::Problem;
use crate::keychain::Patience;
use crate::sign_in;
use crate::store::{CredentialSource, RoleTerms, SubscriptionRecord};

/// Whose rights.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rights {
    /// Where the credentials come from.
    pub credentials: CredentialSource,
    /// A role to assume with them.
    pub role_arn: Option<String>,
    /// On which terms it is assumed.
    #[serde(flatten)]
    pub role_terms: RoleTerms,
}

impl Rights {
    /// The credentials as they are.
    pub fn plain(credentials: CredentialSource) -> Self {
        Self { credentials, role_arn: None, role_terms: RoleTerms::default() }
    }

    /// Those of a subscription.
    pub fn of(record: &SubscriptionRecord) -> Self {
        Self {
            credentials: record.credentials.clone(),
            role_arn: record.role_arn.clone(),
            role_terms: record.role_terms.clone(),
        }
    }

    /// The role to assume, with its terms.
    pub fn role(&self) -> Option<Role> {
        self.role_terms.of(self.role_arn.as_deref())
    }

    /// With the secrets out of the keychain, which may ask the person to unlock it when it has the [`Patience`] for that.
    ///
    /// # Errors
    /// What the keychain said.
    pub async fn access(&self, endpoint_url: Option<&str>, patience: Patience) -> Result<Access, Problem> {
        let identity = identity_of(&self.credentials, endpoint_url, patience).await?;
        Ok(Access::with_role(identity, self.role(), endpoint_url.map(str::to_owned)))
    }

    /// Forgets the sessions that codes of MFA devices opened for these rights, but for those that rights in use come to as well. Names
    /// those that were there.
    ///
    /// # Errors
    /// What the keychain said.
    pub async fn forget_codes(&self, in_use: &[Self]) -> Result<Vec<String>, Problem> {
        let mut forgotten = Vec::new();
        let mut used = Vec::new();
        for other in in_use {
            used.extend(other.without_secret()?.sessions().await);
        }
        for session in self.without_secret()?.sessions().await.into_iter().filter(|session| !used.contains(session)) {
            forgotten.extend(session.forget().await?);
        }
        Ok(forgotten)
    }

    /// To look where the rights lead. Nothing is signed with it, so a key's secret is not read, and need not be there any more.
    fn without_secret(&self) -> Result<Access, Problem> {
        let identity = match &self.credentials {
            CredentialSource::Profile { name } => Identity::Profile(name.clone()),
            CredentialSource::AccessKey { id } => {
                Identity::AccessKey { id: id.clone(), secret: SecretString::default() }
            }
            CredentialSource::IdentityCenter { place, account_id, role_name } => Identity::IdentityCenter {
                session: sign_in::session(place, None)?,
                account_id: account_id.clone(),
                role_name: role_name.clone(),
            },
        };
        Ok(Access::with_role(identity, self.role(), None))
    }
}
