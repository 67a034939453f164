//! Who we are towards AWS, and the clients made of it.
//!
//! **Invariant:** the instance metadata service is never asked (a desktop has none and would stall), and every call has its own
//! time-outs. Secrets come from the profile's own source or the OS keychain and are never formatted.

mod caller;
mod clients;
mod way;

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use aws_config::identity::IdentityCache;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, ConfigLoader, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use secrecy::SecretString;
use tokio::sync::{OnceCell, watch};

pub use caller::Caller;
pub(crate) use caller::caller;
pub use way::region_of;

use self::way::Way;
use super::identity::renewing::Renewing;
use super::identity::{Ending, Limit, Role, mfa, role, tools};
use super::pace::Pace;
use super::refusal::{Refusal, unsigned};
use crate::error::{Code, Problem};
use crate::keychain::Patience;
use crate::sign_in::Session;

/// A source on this machine that takes longer hangs, and whoever waits at the screen is to hear of it within 5 s.
const SOON: Duration = Duration::from_millis(4_800);
/// One that reads several items of the keychain and asks AWS twice may take longer, and a program that asks for a touch.
const LATER: Duration = Duration::from_secs(25);
/// Such a program may take this long where a person waits and is told so.
const TOUCH: Duration = Duration::from_mins(1);
/// One attempt of an ordinary call, when nobody waits for it.
const ATTEMPT: Duration = Duration::from_secs(10);

/// Where credentials come from. Holds a secret only in memory, and only for an access key.
#[derive(Debug, Clone)]
pub enum Identity {
    /// A profile of the person's AWS config, or the SDK's default chain without one.
    Profile(Option<String>),
    /// An access key whose secret lies in the OS keychain.
    AccessKey {
        /// `AKIA…`; not secret.
        id: String,
        /// From the keychain, or from stdin before it is kept there.
        secret: SecretString,
    },
    /// A temporary access key, with the session token that it needs.
    TemporaryKey {
        /// `ASIA…`; not secret.
        id: String,
        /// From the keychain, or typed and not kept yet.
        secret: SecretString,
        /// As the secret.
        token: SecretString,
    },
    /// A role of an account, through IAM Identity Center.
    IdentityCenter {
        /// Who is signed in, shared with everything else in this process.
        session: Arc<Session>,
        /// The account, 12 digits.
        account_id: String,
        /// The role: a permission set's name.
        role_name: String,
    },
}

/// Everything needed to make clients; made anew after an outage or a change of credentials. Clones share their credentials.
#[derive(Debug, Clone)]
pub struct Access {
    identity: Identity,
    role: Option<Role>,
    endpoint_url: Option<String>,
    limit: Limit,
    credentials: Arc<OnceCell<Arc<Renewing>>>,
    pace: Pace,
    /// Fetched beforehand, from wherever the identity and the role have them.
    settled: Option<Credentials>,
}

impl Access {
    /// Nothing is called yet. `endpoint_url` overrides where every call goes (for stand-ins).
    pub fn new(identity: Identity, role_arn: Option<String>, endpoint_url: Option<String>) -> Self {
        Self::with_role(identity, role_arn.map(Role::of), endpoint_url)
    }

    /// As [`Access::new`], with a role on terms.
    pub fn with_role(identity: Identity, role: Option<Role>, endpoint_url: Option<String>) -> Self {
        Self {
            identity,
            role,
            endpoint_url,
            limit: Limit::default(),
            credentials: Arc::default(),
            pace: Pace::default(),
            settled: None,
        }
    }

    /// A clone for somebody who waits for many answers: each call gives up after 3 s and is not tried again.
    #[must_use]
    pub fn hurried(&self) -> Self {
        Self { pace: Pace::Hurried, ..self.clone() }
    }

    /// A clone for a person who waits at the screen: the credentials are had now and take the time that their source needs, each
    /// call after that gives up after 4 s.
    ///
    /// # Errors
    /// Why there are no credentials, in words.
    pub async fn asked(&self, region: &str) -> Result<Self, Problem> {
        // Whoever is in a hurry already stays so.
        let pace = if self.pace == Pace::Hurried { Pace::Hurried } else { Pace::Asked };
        let asked = Self { pace, ..self.clone() };
        let (asked, _) = Box::pin(asked.settled(region)).await?;
        Ok(asked)
    }

    /// A clone whose calls are tried once, 4 s each: for what must not go out twice.
    #[must_use]
    pub fn once(&self) -> Self {
        Self { pace: Pace::Once, ..self.clone() }
    }

    /// When the credentials end, told anew whenever that changes; `None` while they are not known, or have no end.
    pub async fn ending(&self, region: &str) -> watch::Receiver<Option<Ending>> {
        self.renewing(&Region::new(region.to_owned())).await.ending()
    }

    /// Has the credentials anew, as after a sign-in before they end. That they cannot be had is the next call's to say.
    pub(crate) async fn renew(&self, region: &str) {
        self.renewing(&Region::new(region.to_owned())).await.renew().await;
    }

    /// The MFA device whose code is needed before anything can be signed; `None` when none is, or its session is open.
    ///
    /// # Errors
    /// What the keychain said.
    pub async fn code_wanted(&self, region: &str, patience: Patience) -> Result<Option<String>, Problem> {
        for role in self.way(&Region::new(region.to_owned())).await.roles {
            if let Some(serial) = &role.mfa_serial
                && mfa::open_until(&role, serial, patience).await?.is_none()
            {
                return Ok(Some(serial.clone()));
            }
        }
        Ok(None)
    }

    /// The MFA device whose session is open and about to end: its code can be given before that.
    ///
    /// # Errors
    /// What the keychain said.
    pub async fn code_soon(&self, region: &str) -> Result<Option<String>, Problem> {
        for role in self.way(&Region::new(region.to_owned())).await.roles {
            if let Some(serial) = &role.mfa_serial
                && mfa::open_until(&role, serial, Patience::Asked).await?.is_some_and(|open| open.is_soon())
            {
                return Ok(Some(serial.clone()));
            }
        }
        Ok(None)
    }

    /// Opens the session of the device that [`Access::code_wanted`] names, else [`Access::code_soon`], with the code that it shows. It
    /// is kept in the keychain until it ends. Whoever typed the code waits, so AWS has 4 s; it is sent once, for AWS takes it once.
    ///
    /// # Errors
    /// When AWS or the keychain does not take it, or no code is wanted.
    pub async fn give_code(&self, region: &str, code: &str) -> Result<Ending, Problem> {
        let region = Region::new(region.to_owned());
        let config = self.loader(&region, Pace::Once, ATTEMPT, RetryConfig::disabled()).no_credentials().load().await;
        let early = self.code_wanted(region.as_ref(), Patience::Asked).await?.is_none();
        let Way { origin: mut base, roles } = self.way(&region).await;
        for role in roles {
            if let Some(serial) = &role.mfa_serial
                && mfa::open_until(&role, serial, Patience::Asked).await?.is_none_or(|open| early && open.is_soon())
            {
                return mfa::open(&role, serial, base, &config, code).await;
            }
            base = role::assumed(&role, base, &config, &self.limit).await;
        }
        Err(Problem::new(Code::No, "no code of an MFA device is needed", ""))
    }

    /// A clone of somebody whom AWS does not know, for calls that are to be refused and only to reach it.
    pub(crate) fn nobody(&self) -> Self {
        let nobody = Credentials::new("NOBODY", "nothing", None, None, "watchbell-doctor");
        Self { settled: Some(nobody), ..self.clone() }
    }

    /// A clone with credentials that were fetched now, once for all its clients, and their end if their source tells it.
    ///
    /// # Errors
    /// Why there are none, in words.
    pub(crate) async fn settled(&self, region: &str) -> Result<(Self, Option<SystemTime>), Refusal> {
        // Not hurried: a source of credentials has its own time.
        let pace = if self.pace == Pace::Hurried { Pace::Patient } else { self.pace };
        let patient = Self { pace, ..self.clone() };
        let none = || CredentialsError::not_loaded("no credentials provider");
        let fetched = match patient.ordinary(region).await.credentials_provider() {
            Some(provider) => provider.provide_credentials().await,
            None => Err(none()),
        };
        let credentials = fetched.map_err(|error| unsigned("sts:GetCallerIdentity", &error))?;
        let until = credentials.expiry();
        Ok((Self { settled: Some(credentials), ..self.clone() }, until))
    }

    /// The sessions that codes of MFA devices open on the way to these rights, open or not.
    pub(crate) async fn sessions(&self) -> Vec<mfa::Session> {
        // No call is made there.
        let anywhere = Region::from_static("us-east-1");
        self.way(&anywhere).await.roles.iter().filter_map(mfa::Session::of).collect()
    }

    async fn ordinary(&self, region: &str) -> SdkConfig {
        self.config(region, ATTEMPT, RetryConfig::standard().with_max_attempts(3)).await
    }

    async fn config(&self, region: &str, attempt: Duration, retry: RetryConfig) -> SdkConfig {
        let region = Region::new(region.to_owned());
        if let Some(credentials) = &self.settled {
            let provider = SharedCredentialsProvider::new(credentials.clone());
            return self.loader(&region, self.pace, attempt, retry).credentials_provider(provider).load().await;
        }
        let credentials = Arc::clone(self.renewing(&region).await);
        self.loader(&region, self.pace, attempt, retry)
            .credentials_provider(SharedCredentialsProvider::from(credentials as Arc<_>))
            // They are kept by us, who know when they are to be renewed and what is to be done when they cannot.
            .identity_cache(IdentityCache::no_cache())
            .load()
            .await
    }

    fn loader(&self, region: &Region, pace: Pace, attempt: Duration, retry: RetryConfig) -> ConfigLoader {
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .retry_config(pace.retry(retry))
            .timeout_config(pace.timeouts(attempt))
            // An idle long poll moves no bytes for 20 s, which the protection takes for a stall (aws-sdk-rust#1148).
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Identity::Profile(Some(name)) = &self.identity {
            loader = loader.profile_name(name);
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        loader
    }

    async fn renewing(&self, region: &Region) -> &Arc<Renewing> {
        self.credentials
            .get_or_init(async || {
                let loader = self.loader(region, self.pace, ATTEMPT, RetryConfig::standard());
                let config = loader.no_credentials().load().await;
                let Way { origin: mut provider, roles } = self.way(region).await;
                let behind_a_code = roles.iter().any(|role| role.mfa_serial.is_some());
                let within = match &self.identity {
                    Identity::Profile(name) if tools::runs_a_program(name.as_deref()).await => match self.pace {
                        Pace::Asked | Pace::Once => TOUCH,
                        Pace::Patient | Pace::Hurried => LATER,
                    },
                    Identity::IdentityCenter { .. } => LATER,
                    _ if behind_a_code => LATER,
                    _ => SOON,
                };
                for role in roles {
                    let base = Renewing::new(provider, within, Limit::default());
                    provider = role::assumed(&role, SharedCredentialsProvider::new(base), &config, &self.limit).await;
                }
                Arc::new(Renewing::new(provider, within, self.limit.clone()))
            })
            .await
    }
}
