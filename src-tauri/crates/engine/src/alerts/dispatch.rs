//! The loop that shows what is due, marks it shown, and tells the store what became of it.
//!
//! **Invariant:** it wakes on a commit, a signal of the server, or the next due instant, and on nothing else: an idle Watchbell
//! costs no tick. While no alert can be shown they stay due, and come up once each when a server appears.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::policy::{AlertOrder, AlertText, Fate, Urgency};
use watchbell_core::words;

use super::{Desktop, Heard, reports};
use crate::clock;
use crate::engine::Progress;
use crate::error::Problem;
use crate::health::Board;
use crate::store::{PendingAlert, Store};

/// Under which name ids are kept; a server that is replaced is told of by `ServerChanged`, so one name does.
const SERVER: &str = "org.freedesktop.Notifications";
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
    /// Reports of windows that ended, to be shown under keys of their own.
    pub(crate) reports: mpsc::Receiver<reports::Order>,
    pub(crate) cancel: CancellationToken,
    /// The alerts about deafness that should be up, by topic, and whether they are.
    pub(crate) deaf: BTreeMap<String, (AlertText, bool)>,
}

/// Runs until cancelled, then shows what is still due once more and ends.
pub(crate) async fn run(mut dispatch: Dispatch) {
    let mut commits = dispatch.store.revision();
    let mut health = dispatch.board.changes();
    let mut backoff = Backoff::new(Duration::from_secs(2), Duration::from_mins(1));
    let last = loop {
        let due = dispatch.show_due().await;
        let told_of_deafness = dispatch.ring_deafness().await;
        let retry = (due.retry || !told_of_deafness).then(|| backoff.fail(1.0));
        if retry.is_none() {
            backoff.reset();
        }
        let rings = dispatch.board.watch().map(|at| at.saturating_duration_since(clock::monotonic()));
        let pause = [retry, rings, due.next_wake.map(until)].into_iter().flatten().min();
        tokio::select! {
            biased;
            () = dispatch.cancel.cancelled() => break due,
            Some(heard) = dispatch.desktop.heard.recv() => dispatch.told(heard).await,
            Some(answer) = dispatch.tests.recv() => dispatch.test(answer).await,
            Some(order) = dispatch.reports.recv() => order.carry_out(dispatch.desktop.notifier.as_ref()).await,
            Ok(()) = commits.changed() => {}
            Ok(()) = health.changed() => {}
            () = sleep(pause) => {}
        }
    };
    if !last.retry {
        dispatch.show_due().await;
    }
}

/// What is left to do after everything due was shown, or could not be.
#[derive(Debug, Clone, Copy)]
struct Due {
    /// Something could not be shown and is to be tried again.
    retry: bool,
    /// When a group wants to be looked at again.
    next_wake: Option<jiff::Timestamp>,
}

impl Dispatch {
    /// Shows everything due, in portions as the store hands it out.
    async fn show_due(&self) -> Due {
        loop {
            let due = match self.store.alerts_due(clock::now()).await {
                Ok(due) => due,
                Err(error) => {
                    tracing::warn!(%error, "what is due cannot be read");
                    return Due { retry: true, next_wake: None };
                }
            };
            if due.pending.is_empty() {
                return Due { retry: false, next_wake: due.next_wake };
            }
            for alert in due.pending {
                if self.carry_out(alert).await.is_err() {
                    return Due { retry: true, next_wake: due.next_wake };
                }
            }
        }
    }

    async fn carry_out(&self, alert: PendingAlert) -> Result<(), StoreOrScreen> {
        let PendingAlert { command_id, version, order, .. } = alert;
        let (text, new) = match &order {
            AlertOrder::Show(text) => (text, true),
            AlertOrder::Update(text) => (text, false),
            AlertOrder::Close => {
                self.desktop.notifier.close(&command_id).await;
                return self.store.mark_closed(&command_id, version).await.map_err(|error| {
                    tracing::warn!(%error, command_id, "a closed alert could not be marked so");
                    StoreOrScreen
                });
            }
        };
        match self.desktop.notifier.show(&command_id, text).await {
            Ok(id) => {
                self.tell(None);
                let _ = self.progress.send(Progress::Alert {
                    command_id: command_id.clone(),
                    title: text.title.clone(),
                    body: text.body.clone(),
                    new,
                });
                self.store.mark_shown(&command_id, version, SERVER, id, clock::now()).await.map_err(|error| {
                    tracing::warn!(%error, command_id, "a shown alert could not be marked so");
                    StoreOrScreen
                })
            }
            Err(problem) => {
                // Once a cause: a drain without a notification server would fill the log with one sentence.
                if self.problem.borrow().as_ref() != Some(&problem) {
                    tracing::warn!(%problem, "an alert waits");
                }
                self.tell(Some(problem));
                Err(StoreOrScreen)
            }
        }
    }

    /// Puts up the alerts about deafness whose time has come and takes down those of what hears again. Whether all are up.
    async fn ring_deafness(&mut self) -> bool {
        for alarm in self.board.alarms() {
            let name = alarm.topic_arn.rsplit(':').next().unwrap_or(&alarm.topic_arn);
            let text = AlertText {
                title: words::clean(&format!("Watchbell cannot hear {name}")),
                body: words::clean_to(&format!("{}. {}.", capital(&alarm.reason), capital(&alarm.hint)), 300),
                urgency: Urgency::Critical,
                sound: true,
            };
            self.deaf.insert(alarm.topic_arn, (text, false));
        }
        if self.deaf.is_empty() {
            return true;
        }
        let blind: Vec<_> = self.board.lines().into_iter().filter(|line| line.state.is_blind()).collect();
        let heals = |topic: &String| !blind.iter().any(|line| line.topic_arn == *topic);
        for topic in self.deaf.keys().filter(|topic| heals(topic)).cloned().collect::<Vec<_>>() {
            self.deaf.remove(&topic);
            self.desktop.notifier.close(&format!("{BLIND}{topic}")).await;
        }
        let mut all = true;
        for (topic, (text, up)) in self.deaf.iter_mut().filter(|(_, (_, up))| !up) {
            match self.desktop.notifier.show(&format!("{BLIND}{topic}"), text).await {
                Ok(_) => *up = true,
                Err(problem) => {
                    tracing::warn!(%problem, topic, "the alert about deafness waits");
                    all = false;
                }
            }
        }
        all
    }

    async fn test(&self, answer: tokio::sync::oneshot::Sender<Result<(), Problem>>) {
        let text = AlertText {
            title: "Watchbell can ring".into(),
            body: "This is a test. A failed command looks like this.".into(),
            urgency: Urgency::Normal,
            sound: true,
        };
        let shown = self.desktop.notifier.show(TEST, &text).await;
        self.tell(shown.as_ref().err().cloned());
        let _ = answer.send(shown.map(|_| ()));
    }

    /// Tells tray, window and `status` why alerts cannot be shown, or that they can.
    fn tell(&self, problem: Option<Problem>) {
        self.problem.send_if_modified(|known| {
            let news = *known != problem;
            *known = problem;
            news
        });
    }

    async fn told(&mut self, heard: Heard) {
        let Some(heard) = reports::pressed(heard, &self.opened) else { return };
        let (key, fate) = match heard {
            Heard::NoServer(problem) => return self.tell(Some(problem)),
            Heard::ServerThere => return self.tell(None),
            Heard::ServerChanged => {
                self.tell(None);
                self.deaf.values_mut().for_each(|(_, up)| *up = false);
                if let Err(error) = self.store.server_changed(clock::now()).await {
                    tracing::warn!(%error, "the alerts of the former notification server could not be made due again");
                }
                return;
            }
            Heard::Pressed { key, .. } => {
                let command = (!key.starts_with(BLIND) && key != TEST).then(|| key.clone());
                let _ = self.opened.try_send(command);
                (key, Fate::Clicked)
            }
            Heard::Dismissed { key } => (key, Fate::Dismissed),
            Heard::Expired { key } => (key, Fate::Expired),
        };
        if key.starts_with(BLIND) || key == TEST {
            return; // an alert about deafness that left the screen is not brought back: it rings once per cause
        }
        if let Err(error) = self.store.fate(&key, fate, clock::now()).await {
            tracing::warn!(%error, command_id = key, "what became of an alert could not be stored");
        }
    }
}

/// Either could not do its part; it has been logged, and the alert stays due.
struct StoreOrScreen;

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
