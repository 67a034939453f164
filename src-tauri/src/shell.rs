//! What the parts of the shell share: how things stand, whom to ask, and whether there is a tray to live in.
//!
//! **Invariant:** one value, told by watches; nobody polls it. It holds no history: the window asks the store.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::tz::TimeZone;
use serde::Serialize;
use specta::Type;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use watchbell_core::tray::{TrayInput, TrayModel, tray_model};
use watchbell_engine::clock;
use watchbell_engine::engine::{Desk, Standing};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;

use crate::examining::Examining;
use crate::onboarding::Onboarding;
use crate::signing_in::SigningIn;

/// How the engine is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum EngineNow {
    /// Not there yet.
    Starting,
    /// It runs.
    Running(Box<Standing>),
    /// It could not start, for this reason, and will try again.
    Stopped(Problem),
}

impl EngineNow {
    /// What the tray shows.
    pub(crate) fn tray(&self) -> TrayModel {
        let problem = match self {
            Self::Running(standing) => return standing.tray.clone(),
            Self::Starting => None,
            Self::Stopped(problem) => Some(format!("{}. {}.", problem.message, problem.hint)),
        };
        let input = TrayInput { engine_problem: problem, ..TrayInput::default() };
        let model = tray_model(&input, &clock::now().to_zoned(TimeZone::system()));
        if *self == Self::Starting { TrayModel { headline: "Starting".into(), ..model } } else { model }
    }
}

/// What the window is to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum Destination {
    /// The page of this command, by SSM's id.
    Command { id: String },
    /// The page of this run of a maintenance window.
    Run { run: String },
    /// The way back in for the subscription to this topic: its code is typed, or the way is told, in the window. With what stood in
    /// the way of one that the tray began.
    SignIn { topic_arn: String, problem: Option<crate::ipc::Problem> },
}

/// The shared state, behind an `Arc` in Tauri's own store.
#[derive(Debug)]
pub(crate) struct Shell {
    /// The data folder.
    pub(crate) dir: DataDir,
    /// Where AWS calls go instead, for stand-ins.
    pub(crate) endpoint_url: Option<String>,
    /// Whether this is the demonstration, which sets nothing up.
    pub(crate) demo: bool,
    /// The set-up under way.
    pub(crate) onboarding: Onboarding,
    /// The doctor's examination under way.
    pub(crate) examining: Examining,
    /// The sign-in under way.
    pub(crate) signing_in: SigningIn,
    /// How the engine is.
    pub(crate) engine: watch::Sender<EngineNow>,
    /// Whether a tray shows our mark.
    pub(crate) tray_host: watch::Sender<bool>,
    /// Whether the library that draws it can be loaded; without it no host helps.
    pub(crate) tray_library: AtomicBool,
    /// A line of the tray's menu of snoozes was pressed: a mark there turns over by itself, whatever comes of it.
    pub(crate) tray_pressed: Notify,
    /// Cancelled when the app is to end.
    pub(crate) quit: CancellationToken,
    desk: watch::Sender<Option<Seat>>,
    wanted: Mutex<Option<Destination>>,
    told_of_no_tray: AtomicBool,
}

/// The desk has no `Debug`; this gives it one.
#[derive(Clone)]
struct Seat(Arc<Desk>);

impl std::fmt::Debug for Seat {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Desk")
    }
}

impl Shell {
    /// A shell whose engine has not started.
    pub(crate) fn new(dir: DataDir, endpoint_url: Option<String>, demo: bool) -> Self {
        Self {
            dir,
            endpoint_url,
            demo,
            onboarding: Onboarding::default(),
            examining: Examining::default(),
            signing_in: SigningIn::default(),
            engine: watch::Sender::new(EngineNow::Starting),
            tray_host: watch::Sender::new(false),
            tray_library: AtomicBool::new(true),
            tray_pressed: Notify::new(),
            quit: CancellationToken::new(),
            desk: watch::Sender::new(None),
            wanted: Mutex::new(None),
            told_of_no_tray: AtomicBool::new(false),
        }
    }

    /// The running engine's desk, or why there is none.
    pub(crate) fn desk(&self) -> Result<Arc<Desk>, Problem> {
        if let Some(seat) = &*self.desk.borrow() {
            return Ok(Arc::clone(&seat.0));
        }
        Err(match &*self.engine.borrow() {
            EngineNow::Stopped(problem) => problem.clone(),
            _ => Problem::new(Code::No, "Watchbell is still starting", "try again in a moment"),
        })
    }

    /// Sets whom to ask; `None` while no engine runs.
    pub(crate) fn seat(&self, desk: Option<Arc<Desk>>) {
        self.desk.send_replace(desk.map(Seat));
    }

    /// Whether an alert told that there is no tray; from now on it has.
    pub(crate) fn told_of_no_tray(&self) -> bool {
        self.told_of_no_tray.swap(true, Ordering::Relaxed)
    }

    /// Remembers what the next page is to open.
    pub(crate) fn want(&self, wanted: Option<Destination>) {
        *self.wanted.lock().unwrap_or_else(PoisonError::into_inner) = wanted;
    }

    /// Takes what the page is to open.
    pub(crate) fn take_wanted(&self) -> Option<Destination> {
        self.wanted.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}
