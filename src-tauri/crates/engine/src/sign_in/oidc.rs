//! The OIDC service of IAM Identity Center: registering ourselves, and getting tokens for a code, a device or a refresh token.
//!
//! **Invariant:** nothing here is signed or stored; what was refused comes back as one of few reasons. A token is a
//! [`SecretString`] from the answer on.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::stalled_stream_protection::StalledStreamProtectionConfig;
use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_sdk_ssooidc::operation::create_token::builders::CreateTokenFluentBuilder;
use aws_sdk_ssooidc::operation::create_token::{CreateTokenError as E, CreateTokenOutput};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::{SignedDuration, Timestamp};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use watchbell_core::words;

use super::place::{Place, override_of};
use crate::aws::pace::Pace;
use crate::aws::refusal::{Refusal, refusal};
use crate::clock;
use crate::error::{Code, Problem};

/// What lets a token be refreshed, and accounts be listed (AWS-CLI, `sso_registration_scopes`).
pub(super) const SCOPE: &str = "sso:account:access";
/// Registered without a port: the service takes any port of the loopback then.
const REDIRECT: &str = "http://127.0.0.1/oauth/callback";
/// One attempt of a call that nobody waits for.
const ATTEMPT: Duration = Duration::from_secs(10);
const CODE: &str = "authorization_code";
const REFRESH: &str = "refresh_token";
const DEVICE: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// The service in the place's region.
pub(super) struct Oidc {
    client: aws_sdk_ssooidc::Client,
    /// Where it is.
    pub(super) url: String,
    start_url: String,
}

/// This program as the service knows it; good for about 90 days.
#[derive(Clone)]
pub(super) struct Registration {
    pub(super) client_id: String,
    pub(super) client_secret: SecretString,
    pub(super) ends: Timestamp,
}

/// What one signs in with.
pub(super) struct Tokens {
    pub(super) access: AccessToken,
    pub(super) refresh: Option<SecretString>,
}

/// The token that the portal takes.
#[derive(Clone)]
pub(super) struct AccessToken {
    pub(super) token: SecretString,
    pub(super) times: Times,
}

/// When a token was given and when it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Times {
    pub(super) given: Timestamp,
    pub(super) ends: Timestamp,
}

/// What a person types elsewhere.
pub(super) struct Device {
    pub(super) code: SecretString,
    pub(super) user_code: String,
    pub(super) url: String,
    pub(super) complete_url: Option<String>,
    pub(super) ends: Timestamp,
    pub(super) interval: Duration,
}

/// Why there is no token.
#[derive(Debug)]
pub(super) enum NoToken {
    /// The person has not answered yet.
    Pending,
    /// Asked too often.
    SlowDown,
    /// The code has ended.
    Expired,
    /// The person, or the administrator, said no.
    Denied,
    /// The grant or the registration is good for nothing any more.
    Invalid(String),
    /// Something else.
    Failed(Box<Refusal>),
}

/// A client of a service that takes no signature.
pub(super) async fn unsigned(region: &str, endpoint_url: Option<String>, pace: Pace) -> SdkConfig {
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(Region::new(region.to_owned()))
        .no_credentials()
        .retry_config(pace.retry(RetryConfig::standard().with_max_attempts(2)))
        .timeout_config(pace.timeouts(ATTEMPT))
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    if let Some(url) = endpoint_url {
        loader = loader.endpoint_url(url);
    }
    loader.load().await
}

impl Oidc {
    pub(super) async fn new(place: &Place, endpoint_url: Option<&str>) -> Self {
        let url = override_of("AWS_ENDPOINT_URL_SSO_OIDC", endpoint_url);
        // Whoever registers waits at the screen.
        let client = aws_sdk_ssooidc::Client::new(&unsigned(place.region(), url.clone(), Pace::Asked).await);
        let url = url.unwrap_or_else(|| place.oidc_url()).trim_end_matches('/').to_owned();
        Self { client, url, start_url: place.start_url().to_owned() }
    }

    /// Registers for a sign-in in the browser, or with a code.
    pub(super) async fn register(&self, for_browser: bool) -> Result<Registration, Problem> {
        let mut asked = self.client.register_client().client_name("Watchbell").client_type("public").scopes(SCOPE);
        if for_browser {
            asked = asked.redirect_uris(REDIRECT).grant_types(CODE).grant_types(REFRESH).issuer_url(&self.start_url);
        }
        let told = asked.send().await.map_err(|error| {
            let mut refused = refusal("sso-oidc:RegisterClient", &self.start_url, &error).problem;
            if refused.code == Code::AwsRefused {
                "check the start URL and the region of IAM Identity Center: the administrator knows both"
                    .clone_into(&mut refused.hint);
            }
            refused
        })?;
        let ends = Timestamp::from_second(told.client_secret_expires_at).unwrap_or(Timestamp::MAX);
        match (told.client_id, told.client_secret) {
            (Some(client_id), Some(secret)) => Ok(Registration { client_id, client_secret: secret.into(), ends }),
            _ => Err(strange("sso-oidc:RegisterClient")),
        }
    }

    pub(super) async fn device(&self, of: &Registration) -> Result<Device, Problem> {
        let operation = "sso-oidc:StartDeviceAuthorization";
        let asked = self
            .client
            .start_device_authorization()
            .client_id(&of.client_id)
            .client_secret(of.client_secret.expose_secret())
            .start_url(&self.start_url);
        let told = asked.send().await.map_err(|error| refusal(operation, &self.start_url, &error).problem)?;
        let (Some(code), Some(user_code), Some(url)) = (told.device_code, told.user_code, told.verification_uri) else {
            return Err(strange(operation));
        };
        let lasts = if told.expires_in > 0 { told.expires_in } else { 600 };
        Ok(Device {
            code: code.into(),
            user_code,
            url,
            complete_url: told.verification_uri_complete,
            ends: clock::now() + SignedDuration::from_secs(lasts.into()),
            // 5 s where the service says nothing (RFC 8628, section 3.2).
            interval: Duration::from_secs(u64::try_from(told.interval).ok().filter(|s| *s > 0).unwrap_or(5)),
        })
    }

    pub(super) async fn by_code(
        &self,
        of: &Registration,
        code: &SecretString,
        redirect: &str,
        verifier: &SecretString,
    ) -> Result<Tokens, NoToken> {
        let asked = self.ask(of, CODE).code(code.expose_secret()).redirect_uri(redirect);
        self.redeem(asked.code_verifier(verifier.expose_secret())).await
    }

    pub(super) async fn by_device(&self, of: &Registration, device_code: &SecretString) -> Result<Tokens, NoToken> {
        self.redeem(self.ask(of, DEVICE).device_code(device_code.expose_secret())).await
    }

    pub(super) async fn by_refresh(&self, of: &Registration, token: &SecretString) -> Result<Tokens, NoToken> {
        self.redeem(self.ask(of, REFRESH).refresh_token(token.expose_secret())).await
    }

    fn ask(&self, of: &Registration, grant: &str) -> CreateTokenFluentBuilder {
        let asked = self.client.create_token().client_id(&of.client_id);
        asked.client_secret(of.client_secret.expose_secret()).grant_type(grant)
    }

    async fn redeem(&self, asked: CreateTokenFluentBuilder) -> Result<Tokens, NoToken> {
        let given = clock::now();
        // A code and a refresh token may be good for one use: an answer that is slow is waited for, or they would be spent in vain.
        let patient = aws_sdk_ssooidc::config::Config::builder().timeout_config(Pace::Patient.timeouts(ATTEMPT));
        match asked.customize().config_override(patient).send().await {
            Ok(CreateTokenOutput { access_token: Some(token), refresh_token, expires_in, .. }) => {
                let ends = given + SignedDuration::from_secs(i64::from(expires_in).max(0));
                let access = AccessToken { token: token.into(), times: Times { given, ends } };
                Ok(Tokens { access, refresh: refresh_token.map(SecretString::from) })
            }
            Ok(_) => Err(failed(strange("sso-oidc:CreateToken"))),
            Err(error) => Err(match error.as_service_error() {
                Some(E::AuthorizationPendingException(_)) => NoToken::Pending,
                Some(E::SlowDownException(_)) => NoToken::SlowDown,
                Some(E::ExpiredTokenException(_)) => NoToken::Expired,
                Some(E::AccessDeniedException(_)) => NoToken::Denied,
                Some(
                    why @ (E::InvalidGrantException(_)
                    | E::InvalidClientException(_)
                    | E::UnauthorizedClientException(_)
                    | E::UnsupportedGrantTypeException(_)),
                ) => NoToken::Invalid(words::clean_to(why.message().or(why.code()).unwrap_or("no reason given"), 200)),
                _ => NoToken::Failed(Box::new(refusal("sso-oidc:CreateToken", &self.start_url, &error))),
            }),
        }
    }
}

impl NoToken {
    /// For whoever signs in at this moment.
    pub(super) fn problem(self) -> Problem {
        let again = "sign in once more";
        match self {
            Self::Pending | Self::SlowDown | Self::Expired => {
                Problem::new(Code::No, "nobody signed in within the time that AWS gives", again)
            }
            Self::Denied => Problem::new(
                Code::AwsRefused,
                "the sign-in was refused on the page in the browser",
                "allow Watchbell there, or ask your administrator whether applications may be allowed",
            ),
            Self::Invalid(why) => {
                Problem::new(Code::AwsRefused, format!("IAM Identity Center did not take the sign-in: {why}"), again)
            }
            Self::Failed(refusal) => refusal.problem,
        }
    }
}

fn failed(problem: Problem) -> NoToken {
    use watchbell_core::health::SubscriptionState;
    NoToken::Failed(Box::new(Refusal { problem, state: SubscriptionState::Blind, transient: true }))
}

fn strange(operation: &str) -> Problem {
    Problem::new(
        Code::AwsUnreachable,
        format!("{operation} got an answer with something missing"),
        "a proxy or another service may have answered: check AWS_ENDPOINT_URL_SSO_OIDC and --endpoint-url",
    )
}
