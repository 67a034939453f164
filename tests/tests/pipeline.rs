//! From a topic to the bus: the real engine against fauxqs over the wire, and a notification server that remembers.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken stand-in is this test's finding")]

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::Value;
use tokio::process::{Child, Command};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader};
use watchbell_engine::view::{CommandRow, HistoryQuery};
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::record::record;
use watchbell_tests::harness::stand_in_config;

struct Stage {
    fauxqs: Fauxqs,
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    topic: TopicArn,
    queue: String,
    folder: tempfile::TempDir,
    bus: Bus,
}

impl Stage {
    async fn set() -> Self {
        let fauxqs = Fauxqs::start().await.expect("fauxqs starts");
        let config = stand_in_config(&fauxqs.url).await;
        let (sqs, sns) = (aws_sdk_sqs::Client::new(&config), aws_sdk_sns::Client::new(&config));
        let topic = sns.create_topic().name("ssm-notify").send().await.unwrap();
        let topic: TopicArn = topic.topic_arn().unwrap().parse().unwrap();
        let queue = sqs.create_queue().queue_name("personal").send().await.unwrap().queue_url().unwrap().to_owned();
        let arn = format!("arn:aws:sqs:{}:{}:personal", topic.region(), topic.account());
        sns.subscribe().topic_arn(topic.as_str()).protocol("sqs").endpoint(arn).send().await.unwrap();
        let folder = tempfile::tempdir().unwrap();
        let bus = Bus::start(folder.path()).await.expect("a bus starts");
        let stage = Self { fauxqs, sqs, sns, topic, queue, folder, bus };
        let record = record(&stage.topic, &stage.queue, &stage.fauxqs.url);
        let dir = DataDir::resolve(Some(&stage.data())).unwrap();
        control::perform(&dir, Act::PutSubscription(Box::new(record))).await.unwrap();
        stage
    }

    async fn server(&self) -> NotificationServer {
        NotificationServer::start(&self.bus, &["actions", "body", "body-markup"]).await.unwrap()
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn watch(&self, arguments: &[&str]) -> Child {
        let tests = std::env::current_exe().unwrap();
        Command::new(tests.ancestors().nth(2).unwrap().join("watchbellctl"))
            .args(["--json", "watch"])
            .args(arguments)
            .env("WATCHBELL_DATA_DIR", self.data())
            .env("HOME", self.folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus.address)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .expect("watchbellctl is built beside the tests")
    }

    async fn publish(&self, message: &str) {
        self.sns.publish().topic_arn(self.topic.as_str()).message(message).send().await.unwrap();
    }

    /// A run that has just ended, so that it rings live.
    fn patch_run(&self, id: &str, nodes: u32, fail: u32, time_out: u32, not_run: u32) -> Vec<String> {
        #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
        let started = Timestamp::now() - SignedDuration::from_secs(95);
        simulate::patch_run(&RunSpec {
            command_id: id.into(),
            document: "AWS-RunPatchBaseline".into(),
            nodes,
            fail,
            time_out,
            not_run,
            level: Level::Invocation,
            probe: None,
            topic: self.topic.clone(),
            started,
            seed: 7,
        })
    }

    /// Visible and invisible messages of the queue.
    async fn left(&self) -> (String, String) {
        use aws_sdk_sqs::types::QueueAttributeName::{
            All, ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesNotVisible as Hidden,
        };
        let asked = self.sqs.get_queue_attributes().queue_url(&self.queue).attribute_names(All).send().await.unwrap();
        let attributes = asked.attributes.unwrap();
        (attributes[&Visible].clone(), attributes[&Hidden].clone())
    }
}

async fn lines(child: Child) -> (Option<i32>, Vec<Value>) {
    let output =
        tokio::time::timeout(Duration::from_mins(1), child.wait_with_output()).await.expect("watch ends").unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    (output.status.code(), text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect())
}

fn history(data: &Path) -> Vec<CommandRow> {
    let reader = Reader::open(&DataDir::resolve(Some(data)).unwrap()).unwrap();
    reader.history(&HistoryQuery { limit: 100, ..HistoryQuery::default() }).unwrap().rows
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_patch_run_is_drained_stored_and_rung_once() {
    let stage = Stage::set().await;
    let server = stage.server().await;
    let messages = stage.patch_run("03e5b2dc-91d2-4ce4-8b8c-ed5f02b60904", 60, 7, 5, 2);
    for message in messages.iter().rev() {
        stage.publish(message).await;
    }
    stage.publish("not json").await;
    stage.publish(r#"{"hello":"<script>alert(1)</script>"}"#).await;

    let (code, told) = lines(stage.watch(&["--once"])).await;
    assert_eq!(code, Some(0), "a drained queue is success");
    let drained = told.iter().find(|line| line["event"] == "drained").expect("scripts wait for this line");
    assert_eq!(drained["stored"], messages.len(), "each distinct message is stored once");
    assert_eq!(drained["quarantined"], 2, "what cannot be understood is kept in quarantine");
    assert_eq!(stage.left().await, ("0".into(), "0".into()), "what is stored is deleted");

    let rows = history(&stage.data());
    let counts = &rows[0].counts;
    let counted = (counts.success, counts.failed, counts.timed_out, counts.not_run, counts.in_progress);
    assert_eq!((rows.len(), counted), (1, (46, 7, 5, 2, 0)), "any order ends in the same history");
    let notifies = server.all();
    let new = notifies.iter().filter(|notify| notify.replaces == 0).count();
    assert_eq!(new, 1, "one command rings once, however many of its nodes fail: {notifies:?}");
    let last = &notifies.last().unwrap().summary;
    assert!(last.contains("7 failed, 5 timed out"), "the last words have the true counts: {last}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_loses_nothing_and_rings_nothing_twice() {
    let stage = Stage::set().await;
    let mut server = stage.server().await;
    let mut engine = stage.watch(&[]);
    for message in stage.patch_run("5e8077db-c6cd-482f-8975-38335aacec19", 1, 1, 0, 0) {
        stage.publish(&message).await;
    }
    let alert = server.next(Duration::from_secs(20)).await.expect("the failure rings");
    assert!(alert.summary.contains("failed on"), "one failing node is named: {}", alert.summary);
    assert_eq!(
        alert.actions,
        ["default", "Open", "acknowledge", "Acknowledge", "snooze", "Snooze 1 h"],
        "a press on the alert opens the command, and without a clipboard nothing offers to copy"
    );
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(server.up(), [alert.id], "the alert stays up while its engine lives");
    engine.start_kill().unwrap();
    engine.wait().await.unwrap();

    let before = server.all().len();
    let (code, _) = lines(stage.watch(&["--once"])).await;
    assert_eq!(code, Some(0), "the lock of a killed engine is free");
    let again: Vec<_> = server.all().split_off(before);
    assert_eq!(again, [], "a failure that was shown before the kill must not ring again");
    assert_eq!(history(&stage.data()).len(), 1, "a kill loses no history");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_notification_server_the_alert_waits_for_one() {
    let stage = Stage::set().await;
    let engine = stage.watch(&[]);
    for message in stage.patch_run("0d4bd167-8513-4d6e-9a69-72f784dc7d32", 1, 1, 0, 0) {
        stage.publish(&message).await;
    }
    tokio::time::sleep(Duration::from_secs(3)).await;
    assert_eq!(history(&stage.data()).len(), 1, "history goes on without a notification server");
    let mut server = stage.server().await;
    let alert = server.next(Duration::from_secs(20)).await.expect("the waiting alert is shown when a server comes");
    assert!(alert.summary.contains("AWS-RunPatchBaseline"), "it is the failure that waited: {}", alert.summary);
    drop(engine);
}
