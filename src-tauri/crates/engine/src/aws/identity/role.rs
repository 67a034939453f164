//! A role to assume with other credentials, and what it asks for.
//!
//! **Invariant:** without an MFA device the SDK's own provider does it; with one, only the session that a code opened is used.

use std::time::Duration;

use aws_config::sts::AssumeRoleProvider;
use aws_config::{Region, SdkConfig};
use aws_credential_types::provider::SharedCredentialsProvider;
pub(super) use watchbell_core::plan::OUR_SESSION as SESSION;

use super::Limit;
use super::mfa::BehindMfa;

/// A role, and on which terms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// What its trust policy may ask for (`sts:ExternalId`).
    pub external_id: Option<String>,
    /// The MFA device that its trust policy may ask for: an ARN, or the serial number of a hardware device.
    pub mfa_serial: Option<String>,
    /// The session's name; `watchbell` without one.
    pub session_name: Option<String>,
    /// How long its credentials last, in seconds; an hour without it.
    pub duration_seconds: Option<u32>,
}

impl Role {
    /// A role on no terms.
    pub fn of(arn: impl Into<String>) -> Self {
        Self { arn: arn.into(), external_id: None, mfa_serial: None, session_name: None, duration_seconds: None }
    }
}

/// Credentials of the role, got with those of `base`. `config` says where STS is.
pub(crate) async fn assumed(
    role: &Role,
    base: SharedCredentialsProvider,
    config: &SdkConfig,
    limit: &Limit,
) -> SharedCredentialsProvider {
    match &role.mfa_serial {
        None => plainly(role, base, config).await,
        Some(serial) => SharedCredentialsProvider::new(BehindMfa::new(role, serial, config, limit)),
    }
}

/// Without a code.
pub(super) async fn plainly(
    role: &Role,
    base: SharedCredentialsProvider,
    config: &SdkConfig,
) -> SharedCredentialsProvider {
    let mut builder = AssumeRoleProvider::builder(&role.arn)
        .configure(config)
        .region(config.region().cloned().unwrap_or_else(|| Region::from_static("us-east-1")))
        .session_name(role.session_name.as_deref().unwrap_or(SESSION));
    if let Some(id) = &role.external_id {
        builder = builder.external_id(id);
    }
    if let Some(seconds) = role.duration_seconds {
        builder = builder.session_length(Duration::from_secs(seconds.into()));
    }
    SharedCredentialsProvider::new(builder.build_from_provider(base).await)
}
