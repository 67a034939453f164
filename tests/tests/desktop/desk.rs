//! What every test of the desktop needs: a session with alerts, waiting, and commands that fail.

use std::process::Stdio;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::io::AsyncWriteExt;
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_engine::view::{EngineState, StatusReport};
use watchbell_tests::harness::app::built;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::tray::{MenuLine, TrayHost, TrayItem};

/// Long, for a machine that does other work.
pub(crate) const SOON: Duration = Duration::from_secs(30);
pub(crate) const LOOK_EVERY: Duration = Duration::from_millis(100);
/// The name of the data folder in a session.
pub(crate) const DATA: &str = "watchbell";

/// Waits until it holds, and fails with `what` when it does not.
pub(crate) async fn until(what: &str, holds: impl AsyncFn() -> bool) {
    until_within(SOON, what, holds).await;
}

pub(crate) async fn until_within(limit: Duration, what: &str, holds: impl AsyncFn() -> bool) {
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(LOOK_EVERY).await;
        }
    };
    assert!(tokio::time::timeout(limit, waiting).await.is_ok(), "waited in vain until {what}");
}

/// A session with a notification server, so that nothing is missing unless a test takes it away.
pub(crate) async fn session() -> (Session, NotificationServer) {
    let session = Session::start().await.unwrap();
    let alerts = NotificationServer::start(&session.bus, &["actions", "body", "body-markup"]).await.unwrap();
    (session, alerts)
}

/// The app's mark in the tray.
pub(crate) async fn mark(host: &mut TrayHost) -> TrayItem {
    loop {
        let item = host.next(SOON).await.expect("the mark comes into the tray");
        // One mark may register twice, and the second may be of an app that has ended since.
        if item.menu().await.is_ok() {
            return item;
        }
    }
}

/// The first line of the menu.
pub(crate) async fn headline(item: &TrayItem) -> String {
    item.menu().await.unwrap_or_default().into_iter().next().map(|line| line.label).unwrap_or_default()
}

/// Waits until the tray says it, and gives the line.
pub(crate) async fn until_headline(item: &TrayItem, says: impl Fn(&str) -> bool) -> String {
    for _ in 0..300 {
        let line = headline(item).await;
        if says(&line) {
            return line;
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    panic!("the tray never said it; its menu is {:?}", item.menu().await);
}

/// The lines that can be clicked.
pub(crate) fn clickable(menu: &[MenuLine]) -> Vec<&str> {
    menu.iter().filter(|line| line.enabled).map(|line| line.label.as_str()).collect()
}

/// The picture of the mark.
pub(crate) async fn picture(item: &TrayItem) -> Vec<u8> {
    let path = item.icon().await.unwrap();
    std::fs::read(&path).unwrap_or_default()
}

pub(crate) async fn status(dir: &DataDir) -> Option<StatusReport> {
    control::status(dir).await.ok().filter(|status| status.engine == EngineState::Running)
}

pub(crate) async fn until_running(dir: &DataDir) {
    until("the engine runs", async || status(dir).await.is_some()).await;
}

#[allow(clippy::disallowed_methods, reason = "a test has a clock")]
pub(crate) fn now() -> Timestamp {
    Timestamp::now()
}

/// What `watchbellctl --json` answers in this session.
pub(crate) async fn ctl(session: &Session, arguments: &[&str]) -> serde_json::Value {
    ctl_told(session, arguments, "").await
}

/// The same with something on its stdin.
pub(crate) async fn ctl_told(session: &Session, arguments: &[&str], told: &str) -> serde_json::Value {
    let mut command = session.command(built("watchbellctl").unwrap());
    command.args(arguments).arg("--json").env("WATCHBELL_DATA_DIR", session.path(DATA));
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // One that asks for nothing may have ended already.
    let _ = child.stdin.take().unwrap().write_all(told.as_bytes()).await;
    let out = child.wait_with_output().await.unwrap();
    serde_json::from_slice(&out.stdout).unwrap_or_else(|error| panic!("watchbellctl {arguments:?}: {error}"))
}

pub(crate) fn topic() -> TopicArn {
    "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse().unwrap()
}

/// A command on so many nodes, just ended.
pub(crate) struct Run<'a> {
    pub(crate) id: &'a str,
    pub(crate) document: &'a str,
    pub(crate) nodes: u32,
    pub(crate) fail: u32,
    pub(crate) time_out: u32,
}

impl Run<'_> {
    /// What SSM would say of it.
    pub(crate) fn messages(&self) -> Vec<String> {
        self.messages_from(now() - SignedDuration::from_secs(95))
    }

    /// The same of one that was sent then.
    pub(crate) fn messages_from(&self, started: Timestamp) -> Vec<String> {
        simulate::patch_run(&RunSpec {
            command_id: self.id.into(),
            document: self.document.into(),
            nodes: self.nodes,
            fail: self.fail,
            time_out: self.time_out,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: topic(),
            started,
            seed: 7,
        })
    }
}

/// Feeds these messages in, as if they had come over the queue.
pub(crate) async fn hear(dir: &DataDir, messages: &[String]) {
    let now = now();
    let bodies = messages
        .iter()
        .map(|inner| simulate::envelope(inner, &topic(), &uuid::Uuid::new_v4().to_string(), now))
        .collect();
    hear_bodies(dir, bodies).await;
}

/// Feeds whole bodies in.
pub(crate) async fn hear_bodies(dir: &DataDir, bodies: Vec<String>) {
    control::perform(dir, Act::Inject { bodies, topic: topic() }).await.unwrap();
}

/// One node of this command fails.
pub(crate) async fn fail(dir: &DataDir, id: &str, document: &str) {
    hear(dir, &Run { id, document, nodes: 1, fail: 1, time_out: 0 }.messages()).await;
}

/// The id of the test's nth command.
pub(crate) fn id(n: u32) -> String {
    format!("{n:08x}-91d2-4ce4-8b8c-ed5f02b60904")
}
