//! `watchbellctl` as a person and a script use it: the real program against ministack, its JSON and its exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a broken stand-in is this test's finding"
)]

use std::path::PathBuf;
use std::process::{Output, Stdio};
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::moto::Moto;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::{free_port, stand_in_config};

/// A person's machine: a home and a bus of its own, and nothing of ours.
struct Machine {
    folder: tempfile::TempDir,
    bus: Bus,
    _screen: NotificationServer,
    endpoint: String,
    key: &'static str,
}

impl Machine {
    async fn set(endpoint: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bus = Bus::start(folder.path()).await.expect("a bus starts");
        let screen = NotificationServer::start(&bus, &["actions", "body"]).await.unwrap();
        Self { folder, bus, _screen: screen, endpoint: endpoint.to_owned(), key: "test" }
    }

    fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let tests = std::env::current_exe().unwrap();
        let mut command = Command::new(tests.ancestors().nth(2).unwrap().join("watchbellctl"));
        command
            .args(arguments)
            .args(["--json", "--endpoint-url", &self.endpoint])
            .env_clear()
            .env("WATCHBELL_DATA_DIR", self.data())
            .env("HOME", self.folder.path())
            .env("DBUS_SESSION_BUS_ADDRESS", &self.bus.address)
            .env("AWS_ACCESS_KEY_ID", self.key)
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    /// Runs to the end: the exit code and each line of stdout as JSON.
    async fn run(&self, arguments: &[&str]) -> (i32, Vec<Value>) {
        let ran = tokio::time::timeout(Duration::from_mins(1), self.command(arguments).output());
        let Output { status, stdout, stderr } =
            ran.await.expect("it ends").expect("watchbellctl is built beside the tests");
        let text = String::from_utf8(stdout).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str(line).expect("each line on stdout is JSON")).collect();
        eprintln!("{arguments:?}: {status} {text}{}", String::from_utf8_lossy(&stderr));
        (status.code().expect("no signal ended it"), lines)
    }

    /// Runs to a good end with one document.
    async fn answer(&self, arguments: &[&str]) -> Value {
        let (code, mut lines) = self.run(arguments).await;
        assert_eq!((code, lines.len()), (0, 1), "{arguments:?} is done and prints one document: {lines:?}");
        lines.remove(0)
    }

    /// Runs to a bad end: its exit code and the code of its error.
    async fn refusal(&self, arguments: &[&str]) -> (i32, String, Value) {
        let (code, lines) = self.run(arguments).await;
        let error = lines.last().expect("an error with --json is a document")["error"].clone();
        for field in ["code", "message", "hint"] {
            assert!(error[field].is_string(), "an error has {field}: {error}");
        }
        (code, error["code"].as_str().unwrap().to_owned(), error)
    }
}

async fn topic(url: &str) -> (aws_sdk_sns::Client, TopicArn) {
    let sns = aws_sdk_sns::Client::new(&stand_in_config(url).await);
    let made = sns.create_topic().name("ssm-notify").send().await.unwrap();
    (sns, made.topic_arn().unwrap().parse().unwrap())
}

/// A colleague's run of 6 nodes that has just ended: 2 failed, 1 timed out. 12 messages.
fn patch_run(topic: &TopicArn) -> Vec<String> {
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let started = Timestamp::now() - SignedDuration::from_secs(95);
    simulate::patch_run(&RunSpec {
        command_id: "0d4bd167-8513-4d6e-9a69-72f784dc7d32".into(),
        document: "AWS-RunPatchBaseline".into(),
        nodes: 6,
        fail: 2,
        time_out: 1,
        not_run: 0,
        level: Level::Invocation,
        probe: None,
        topic: topic.clone(),
        started,
        seed: 7,
    })
}

fn states(report: &Value) -> Vec<&str> {
    report["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn from_subscribe_to_history_and_back() {
    let ministack = Ministack::start(Auth::Open).await.unwrap();
    let (sns, topic) = topic(&ministack.url).await;
    let machine = Machine::set(&ministack.url).await;
    let subscribe = ["subscribe", "--topic-arn", topic.as_str(), "--yes"];

    let plan = machine.answer(&["subscribe", "--topic-arn", topic.as_str(), "--dry-run"]).await;
    assert!(states(&plan).contains(&"planned"), "a dry run says what it would do: {plan}");
    let held = sns.list_subscriptions_by_topic().topic_arn(topic.as_str()).send().await.unwrap();
    assert!(held.subscriptions().is_empty(), "a dry run changes nothing");
    let (code, ..) = machine.refusal(&["subscribe", "--topic-arn", topic.as_str()]).await;
    assert_eq!(code, 2, "without a terminal to ask on, --yes is needed");

    let made = machine.answer(&subscribe).await;
    for field in ["topic_arn", "queue_url", "queue_arn", "subscription_arn"] {
        assert!(made[field].is_string(), "subscribe tells {field}: {made}");
    }
    assert!(states(&made).contains(&"done"), "something was made: {made}");
    let again = machine.answer(&subscribe).await;
    assert!(!states(&again).contains(&"done"), "a second run writes nothing: {again}");
    let listed = machine.answer(&["subscriptions"]).await;
    assert_eq!(listed["subscriptions"][0]["queue_url"], made["queue_url"], "what was made is remembered");

    for message in patch_run(&topic) {
        sns.publish().topic_arn(topic.as_str()).message(message).send().await.unwrap();
    }
    sns.publish().topic_arn(topic.as_str()).message("hello?").send().await.unwrap();
    let (code, lines) = machine.run(&["watch", "--once"]).await;
    assert_eq!(code, 0, "a drained queue is a good end");
    let drained = lines.last().unwrap();
    assert_eq!(drained["event"], "drained", "the last line is drained: {lines:?}");
    let counted = ["received", "stored", "quarantined", "alerts"].map(|field| drained[field].as_u64().unwrap());
    assert_eq!(counted, [13, 12, 1, 1], "all came, one could not be read, one command rang once");
    let events: Vec<&str> = lines.iter().map(|line| line["event"].as_str().unwrap()).collect();
    for event in ["started", "received", "changed", "alert", "stopped"] {
        assert!(events.contains(&event), "{event} is among the lines: {events:?}");
    }

    let (_, rows) = machine.run(&["history", "--status", "failed", "--document", "AWS-RunPatch*"]).await;
    assert_eq!(rows.len(), 1, "one command, one line");
    let row = &rows[0];
    assert_eq!((&row["state"], &row["nodes_heard"]), (&"failed".into(), &6.into()), "the joined state: {row}");
    assert_eq!(row["counts"]["timed_out"], 1, "counted by status: {row}");
    for absent in ["status", "target_count", "window"] {
        assert!(row.get(absent).is_none(), "{absent} is unknown, so absent: {row}");
    }
    let id = row["command_id"].as_str().unwrap();

    let shown = machine.answer(&["show", id]).await;
    assert_eq!(shown["command"]["command_id"], id, "show has the command");
    let lengths = ["invocations", "events"].map(|list| shown[list].as_array().unwrap().len());
    assert_eq!(lengths, [6, 12], "every node and every distinct event: {shown}");
    assert_eq!(shown["decisions"][0]["outcome"], "rang", "and why it rang: {shown}");

    let (_, quarantined) = machine.run(&["quarantine"]).await;
    assert!(quarantined[0]["body"].as_str().unwrap().contains("hello?"), "the body is whole: {quarantined:?}");
    for field in ["id", "received_at", "reason"] {
        assert!(quarantined[0].get(field).is_some(), "quarantine tells {field}: {quarantined:?}");
    }

    let (code, status) = machine.run(&["status"]).await;
    assert_eq!(code, 7, "no engine runs: blind outranks the failure");
    assert_eq!(status[0]["engine"], "stopped", "and it says so: {status:?}");
    assert_eq!((&status[0]["unacknowledged"], &status[0]["quarantined"]), (&1.into(), &1.into()), "the counts");
    assert_eq!(machine.answer(&["ack", "--all"]).await["acknowledged"], 1, "the failure is acknowledged");

    machine.answer(&["unsubscribe", "--yes"]).await;
    let held = sns.list_subscriptions_by_topic().topic_arn(topic.as_str()).send().await.unwrap();
    assert!(held.subscriptions().is_empty(), "what was made is gone");
    let listed = machine.answer(&["subscriptions"]).await;
    assert_eq!(listed["subscriptions"], serde_json::json!([]), "and forgotten");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_engine_a_folder_and_it_ends_in_order() {
    let ministack = Ministack::start(Auth::Open).await.unwrap();
    let (_, topic) = topic(&ministack.url).await;
    let machine = Machine::set(&ministack.url).await;
    machine.answer(&["subscribe", "--topic-arn", topic.as_str(), "--yes"]).await;
    let mut watch = machine.command(&["watch"]).spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let heard = until(&mut lines, |line| line["event"] == "health" && line["health"] == "ok" && is_ok(line)).await;
    assert!(heard, "a completed poll makes it ok");

    let (code, _, error) = machine.refusal(&["watch"]).await;
    assert_eq!(code, 1, "a second engine is a no");
    let first = format!("watchbellctl watch (process {})", watch.id().unwrap());
    assert!(error["message"].as_str().unwrap().contains(&first), "and it names the first: {error}");
    let (code, status) = machine.run(&["status"]).await;
    assert_eq!((code, &status[0]["engine"]), (0, &"running".into()), "the running engine is healthy: {status:?}");

    // A probe of our own through the shared topic rings here and is filed as simulated.
    let sent = machine.answer(&["simulate", "--publish", "--yes", "--nodes", "4", "--fail", "1"]).await;
    let id = sent["command_id"].clone();
    assert!(until(&mut lines, |line| line["event"] == "alert" && line["command_id"] == id).await, "our probe rings");
    let (_, rows) = machine.run(&["history"]).await;
    assert_eq!((&rows[0]["command_id"], &rows[0]["simulated"]), (&id, &true.into()), "and is simulated: {rows:?}");
    let (code, _) = machine.run(&["status"]).await;
    assert_eq!(code, 0, "a simulated failure waits for nobody");

    terminate(&watch);
    assert!(until(&mut lines, |line| line["event"] == "stopped").await, "it says that it stopped");
    let status = tokio::time::timeout(Duration::from_secs(30), watch.wait()).await.expect("it ends").unwrap();
    assert_eq!(status.code(), Some(0), "SIGTERM is a wish, no failure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_end_has_its_exit_code() {
    let ministack = Ministack::start(Auth::Enforced).await.unwrap();
    let (_, topic) = topic(&ministack.url).await;
    let mut machine = Machine::set(&ministack.url).await;
    let subscribe = ["subscribe", "--topic-arn", topic.as_str(), "--yes"];

    for wrong in [&["history", "--since", "yesterday"][..], &["subscribe", "--topic-arn", "x.fifo"], &["nothing"]] {
        assert_eq!(machine.refusal(wrong).await.0, 2, "{wrong:?} is a usage error");
    }
    let (code, kind, _) = machine.refusal(&["history", "--search", "nonsense:x"]).await;
    assert_eq!((code, kind.as_str()), (2, "usage"), "so is a search that cannot be read");
    assert_eq!(machine.refusal(&["show", "nothing"]).await.0, 1, "an unknown command is a no");
    assert_eq!(machine.run(&["status"]).await.0, 7, "no engine is blind");

    machine.key = "AKIAIOSFODNN7EXAMPLE";
    let (code, kind, error) = machine.refusal(&subscribe).await;
    assert_eq!((code, kind.as_str()), (3, "aws_refused"), "a key that AWS does not know is its no: {error}");
    machine.key = "test";
    machine.answer(&subscribe).await;
    machine.key = "AKIAIOSFODNN7EXAMPLE";
    let (code, ..) = machine.refusal(&["watch", "--once"]).await;
    assert_eq!(code, 3, "a queue that refuses us is not drained");

    machine.key = "test";
    machine.endpoint = format!("http://127.0.0.1:{}", free_port().unwrap());
    let (code, kind, error) = machine.refusal(&subscribe).await;
    assert_eq!((code, kind.as_str()), (4, "aws_unreachable"), "nobody answers there: {error}");
    let (code, ..) = machine.refusal(&["watch", "--once"]).await;
    assert_eq!(code, 4, "a queue that cannot be reached is not drained");

    let history = rusqlite::Connection::open(machine.data().join("history.db")).unwrap();
    history.pragma_update(None, "user_version", 999).unwrap();
    drop(history);
    for newer in [&["history"][..], &["watch", "--once"], &["ack", "--all"]] {
        let (code, kind, _) = machine.refusal(newer).await;
        assert_eq!((code, kind.as_str()), (6, "storage"), "{newer:?}: a newer history is not touched");
    }
}

async fn until(lines: &mut Lines<BufReader<ChildStdout>>, wanted: impl Fn(&Value) -> bool) -> bool {
    let found = async {
        while let Some(line) = lines.next_line().await.unwrap() {
            eprintln!("watch: {line}");
            if wanted(&serde_json::from_str(&line).expect("each line is JSON")) {
                return true;
            }
        }
        false
    };
    tokio::time::timeout(Duration::from_secs(30), found).await.unwrap_or(false)
}

fn is_ok(line: &Value) -> bool {
    line["subscriptions"].as_array().is_some_and(|all| !all.is_empty() && all.iter().all(|one| one["state"] == "ok"))
}

fn terminate(child: &Child) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_that_messages_do_not_tell_is_asked_of_ssm() {
    let moto = Moto::start().await.unwrap();
    let (sns, topic) = topic(&moto.url).await;
    let machine = Machine::set(&moto.url).await;
    machine.answer(&["subscribe", "--topic-arn", topic.as_str(), "--yes"]).await;
    let command_id = moto.send_command(topic.region()).await.unwrap();
    // One node of an unknown number: these messages alone never say that the command ended.
    let running = patch_run(&topic).into_iter().find(|body| body.contains("InProgress")).unwrap();
    let running = running.replace("0d4bd167-8513-4d6e-9a69-72f784dc7d32", &command_id);
    sns.publish().topic_arn(topic.as_str()).message(running).send().await.unwrap();
    machine.run(&["watch", "--once"]).await;
    let mut engine = machine.command(&["watch"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let ended = machine.answer(&["watch-command", &command_id, "--timeout", "1m"]).await;
    assert_eq!((&ended["ended"], &ended["success"]), (&json!(true), &json!(true)), "SSM knows it: {ended}");
    assert_eq!(ended["ssm_status"], "success", "and it is told whose word that is: {ended}");
    assert_eq!(ended["command"]["state"], "in_progress", "the history holds what messages said and no more: {ended}");
    engine.kill().await.unwrap();
}
