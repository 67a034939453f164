//! Runs each subscription's receiving in a task of its own, restarts what fails, and follows changes of the subscriptions.
//!
//! **Invariant:** a panic in one subscription is caught, shown and restarted after a pause; the others never notice.
//! Never here: the polls themselves.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{broadcast, oneshot, watch};
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use watchbell_core::health::SubscriptionState;
use watchbell_core::listening::Silence;

use super::clients::Clients;
use super::restart::{Pace, Restarts};
use super::{Progress, endings, leases, look, watched, windows};
use crate::aws::refusal::Refusal;
use crate::clock;
use crate::error::Code;
use crate::health::Board;
use crate::paths::DataDir;
use crate::receive::{Ear, Ended, Receiving, Shared};
use crate::store::{Reader, Store, SubscriptionRecord};
use crate::view::SubscriptionStatus;
use crate::{setup, sign_in};

/// A little more than two changes of one alert are apart.
const SPACED: SignedDuration = SignedDuration::from_secs(3);

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
    pub(super) windows: windows::Readers,
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
            self.follow(&mut running, &mut tasks, &reloads).await;
            let _ = self
                .progress
                .send(Progress::Started { subscriptions: u32::try_from(running.len()).unwrap_or(u32::MAX) });
            if self.once {
                while tasks.join_next().await.is_some() {}
                last_words(&self.store).await;
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
    async fn follow(
        &self,
        running: &mut BTreeMap<String, Running>,
        tasks: &mut JoinSet<()>,
        nudges: &watch::Receiver<()>,
    ) {
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
            if !record.rests() {
                tasks.spawn(self.clone().listen(record.clone(), cancel.clone(), nudges.clone()));
            } else if !record.leaving {
                let (endpoint_url, wakes) = (self.endpoint_url.clone(), self.board.wakes());
                tasks.spawn(leases::while_paused(record.clone(), endpoint_url, self.once, wakes, cancel.clone()));
            }
            running.insert(topic, Running { record, cancel });
        }
    }

    /// Listens to one subscription until cancelled; with `once`, until it drained.
    async fn listen(self, record: SubscriptionRecord, cancel: CancellationToken, nudges: watch::Receiver<()>) {
        let (topic, way_back) = (record.topic_arn.to_string(), sign_in::way_back(&record).await);
        let ear = Ear::open(&record, &self.store, &self.board).await;
        let place = (record.queue_url.clone(), record.topic_arn.clone());
        let kept = (self.store.clone(), self.board.clone());
        let shared = Shared::new(place, kept, self.progress.clone(), self.once, ear);
        let (granted, access) = watch::channel(None);
        let clients = Arc::new(Clients::new(record.clone(), self.endpoint_url.clone(), granted, &self.store));
        let mut looks = JoinSet::new();
        if self.once {
            looks.spawn(leases::once(access, record, cancel.clone()));
        } else {
            let room = windows::Room {
                dir: self.dir.clone(),
                store: self.store.clone(),
                board: self.board.clone(),
                readers: self.windows.clone(),
            };
            looks.spawn(endings::follow(
                access.clone(),
                record.clone(),
                self.board.clone(),
                cancel.clone(),
                nudges.clone(),
            ));
            looks.spawn(windows::now_and_then(access.clone(), record.clone(), room, cancel.clone()));
            let (dir, store) = (self.dir.clone(), self.store.clone());
            looks.spawn(watched::now_and_then(access.clone(), record.clone(), dir, store, cancel.clone()));
            let looking = look::Looking {
                dir: self.dir.clone(),
                record,
                board: self.board.clone(),
                nudges: nudges.clone(),
                heard: self.progress.subscribe(),
            };
            looks.spawn(look::now_and_then(access, looking, cancel.clone()));
        }
        let restarts = Restarts {
            topic,
            way_back,
            board: self.board.clone(),
            once: self.once,
            pace: Pace::default(),
            cancel: cancel.clone(),
            nudges,
        };
        restarts
            .run(|| {
                let (clients, shared, cancel) = (Arc::clone(&clients), shared.clone(), cancel.clone());
                async move { receive(&clients, shared, &cancel).await }
            })
            .await;
        shared.finish().await;
        // Ended alone it was paused, changed or removed; with all others, Watchbell ends.
        let alone = cancel.is_cancelled() && !self.cancel.is_cancelled();
        shared.ear.ended(if alone { Silence::Paused } else { Silence::Quit }).await;
        // Whoever waits for credentials waits for none any more.
        drop(clients);
        while looks.join_next().await.is_some() {}
    }
}

/// Waits for changes of alerts that are spaced from the ones before: a drain ends with the true counts on the screen.
async fn last_words(store: &Store) {
    for _ in 0..4 {
        let now = clock::now();
        let Ok(due) = store.alerts_due(now).await else { return };
        let Some(wait) = due.next_wake.map(|at| at.duration_since(now)).filter(|wait| *wait <= SPACED) else { return };
        tokio::time::sleep(Duration::try_from(wait).unwrap_or_default() + Duration::from_millis(20)).await;
    }
}

/// Receives with what clients there are. The next ones are made anew unless AWS itself answered.
pub(super) async fn receive(clients: &Clients, shared: Shared, cancel: &CancellationToken) -> Ended {
    let made = tokio::select! {
        () = cancel.cancelled() => return Ended::Cancelled,
        made = clients.get() => made,
    };
    let ended = match made {
        Ok(sqs) => Receiving::new(shared, sqs, cancel).run().await,
        Err(problem) => {
            let state =
                if problem.code == Code::Keychain { SubscriptionState::SignedOut } else { SubscriptionState::Blind };
            let refusal = Refusal { problem, state, transient: false };
            Ended::Refused { refusal: Box::new(refusal), heard: false }
        }
    };
    clients.after(&ended).await;
    ended
}

fn line(record: &SubscriptionRecord) -> SubscriptionStatus {
    let state = if record.rests() { SubscriptionState::Paused } else { SubscriptionState::Connecting };
    let unfinished = record.leaving.then_some(setup::UNFINISHED);
    SubscriptionStatus {
        subscription_arn: record.subscription_arn.clone(),
        reason: unfinished.map(|(reason, _)| reason.into()),
        hint: unfinished.map(|(_, hint)| hint.into()),
        ..SubscriptionStatus::new(record.topic_arn.as_str(), &record.queue_url, state)
    }
}
