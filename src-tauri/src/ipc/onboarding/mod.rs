//! What the window may ask to set a subscription up, to change one and to leave it.
//!
//! **Invariants:** a secret comes in once, with [`sign_in::sign_in_with_key`], and goes into the keychain, a code of an MFA device with
//! [`codes`]; no answer carries one. A run
//! that writes to AWS goes on when the window is closed, and is called off and undone when the app ends. Everything here runs beside
//! the poller, never in its way.

pub(crate) mod apply;
pub(crate) mod center;
pub(crate) mod codes;
mod convert;
pub(crate) mod leaving;
pub(crate) mod rights;
pub(crate) mod run;
pub(crate) mod sign_in;
pub(crate) mod subscriptions;
pub(crate) mod topics;
mod types;

use watchbell_engine::aws::access::Access;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::keychain::Patience;
use watchbell_engine::setup;
use watchbell_engine::store::{Reader, SubscriptionRecord};

pub(super) use rights::SignIn;

use super::reading::{Answer, Held, apart};
use crate::shell::Shell;

/// The subscriptions of this data folder.
pub(super) async fn records(shell: &Shell) -> Result<Vec<SubscriptionRecord>, EngineProblem> {
    let dir = shell.dir.clone();
    apart(move || Ok(Reader::open(&dir)?.subscriptions()?)).await
}

/// The subscription to this topic.
pub(super) async fn record(shell: &Shell, topic_arn: &str) -> Result<SubscriptionRecord, EngineProblem> {
    let held = records(shell).await?;
    held.into_iter().find(|record| record.topic_arn.as_str() == topic_arn).ok_or_else(|| not_subscribed(topic_arn))
}

fn not_subscribed(topic_arn: &str) -> EngineProblem {
    EngineProblem::new(Code::No, format!("{topic_arn} is not subscribed to any more"), "look at the list again")
}

/// What these rights give.
pub(super) async fn access(shell: &Shell, rights: &setup::Rights) -> Result<Access, EngineProblem> {
    rights.access(shell.endpoint_url.as_deref(), Patience::Asked).await
}

/// The rights of a subscription.
pub(super) async fn access_of(shell: &Shell, record: &SubscriptionRecord) -> Result<Access, EngineProblem> {
    setup::access_of(record, shell.endpoint_url.as_deref(), Patience::Asked).await
}
