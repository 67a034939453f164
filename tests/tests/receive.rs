//! Receiving with everything around it broken in turn: the real program, a stand-in for AWS, and a proxy that breaks calls.
//! Long, because six stories share one stage and a reader of what `watch` says.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a broken stand-in is this test's finding"
)]

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use watchbell_core::arn::TopicArn;
use watchbell_core::listening::Silence;
use watchbell_core::plan::Filter;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, CredentialSource, Reader, RoleTerms, SubscriptionRecord};
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::logind::Logind;
use watchbell_tests::harness::microburst::Microburst;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::{free_port, stand_in_config};

/// A topic, a queue that is subscribed to it, and a machine that knows the queue.
struct Stage {
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    topic: TopicArn,
    queue: String,
    folder: tempfile::TempDir,
    bus: Bus,
    _screen: NotificationServer,
}

impl Stage {
    /// `direct`: the stand-in. `endpoint`: where the program finds it.
    async fn set(direct: &str, endpoint: &str) -> Self {
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
        let record = SubscriptionRecord {
            topic_arn: stage.topic.clone(),
            queue_url: stage.queue.clone(),
            queue_arn: None,
            queue_region: "us-east-1".into(),
            subscription_arn: None,
            endpoint_url: Some(endpoint.to_owned()),
            credentials: CredentialSource::Profile { name: None },
            role_arn: None,
            role_terms: RoleTerms::default(),
            filter: Filter::All,
            adopted: false,
            raw: false,
            created_at: Timestamp::UNIX_EPOCH,
            paused: false,
        };
        control::perform(&stage.dir(), Act::PutSubscription(Box::new(record))).await.unwrap();
        stage
    }

    fn queue_arn(&self) -> String {
        format!("arn:aws:sqs:{}:{}:personal", self.topic.region(), self.topic.account())
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn dir(&self) -> DataDir {
        DataDir::resolve(Some(&self.data())).unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let tests = std::env::current_exe().unwrap();
        let mut command = Command::new(tests.ancestors().nth(2).unwrap().join("watchbellctl"));
        command
            .args(["--json", "watch"])
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

    async fn publish(&self, messages: &[String]) {
        for message in messages {
            self.sns.publish().topic_arn(self.topic.as_str()).message(message).send().await.unwrap();
        }
    }

    /// A run of `nodes` nodes that has just ended: two messages a node.
    fn run_of(&self, nodes: u32) -> Vec<String> {
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
    async fn left(&self) -> (usize, usize) {
        use aws_sdk_sqs::types::QueueAttributeName::{
            All, ApproximateNumberOfMessages as Visible, ApproximateNumberOfMessagesNotVisible as Hidden,
        };
        let asked = self.sqs.get_queue_attributes().queue_url(&self.queue).attribute_names(All).send().await.unwrap();
        let attributes = asked.attributes.unwrap();
        (attributes[&Visible].parse().unwrap(), attributes[&Hidden].parse().unwrap())
    }

    /// How many distinct messages are committed.
    fn stored(&self) -> usize {
        let Ok(db) = rusqlite::Connection::open(self.dir().database()) else { return 0 };
        db.query_row("SELECT count(*) FROM raw_event", [], |row| row.get::<_, i64>(0))
            .map_or(0, |count| usize::try_from(count).unwrap())
    }

    /// Drains until nothing is left, for what an earlier run had taken comes back after its visibility time-out.
    async fn drain(&self) -> Vec<Value> {
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
async fn make_queue(sqs: &aws_sdk_sqs::Client, topic: &TopicArn) -> String {
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
struct Watch {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    said: Vec<Value>,
}

impl Watch {
    fn begin(command: &mut Command) -> Self {
        let mut child = command.spawn().expect("watchbellctl is built beside the tests");
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { child, lines, said: Vec::new() }
    }

    /// Reads on until it says this. `what` is why it must.
    async fn until(&mut self, what: &str, wanted: impl Fn(&Value) -> bool) -> Value {
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
    async fn state(&mut self, state: &str) -> String {
        let of = |line: &Value| line["event"] == "health" && line["subscriptions"][0]["state"] == state;
        let line = self.until(&format!("the state becomes {state}"), of).await;
        line["subscriptions"][0]["reason"].as_str().unwrap_or_default().to_owned()
    }

    /// Asks it to end, and reads to the end: the exit code and how long it took.
    async fn end(mut self) -> (Option<i32>, Duration, Vec<Value>) {
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.child.id().unwrap()).unwrap()).unwrap();
        rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
        #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
        let began = std::time::Instant::now();
        self.until("it says that it stopped", |line| line["event"] == "stopped").await;
        let status = tokio::time::timeout(Duration::from_secs(30), self.child.wait()).await.expect("it ends").unwrap();
        (status.code(), began.elapsed(), self.said)
    }
}

fn allow(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_permission_and_a_deleted_queue_are_named_at_once_and_heal() {
    let ministack = Ministack::start(Auth::Enforced).await.unwrap();
    let stage = Stage::set(&ministack.url, &ministack.url).await;
    let full = allow(&["sqs:*", "sns:*"]);
    let (id, secret) = ministack.user("engineer", &allow(&["sns:*", "sqs:GetQueueAttributes"])).await.unwrap();
    let mut command = stage.command(&[]);
    command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
    let mut watch = Watch::begin(&mut command);

    let reason = watch.state("denied").await;
    assert!(reason.contains("sqs:ReceiveMessage"), "the missing action is named: {reason}");
    assert!(watch.said.iter().all(|line| line["subscriptions"][0]["state"] != "ok"), "and it was never called ok");
    ministack.change_policy("engineer", &full).await.unwrap();
    watch.state("ok").await;

    stage.sqs.delete_queue().queue_url(&stage.queue).send().await.unwrap();
    let reason = watch.state("queue_missing").await;
    assert!(reason.contains("does not exist"), "in words: {reason}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let queues = stage.sqs.list_queues().send().await.unwrap();
    assert_eq!(queues.queue_urls(), [] as [&str; 0], "nothing that was deleted is made again without a yes");
    make_queue(&stage.sqs, &stage.topic).await;
    watch.state("ok").await;

    stage.publish(&stage.run_of(2)).await;
    watch.until("it hears again", |line| line["event"] == "received").await;
    let (code, ..) = watch.end().await;
    assert_eq!(code, Some(0), "and ends well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_signed_out_until_the_profile_is_mended() {
    let ministack = Ministack::start(Auth::Enforced).await.unwrap();
    let stage = Stage::set(&ministack.url, &ministack.url).await;
    let (id, secret) = ministack.user("engineer", &allow(&["sqs:*", "sns:*"])).await.unwrap();
    let profile = stage.folder.path().join(".aws/credentials");
    std::fs::create_dir_all(profile.parent().unwrap()).unwrap();
    let write = |secret: &str| {
        let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        std::fs::write(&profile, text).unwrap();
    };
    write("mistyped");
    let mut command = stage.command(&[]);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let mut watch = Watch::begin(&mut command);
    let reason = watch.state("signed_out").await;
    assert!(reason.contains("secret"), "in words: {reason}");
    write(&secret);
    watch.state("ok").await;
    assert_eq!(watch.end().await.0, Some(0), "without a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_cannot_be_reached_is_blind_and_heals_and_health_is_told_only_when_it_changes() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let port = free_port().unwrap();
    let stage = Stage::set(&fauxqs.url, &format!("http://127.0.0.1:{port}")).await;
    let mut watch = Watch::begin(&mut stage.command(&[]));
    let reason = watch.state("blind").await;
    assert!(reason.contains("could not reach AWS"), "in words: {reason}");
    tokio::time::sleep(Duration::from_secs(2)).await;

    let proxy = Microburst::start_on(port, &fauxqs.url).await.unwrap();
    watch.state("ok").await;
    for message in stage.run_of(4) {
        stage.publish(&[message]).await;
        watch.until("a poll brings it", |line| line["event"] == "received").await;
    }
    // Throttled on and off: each answer is another poll, and none is news but the first and the last.
    let throttled = json!([{"service": "sqs", "operation": "ReceiveMessage", "error": {"code": "x", "status": 503}}]);
    proxy.rules(&throttled).await.unwrap();
    stage.publish(&["ends the poll under way".to_owned()]).await;
    watch.state("connecting").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    proxy.rules(&json!([])).await.unwrap();
    watch.state("ok").await;
    let (code, _, said) = watch.end().await;
    assert_eq!(code, Some(0), "an outage is no failure of the run");
    let healths: Vec<_> = said.iter().filter(|line| line["event"] == "health").collect();
    for pair in healths.windows(2) {
        let of = |line: &Value| {
            (line["health"].clone(), line["subscriptions"][0]["state"].clone(), {
                line["subscriptions"][0]["reason"].clone()
            })
        };
        assert_ne!(of(pair[0]), of(pair[1]), "a script gets no line for a poll that changed nothing");
    }
    assert!(healths.len() <= 8, "some ten polls are no ten lines: {healths:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_between_commit_and_delete_brings_copies_that_join() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let proxy = Microburst::start(&fauxqs.url).await.unwrap();
    let stage = Stage::set(&fauxqs.url, &proxy.url).await;
    proxy.rules(&json!([{"service": "sqs", "operation": "DeleteMessageBatch", "timeout_ms": 600_000}])).await.unwrap();
    let messages = stage.run_of(6);
    stage.publish(&messages).await;
    let mut watch = Watch::begin(&mut stage.command(&[]));
    watch.until("the failure rings", |line| line["event"] == "alert").await;
    while stage.stored() < messages.len() {
        watch.until("a batch is stored", |line| line["event"] == "received").await;
    }
    // The one kill that may ring again is the one while the alert is being shown.
    tokio::time::sleep(Duration::from_millis(500)).await;
    watch.child.start_kill().unwrap();
    watch.child.wait().await.unwrap();
    let (visible, hidden) = stage.left().await;
    assert_eq!(visible + hidden, messages.len(), "the kill came after the commit and before the delete");

    proxy.rules(&json!([])).await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    let drained = stage.drain().await;
    let of = |field: &str| drained.iter().map(|line| line[field].as_u64().unwrap()).sum::<u64>();
    assert_eq!(of("received"), messages.len() as u64, "every copy came once: {drained:?}");
    assert_eq!((of("stored"), of("quarantined"), of("alerts")), (0, 0, 0), "and joined, without ringing: {drained:?}");
    assert_eq!(stage.stored(), messages.len(), "nothing is lost and nothing is there twice");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_midway_stores_and_deletes_what_was_received_and_the_next_run_draws_the_gap() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let proxy = Microburst::start(&fauxqs.url).await.unwrap();
    let stage = Stage::set(&fauxqs.url, &proxy.url).await;
    proxy.rules(&json!([{"service": "sqs", "operation": "*", "latency": {"min": 50, "max": 250}}])).await.unwrap();
    let messages = stage.run_of(150);
    stage.publish(&messages).await;
    let mut watch = Watch::begin(&mut stage.command(&[]));
    for _ in 0..4 {
        watch.until("it drains", |line| line["event"] == "received").await;
    }
    let (code, took, _) = watch.end().await;
    assert_eq!(code, Some(0), "every step of the ending kept to its limit");
    assert!(took < Duration::from_secs(10), "it ends in time: {took:?}");
    let stored = stage.stored();
    assert!(stored > 0 && stored < messages.len(), "the end came midway for this to show anything: {stored}");
    let (visible, hidden) = stage.left().await;
    assert_eq!(visible + hidden, messages.len() - stored, "what is stored is deleted, and nothing else");

    // As if that had been last evening.
    let db = rusqlite::Connection::open(stage.dir().database()).unwrap();
    let night = i64::try_from(SignedDuration::from_hours(14).as_nanos()).unwrap();
    assert_eq!(db.execute("UPDATE heard SET at = at - ?1", [night]).unwrap(), 1, "the end kept its last poll");
    drop(db);
    proxy.rules(&json!([])).await.unwrap();
    tokio::time::sleep(Duration::from_secs(4)).await;
    stage.drain().await;
    assert_eq!(stage.stored(), messages.len(), "nothing is lost");
    let gaps = Reader::open(&stage.dir()).unwrap().gaps(Timestamp::MIN, Timestamp::MAX).unwrap();
    assert_eq!(gaps.len(), 1, "one gap for the night: {gaps:?}");
    assert_eq!(
        (gaps[0].reason, gaps[0].may_have_lost),
        (Silence::Quit, Some(false)),
        "it was ended, and nothing is lost"
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_sleep_it_hears_at_once_over_new_connections() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let proxy = Microburst::start(&fauxqs.url).await.unwrap();
    let stage = Stage::set(&fauxqs.url, &proxy.url).await;
    let system = tempfile::tempdir().unwrap();
    let system = Bus::start(system.path()).await.unwrap();
    let logind = Logind::start(&system).await.unwrap();
    let mut command = stage.command(&[]);
    command.env("DBUS_SYSTEM_BUS_ADDRESS", &system.address);
    let mut watch = Watch::begin(&mut command);
    watch.state("ok").await;
    // The next poll hangs, as over a connection that the sleep cut: it would be given up after 35 s.
    proxy.rules(&json!([{"service": "sqs", "operation": "ReceiveMessage", "timeout_ms": 600_000}])).await.unwrap();
    stage.publish(&["ends the poll under way".to_owned()]).await;
    watch.until("that one still comes", |line| line["event"] == "received").await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    proxy.rules(&json!([])).await.unwrap();
    stage.publish(&stage.run_of(1)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(stage.stored(), 0, "the poll hangs on");

    logind.prepare_for_sleep(true).await.unwrap();
    logind.prepare_for_sleep(false).await.unwrap();
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let woke = std::time::Instant::now();
    watch.until("what waited is heard", |line| line["event"] == "changed").await;
    assert!(
        woke.elapsed() < Duration::from_secs(20),
        "nobody waits for a poll of before the sleep: {:?}",
        woke.elapsed()
    );
    let (code, _, said) = watch.end().await;
    assert_eq!(code, Some(0), "it ends well");
    assert!(said.iter().all(|line| line["health"] != "blind"), "sleep is no alarm: {said:?}");
}
