//! A role of an account, through a session: the source of credentials that signs a subscription's calls.
//!
//! **Invariant:** it says after each answer until when answers can be had without the person.

use std::sync::Arc;

use aws_credential_types::Credentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_credential_types::provider::{ProvideCredentials, future};

use super::portal;
use super::session::Session;
use crate::aws::identity::Limit;
use crate::aws::pace::Pace;

/// Gives the role's credentials.
#[derive(Debug)]
pub(crate) struct RoleOfSession {
    session: Arc<Session>,
    account_id: String,
    role_name: String,
    limit: Limit,
    pace: Pace,
}

impl RoleOfSession {
    /// The account and the role are named in this order.
    pub(crate) fn new(
        session: Arc<Session>,
        (account_id, role_name): (String, String),
        limit: Limit,
        pace: Pace,
    ) -> Self {
        Self { session, account_id, role_name, limit, pace }
    }

    async fn provide(&self) -> Result<Credentials, CredentialsError> {
        let given = portal::credentials(&self.session, &self.account_id, &self.role_name, self.pace).await;
        self.limit.set(self.session.limit().await);
        Ok(given?)
    }
}

impl ProvideCredentials for RoleOfSession {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.provide())
    }
}
