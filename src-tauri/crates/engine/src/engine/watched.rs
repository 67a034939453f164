//! Asks SSM for the end of commands that the person waits for: messages cannot always tell it.
//!
//! **Invariants:** nothing is asked while nobody waits, and never before a command's messages had time to say it themselves. A denial
//! is logged once and not asked again before half a day; throttling makes the pauses grow.

use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use crate::aws::access::Access;
use crate::aws::commands;
use crate::aws::refusal::Refusal;
use crate::clock;
use crate::paths::DataDir;
use crate::store::{Reader, Store, SubscriptionRecord};

/// From one look to the next while somebody waits: a document's status is seldom of interest earlier.
const BETWEEN: Duration = Duration::from_mins(2);
/// The longest pause after refusals.
const LONGEST: Duration = Duration::from_mins(30);
/// After a denial.
const DENIED: Duration = Duration::from_hours(12);

/// Asks with the rights of one subscription, always the newest, until cancelled.
pub(super) async fn now_and_then(
    access: watch::Receiver<Option<Access>>,
    record: SubscriptionRecord,
    dir: DataDir,
    store: Store,
    cancel: CancellationToken,
) {
    tokio::select! {
        () = cancel.cancelled() => {}
        () = follow(&access, &record, &dir, &store) => {}
    }
}

async fn follow(access: &watch::Receiver<Option<Access>>, record: &SubscriptionRecord, dir: &DataDir, store: &Store) {
    let mut revision = store.revision();
    let mut backoff = Backoff::new(BETWEEN, LONGEST);
    loop {
        revision.mark_unchanged();
        if watched(dir, record).await.is_empty() {
            // A wish is a commit. Between two looks at it there is a pause, however busy the history is.
            if revision.changed().await.is_err() {
                return;
            }
            tokio::time::sleep(BETWEEN / 12).await;
            continue;
        }
        tokio::time::sleep(BETWEEN).await;
        let granted = access.borrow().clone();
        let Some(granted) = granted else { continue };
        match look(&granted, record, dir, store).await {
            Ok(()) => backoff.reset(),
            // Who is signed out signs in again, and a denial stays.
            Err(refused) if refused.transient || refused.state == SubscriptionState::SignedOut => {
                tokio::time::sleep(backoff.fail(fastrand::f64())).await;
            }
            Err(refused) => {
                let problem = refused.problem;
                tracing::info!(topic = %record.topic_arn, %problem, "SSM does not tell the end of commands");
                tokio::time::sleep(DENIED).await;
            }
        }
    }
}

async fn look(access: &Access, record: &SubscriptionRecord, dir: &DataDir, store: &Store) -> Result<(), Refusal> {
    let ssm = access.ssm(record.topic_arn.region()).await;
    for command_id in watched(dir, record).await {
        let Some(told) = commands::command(&ssm, &command_id).await? else { continue };
        if told.has_ended()
            && let Err(error) = store.tell_ended(&command_id, told, clock::now()).await
        {
            tracing::warn!(%error, "what SSM told of a command could not be stored");
        }
    }
    Ok(())
}

async fn watched(dir: &DataDir, record: &SubscriptionRecord) -> Vec<String> {
    let (dir, topic) = (dir.clone(), record.topic_arn.clone());
    let read = tokio::task::spawn_blocking(move || Reader::open(&dir)?.watched(&topic)).await;
    let read = read.ok().and_then(|read| {
        read.inspect_err(|error| tracing::warn!(%error, "the commands waited for cannot be read")).ok()
    });
    read.unwrap_or_default()
}
