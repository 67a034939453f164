//! Runs each subscription's receiving in a task of its own, restarts what fails, and follows changes of the subscriptions.
//!
//! **Invariant:** a panic in one subscription is caught, shown and restarted after a pause; the others never notice.
//! Never here: the polls themselves.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{broadcast, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::health::SubscriptionState;

use super::{Progress, look};
use crate::aws::access::{Access, Identity};
use crate::error::{Code, Problem};
use crate::health::Board;
use crate::keychain::{ChildStore, Patience, SecretStore, access_key_item};
use crate::paths::DataDir;
use crate::receive::{Ended, Receiving};
use crate::store::{CredentialSource, Reader, Store, SubscriptionRecord};
use crate::view::SubscriptionStatus;

/// What every subscription's task works with.
#[derive(Clone)]
pub(super) struct Supervisor {
    pub(super) dir: DataDir,
    pub(super) endpoint_url: Option<String>,
    pub(super) once: bool,
    pub(super) store: Store,
    pub(super) board: Board,
    pub(super) progress: broadcast::Sender<Progress>,
    pub(super) cancel: CancellationToken,
}

/// A subscription that runs.
struct Running {
    record: SubscriptionRecord,
    cancel: CancellationToken,
}

impl Supervisor {
    /// Follows the subscriptions until cancelled; with `once`, until each has drained.
    pub(super) async fn run(self, mut reloads: watch::Receiver<()>, drained: oneshot::Sender<()>) {
        let mut running = BTreeMap::<String, Running>::new();
        let mut tasks = JoinSet::new();
        loop {
            self.follow(&mut running, &mut tasks).await;
            let _ = self
                .progress
                .send(Progress::Started { subscriptions: u32::try_from(running.len()).unwrap_or(u32::MAX) });
            if self.once {
                while tasks.join_next().await.is_some() {}
                let _ = drained.send(());
                self.cancel.cancelled().await;
                return;
            }
            tokio::select! {
                () = self.cancel.cancelled() => break,
                Ok(()) = reloads.changed() => {}
            }
        }
        while tasks.join_next().await.is_some() {}
    }

    /// Starts what is new, ends what is gone or changed.
    async fn follow(&self, running: &mut BTreeMap<String, Running>, tasks: &mut JoinSet<()>) {
        let dir = self.dir.clone();
        let read =
            tokio::task::spawn_blocking(move || Reader::open(&dir).and_then(|reader| reader.subscriptions())).await;
        let Ok(Ok(records)) = read else {
            tracing::error!("the subscriptions cannot be read");
            return;
        };
        let wanted: BTreeMap<_, _> = records.into_iter().map(|record| (record.topic_arn.to_string(), record)).collect();
        running.retain(|topic, of| {
            let keep = wanted.get(topic) == Some(&of.record);
            if !keep {
                of.cancel.cancel();
                self.board.remove(topic);
            }
            keep
        });
        for (topic, record) in wanted {
            if running.contains_key(&topic) {
                continue;
            }
            self.board.add(line(&record));
            let cancel = self.cancel.child_token();
            if !record.paused {
                tasks.spawn(self.clone().keep_running(record.clone(), cancel.clone()));
            }
            running.insert(topic, Running { record, cancel });
        }
    }

    async fn keep_running(self, record: SubscriptionRecord, cancel: CancellationToken) {
        let mut backoff = Backoff::new(Duration::from_secs(1), Duration::from_mins(1));
        loop {
            let one = self.clone().receive(record.clone(), cancel.clone());
            let mut alone = JoinSet::new();
            alone.spawn(one);
            let pause = match alone.join_next().await {
                Some(Ok(Ok(Ended::Cancelled | Ended::Drained))) | None => return,
                Some(Ok(Ok(Ended::Stale))) => Duration::ZERO,
                Some(Ok(Err(problem))) => {
                    let state = if problem.code == Code::Keychain {
                        SubscriptionState::SignedOut
                    } else {
                        SubscriptionState::Blind
                    };
                    self.board.troubled(record.topic_arn.as_str(), state, &problem);
                    if self.once {
                        return;
                    }
                    backoff.fail(fastrand::f64())
                }
                Some(Err(panic)) => {
                    tracing::error!(topic = %record.topic_arn, %panic, "receiving broke and starts again");
                    self.board.troubled(record.topic_arn.as_str(), SubscriptionState::Blind, &broke());
                    backoff.fail(fastrand::f64())
                }
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }

    async fn receive(self, record: SubscriptionRecord, cancel: CancellationToken) -> Result<Ended, Problem> {
        let endpoint = self.endpoint_url.clone().or_else(|| record.endpoint_url.clone());
        let access = Access::new(identity(&record).await?, record.role_arn.clone(), endpoint);
        let sqs = access.sqs(&record.queue_region).await;
        let looking = cancel.child_token();
        let mut looks = JoinSet::new();
        if !self.once {
            looks.spawn(look::now_and_then(access, record.clone(), self.board.clone(), looking.clone()));
        }
        let receiving = Receiving::new(
            sqs,
            record.queue_url.clone(),
            record.topic_arn.clone(),
            self.store.clone(),
            self.board.clone(),
            self.progress.clone(),
            self.once,
            cancel,
        );
        let ended = receiving.run().await;
        looking.cancel();
        while looks.join_next().await.is_some() {}
        Ok(ended)
    }
}

/// Reads the secret of an access key out of the keychain; a profile has its own source.
async fn identity(record: &SubscriptionRecord) -> Result<Identity, Problem> {
    match &record.credentials {
        CredentialSource::Profile { name } => Ok(Identity::Profile(name.clone())),
        CredentialSource::AccessKey { id } => {
            let secret = ChildStore::of_this_program()?.get(&access_key_item(id), Patience::Background).await?;
            Ok(Identity::AccessKey { id: id.clone(), secret })
        }
    }
}

fn line(record: &SubscriptionRecord) -> SubscriptionStatus {
    SubscriptionStatus {
        topic_arn: record.topic_arn.to_string(),
        queue_url: record.queue_url.clone(),
        subscription_arn: record.subscription_arn.clone(),
        state: if record.paused { SubscriptionState::Paused } else { SubscriptionState::Connecting },
        last_completed_poll: None,
        last_message: None,
        backlog: None,
        reason: None,
        hint: None,
    }
}

fn broke() -> Problem {
    Problem::new(
        Code::Blind,
        "receiving broke and is being started again",
        "nothing to do; if it goes on, please report it with the newest file of the logs folder",
    )
}
