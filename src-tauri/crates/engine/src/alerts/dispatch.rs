//! The loop that shows what is due, marks it shown, and tells the store what became of it.
//!
//! **Invariant:** it wakes on a commit, a signal of the server, or the next due instant, and on nothing else: an idle Watchbell
//! costs no tick. While no alert can be shown they stay due, and come up once each when a server appears.

use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::policy::{AlertOrder, AlertText, Fate, Urgency};

use super::{Desktop, Heard};
use crate::clock;
use crate::engine::Progress;
use crate::error::Problem;
use crate::health::Board;
use crate::store::{DueAlert, Store};

/// Keys of alerts that belong to no command start so; a command id cannot hold a space.
const BLIND: &str = "blind ";
const TEST: &str = "test alert";

/// What the dispatcher works with.
pub(crate) struct Dispatch {
    pub(crate) desktop: Desktop,
    pub(crate) store: Store,
    pub(crate) board: Board,
    pub(crate) progress: broadcast::Sender<Progress>,
    /// Command ids whose alert was pressed; `None` opens the window where it was.
    pub(crate) opened: mpsc::Sender<Option<String>>,
    /// Why alerts cannot be shown now, for tray, window and `status`.
    pub(crate) problem: watch::Sender<Option<Problem>>,
    /// Asks for a test alert; the answer says whether it was shown.
    pub(crate) tests: mpsc::Receiver<tokio::sync::oneshot::Sender<Result<(), Problem>>>,
    pub(crate) cancel: CancellationToken,
}

/// Runs until cancelled, then shows what is still due once more and ends.
pub(crate) async fn run(mut dispatch: Dispatch) {
    let mut commits = dispatch.store.revision();
    let mut health = dispatch.board.changes();
    let mut backoff = Backoff::new(Duration::from_secs(2), Duration::from_secs(60));
    let mut retry = None;
    loop {
        retry = dispatch.show_due().await.map(|()| backoff.fail(1.0)).or_else(|| {
            backoff.reset();
            None
        });
        dispatch.ring_blind().await;
        let rings = dispatch.board.watch().map(|at| at.saturating_duration_since(clock::monotonic()));
        let wakes = dispatch.store.next_wake().map(|at| until(at));
        let pause = [retry, rings, wakes].into_iter().flatten().min();
        tokio::select! {
            biased;
            () = dispatch.cancel.cancelled() => break,
            Some(heard) = dispatch.desktop.heard.recv() => dispatch.told(heard).await,
            Some(answer) = dispatch.tests.recv() => dispatch.test(answer).await,
            Ok(()) = commits.changed() => {}
            Ok(()) = health.changed() => {}
            () = sleep(pause) => {}
        }
    }
    if retry.is_none() {
        dispatch.show_due().await;
    }
}

impl Dispatch {
    /// Shows everything due. `Some(())` when something could not be shown and is to be tried again later.
    async fn show_due(&self) -> Option<()> {
        let due = match self.store.due_alerts().await {
            Ok(due) => due,
            Err(error) => {
                tracing::warn!(%error, "what is due cannot be read");
                return Some(());
            }
        };
        for alert in due {
            let DueAlert { command_id, version, order } = alert;
            let text = match &order {
                AlertOrder::Show(text) | AlertOrder::Update(text) => text,
                AlertOrder::Close => {
                    self.desktop.notifier.close(&command_id).await;
                    self.mark(&command_id, version, 0).await;
                    continue;
                }
            };
            match self.desktop.notifier.show(&command_id, text).await {
                Ok(id) => {
                    self.problem.send_if_modified(|problem| problem.take().is_some());
                    self.mark(&command_id, version, id).await;
                    let new = matches!(order, AlertOrder::Show(_));
                    let _ = self.progress.send(Progress::Alert {
                        command_id: command_id.clone(),
                        title: text.title.clone(),
                        body: text.body.clone(),
                        new,
                    });
                }
                Err(problem) => {
                    tracing::warn!(%problem, "an alert waits");
                    self.problem.send_if_modified(|known| {
                        let news = known.as_ref() != Some(&problem);
                        *known = Some(problem.clone());
                        news
                    });
                    return Some(());
                }
            }
        }
        None
    }

    async fn mark(&self, command_id: &str, version: i64, id: u32) {
        if let Err(error) = self.store.alert_shown(command_id, version, id).await {
            tracing::warn!(%error, command_id, "a shown alert could not be marked so");
        }
    }

    async fn ring_blind(&self) {
        for alarm in self.board.alarms() {
            let name = alarm.topic_arn.rsplit(':').next().unwrap_or(&alarm.topic_arn);
            let text = AlertText {
                title: format!("Watchbell cannot hear {name}"),
                body: format!("{}. {}.", capital(&alarm.reason), capital(&alarm.hint)),
                urgency: Urgency::Critical,
                sound: true,
            };
            if let Err(problem) = self.desktop.notifier.show(&format!("{BLIND}{}", alarm.topic_arn), &text).await {
                tracing::warn!(%problem, topic = alarm.topic_arn, "the alert about deafness could not be shown");
            }
        }
    }

    async fn test(&self, answer: tokio::sync::oneshot::Sender<Result<(), Problem>>) {
        let text = AlertText {
            title: "Watchbell can ring".into(),
            body: "This is a test. A failed command looks like this.".into(),
            urgency: Urgency::Normal,
            sound: true,
        };
        let shown = self.desktop.notifier.show(TEST, &text).await;
        self.problem.send_if_modified(|known| {
            let now = shown.as_ref().err().cloned();
            std::mem::replace(known, now.clone()) != now
        });
        let _ = answer.send(shown.map(|_| ()));
    }

    async fn told(&self, heard: Heard) {
        let (key, fate) = match heard {
            Heard::ServerChanged => {
                if let Err(error) = self.store.alert_server_changed().await {
                    tracing::warn!(%error, "the alerts of the former notification server could not be made due again");
                }
                return;
            }
            Heard::Pressed { key } => {
                let command = (!key.starts_with(BLIND) && key != TEST).then(|| key.clone());
                let _ = self.opened.try_send(command);
                (key, Fate::Clicked)
            }
            Heard::Dismissed { key } => (key, Fate::Dismissed),
            Heard::Expired { key } => (key, Fate::Expired),
        };
        if key.starts_with(BLIND) || key == TEST {
            return;
        }
        if let Err(error) = self.store.alert_fate(&key, fate).await {
            tracing::warn!(%error, command_id = key, "what became of an alert could not be stored");
        }
    }
}

fn until(at: jiff::Timestamp) -> Duration {
    Duration::try_from(at.duration_since(clock::now())).unwrap_or(Duration::ZERO)
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause.max(Duration::from_millis(1))).await,
        None => std::future::pending().await,
    }
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
