//! A private bus, a data folder, and an engine that can be killed and started again.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jiff::Timestamp;
use tokio::process::{Child, Command};
use watchbell_core::arn::TopicArn;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader};
use watchbell_engine::view::{CommandRow, DecisionRow, EngineState, HistoryQuery, StatusReport};
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::notifications::Notify;

/// What a good server can do.
pub(crate) const CAN: [&str; 3] = ["actions", "body", "body-markup"];
/// Messages in one request over the socket.
const BATCH: usize = 250;

pub(crate) fn topic() -> TopicArn {
    "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse().unwrap()
}

#[allow(clippy::disallowed_methods, reason = "a test has a clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// An engine without subscriptions, on a bus of its own.
pub(crate) struct Desk {
    pub(crate) dir: DataDir,
    pub(crate) bus: Bus,
    engine: Child,
    folder: tempfile::TempDir,
}

impl Desk {
    /// A bus on which nobody shows anything yet; the engine is started by [`Desk::start`].
    pub(crate) async fn bus() -> (Bus, tempfile::TempDir) {
        let folder = tempfile::Builder::new().prefix("wb-").tempdir().unwrap();
        (Bus::start(folder.path()).await.unwrap(), folder)
    }

    pub(crate) async fn start((bus, folder): (Bus, tempfile::TempDir)) -> Self {
        let dir = DataDir::resolve(Some(&folder.path().join("data"))).unwrap();
        let engine = spawn(&dir, &bus, &folder, &[]);
        let desk = Self { dir, bus, engine, folder };
        desk.answers().await;
        desk
    }

    async fn answers(&self) {
        self.until("the engine answers", async || self.status().await.engine == EngineState::Running).await;
    }

    /// The engine dies as by `kill -9`, and another starts.
    pub(crate) async fn kill_and_restart(&mut self) {
        self.engine.kill().await.unwrap();
        self.engine = spawn(&self.dir, &self.bus, &self.folder, &[]);
        self.answers().await;
    }

    /// Feeds messages in as if they had come, batch after batch.
    pub(crate) async fn feed(&self, bodies: &[String]) {
        for batch in bodies.chunks(BATCH) {
            let act = Act::Inject { bodies: batch.to_vec(), topic: topic() };
            control::perform(&self.dir, act).await.unwrap();
        }
    }

    pub(crate) async fn status(&self) -> StatusReport {
        control::status(&self.dir).await.unwrap()
    }

    pub(crate) fn rows(&self) -> Vec<CommandRow> {
        let query = HistoryQuery { limit: 100, ..HistoryQuery::default() };
        Reader::open(&self.dir).unwrap().history(&query).unwrap().rows
    }

    pub(crate) fn decisions(&self, command_id: &str) -> Vec<DecisionRow> {
        Reader::open(&self.dir).unwrap().decisions(command_id).unwrap()
    }

    pub(crate) async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        for _ in 0..600 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("waited in vain until {what}");
    }
}

pub(crate) fn program(name: &str) -> PathBuf {
    std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(name)
}

fn spawn(dir: &DataDir, bus: &Bus, folder: &tempfile::TempDir, arguments: &[&str]) -> Child {
    Command::new(program("watchbellctl"))
        .args(["--json", "watch"])
        .args(arguments)
        .env("WATCHBELL_DATA_DIR", dir.root())
        .env("HOME", folder.path())
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("watchbellctl is built beside the tests")
}

/// The alerts that came up new.
pub(crate) fn new(notifies: &[Notify]) -> Vec<&Notify> {
    notifies.iter().filter(|notify| notify.replaces == 0).collect()
}

/// The last words under each id.
pub(crate) fn last_words(notifies: &[Notify]) -> Vec<&Notify> {
    let mut last = std::collections::BTreeMap::new();
    for notify in notifies {
        last.insert(notify.id, notify);
    }
    last.into_values().collect()
}
