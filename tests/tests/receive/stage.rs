//! What every story here is played on: a topic, a queue that is subscribed to it, a machine that knows the queue, and a reader of what `watch` says.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::record::record;
use watchbell_tests::harness::stand_in_config;

/// A topic, a queue that is subscribed to it, and a machine that knows the queue.
pub(crate) struct Stage {
    pub(crate) sqs: aws_sdk_sqs::Client,
    pub(crate) sns: aws_sdk_sns::Client,
    pub(crate) topic: TopicArn,
    pub(crate) queue: String,
    pub(crate) folder: tempfile::TempDir,
    bus: Bus,
    _screen: NotificationServer,
}

impl Stage {
    /// `direct`: the stand-in. `endpoint`: where the program finds it.
    pub(crate) async fn set(direct: &str, endpoint: &str) -> Self {
        let config = stand_in_config(direct).await;
        let (sqs, sns) = (aws_sdk_sqs::Client::new(&config), aws_sdk_sns::Client::new(&config));
        let topic = sns.create_topic().name("ssm-notify").send().await.unwrap();
        let topic: TopicArn = topic.topic_arn().unwrap().parse().unwrap();
        let folder = tempfile::tempdir().unwrap();
        let bus = Bus::start(folder.path()).await.expect("a bus starts");
        let screen = NotificationServer::start(&bus, &["actions", "body"]).await.unwrap();
        let queue = make_queue(&sqs, &topic).await;
        let stage = Self { sqs, sns, topic, queue, folder, bus, _screen: screen };
        let arn = stage.queue_arn();
        stage.sns.subscribe().topic_arn(stage.topic.as_str()).protocol("sqs").endpoint(arn).send().await.unwrap();
        let record = record(&stage.topic, &stage.queue, endpoint);
        control::perform(&stage.dir(), Act::PutSubscription(Box::new(record))).await.unwrap();
        stage
    }

    pub(crate) fn queue_arn(&self) -> String {
        format!("arn:aws:sqs:{}:{}:personal", self.topic.region(), self.topic.account())
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    pub(crate) fn dir(&self) -> DataDir {
        DataDir::resolve(Some(&self.data())).unwrap()
    }

    /// `watch`, with what it is to be told.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        self.ctl(&[&["watch"], arguments].concat())
    }

    pub(crate) fn ctl(&self, arguments: &[&str]) -> Command {
        let tests = std::env::current_exe().unwrap();
        let mut command = Command::new(tests.ancestors().nth(2).unwrap().join("watchbellctl"));
        command
            .arg("--json")
            .args(arguments)
            .env_clear()
            .env("WATCHBELL_DATA_DIR", self.data())
            .env("HOME", self.folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus.address)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true);
        command
    }

    pub(crate) async fn publish(&self, messages: &[String]) {
        for message in messages {
            self.sns.publish().topic_arn(self.topic.as_str()).message(message).send().await.unwrap();
        }
    }

    /// A run of `nodes` nodes that has just ended: two messages a node.
    pub(crate) fn run_of(&self, nodes: u32) -> Vec<String> {
        #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
        let started = Timestamp::now() - SignedDuration::from_secs(95);
        simulate::patch_run(&RunSpec {
            command_id: "0d4bd167-8513-4d6e-9a69-72f784dc7d32".into(),
            document: "AWS-RunPatchBaseline".into(),
            nodes,
            fail: 1,
            time_out: 0,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: self.topic.clone(),
            started,
            seed: 7,
        })
    }

    /// Visible and invisible messages of the queue.
    pub(crate) async fn left(&self) -> (usize, usize) {
        use aws_sdk_sqs::types::QueueAttributeName::{
            All, ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesNotVisible as Hidden,
        };
        let asked = self.sqs.get_queue_attributes().queue_url(&self.queue).attribute_names(All).send().await.unwrap();
        let attributes = asked.attributes.unwrap();
        (attributes[&Visible].parse().unwrap(), attributes[&Hidden].parse().unwrap())
    }

    /// How many distinct messages are committed.
    pub(crate) fn stored(&self) -> usize {
        let Ok(db) = rusqlite::Connection::open(self.dir().database()) else { return 0 };
        db.query_row("SELECT count(*) FROM raw_event", [], |row| row.get::<_, i64>(0))
            .map_or(0, |count| usize::try_from(count).unwrap())
    }

    /// Drains until nothing is left, for what an earlier run had taken comes back after its visibility time-out.
    pub(crate) async fn drain(&self) -> Vec<Value> {
        let mut drained = Vec::new();
        for _ in 0..10 {
            let ran = tokio::time::timeout(Duration::from_mins(1), self.command(&["--once"]).output()).await.unwrap();
            let ran = ran.unwrap();
            assert!(ran.status.success(), "a drain succeeds: {}", String::from_utf8_lossy(&ran.stdout));
            let text = String::from_utf8(ran.stdout).unwrap();
            drained.push(serde_json::from_str(text.lines().last().unwrap()).unwrap());
            if self.left().await == (0, 0) {
                return drained;
            }
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        panic!("the queue is never empty: {:?}", self.left().await)
    }
}

/// Takes over after 3 s what a killed reader had taken.
pub(crate) async fn make_queue(sqs: &aws_sdk_sqs::Client, topic: &TopicArn) -> String {
    use aws_sdk_sqs::types::QueueAttributeName::{Policy, VisibilityTimeout};
    let arn = format!("arn:aws:sqs:{}:{}:personal", topic.region(), topic.account());
    let policy = json!({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Principal": {"Service": "sns.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
        "Condition": {"ArnEquals": {"aws:SourceArn": topic.as_str()}},
    }]});
    let made = sqs
        .create_queue()
        .queue_name("personal")
        .attributes(VisibilityTimeout, "3")
        .attributes(Policy, policy.to_string());
    made.send().await.unwrap().queue_url().unwrap().to_owned()
}

/// A `watch` under way and what it says.
pub(crate) struct Watch {
    pub(crate) child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    pub(crate) said: Vec<Value>,
}

impl Watch {
    pub(crate) fn begin(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("watchbellctl is built beside the tests");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, said: Vec::new() }
    }

    /// Reads on until it says this. `what` is why it must.
    pub(crate) async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
        let reading = async {
            while let Some(line) = self.lines.next_line().await.unwrap() {
                eprintln!("watch: {line}");
                let line: Value = serde_json::from_str(&line).expect("each line is JSON");
                self.said.push(line.clone());
                if wanted(&line) {
                    return Some(line);
                }
            }
            None
        };
        tokio::time::timeout(Duration::from_secs(45), reading).await.ok().flatten().expect(what)
    }

    /// Reads on until the subscription is in this state; gives its reason.
    pub(crate) async fn state(&mut self, state: &str) -> String {
        let of = |line: &Value| line["event"] == "health" && line["subscriptions"][0]["state"] == state;
        let line = self.until(&format!("the state becomes {state}"), of).await;
        line["subscriptions"][0]["reason"].as_str().unwrap_or_default().to_owned()
    }

    /// Asks it to end, and reads to the end: the exit code and how long it took.
    pub(crate) async fn end(mut self) -> (Option<i32>, Duration, Vec<Value>) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
        let began = std::time::Instant::now();
        self.until("it says that it stopped", |line| line["event"] == "stopped").await;
        let status = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await.expect("it ends").unwrap();
        (status.code(), began.elapsed(), self.said)
    }
}
