//! The engine assembled: lock, store, receiving, alerts, health and the socket, started in order and ended in order.
//!
//! **Invariant:** every task is owned by the tracker and ends on the token; each step of the shutdown has a name and a limit.
//! Never here: Tauri, a terminal, or how any of its parts does its work.

mod clients;
mod desk;
mod endings;
mod leases;
mod look;
mod open_windows;
mod progress;
mod restart;
mod shutdown;
mod standing;
mod supervise;
mod vital;
mod wake;
mod watched;
mod windows;
mod wish;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{broadcast, mpsc, oneshot, watch};
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;

pub use desk::Desk;
pub use progress::Progress;
pub use shutdown::{ShutdownReport, ShutdownStep};
pub use standing::Standing;
pub use wish::Wish;

use crate::alerts::{self, Dispatch};
use crate::control;
use crate::error::{Code, Problem};
use crate::health::Board;
use crate::lock::EngineLock;
use crate::paths::DataDir;
use crate::store::Store;
use supervise::Supervisor;
use vital::Vital;

/// How an engine is to run.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    /// Its data folder; one engine each.
    pub dir: DataDir,
    /// Overrides where AWS calls go, for stand-ins.
    pub endpoint_url: Option<String>,
    /// Who runs it, for the lock: `watchbell`, `watchbellctl watch`.
    pub who: &'static str,
    /// Drain the queues and end.
    pub once: bool,
    /// Whether the shell can carry out [`Wish::Copy`].
    pub copies: bool,
}

/// A running engine. End it with [`Engine::shutdown`]; dropped, or broken off in its start, it ends its tasks without the order.
pub struct Engine {
    desk: Arc<Desk>,
    dir: DataDir,
    standing: watch::Receiver<Standing>,
    progress: broadcast::Sender<Progress>,
    /// Made before anything can happen, for the first who asks.
    heard: Option<broadcast::Receiver<Progress>>,
    board: Board,
    wishes: mpsc::Receiver<Wish>,
    receiving: (TaskTracker, CancellationToken),
    ringing: (TaskTracker, CancellationToken),
    drained: oneshot::Receiver<()>,
    lock: EngineLock,
    /// End what runs, whatever becomes of the engine.
    _ends: [DropGuard; 2],
}

impl Engine {
    /// Takes the lock, opens the history and starts receiving.
    ///
    /// # Errors
    /// When another engine runs here, the history cannot be opened, or the socket cannot be made.
    pub async fn start(config: EngineConfig) -> Result<Self, Problem> {
        let (dir, who) = (config.dir.clone(), config.who);
        let opening = tokio::task::spawn_blocking(move || {
            let lock = EngineLock::take(&dir, who)?;
            Ok::<_, Problem>((Store::open(&dir)?, lock))
        });
        let (store, lock) = opening.await.map_err(|error| if error.is_panic() { broke_off() } else { ending() })??;
        let listener = control::listen(&config.dir)?;
        let board = Board::default();
        let (progress, heard) = broadcast::channel(1024);
        let (wish, wishes) = mpsc::channel(16);
        let (alerts_problem, alerts_problems) = watch::channel(None);
        let (tests, test_orders) = mpsc::channel(4);
        let (reports, report_orders) = mpsc::channel(4);
        let receiving = (TaskTracker::new(), CancellationToken::new());
        let ringing = (TaskTracker::new(), CancellationToken::new());
        let ends = [&receiving.1, &ringing.1].map(|token| token.clone().drop_guard());
        let (vital, faults) = Vital::new();

        let desktop = alerts::desktop(&config.dir, &ringing.0, &ringing.1);
        let dispatch = Dispatch {
            desktop,
            store: store.clone(),
            board: board.clone(),
            progress: progress.clone(),
            wishes: wish.clone(),
            copies: config.copies,
            problem: alerts_problem,
            tests: test_orders,
            reports: report_orders,
            cancel: ringing.1.clone(),
            deaf: alerts::Deafness::default(),
        };
        vital.spawn(&ringing, "shows no alerts", alerts::run(dispatch));
        let reporting = alerts::tell_reports(store.clone(), reports, ringing.1.clone());
        vital.spawn(&ringing, "tells no reports of maintenance windows", reporting);
        let troubles = standing::Troubles { alerts: alerts_problems, faults };
        let standing = standing::follow(&config.dir, &store, &board, troubles, &progress, &ringing.0, &ringing.1);
        receiving.0.spawn(wake::listen(board.clone(), receiving.1.clone()));
        let (done, drained) = oneshot::channel();
        let (reload, reloads) = watch::channel(());
        let desk = Arc::new(Desk::new(store.clone(), config.dir.clone(), standing.clone(), wish, tests, reload));
        control::serve(listener, Arc::clone(&desk), &ringing.0, ringing.1.clone());

        let supervisor = Supervisor {
            dir: config.dir.clone(),
            endpoint_url: config.endpoint_url,
            once: config.once,
            store,
            board: board.clone(),
            progress: progress.clone(),
            cancel: receiving.1.clone(),
            windows: windows::Readers::default(),
        };
        vital.spawn(&receiving, "starts and ends no subscription", supervisor.run(reloads, done));
        tracing::info!(who = config.who, data = %config.dir.root().display(), "the engine runs");
        Ok(Self {
            desk,
            dir: config.dir,
            standing,
            progress,
            heard: Some(heard),
            board,
            wishes,
            receiving,
            ringing,
            drained,
            lock,
            _ends: ends,
        })
    }

    /// What happens, as it happens; the first reader hears it from the start. One that lags behind misses the oldest.
    pub fn progress(&mut self) -> broadcast::Receiver<Progress> {
        self.heard.take().unwrap_or_else(|| self.progress.subscribe())
    }

    /// What keeps subscriptions from being heard at this moment.
    pub fn problems(&self) -> Vec<Problem> {
        self.board.problems()
    }

    /// Health, counts and the tray's model, after each change, at most ten a second.
    pub fn standing(&self) -> watch::Receiver<Standing> {
        self.standing.clone()
    }

    /// Takes what the socket takes, and gives the store.
    pub fn desk(&self) -> Arc<Desk> {
        Arc::clone(&self.desk)
    }

    /// The data folder.
    pub fn dir(&self) -> &DataDir {
        &self.dir
    }

    /// What the person wants of the shell next. `None` once the engine has ended.
    pub async fn wish(&mut self) -> Option<Wish> {
        self.wishes.recv().await
    }

    /// Resolves when every queue was drained (`once`). Never, otherwise.
    pub async fn drained(&mut self) {
        if (&mut self.drained).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Ends in order: stop receiving and finish the deletes, show what is due, close the history, free the lock.
    pub async fn shutdown(self) -> ShutdownReport {
        let mut report = ShutdownReport::default();
        self.receiving.1.cancel();
        self.receiving.0.close();
        report
            .step(
                "stop receiving, store and delete what was received",
                Duration::from_secs(10),
                self.receiving.0.wait(),
            )
            .await;
        self.ringing.1.cancel();
        self.ringing.0.close();
        report.step("show what is due and close the socket", Duration::from_secs(6), self.ringing.0.wait()).await;
        report.step("close the history", Duration::from_secs(5), self.desk.store().close()).await;
        let _ = self.progress.send(Progress::Stopped);
        drop(self.lock);
        #[cfg(unix)]
        let _ = std::fs::remove_file(self.dir.socket());
        report
    }
}

fn broke_off() -> Problem {
    Problem::new(
        Code::Storage,
        "opening the history met a fault in Watchbell itself",
        "please report this with the newest file of the logs folder",
    )
}

/// The engine is ending, so nobody answers any more.
pub(crate) fn ending() -> Problem {
    Problem::new(Code::No, "Watchbell is ending", "start it again")
}
