//! The commands about when Watchbell rings, and the export, as a person and a script use them: beside a running engine and without.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::process::Stdio;
use std::time::Duration;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tokio::process::Child;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_engine::view::EngineState;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::terminal::{Ran, Terminal, finish};

const COMMAND: &str = "0d4bd167-8513-4d6e-9a69-72f784dc7d32";
const OTHER: &str = "5e8077db-c6cd-482f-8975-38335aacec19";

/// A terminal, and beside it an engine that nothing reaches but what is fed in.
struct Desk {
    terminal: Terminal,
    dir: DataDir,
    _screen: NotificationServer,
    engine: Option<Child>,
}

impl Desk {
    async fn without_engine() -> Self {
        let terminal = Terminal::start("http://127.0.0.1:9").await.unwrap();
        let screen = NotificationServer::start(&terminal.session.bus, &["actions", "body"]).await.unwrap();
        let dir = DataDir::resolve(Some(&terminal.data())).unwrap();
        Self { terminal, dir, _screen: screen, engine: None }
    }

    async fn with_engine() -> Self {
        let mut desk = Self::without_engine().await;
        desk.engine = Some(desk.terminal.command(&["watch"]).unwrap().stdout(Stdio::null()).spawn().unwrap());
        for _ in 0..300 {
            if control::status(&desk.dir).await.is_ok_and(|status| status.engine == EngineState::Running) {
                return desk;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the engine answers");
    }

    async fn run(&self, arguments: &[&str]) -> Ran {
        self.terminal.run(arguments).await.unwrap()
    }

    /// Done, with one document.
    async fn answer(&self, arguments: &[&str]) -> Value {
        let ran = self.run(arguments).await;
        assert_eq!((ran.code, ran.lines.len()), (0, 1), "{arguments:?} is done with one document: {ran:?}");
        ran.lines[0].clone()
    }

    async fn feed(&self, messages: Vec<String>) {
        let topic = "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse().unwrap();
        control::perform(&self.dir, Act::Inject { bodies: messages, topic }).await.unwrap();
    }
}

#[allow(clippy::disallowed_methods, reason = "a test has a clock")]
fn now() -> Timestamp {
    Timestamp::now()
}

fn patch_run(command_id: &str, level: Level, nodes: u32, fail: u32) -> Vec<String> {
    simulate::patch_run(&RunSpec {
        command_id: command_id.into(),
        document: "AWS-RunPatchBaseline".into(),
        nodes,
        fail,
        time_out: 0,
        not_run: 0,
        level,
        probe: None,
        topic: "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse().unwrap(),
        started: now() - SignedDuration::from_secs(95),
        seed: 7,
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_snooze_is_set_told_and_taken_back_with_an_engine_and_without() {
    for desk in [Desk::without_engine().await, Desk::with_engine().await] {
        let snoozed = desk.answer(&["snooze", "1h"]).await;
        let until: Timestamp = snoozed["snoozed_until"].as_str().unwrap().parse().unwrap();
        let left = until.duration_since(now());
        assert!(
            left > SignedDuration::from_mins(58) && left <= SignedDuration::from_hours(1),
            "for an hour: {snoozed}"
        );
        // A running engine tells a change within a second.
        tokio::time::sleep(Duration::from_millis(900)).await;
        let status = desk.run(&["status"]).await;
        assert_eq!(status.document()["snoozed_until"], snoozed["snoozed_until"], "status tells it: {status:?}");
        let words = finish_words(&desk, &["status"]).await;
        assert!(words.contains("  Snoozed until "), "and in words: {words}");
        let ran = desk.run(&["snooze", "window"]).await;
        assert_eq!(ran.code, 1, "no window is known to be open: {ran:?}");
        assert!(ran.words().contains("No maintenance window with a known end is open now"), "{}", ran.words());
        assert_eq!(desk.answer(&["snooze", "off"]).await["was_snoozed"], true, "it was on");
        assert_eq!(desk.answer(&["snooze", "off"]).await["was_snoozed"], false, "and is not any more");
        tokio::time::sleep(Duration::from_millis(900)).await;
        let status = desk.run(&["status"]).await;
        assert!(status.document().get("snoozed_until").is_none(), "absent where there is none: {status:?}");
    }
}

/// What a person sees on stdout.
async fn finish_words(desk: &Desk, arguments: &[&str]) -> String {
    let output = desk.terminal.bare(arguments).unwrap().output().await.unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_command_is_waited_for_from_before_it_is_heard_of() {
    let desk = Desk::with_engine().await;
    let watched = desk.terminal.command(&["watch-command", COMMAND, "--timeout", "2m"]).unwrap().spawn().unwrap();
    let failed = desk.terminal.command(&["watch-command", OTHER, "--timeout", "2m"]).unwrap().spawn().unwrap();
    tokio::time::sleep(Duration::from_millis(700)).await;
    for (id, fail) in [(COMMAND, 0), (OTHER, 2)] {
        let mut messages = patch_run(id, Level::Command, 12, fail);
        let end = messages.pop().unwrap();
        desk.feed(messages).await;
        tokio::time::sleep(Duration::from_millis(1200)).await;
        desk.feed(vec![end]).await;
    }
    let ran = finish(watched).await.unwrap();
    assert_eq!((ran.code, ran.lines.len()), (0, 1), "a success is 0, with one document: {ran:?}");
    let told = ran.document();
    assert_eq!((&told["ended"], &told["success"]), (&json!(true), &json!(true)), "{told}");
    assert_eq!(told["command"]["command_id"], COMMAND, "the command as history tells it: {told}");
    for progress in ["not heard of yet", "AWS-RunPatchBaseline: running"] {
        assert!(ran.stderr.contains(progress), "progress goes to stderr: {}", ran.stderr);
    }
    let ran = finish(failed).await.unwrap();
    assert_eq!((ran.code, &ran.document()["success"]), (1, &json!(false)), "anything else is 1: {ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_told_is_said_so() {
    let desk = Desk::with_engine().await;
    desk.feed(patch_run(COMMAND, Level::Invocation, 4, 0)).await;
    let ran = desk.run(&["watch-command", COMMAND, "--timeout", "2s"]).await;
    assert_eq!((ran.code, &ran.document()["ended"]), (1, &json!(false)), "its number of targets is unknown: {ran:?}");
    assert_eq!(ran.document()["reason"], "it had not ended within 2 s", "and why it ended here: {ran:?}");
    let ran = desk.run(&["watch-command", OTHER, "--timeout", "1s"]).await;
    assert_eq!(ran.document()["reason"], "nothing was heard of it within 1 s", "of this one nothing is known: {ran:?}");
    let desk = Desk::without_engine().await;
    desk.feed(patch_run(COMMAND, Level::Command, 4, 0)).await;
    let ran = desk.run(&["watch-command", COMMAND]).await;
    assert_eq!(ran.code, 0, "what has ended needs no engine: {ran:?}");
    let ran = desk.run(&["watch-command", OTHER]).await;
    assert_eq!(ran.code, 1, "what has not waits for none: {ran:?}");
    assert!(ran.document()["reason"].as_str().unwrap().contains("no engine is running"), "{ran:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rules_are_imported_whole_tried_shared_and_cleared() {
    let desk = Desk::with_engine().await;
    desk.feed(patch_run(COMMAND, Level::Invocation, 6, 2)).await;
    let wrong = r#"{"watchbell_rules": 1, "rules": [{"name": "Nodes", "when": {"node": "/^mi-(0/"}, "then": "mute"}]}"#;
    let file = desk.terminal.session.path("rules.json");
    std::fs::write(&file, wrong).unwrap();
    let file = file.to_str().unwrap();
    let ran = desk.run(&["rules", "import", file]).await;
    assert_eq!(ran.code, 2, "a mistake in the file is a usage error");
    let mistake = &ran.document()["mistakes"][0];
    assert_eq!((&mistake["field"], &mistake["start"]), (&json!("node"), &json!(5)), "with its place: {mistake}");
    let words = desk.terminal.bare(&["rules", "import", file]).unwrap().output().await.unwrap();
    let stderr = String::from_utf8(words.stderr).unwrap();
    assert!(stderr.contains("    /^mi-(0/\n         ^\n"), "and marked under what was written: {stderr}");
    assert_eq!(desk.answer(&["rules"]).await["rules"], json!([]), "nothing of it is taken");

    let good = wrong.replace("/^mi-(0/", "/^i-/");
    let tried = desk.terminal.run_with(&["rules", "try", "-", "--days", "30"], &good).await.unwrap();
    let told = tried.document();
    assert_eq!((tried.code, &told["before"]["rang"], &told["after"]["muted"]), (0, &json!(1), &json!(1)), "{told}");
    assert_eq!(told["changed"][0]["command_id"], COMMAND, "the command fares otherwise: {told}");
    assert_eq!(desk.answer(&["rules"]).await["rules"], json!([]), "a try changes nothing");

    let taken = desk.terminal.run_with(&["rules", "import", "-"], &good).await.unwrap();
    assert_eq!((taken.code, &taken.document()["rules"]), (0, &json!(1)), "{taken:?}");
    assert_eq!(desk.answer(&["rules", "list"]).await["rules"][0]["name"], "Nodes", "they are in force");
    desk.feed(patch_run(OTHER, Level::Invocation, 6, 2)).await;
    let shown = desk.answer(&["show", OTHER]).await;
    assert_eq!((&shown["decisions"][0]["outcome"], &shown["command"]["muted"]), (&json!("muted"), &json!(true)));
    let words = finish_words(&desk, &["history"]).await;
    assert!(words.contains("· muted"), "the list says so: {words}");

    let exported = finish_words(&desk, &["rules", "export"]).await;
    let again = desk.terminal.run_with(&["rules", "import", "-", "--dry-run"], &exported).await.unwrap();
    assert_eq!((again.code, &again.document()["imported"]), (0, &json!(false)), "what is exported can be imported");
    let ran = desk.run(&["rules", "clear"]).await;
    assert_eq!(ran.code, 2, "without a terminal to ask on, --yes is needed");
    assert_eq!(desk.answer(&["rules", "clear", "--yes"]).await["cleared"], 1, "then they are gone");
    assert_eq!(desk.run(&["rules", "import", "nothing-here.json"]).await.code, 2, "a missing file is a usage error");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quiet_hours_are_set_shown_and_switched_off() {
    let desk = Desk::without_engine().await;
    let set = ["quiet", "set", "mon-fri", "22:00-07:00", "sat,sun", "00:00-00:00", "--document", "AWS-RunPatch*"];
    let told = desk.answer(&set).await;
    assert_eq!(told["quiet"]["spans"][0]["from"], "22:00:00", "{told}");
    assert_eq!(told["quiet"]["break_through"]["documents"], json!(["AWS-RunPatch*"]), "{told}");
    let told = desk.answer(&["quiet", "set", "--blind", "no", "--failing-nodes", "20"]).await;
    assert_eq!(told["quiet"]["spans"].as_array().unwrap().len(), 2, "what is not named stays: {told}");
    let breaks = &told["quiet"]["break_through"];
    assert_eq!((&breaks["blind"], &breaks["failing_nodes"]), (&json!(false), &json!(20)), "{told}");
    for wrong in [&["quiet", "set"][..], &["quiet", "set", "22:00-25:00"], &["quiet", "set", "00:00-00:00"]] {
        let ran = desk.run(wrong).await;
        assert_eq!(ran.code, 2, "{wrong:?} is a usage error: {ran:?}");
    }
    assert_eq!(desk.answer(&["quiet"]).await, told, "and changes nothing");
    let words = finish_words(&desk, &["quiet"]).await;
    assert!(words.contains("mon to fri, 22:00 to 07:00"), "in words: {words}");
    let told = desk.answer(&["quiet", "off"]).await;
    assert_eq!(told["quiet"]["spans"], json!([]), "off: {told}");
    assert_eq!(told["quiet"]["break_through"]["failing_nodes"], 20, "what rings all the same is kept for next time");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_it_is_quiet_status_says_until_when() {
    for desk in [Desk::without_engine().await, Desk::with_engine().await] {
        let hour = now().to_zoned(TimeZone::system()).hour();
        let around = format!("{:02}:00-{:02}:00", (hour + 23) % 24, (hour + 3) % 24);
        desk.answer(&["quiet", "set", &around]).await;
        tokio::time::sleep(Duration::from_millis(900)).await;
        let status = desk.run(&["status"]).await;
        let until: Timestamp = status.document()["quiet_until"].as_str().expect("it is quiet").parse().unwrap();
        assert!(until > now(), "until later: {status:?}");
        let words = finish_words(&desk, &["status"]).await;
        assert!(words.contains("  Quiet hours until "), "and in words: {words}");
        desk.answer(&["quiet", "off"]).await;
        tokio::time::sleep(Duration::from_millis(900)).await;
        let status = desk.run(&["status"]).await;
        assert!(status.document().get("quiet_until").is_none(), "absent where it is not: {status:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_history_is_exported_in_each_form() {
    let desk = Desk::without_engine().await;
    desk.feed(patch_run(COMMAND, Level::Invocation, 6, 2)).await;
    desk.feed(patch_run(OTHER, Level::Command, 3, 0)).await;
    let whole = desk.answer(&["export"]).await;
    assert_eq!(whole["commands"].as_array().unwrap().len(), 2, "one document with every command");
    let failed = desk.answer(&["export", "--format", "json", "--status", "failed"]).await;
    assert_eq!(failed["commands"][0]["command"]["command_id"], COMMAND, "those that fit: {failed}");
    assert_eq!(failed["commands"][0]["invocations"].as_array().unwrap().len(), 6, "with their nodes");
    let csv = finish_words(&desk, &["export", "--format", "csv"]).await;
    assert_eq!(csv.lines().count(), 3, "headings and a line a command: {csv}");
    let report = finish_words(&desk, &["export", "--format", "md"]).await;
    assert_eq!(report.matches("\n## AWS-RunPatchBaseline").count(), 2, "a section a command: {report}");
    assert_eq!(report.matches("| i-").count(), 2, "with the nodes that failed: {report}");
    assert_eq!(desk.run(&["export", "--format", "csv"]).await.code, 2, "--json and another format exclude each other");
    let nothing = desk.answer(&["export", "--since", "2199-01-01"]).await;
    assert_eq!(nothing["commands"], json!([]), "nothing is a document, too");
}
