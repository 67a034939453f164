//! Who we are towards AWS, and the clients made of it.
//!
//! **Invariant:** the instance metadata service is never asked (a desktop has none and would stall), and every call has its own
//! time-outs. Secrets come from the profile's own source or the OS keychain and are never formatted.

use std::time::{Duration, SystemTime};

use aws_config::environment::{EnvironmentVariableCredentialsProvider, EnvironmentVariableRegionProvider};
use aws_config::meta::credentials::CredentialsProviderChain;
use aws_config::meta::region::ProvideRegion;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileFileRegionProvider};
use aws_config::provider_config::ProviderConfig;
use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::timeout::TimeoutConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider};
use secrecy::{ExposeSecret, SecretString};
use watchbell_core::health::SubscriptionState;

use super::refusal::{Refusal, refusal, unsigned};
use crate::error::{Code, Problem};

/// The longest that a hurried call takes.
const HURRIED: Duration = Duration::from_secs(3);

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
}

/// Everything needed to make clients; made anew after an outage or a change of credentials.
#[derive(Debug, Clone)]
pub struct Access {
    identity: Identity,
    role_arn: Option<String>,
    endpoint_url: Option<String>,
    hurried: bool,
    /// Fetched beforehand, from wherever the identity and the role have them.
    settled: Option<Credentials>,
}

/// Who the credentials belong to, as AWS sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Caller {
    /// Twelve digits.
    pub account: String,
    /// The user, the role's session, or the root.
    pub arn: String,
}

impl Access {
    /// Nothing is called yet. `endpoint_url` overrides where every call goes (for stand-ins).
    pub fn new(identity: Identity, role_arn: Option<String>, endpoint_url: Option<String>) -> Self {
        Self { identity, role_arn, endpoint_url, hurried: false, settled: None }
    }

    /// The same for somebody who waits: calls that give up after 3 s and are not tried again.
    #[must_use]
    pub fn hurried(&self) -> Self {
        Self { hurried: true, ..self.clone() }
    }

    /// SQS in the queue's region, with time-outs above a long poll and no retries: receiving has its own back-off.
    pub async fn sqs(&self, region: &str) -> aws_sdk_sqs::Client {
        let config = self.config(region, Duration::from_secs(35), RetryConfig::disabled()).await;
        aws_sdk_sqs::Client::new(&config)
    }

    /// SQS for setting up, with short time-outs and a few retries.
    pub async fn sqs_setup(&self, region: &str) -> aws_sdk_sqs::Client {
        aws_sdk_sqs::Client::new(&self.ordinary(region).await)
    }

    /// SNS in the topic's region.
    pub async fn sns(&self, region: &str) -> aws_sdk_sns::Client {
        aws_sdk_sns::Client::new(&self.ordinary(region).await)
    }

    /// STS, to ask who we are.
    pub async fn sts(&self, region: &str) -> aws_sdk_sts::Client {
        aws_sdk_sts::Client::new(&self.ordinary(region).await)
    }

    /// SSM, with retries that slow down when it says that we ask too much: it publishes no limits for its reads.
    pub async fn ssm(&self, region: &str) -> aws_sdk_ssm::Client {
        let retry = RetryConfig::adaptive().with_max_attempts(4);
        aws_sdk_ssm::Client::new(&self.config(region, Duration::from_secs(20), retry).await)
    }

    /// IAM, which has one address for all regions of a partition.
    pub async fn iam(&self, region: &str) -> aws_sdk_iam::Client {
        aws_sdk_iam::Client::new(&self.ordinary(region).await)
    }

    /// The account that the credentials belong to. Needs no permission.
    pub async fn account(&self, region: &str) -> Result<String, Problem> {
        Ok(self.caller(region).await?.account)
    }

    /// Who the credentials belong to. Needs no permission (STS API reference, `GetCallerIdentity`).
    pub async fn caller(&self, region: &str) -> Result<Caller, Problem> {
        Ok(caller(&self.sts(region).await).await?)
    }

    /// The same for somebody whom AWS does not know: to be refused is all that is wanted.
    pub(crate) fn nobody(&self) -> Self {
        let nobody = Credentials::new("NOBODY", "nothing", None, None, "watchbell-doctor");
        Self { settled: Some(nobody), ..self.clone() }
    }

    /// The same with credentials that were fetched now, once for all clients, and when they end if their source says so.
    ///
    /// # Errors
    /// Why there are none, in words.
    pub(crate) async fn settled(&self, region: &str) -> Result<(Self, Option<SystemTime>), Refusal> {
        // Not hurried: a credential process may take its time.
        let patient = Self { hurried: false, ..self.clone() };
        let none = || CredentialsError::not_loaded("no credentials provider");
        let fetched = match patient.ordinary(region).await.credentials_provider() {
            Some(provider) => provider.provide_credentials().await,
            None => Err(none()),
        };
        let credentials = fetched.map_err(|error| unsigned("sts:GetCallerIdentity", &error))?;
        let until = credentials.expiry();
        Ok((Self { settled: Some(credentials), ..self.clone() }, until))
    }

    async fn ordinary(&self, region: &str) -> SdkConfig {
        self.config(region, Duration::from_secs(10), RetryConfig::standard().with_max_attempts(3)).await
    }

    async fn config(&self, region: &str, attempt: Duration, retry: RetryConfig) -> SdkConfig {
        let (attempt, retry) = if self.hurried { (HURRIED, RetryConfig::disabled()) } else { (attempt, retry) };
        let region = Region::new(region.to_owned());
        let timeouts = TimeoutConfig::builder()
            .connect_timeout(attempt.min(Duration::from_secs(5)))
            .operation_attempt_timeout(attempt)
            .operation_timeout(if self.hurried { attempt } else { attempt * 2 })
            .build();
        let mut loader = aws_config::defaults(BehaviorVersion::latest())
            .region(region.clone())
            .retry_config(retry)
            .timeout_config(timeouts)
            // An idle long poll moves no bytes for 20 s, which the protection takes for a stall (aws-sdk-rust#1148).
            .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
        if let Identity::Profile(Some(name)) = &self.identity {
            loader = loader.profile_name(name);
        }
        if let Some(url) = &self.endpoint_url {
            loader = loader.endpoint_url(url);
        }
        if let Some(credentials) = &self.settled {
            return loader.credentials_provider(SharedCredentialsProvider::new(credentials.clone())).load().await;
        }
        let base = match &self.identity {
            // A chain of our own: the SDK's default one ends at the instance metadata service.
            Identity::Profile(Some(name)) => SharedCredentialsProvider::new(profile(name, &region)),
            Identity::Profile(None) => SharedCredentialsProvider::new(
                CredentialsProviderChain::first_try("Environment", EnvironmentVariableCredentialsProvider::new())
                    .or_else(
                        "Profile",
                        ProfileFileCredentialsProvider::builder().configure(&provider(&region)).build(),
                    ),
            ),
            Identity::AccessKey { id, secret } => SharedCredentialsProvider::new(Credentials::new(
                id,
                secret.expose_secret(),
                None,
                None,
                "watchbell-keychain",
            )),
            Identity::TemporaryKey { id, secret, token } => SharedCredentialsProvider::new(Credentials::new(
                id,
                secret.expose_secret(),
                Some(token.expose_secret().to_owned()),
                None,
                "watchbell-keychain",
            )),
        };
        let config = loader.credentials_provider(base).load().await;
        match &self.role_arn {
            None => config,
            Some(role) => {
                let role = aws_config::sts::AssumeRoleProvider::builder(role)
                    .configure(&config)
                    .region(region)
                    .session_name("watchbell")
                    .build()
                    .await;
                config.into_builder().credentials_provider(SharedCredentialsProvider::new(role)).build()
            }
        }
    }
}

/// Asks STS who we are.
pub(crate) async fn caller(sts: &aws_sdk_sts::Client) -> Result<Caller, Refusal> {
    let operation = "sts:GetCallerIdentity";
    let told = sts.get_caller_identity().send().await.map_err(|error| refusal(operation, "*", &error))?;
    match (told.account, told.arn) {
        (Some(account), arn) => Ok(Caller { account, arn: arn.unwrap_or_default() }),
        (None, _) => Err(Refusal {
            problem: Problem::new(
                Code::AwsUnreachable,
                format!("{operation} named no account"),
                "a proxy or another service may have answered: check AWS_ENDPOINT_URL and --endpoint-url",
            ),
            state: SubscriptionState::Blind,
            transient: true,
        }),
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

fn provider(region: &Region) -> ProviderConfig {
    ProviderConfig::default().with_region(Some(region.clone()))
}

fn profile(name: &str, region: &Region) -> ProfileFileCredentialsProvider {
    ProfileFileCredentialsProvider::builder().configure(&provider(region)).profile_name(name).build()
}
