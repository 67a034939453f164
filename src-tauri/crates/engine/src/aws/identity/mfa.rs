//! Sessions that a code of an MFA device opened: kept in the keychain until they end, never asked for by themselves.
//!
//! A long-term key opens a session of its user (`sts:GetSessionToken`, 12 hours, no permission needed), and the role is assumed
//! with that as often as needed; other credentials open one of the role itself, which lasts as long as the role lets it
//! (IAM user guide, "Secure API access with MFA").
//!
//! **Invariants:** a code is used once and kept nowhere. Secret and token of a session have an item each, and the item that names
//! the session is written last, so that a broken write leaves the old session.

use std::sync::Arc;
use std::time::SystemTime;

use aws_config::SdkConfig;
use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, SharedCredentialsProvider, future};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use jiff::Timestamp;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use watchbell_core::health::SubscriptionState;

use super::role::{self, Role};
use super::{Ending, Limit};
use crate::aws::refusal::{NoCredentials, Refusal, refusal};
use crate::clock;
use crate::error::{Code, Problem};
use crate::keychain::{
    ChildStore, KeychainError, Patience, SecretStore, access_key_item, mfa_session_item, session_token_item,
};

/// How long a session of a user lasts: AWS's own default (STS API reference, `GetSessionToken`).
const USER_SESSION: i32 = 12 * 3600;

/// What is kept beside the secret and the token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Named {
    access_key_id: String,
    ends: Timestamp,
    /// Whether the role is still to be assumed with it.
    of_user: bool,
}

/// The session of a role behind a device: its item in the keychain. Whoever comes to the same one shares it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Session {
    item: String,
    serial: String,
}

impl Session {
    /// Of a role that wants a code.
    pub(crate) fn of(role: &Role) -> Option<Self> {
        role.mfa_serial.as_deref().map(|serial| Self { item: item_of(role, serial), serial: serial.to_owned() })
    }

    /// Forgets it, open or not. Names it when it was there.
    pub(crate) async fn forget(&self) -> Result<Option<String>, KeychainError> {
        let store = ChildStore::of_this_program()?;
        let named = named(&store, &self.item, Patience::Asked).await?;
        if let Some(named) = &named {
            forget_key(&store, &named.access_key_id).await?;
        }
        gone(store.delete(&self.item, Patience::Asked).await)?;
        Ok(named.map(|_| format!("the session that a code of the MFA device {} opened", self.serial)))
    }
}

/// The item of a role's session.
fn item_of(role: &Role, serial: &str) -> String {
    mfa_session_item(&format!("{serial} {} {}", role.arn, role.external_id.as_deref().unwrap_or_default()))
}

/// Gives what a session gives, or says that a code is needed.
#[derive(Debug)]
pub(super) struct BehindMfa {
    role: Role,
    serial: String,
    config: SdkConfig,
    limit: Limit,
}

impl BehindMfa {
    pub(super) fn new(role: &Role, serial: &str, config: &SdkConfig, limit: &Limit) -> Self {
        Self { role: role.clone(), serial: serial.to_owned(), config: config.clone(), limit: limit.clone() }
    }

    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        let kept = kept(&self.role, &self.serial, Patience::Background).await;
        let kept = kept.map_err(|error| NoCredentials::because(error.into(), SubscriptionState::SignedOut))?;
        let Some((named, credentials)) = kept else { return Err(needed(&self.serial).into()) };
        self.limit.set(Some(named.ends));
        if named.of_user {
            let base = SharedCredentialsProvider::new(credentials);
            return role::plainly(&self.role, base, &self.config).await.provide_credentials().await;
        }
        Ok(credentials)
    }
}

impl ProvideCredentials for BehindMfa {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}

/// The words that ask for a code.
fn needed(serial: &str) -> NoCredentials {
    NoCredentials::because(
        Problem::new(
            Code::AwsRefused,
            format!("signed out of AWS: a new code of the MFA device {serial} is needed"),
            "press Sign in… in the tray, or run watchbellctl sign-in, and type the code that the device shows",
        ),
        SubscriptionState::SignedOut,
    )
}

/// Whether a session is open, and until when.
pub(crate) async fn open_until(role: &Role, serial: &str, patience: Patience) -> Result<Option<Ending>, Problem> {
    let kept = kept(role, serial, patience).await?;
    Ok(kept.map(|(named, _)| Ending { at: named.ends, renews: false }))
}

async fn kept(role: &Role, serial: &str, patience: Patience) -> Result<Option<(Named, Credentials)>, KeychainError> {
    let store = ChildStore::of_this_program()?;
    let Some(named) = named(&store, &item_of(role, serial), patience).await? else { return Ok(None) };
    if named.ends <= clock::now() {
        return Ok(None);
    }
    let id = &named.access_key_id;
    let secret = found(store.get(&access_key_item(id), patience).await)?;
    let token = found(store.get(&session_token_item(id), patience).await)?;
    let (Some(secret), Some(token)) = (secret, token) else { return Ok(None) };
    let ends = SystemTime::from(named.ends);
    let (secret, token) = (secret.expose_secret(), token.expose_secret().to_owned());
    let credentials = Credentials::new(id, secret, Some(token), Some(ends), "watchbell-mfa");
    Ok(Some((named, credentials)))
}

async fn named(store: &ChildStore, item: &str, patience: Patience) -> Result<Option<Named>, KeychainError> {
    let text = found(store.get(item, patience).await)?;
    Ok(text.and_then(|text| serde_json::from_str(text.expose_secret()).ok()))
}

fn found(got: Result<SecretString, KeychainError>) -> Result<Option<SecretString>, KeychainError> {
    match got {
        Ok(secret) => Ok(Some(secret)),
        Err(KeychainError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Opens a session with a code that the person typed.
pub(crate) async fn open(
    role: &Role,
    serial: &str,
    base: SharedCredentialsProvider,
    config: &SdkConfig,
    code: &str,
) -> Result<Ending, Problem> {
    let code = code.trim();
    if code.len() != 6 || !code.bytes().all(|digit| digit.is_ascii_digit()) {
        return Err(Problem::new(
            Code::Usage,
            "a code of an MFA device has six digits",
            "type the six digits that the device shows now",
        ));
    }
    let store: Arc<dyn SecretStore> = Arc::new(ChildStore::of_this_program()?);
    let config = config.clone().into_builder().credentials_provider(base.clone()).build();
    let long_term = match base.provide_credentials().await {
        Ok(credentials) => credentials.session_token().is_none(),
        // The call itself says why, in words.
        Err(_) => true,
    };
    let sts = aws_sdk_sts::Client::new(&config);
    let told = if long_term {
        let asked = sts.get_session_token().serial_number(serial).token_code(code).duration_seconds(USER_SESSION);
        let told = asked.send().await.map_err(|error| refused("sts:GetSessionToken", serial, &error))?;
        told.credentials
    } else {
        let asked = sts
            .assume_role()
            .role_arn(&role.arn)
            .role_session_name(role.session_name.as_deref().unwrap_or(role::SESSION))
            .set_external_id(role.external_id.clone())
            .set_duration_seconds(role.duration_seconds.and_then(|seconds| i32::try_from(seconds).ok()))
            .serial_number(serial)
            .token_code(code);
        asked.send().await.map_err(|error| refused("sts:AssumeRole", &role.arn, &error))?.credentials
    };
    let told = told.ok_or_else(|| Problem::new(Code::AwsUnreachable, "STS gave no credentials", "try again"))?;
    let ends = Timestamp::from_second(told.expiration.secs()).unwrap_or_else(|_| clock::now());
    let named = Named { access_key_id: told.access_key_id, ends, of_user: long_term };
    keep(&*store, role, serial, &named, told.secret_access_key.into(), told.session_token.into()).await?;
    Ok(Ending { at: ends, renews: false })
}

async fn keep(
    store: &dyn SecretStore,
    role: &Role,
    serial: &str,
    named: &Named,
    secret: SecretString,
    token: SecretString,
) -> Result<(), Problem> {
    let (id, item) = (&named.access_key_id, item_of(role, serial));
    let before = found(store.get(&item, Patience::Asked).await)?;
    let before: Option<Named> = before.and_then(|text| serde_json::from_str(text.expose_secret()).ok());
    store.set(&access_key_item(id), &secret, Patience::Asked).await?;
    store.set(&session_token_item(id), &token, Patience::Asked).await?;
    let text = serde_json::to_string(named).map_err(|error| KeychainError::Failed(error.to_string()))?;
    store.set(&item, &text.into(), Patience::Asked).await?;
    match before.filter(|before| before.access_key_id != *id) {
        Some(before) => Ok(forget_key(store, &before.access_key_id).await?),
        None => Ok(()),
    }
}

async fn forget_key(store: &dyn SecretStore, id: &str) -> Result<(), KeychainError> {
    for item in [access_key_item(id), session_token_item(id)] {
        gone(store.delete(&item, Patience::Asked).await)?;
    }
    Ok(())
}

fn gone(deleted: Result<(), KeychainError>) -> Result<(), KeychainError> {
    match deleted {
        Err(KeychainError::NotFound(_)) => Ok(()),
        other => other,
    }
}

/// AWS says `AccessDenied` of a wrong code, too: the code comes first then, and the permission second.
fn refused<E>(
    operation: &str,
    resource: &str,
    error: &aws_smithy_runtime_api::client::result::SdkError<
        E,
        aws_smithy_runtime_api::client::orchestrator::HttpResponse,
    >,
) -> Problem
where
    E: ProvideErrorMetadata + std::error::Error + std::fmt::Debug + 'static,
{
    let Refusal { mut problem, .. } = refusal(operation, resource, error);
    let said = error.as_service_error().and_then(ProvideErrorMetadata::message).unwrap_or_default();
    if said.contains("MultiFactorAuthentication") {
        problem.message = format!("AWS did not take the code: {}", watchbell_core::words::clean_to(said, 300));
        "each code works once: wait until the device shows the next one and type that; if it goes on, check the \
         device's serial number"
            .clone_into(&mut problem.hint);
    }
    problem
}
