//! The loop that shows what is due, marks it shown, and tells the store what became of it.
//!
//! **Invariant:** it wakes on a commit, a signal of the server, or the next due instant, and on nothing else: an idle Watchbell
//! costs no tick. While no alert can be shown they stay due, and come up once when a server appears: a few one by one, more by count.

use std::time::Duration;

use jiff::SignedDuration;
use tokio::sync::{broadcast, mpsc, watch};
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::policy::{AlertOrder, Fate};

use super::deaf::Deafness;
use super::{Button, Desktop, Heard, reports};
use crate::clock;
use crate::engine::{Progress, Wish};
use crate::error::Problem;
use crate::health::Board;
use crate::store::{Act, AlertKey, PendingAlert, Store};

/// Under which name ids are kept; a server that is replaced is told of by `ServerChanged`, so one name does.
const SERVER: &str = "org.freedesktop.Notifications";
/// A key that is not the store's; see [`AlertKey`] for those that are.
const TEST: &str = "test alert";
/// How long the button on an alert snoozes.
const SNOOZE: SignedDuration = SignedDuration::from_hours(1);

/// What the dispatcher works with.
pub(crate) struct Dispatch {
    pub(crate) desktop: Desktop,
    pub(crate) store: Store,
    pub(crate) board: Board,
    pub(crate) progress: broadcast::Sender<Progress>,
    /// What only the shell can do.
    pub(crate) wishes: mpsc::Sender<Wish>,
    /// Whether the shell can fill the clipboard.
    pub(crate) copies: bool,
    /// Why alerts cannot be shown now, for tray, window and `status`.
    pub(crate) problem: watch::Sender<Option<Problem>>,
    /// Asks for a test alert; the answer says whether it was shown.
    pub(crate) tests: mpsc::Receiver<tokio::sync::oneshot::Sender<Result<(), Problem>>>,
    /// Reports of windows that ended, to be shown under keys of their own.
    pub(crate) reports: mpsc::Receiver<reports::Order>,
    pub(crate) cancel: CancellationToken,
    /// The alerts about deafness.
    pub(crate) deaf: Deafness,
}

/// Runs until cancelled, then shows what is still due once more and ends.
pub(crate) async fn run(mut dispatch: Dispatch) {
    let mut commits = dispatch.store.revision();
    let mut health = dispatch.board.changes();
    let mut backoff = Backoff::new(Duration::from_secs(2), Duration::from_mins(1));
    let last = loop {
        let due = dispatch.show_due().await;
        let deaf = dispatch.deaf.ring(&dispatch.board, &dispatch.store, dispatch.desktop.notifier.as_ref()).await;
        let retry = (due.retry || deaf.retry).then(|| backoff.fail(1.0));
        if retry.is_none() {
            backoff.reset();
        }
        let rings = dispatch.board.watch().map(|at| at.saturating_duration_since(clock::monotonic()));
        let pause = [retry, rings, due.next_wake.map(until), deaf.next.map(until)].into_iter().flatten().min();
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
        let PendingAlert { key, version, order, .. } = alert;
        let (name, command_id) = (key.to_text(), key.command_id().map(str::to_owned));
        let (text, new) = match &order {
            AlertOrder::Show(text) => (text, true),
            AlertOrder::Update(text) => (text, false),
            AlertOrder::Close => {
                self.desktop.notifier.close(&name).await;
                return self.store.mark_closed(&key, version).await.map_err(|error| {
                    tracing::warn!(%error, name, "a closed alert could not be marked so");
                    StoreOrScreen
                });
            }
        };
        match self.desktop.notifier.show(&name, text, &self.buttons(&key)).await {
            Ok(id) => {
                self.tell(None);
                let (title, body) = (text.title.clone(), text.body.clone());
                let _ = self.progress.send(Progress::Alert { command_id, title, body, new });
                self.store.mark_shown(&key, version, SERVER, id, clock::now()).await.map_err(|error| {
                    tracing::warn!(%error, name, "a shown alert could not be marked so");
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

    /// What can be done about an alert where the server draws buttons.
    fn buttons(&self, key: &AlertKey) -> Vec<Button> {
        let fits = |button: &Button| match (button, key) {
            (Button::Acknowledge, AlertKey::Ended(_)) | (Button::Copy, AlertKey::Many(_)) => false,
            (Button::Copy, _) => self.copies,
            _ => true,
        };
        Button::ALL.into_iter().filter(fits).collect()
    }

    async fn test(&self, answer: tokio::sync::oneshot::Sender<Result<(), Problem>>) {
        let shown = self.desktop.notifier.show(TEST, &super::test_text(), &[]).await;
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
        let Some(heard) = reports::pressed(heard, &self.wishes) else { return };
        let (key, fate) = match heard {
            Heard::NoServer(problem) => return self.tell(Some(problem)),
            Heard::ServerThere => return self.tell(None),
            Heard::ServerChanged => {
                self.tell(None);
                self.deaf.server_changed();
                if let Err(error) = self.store.server_changed(clock::now()).await {
                    tracing::warn!(%error, "the alerts of the former notification server could not be made due again");
                }
                self.desktop.notifier.server_changed();
                return;
            }
            Heard::Pressed { key, action } => {
                self.pressed(&key, &action).await;
                (key, Fate::Clicked)
            }
            Heard::Dismissed { key } => (key, Fate::Dismissed),
            Heard::Expired { key } => (key, Fate::Expired),
        };
        // An alert about deafness that left the screen is not brought back: it rings once per cause.
        let Some(of_store) = AlertKey::parse(&key) else { return };
        if let Err(error) = self.store.fate(&of_store, fate, clock::now()).await {
            tracing::warn!(%error, key, "what became of an alert could not be stored");
        }
    }

    /// Does what a button says; the alert itself opens the window.
    async fn pressed(&self, name: &str, action: &str) {
        let key = AlertKey::parse(name);
        let command_id = key.as_ref().and_then(AlertKey::command_id).map(str::to_owned);
        let act = match (Button::ALL.into_iter().find(|button| button.name() == action), key) {
            (Some(Button::Acknowledge), Some(AlertKey::Many(kind))) => Act::AcknowledgeMany { kind },
            (Some(Button::Acknowledge), Some(_)) => Act::Acknowledge { command_id },
            (Some(Button::Snooze), Some(_)) => {
                let until = clock::now().checked_add(SNOOZE).unwrap_or(jiff::Timestamp::MAX);
                Act::Snooze { until, window: false }
            }
            (Some(Button::Copy), _) => {
                if let Some(text) = command_id {
                    let _ = self.wishes.try_send(Wish::Copy { text });
                }
                return;
            }
            _ => {
                let _ = self.wishes.try_send(Wish::Open { command_id });
                return;
            }
        };
        if let Err(error) = self.store.act(act).await {
            tracing::warn!(%error, name, action, "what a button of an alert asked for could not be done");
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
