//! The access portal: which accounts and roles one may choose from, and the credentials of one of them.
//!
//! **Invariant:** every page is read, up to a bound; names come from an administrator and are cleaned before they are shown.

use aws_credential_types::Credentials;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use std::time::{Duration, SystemTime};
use watchbell_core::health::SubscriptionState;
use watchbell_core::words;

use super::session::Session;
use crate::aws::pace::Pace;
use crate::aws::refusal::{NoCredentials, Refusal, refusal};
use crate::error::{Code, Problem};

/// Organisations have at most so many accounts by far (the portal's pages hold 100).
const MOST_PAGES: usize = 200;

/// One account that one may choose.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// 12 digits.
    pub id: String,
    /// What the organisation calls it.
    pub name: String,
    /// Its root's address.
    pub email: Option<String>,
}

impl Account {
    /// Whether every word of `search` is in its id, name or address, whatever the case.
    pub fn fits(&self, search: &str) -> bool {
        let all = format!("{} {} {}", self.id, self.name, self.email.as_deref().unwrap_or_default()).to_lowercase();
        search.to_lowercase().split_whitespace().all(|word| all.contains(word))
    }
}

/// The accounts that whoever is signed in may choose, by name.
///
/// # Errors
/// When nobody is signed in, or AWS refused or did not answer.
pub async fn accounts(session: &Session) -> Result<Vec<Account>, Problem> {
    let portal = session.portal(Pace::Asked).await;
    let mut found = Vec::new();
    let mut next = None;
    for _ in 0..MOST_PAGES {
        let token = session.token().await.map_err(|why| why.0.problem)?;
        let asked = portal.list_accounts().access_token(token.expose_secret()).max_results(100).set_next_token(next);
        let told = match asked.send().await {
            Ok(told) => told,
            Err(error) => return Err(refused(session, token, "sso:ListAccounts", "*", &error).await.problem),
        };
        found.extend(told.account_list.unwrap_or_default().into_iter().filter_map(|one| {
            let id = one.account_id?;
            let name = words::clean_to(one.account_name.as_deref().unwrap_or(&id), 120);
            Some(Account { name, email: one.email_address.map(|email| words::clean_to(&email, 120)), id })
        }));
        next = told.next_token.filter(|next| !next.is_empty());
        if next.is_none() {
            break;
        }
    }
    found.sort_by(|a, b| (a.name.to_lowercase(), &a.id).cmp(&(b.name.to_lowercase(), &b.id)));
    Ok(found)
}

/// The roles that one may have in this account, by name.
///
/// # Errors
/// As [`accounts`].
pub async fn roles(session: &Session, account_id: &str) -> Result<Vec<String>, Problem> {
    let portal = session.portal(Pace::Asked).await;
    let mut found = Vec::new();
    let mut next = None;
    for _ in 0..MOST_PAGES {
        let token = session.token().await.map_err(|why| why.0.problem)?;
        let asked = portal
            .list_account_roles()
            .access_token(token.expose_secret())
            .account_id(account_id)
            .max_results(100)
            .set_next_token(next);
        let told = match asked.send().await {
            Ok(told) => told,
            Err(error) => {
                return Err(refused(session, token, "sso:ListAccountRoles", account_id, &error).await.problem);
            }
        };
        found.extend(told.role_list.unwrap_or_default().into_iter().filter_map(|one| one.role_name));
        next = told.next_token.filter(|next| !next.is_empty());
        if next.is_none() {
            break;
        }
    }
    found.sort();
    Ok(found)
}

/// The credentials of this role. A token that the portal does not take any more is renewed once.
pub(super) async fn credentials(
    session: &Session,
    account: &str,
    role: &str,
    pace: Pace,
) -> Result<Credentials, NoCredentials> {
    let portal = session.portal(pace).await;
    let mut tries = 0;
    loop {
        tries += 1;
        let token = session.token().await?;
        let asked = portal.get_role_credentials().access_token(token.expose_secret());
        match asked.account_id(account).role_name(role).send().await {
            Ok(told) => {
                let told = told.role_credentials.and_then(|told| {
                    let ends = SystemTime::UNIX_EPOCH + Duration::from_millis(u64::try_from(told.expiration).ok()?);
                    let (id, secret) = (told.access_key_id?, told.secret_access_key?);
                    Some(Credentials::new(id, secret, told.session_token, Some(ends), "watchbell-identity-center"))
                });
                return told.ok_or_else(|| strange().into());
            }
            Err(error) => {
                let resource = format!("role {role} of account {account}");
                let refused = refused(session, token, "sso:GetRoleCredentials", &resource, &error).await;
                if tries == 1 && refused.state == SubscriptionState::SignedOut {
                    continue;
                }
                return Err(refused.into());
            }
        }
    }
}

async fn refused<E>(
    session: &Session,
    token: SecretString,
    operation: &str,
    resource: &str,
    error: &aws_smithy_runtime_api::client::result::SdkError<
        E,
        aws_smithy_runtime_api::client::orchestrator::HttpResponse,
    >,
) -> Refusal
where
    E: ProvideErrorMetadata + std::error::Error + std::fmt::Debug + 'static,
{
    let code = error.as_service_error().and_then(ProvideErrorMetadata::code).unwrap_or_default();
    match code {
        "UnauthorizedException" => {
            session.refuse(token).await;
            session.signed_out("the sign-in was ended before its time")
        }
        "ForbiddenException" | "ResourceNotFoundException" => Refusal {
            problem: Problem::new(
                Code::AwsRefused,
                format!("IAM Identity Center does not give you the {resource}"),
                "ask your administrator to assign it to you, or subscribe again with another account or role",
            ),
            state: SubscriptionState::Denied,
            transient: false,
        },
        _ => refusal(operation, resource, error),
    }
}

fn strange() -> Refusal {
    Refusal {
        problem: Problem::new(
            Code::AwsUnreachable,
            "sso:GetRoleCredentials got an answer with something missing",
            "a proxy or another service may have answered: check AWS_ENDPOINT_URL_SSO and --endpoint-url",
        ),
        state: SubscriptionState::Blind,
        transient: true,
    }
}
