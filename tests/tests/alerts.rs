//! The engine's alerts on a private bus: pressed, updated, carried over to another server. No AWS: failures are fed in locally.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken desktop is this test's finding")]

use std::process::Stdio;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tokio::process::{Child, Command};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader};
use watchbell_engine::view::EngineState;
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::notifications::NotificationServer;

const COMMAND: &str = "03e5b2dc-91d2-4ce4-8b8c-ed5f02b60904";
const OTHER: &str = "7c0a44f1-5d0e-4b1c-9a43-2f6d3b9e0c15";
const CAN: [&str; 3] = ["actions", "body", "body-markup"];
const SOON: Duration = Duration::from_secs(15);

/// A running engine without subscriptions, on a bus of its own.
struct Desk {
    dir: DataDir,
    bus: Bus,
    _engine: Child,
    _folder: tempfile::TempDir,
}

impl Desk {
    async fn set(bus: Bus, folder: tempfile::TempDir) -> Self {
        let dir = DataDir::resolve(Some(&folder.path().join("data"))).unwrap();
        let tests = std::env::current_exe().unwrap();
        let engine = Command::new(tests.ancestors().nth(2).unwrap().join("watchbellctl"))
            .args(["--json", "watch"])
            .env("WATCHBELL_DATA_DIR", dir.root())
            .env("HOME", folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .expect("watchbellctl is built beside the tests");
        let desk = Self { dir, bus, _engine: engine, _folder: folder };
        desk.until("the engine answers", async || {
            control::status(&desk.dir).await.is_ok_and(|status| status.engine == EngineState::Running)
        })
        .await;
        desk
    }

    async fn until(&self, what: &str, holds: impl AsyncFn() -> bool) {
        for _ in 0..150 {
            if holds().await {
                return;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("waited in vain until {what}");
    }

    /// Nodes `from..to` of one command fail.
    async fn fail(&self, from: usize, to: usize) {
        self.fail_in(COMMAND, from, to).await;
    }

    /// The same of another command of that document.
    async fn fail_in(&self, command_id: &str, from: usize, to: usize) {
        let topic: TopicArn = "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse().unwrap();
        #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
        let now = Timestamp::now();
        let run = simulate::patch_run(&RunSpec {
            command_id: command_id.into(),
            document: "AWS-<b>Run</b>&Patch".into(),
            nodes: 9,
            fail: 9,
            time_out: 0,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: topic.clone(),
            started: now - SignedDuration::from_secs(95),
            seed: 7,
        });
        let failures: Vec<_> = run.into_iter().filter(|message| message.contains("\"Failed\"")).collect();
        let wrapped = failures[from..to].iter().enumerate();
        let bodies = wrapped
            .map(|(n, inner)| simulate::envelope(inner, &topic, &format!("{command_id} m{from}-{n}"), now))
            .collect();
        control::perform(&self.dir, Act::Inject { bodies, topic }).await.unwrap();
    }

    fn reasons(&self) -> Vec<String> {
        let detail = Reader::open(&self.dir).unwrap().detail(COMMAND).unwrap();
        detail.map(|detail| detail.decisions.into_iter().map(|of| of.reason).collect()).unwrap_or_default()
    }

    async fn problems(&self) -> Vec<String> {
        let status = control::status(&self.dir).await.unwrap();
        status.problems.into_iter().map(|problem| format!("{}; {}", problem.message, problem.hint)).collect()
    }
}

async fn bus() -> (Bus, tempfile::TempDir) {
    let folder = tempfile::Builder::new().prefix("wb-").tempdir().unwrap();
    (Bus::start(folder.path()).await.unwrap(), folder)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_is_heard_whether_the_server_tells_everybody_or_only_the_sender() {
    for to_sender_only in [false, true] {
        let (bus, folder) = bus().await;
        let mut server = NotificationServer::start(&bus, &CAN).await.unwrap();
        server.to_sender_only = to_sender_only;
        let desk = Desk::set(bus, folder).await;
        desk.fail(0, 1).await;
        let alert = server.next(SOON).await.expect("the failure rings");
        // A person needs longer than the alert's own connection to begin to listen.
        tokio::time::sleep(Duration::from_millis(300)).await;
        server.press(alert.id).await.unwrap();
        desk.until("the press is stored", async || desk.reasons().iter().any(|why| why.contains("opened it"))).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn more_failures_update_the_alert_in_place_over_the_same_connection() {
    let (bus, folder) = bus().await;
    let mut server = NotificationServer::start(&bus, &CAN).await.unwrap();
    let desk = Desk::set(bus, folder).await;
    desk.fail(0, 1).await;
    let first = server.next(SOON).await.expect("the first failure rings");
    desk.fail(1, 4).await;
    let second = server.next(SOON).await.expect("more failures are told");
    assert_eq!((second.replaces, second.id), (first.id, first.id), "one command has one alert, changed in place");
    assert_eq!(second.sender, first.sender, "GNOME closes an alert whose sender leaves, so the sender stays");
    assert_eq!(server.up(), [first.id], "the alert is still up");
    assert!(second.summary.contains("4 failed"), "the words have the new counts: {}", second.summary);
    assert!(second.summary.contains("<b>"), "a title is plain text by the specification: {}", second.summary);
    assert!(!second.body.contains('<'), "a body that the server reads as markup is escaped: {}", second.body);
    assert_eq!(first.hints, ["desktop-entry", "suppress-sound", "urgency"], "the desktop knows whose alert it is");
    assert!(first.expire > 0, "even a critical alert says for how long, or it would stay for ever");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_commands_that_fail_alike_on_one_node_can_be_told_apart() {
    let (bus, folder) = bus().await;
    let mut server = NotificationServer::start(&bus, &CAN).await.unwrap();
    let desk = Desk::set(bus, folder).await;
    desk.fail(0, 1).await;
    let first = server.next(SOON).await.expect("the first command rings");
    desk.fail_in(OTHER, 0, 1).await;
    let second = server.next(SOON).await.expect("the second command rings");
    assert_eq!(second.summary, first.summary, "the same document failed on the same node");
    assert_eq!(second.body, format!("{} Command 7c0a44f1…0c15.", first.body), "dunst shows equal alerts as one");
    desk.fail_in(OTHER, 1, 2).await;
    let third = server.next(SOON).await.expect("a second node is told");
    assert_eq!(third.replaces, second.id, "its alert is changed in place");
    assert!(!third.body.contains("Command"), "and needs no id once its words are its own: {}", third.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poor_server_gets_no_markup_and_no_actions() {
    let (bus, folder) = bus().await;
    let mut server = NotificationServer::start(&bus, &["body"]).await.unwrap();
    let desk = Desk::set(bus, folder).await;
    desk.fail(0, 1).await;
    let alert = server.next(SOON).await.expect("the failure rings");
    assert!(alert.actions.is_empty(), "a server without actions would draw them as text or refuse");
    assert!(!alert.body.contains("&amp;"), "escapes would be shown as they are: {}", alert.body);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_server_shows_again_what_was_up_once() {
    let (bus, folder) = bus().await;
    let mut old = NotificationServer::start(&bus, &CAN).await.unwrap();
    let desk = Desk::set(bus, folder).await;
    desk.fail(0, 2).await;
    old.next(SOON).await.expect("the failure rings");
    tokio::time::sleep(Duration::from_millis(300)).await;
    old.die().await.unwrap();
    desk.until("the loss is told", async || desk.problems().await.iter().any(|p| p.contains("install or start"))).await;
    let mut new = NotificationServer::start(&desk.bus, &CAN).await.unwrap();
    let again = new.next(SOON).await.expect("what was up comes up at the new server");
    assert_eq!(again.replaces, 0, "the old server's ids mean nothing to the new one");
    assert_eq!(new.next(Duration::from_secs(3)).await, None, "it comes up once");
    assert_eq!(desk.problems().await, Vec::<String>::new(), "and the problem is over");
}
