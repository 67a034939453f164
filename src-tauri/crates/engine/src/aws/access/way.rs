//! Where credentials begin, and the roles on top of them.
//!
//! **Invariant:** nothing is asked here but files and the environment; the instance metadata service is in no chain.

use std::sync::Arc;

use aws_config::Region;
use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use secrecy::{ExposeSecret, SecretString};

use super::{Access, Identity};
use crate::aws::identity::chain::{self, Origin};
use crate::aws::identity::tools::{self, OfTools};
use crate::aws::identity::{Limit, Role};
use crate::sign_in::RoleOfSession;

/// Where the credentials begin, and the roles on top, from the inside out.
pub(super) struct Way {
    pub(super) origin: SharedCredentialsProvider,
    pub(super) roles: Vec<Role>,
}

impl Access {
    pub(super) async fn way(&self, region: &Region) -> Way {
        let mut roles = Vec::new();
        let environment = EnvironmentVariableCredentialsProvider::new;
        let in_hand = |id: &str, secret: &SecretString, token: Option<&SecretString>| {
            let token = token.map(|token| token.expose_secret().to_owned());
            SharedCredentialsProvider::new(Credentials::new(
                id,
                secret.expose_secret(),
                token,
                None,
                "watchbell-keychain",
            ))
        };
        let origin = match &self.identity {
            Identity::Profile(name) => {
                match (chain::with_mfa(name.as_deref()).await, name) {
                    (Some(chain), _) => {
                        roles.extend(chain.roles);
                        match chain.origin {
                            // The code's session ends before a sign-in does that it was opened with.
                            Origin::Profile(name) => {
                                let inner = profile(&name, region).await;
                                SharedCredentialsProvider::new(OfTools::new(inner, Some(&name), Limit::default()))
                            }
                            Origin::Environment => SharedCredentialsProvider::new(environment()),
                            Origin::Key(key) => SharedCredentialsProvider::new(key),
                        }
                    }
                    (None, Some(name)) => {
                        let limit = self.limit.clone();
                        SharedCredentialsProvider::new(OfTools::new(profile(name, region).await, Some(name), limit))
                    }
                    (None, None) if chain::is_of_environment(None) => SharedCredentialsProvider::new(environment()),
                    // A chain of our own: the SDK's default one ends at the instance metadata service.
                    (None, None) => {
                        let chosen =
                            ProfileFileCredentialsProvider::builder().configure(&provider(None, region).await).build();
                        let chosen = OfTools::new(chosen, None, self.limit.clone());
                        let chain = CredentialsProviderChain::first_try("Environment", environment());
                        SharedCredentialsProvider::new(chain.or_else("Profile", chosen))
                    }
                }
            }
            Identity::AccessKey { id, secret } => in_hand(id, secret, None),
            Identity::TemporaryKey { id, secret, token } => in_hand(id, secret, Some(token)),
            Identity::IdentityCenter { session, account_id, role_name } => {
                SharedCredentialsProvider::new(RoleOfSession::new(
                    Arc::clone(session),
                    (account_id.clone(), role_name.clone()),
                    self.limit.clone(),
                    self.pace,
                ))
            }
        };
        roles.extend(self.role.clone());
        Way { origin, roles }
    }
}

/// The region that the SDK's variables or the profile name, for when nothing else does. The metadata service is not asked.
pub async fn region_of(profile: Option<&str>) -> Option<String> {
    if let Some(region) = EnvironmentVariableRegionProvider::new().region().await {
        return Some(region.to_string());
    }
    let mut file = ProfileFileRegionProvider::builder();
    if let Some(name) = profile {
        file = file.profile_name(name);
    }
    file.build().region().await.map(|region| region.to_string())
}

async fn provider(profile: Option<&str>, region: &Region) -> ProviderConfig {
    // A console session is renewed in the region that it began in, whatever is called with its credentials.
    let login = tools::login_of(profile).await;
    let began = if login.console { region_of(Some(&login.profile)).await } else { None };
    ProviderConfig::default().with_region(Some(began.map_or_else(|| region.clone(), Region::new)))
}

async fn profile(name: &str, region: &Region) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder().configure(&provider(Some(name), region).await).profile_name(name).build()
}
