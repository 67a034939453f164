//! From what the person wants to a subscription that the engine reads: apply, keep the secret, remember.
//!
//! **Invariant 7:** what fails after AWS was written to takes back what was written. A secret goes to the keychain only once AWS has
//! taken it; what the keychain held before is put back when the remembering fails. What it held for the credentials that a subscription
//! had before goes when nothing uses them any more.

use secrecy::SecretString;
use tokio_util::sync::CancellationToken;
use watchbell_core::arn::TopicArn;
use watchbell_core::plan::Filter;

use super::me::Me;
use super::rights::Rights;
use super::secrets;
use crate::aws::access::Access;
use crate::aws::subscribe::{self, Step, SubscribeFailed, SubscribeRequest, Subscribed};
use crate::error::{Code, Problem};
use crate::paths::DataDir;
use crate::store::{Act, CredentialSource, Reader, RoleTerms, SubscriptionRecord};
use crate::{clock, control};

/// What the person wants.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wanted {
    /// The topic.
    pub topic: TopicArn,
    /// The queue's region; the one it has, else the topic's, when absent.
    pub queue_region: Option<String>,
    /// What is to be let through.
    pub filter: Filter,
    /// An administrator's queue to read.
    pub queue_url: Option<String>,
    /// Whose rights are used.
    pub credentials: CredentialSource,
    /// A role to assume with them.
    pub role_arn: Option<String>,
    /// On which terms.
    pub role_terms: RoleTerms,
    /// Where AWS is, when not at its usual place.
    pub endpoint_url: Option<String>,
    /// Whether a queue of ours that this data folder does not know may be taken over.
    pub take_over: bool,
}

impl Wanted {
    /// Whose rights it is to have.
    pub fn rights(&self) -> Rights {
        Rights {
            credentials: self.credentials.clone(),
            role_arn: self.role_arn.clone(),
            role_terms: self.role_terms.clone(),
        }
    }
}

/// A secret that was typed and is not kept yet.
#[derive(Debug)]
pub struct NewSecret {
    /// The access key that it belongs to.
    pub id: String,
    /// The secret access key itself.
    pub secret: SecretString,
    /// The session token of a temporary key.
    pub token: Option<SecretString>,
}

/// What a subscription that exists would want again: for a repair.
pub fn wanted_of(record: &SubscriptionRecord) -> Wanted {
    Wanted {
        topic: record.topic_arn.clone(),
        queue_region: Some(record.queue_region.clone()),
        filter: record.filter,
        queue_url: None,
        credentials: record.credentials.clone(),
        role_arn: record.role_arn.clone(),
        role_terms: record.role_terms.clone(),
        endpoint_url: record.endpoint_url.clone(),
        take_over: true,
    }
}

/// The request to plan or apply, with what this data folder has for the topic in `before`.
///
/// # Errors
/// When another queue is to be adopted than the one that is subscribed.
pub fn request(wanted: &Wanted, before: Option<&SubscriptionRecord>) -> Result<SubscribeRequest, Problem> {
    let adopted = before.filter(|record| record.adopted).map(|record| record.queue_url.clone());
    let made = before.filter(|record| !record.adopted);
    if let (Some(made), Some(_)) = (made, &wanted.queue_url) {
        // Nobody would remember it any more.
        let message = format!("{} is subscribed already, through the queue {}", wanted.topic, made.queue_url);
        let hint = "first leave that one: press Leave in the window's settings, or run watchbellctl unsubscribe --topic-arn ARN";
        return Err(Problem::new(Code::Usage, message, hint));
    }
    let Me { user, host, machine } = Me::here();
    Ok(SubscribeRequest {
        topic: wanted.topic.clone(),
        queue_region: wanted
            .queue_region
            .clone()
            .or_else(|| before.map(|record| record.queue_region.clone()))
            .unwrap_or_else(|| wanted.topic.region().to_owned()),
        filter: wanted.filter,
        adopt_queue_url: wanted.queue_url.clone().or(adopted),
        stored: made.and_then(|record| record.queue_arn.clone()),
        take_over: wanted.take_over,
        user,
        host,
        machine,
    })
}

/// Carries the request out and remembers it, so that the engine begins to read. `progress` hears of each step.
///
/// # Errors
/// With what became of each step; everything that was written was taken back, or is named in the hint.
pub async fn enrol(
    dir: &DataDir,
    access: &Access,
    (wanted, request): (&Wanted, &SubscribeRequest),
    before: Option<&SubscriptionRecord>,
    new_secret: Option<&NewSecret>,
    progress: &mut (dyn FnMut(&Step) + Send),
    cancel: &CancellationToken,
) -> Result<Subscribed, SubscribeFailed> {
    let held = match new_secret {
        Some(new) => secrets::kept(&new.id).await?,
        None => None,
    };
    let mut done = subscribe::apply(access, request, progress, cancel).await?;
    let record = record(wanted, request, &done, before);
    if let Err(problem) = remember(dir, record, new_secret, held.as_ref(), cancel).await {
        return Err(done.take_back(problem).await);
    }
    if let Some(before) = before.filter(|before| Rights::of(before) != wanted.rights())
        && let Err(stays) = forget_former(dir, before).await
    {
        done.risks.push(format!("what the keychain holds for the credentials before stays there: {}", stays.message));
    }
    Ok(done)
}

/// Forgets what was kept for the rights that a subscription had before, unless one that there is uses them.
async fn forget_former(dir: &DataDir, before: &SubscriptionRecord) -> Result<(), Problem> {
    let of = dir.clone();
    let read = tokio::task::spawn_blocking(move || Reader::open(&of).and_then(|reader| reader.subscriptions())).await;
    let held = match read {
        Ok(held) => held?,
        Err(error) => return Err(Problem::new(Code::Storage, format!("reading broke off: {error}"), "try again")),
    };
    secrets::forget_all(before, &held).await.map(drop)
}

fn record(
    wanted: &Wanted,
    request: &SubscribeRequest,
    done: &Subscribed,
    before: Option<&SubscriptionRecord>,
) -> SubscriptionRecord {
    SubscriptionRecord {
        topic_arn: done.topic_arn.clone(),
        queue_url: done.queue_url.clone(),
        queue_arn: Some(done.queue_arn.clone()),
        queue_region: request.queue_region.clone(),
        subscription_arn: done.subscription_arn.clone(),
        endpoint_url: wanted.endpoint_url.clone(),
        credentials: wanted.credentials.clone(),
        role_arn: wanted.role_arn.clone(),
        role_terms: wanted.role_terms.clone(),
        filter: request.filter,
        adopted: done.adopted,
        raw: done.raw,
        created_at: before.map_or_else(clock::now, |record| record.created_at),
        paused: before.is_some_and(|record| record.paused),
        leaving: false,
    }
}

/// Keeps the secret, then the subscription: the engine reads the one as soon as it learns of the other.
async fn remember(
    dir: &DataDir,
    record: SubscriptionRecord,
    new: Option<&NewSecret>,
    held: Option<&SecretString>,
    cancel: &CancellationToken,
) -> Result<(), Problem> {
    if cancel.is_cancelled() {
        return Err(Problem::new(
            Code::No,
            "interrupted: what was made was taken back",
            "begin again when you want to go on",
        ));
    }
    let kept = match new {
        Some(new) => keep(new).await,
        None => Ok(()),
    };
    let remembered = match kept {
        Ok(()) => control::perform(dir, Act::PutSubscription(Box::new(record))).await.map(drop),
        Err(problem) => Err(problem),
    };
    let Err(mut problem) = remembered else { return Ok(()) };
    if let Some(new) = new
        && let Err(stays) = secrets::put_back(&new.id, held).await
    {
        problem.hint =
            format!("{}; the secret of {} may stay in the keychain: {}", problem.hint, new.id, stays.message);
    }
    Err(problem)
}

/// The token first: a secret beside the token of an earlier one would be no pair.
async fn keep(new: &NewSecret) -> Result<(), Problem> {
    if let Some(token) = &new.token {
        secrets::keep_token(&new.id, token).await?;
    }
    secrets::keep(&new.id, &new.secret).await
}
