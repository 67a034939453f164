//! The outside of the program, to the letter: flags, fields, exit codes, and which words go to which stream.

use std::process::Output;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::terminal::Terminal;

use crate::world::World;

async fn words(terminal: &Terminal, line: &[&str]) -> (i32, String, String) {
    let Output { status, stdout, stderr } = terminal.bare(line).unwrap().output().await.unwrap();
    (status.code().unwrap(), String::from_utf8(stdout).unwrap(), String::from_utf8(stderr).unwrap())
}

#[tokio::test]
async fn what_cannot_be_right_is_refused_before_any_call() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let terminal = Terminal::start(&gate.url).await.unwrap();
    let topic = world.topic.as_str();
    let fifo = format!("{topic}.fifo");
    let queue = "http://127.0.0.1:1/000000000000/q.fifo";
    for line in [
        &["subscribe", "--topic-arn", &fifo, "--yes"][..],
        &["subscribe", "--topic-arn", "arn:aws:sns:us-east-1:1:t", "--yes"],
        &["subscribe", "--topic-arn", "arn:aws:sqs:us-east-1:000000000000:t", "--yes"],
        &["subscribe", "--topic-arn", &format!("{topic}:1b2c"), "--yes"],
        &["subscribe", "--topic-arn", topic, "--yes", "--queue-url", queue],
        &["subscribe", "--topic-arn", topic, "--yes", "--queue-url", "http://127.0.0.1:1/q"],
        &["unsubscribe", "--topic-arn", &fifo],
        &["simulate", "--topic-arn", &fifo],
        &["simulate", "--fail", "21"],
        &["history", "--after", "nonsense"],
        &["quarantine", "--after", "nonsense"],
        &["history", "--limit", "0"],
        &["history", "--search", "nonsense:x"],
        &["ack"],
    ] {
        let ran = terminal.run(line).await.unwrap();
        assert_eq!((ran.code, &ran.document()["error"]["code"]), (2, &"usage".into()), "{line:?}: {ran:?}");
        assert!(!ran.document()["error"]["hint"].as_str().unwrap().is_empty(), "{line:?} is told what would be right");
    }
    assert_eq!(gate.seen(), Vec::<String>::new(), "AWS was never asked");
}

#[tokio::test]
async fn the_history_goes_by_pages_and_times() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    for _ in 0..3 {
        let ran = terminal.run(&["simulate", "--nodes", "2", "--fail", "1", "--time-out", "0"]).await.unwrap();
        assert_eq!((ran.code, &ran.document()["ok"]), (0, &true.into()), "{ran:?}");
    }
    let all = terminal.run(&["history"]).await.unwrap().lines;
    assert_eq!(all.len(), 3, "one line a command: {all:?}");
    let times: Vec<_> = all.iter().map(|row| row["updated_at"].as_str().unwrap()).collect();
    assert!(times.is_sorted_by(|a, b| a >= b), "newest first: {times:?}");

    let mut paged = Vec::new();
    let mut line = vec!["history".to_owned(), "--limit".to_owned(), "1".to_owned()];
    loop {
        let words: Vec<&str> = line.iter().map(String::as_str).collect();
        let page = terminal.run(&words).await.unwrap();
        assert_eq!(page.code, 0, "an empty page is no failure: {page:?}");
        let Some(row) = page.lines.last() else { break };
        line.truncate(3);
        line.extend(["--after".to_owned(), row["cursor"].as_str().unwrap().to_owned()]);
        paged.extend(page.lines);
    }
    assert_eq!(paged, all, "page by page it is the same list");

    let newest = times[0];
    for (flag, when, some) in [
        ("--since", newest, true),
        ("--since", "2100-01-01", false),
        ("--until", "2011-01-01", false),
        ("--until", "0s", true),
        ("--since", "7d", true),
    ] {
        let rows = terminal.run(&["history", flag, when]).await.unwrap().lines;
        assert_eq!(!rows.is_empty(), some, "{flag} {when}: {rows:?}");
    }
    let row = &all[0];
    for field in [
        "command_id",
        "document",
        "state",
        "levels",
        "requested_at",
        "updated_at",
        "nodes_heard",
        "counts",
        "acknowledged",
        "simulated",
    ] {
        assert!(row.get(field).is_some(), "history tells {field}: {row}");
    }
    for count in ["pending", "in_progress", "success", "failed", "timed_out", "cancelled", "not_run", "other"] {
        assert!(row["counts"][count].is_u64(), "counts has {count}: {row}");
    }

    let id = row["command_id"].as_str().unwrap();
    let shown = terminal.run(&["show", id]).await.unwrap();
    for (list, fields) in [
        ("invocations", &["node_id", "status", "detail", "event_time"][..]),
        ("events", &["event_time", "received_at", "level", "node_id", "status", "message_id"]),
        ("decisions", &["at", "outcome", "reason"]),
    ] {
        let rows = shown.document()[list].as_array().unwrap();
        assert!(!rows.is_empty(), "{list} is told: {shown:?}");
        for field in fields {
            assert!(rows[0].get(field).is_some(), "{list} tells {field}: {}", rows[0]);
        }
    }
    assert_eq!(&shown.document()["command"]["command_id"], id, "and the command itself");
}

#[tokio::test]
async fn status_counts_and_its_exit_code_is_the_answer() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let _screen = NotificationServer::start(&terminal.session.bus, &["actions", "body"]).await.unwrap();
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes", "--filter", "alerts"];
    let made = terminal.run(&line).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    let mut watch = terminal.command(&["watch"]).unwrap().spawn().unwrap();
    let mut lines = BufReader::new(watch.stdout.take().unwrap()).lines();
    let id = "0d4bd167-8513-4d6e-9a69-72f784dc7d32";
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let now = jiff::Timestamp::now();
    let failed = json!({ "commandId": id, "documentName": "AWS-RunShellScript", "instanceId": "i-0c4e0f1a2b3c4d591",
        "requestedDateTime": now.to_string(), "status": "Failed", "detailedStatus": "Failed", "eventTime": now.to_string() });
    let until = async |lines: &mut tokio::io::Lines<_>, event: &str| {
        let found = async {
            while let Some(line) = lines.next_line().await.unwrap() {
                let line: Value = serde_json::from_str(&line).unwrap();
                if line["event"] == event {
                    return line;
                }
            }
            panic!("{event} never came");
        };
        tokio::time::timeout(std::time::Duration::from_secs(30), found).await.expect("in time")
    };
    until(&mut lines, "health").await;
    world.publish(&failed.to_string()).await;
    let alert = until(&mut lines, "alert").await;
    assert_eq!(alert["command_id"], id, "it rings: {alert}");

    let mut ran = terminal.run(&["status"]).await.unwrap();
    // The alert may be out a moment before the count: what it says is refreshed after the commit.
    for _ in 0..20 {
        if ran.code == 1 && ran.document()["subscriptions"][0]["state"] == "ok" {
            break;
        }
        ran = terminal.run(&["status"]).await.unwrap();
    }
    assert_eq!(ran.code, 1, "a failure is unacknowledged: {ran:?}");
    let report = ran.document();
    for (field, value) in [
        ("engine", json!("running")),
        ("health", json!("failing")),
        ("unacknowledged", json!(1)),
        ("quarantined", json!(0)),
    ] {
        assert_eq!(report[field], value, "{field}: {report}");
    }
    let one = &report["subscriptions"][0];
    for field in ["topic_arn", "queue_url", "subscription_arn", "state", "last_completed_poll", "last_message"] {
        assert!(one.get(field).is_some(), "a subscription tells {field}: {one}");
    }
    assert_eq!((&one["state"], &one["filter"]), (&"ok".into(), &"alerts".into()), "and that it hears less: {one}");
    let (_, stdout, stderr) = words(&terminal, &["status"]).await;
    assert!(stdout.contains("commands failed") && stderr.contains("failures and time-outs only"), "{stdout}{stderr}");
    let (_, _, stderr) = words(&terminal, &["history"]).await;
    assert!(stderr.contains("failures and time-outs only"), "a list that hears less says so: {stderr}");

    let acked = terminal.run(&["ack", id]).await.unwrap();
    assert_eq!((acked.code, &acked.document()["acknowledged"]), (0, &1.into()), "{acked:?}");
    let mut code = 1;
    for _ in 0..20 {
        code = terminal.run(&["status"]).await.unwrap().code;
        if code == 0 {
            break;
        }
    }
    assert_eq!(code, 0, "acknowledged is healthy");
    assert_eq!(terminal.run(&["ack", "nothing"]).await.unwrap().code, 1, "an unknown command is a no");
    watch.start_kill().unwrap();
    watch.wait().await.unwrap();
    assert_eq!(terminal.run(&["status"]).await.unwrap().code, 7, "without an engine nobody hears");
}

#[tokio::test]
async fn a_publication_is_asked_for_and_names_who_gets_it() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    for colleague in ["bob", "cleo"] {
        let url = world.sqs.create_queue().queue_name(colleague).send().await.unwrap().queue_url.unwrap();
        let asked = world.sqs.get_queue_attributes().queue_url(&url).attribute_names("QueueArn".into());
        let held = asked.send().await.unwrap().attributes.unwrap();
        let arn = &held[&"QueueArn".into()];
        world.sns.subscribe().topic_arn(&world.topic).protocol("sqs").endpoint(arn).send().await.unwrap();
    }
    let backlog = async || {
        let mut waiting = 0;
        for url in world.queues().await {
            let told = world
                .sqs
                .receive_message()
                .queue_url(url)
                .wait_time_seconds(0)
                .visibility_timeout(0)
                .send()
                .await
                .unwrap();
            waiting += told.messages().len();
        }
        waiting
    };
    let unasked = terminal.run(&["simulate", "--publish"]).await.unwrap();
    assert_eq!(unasked.code, 2, "without a terminal it needs --yes: {unasked:?}");
    assert!(unasked.words().contains("2 subscriptions of other people"), "who would get it: {}", unasked.words());
    let (code, shown) = terminal.typed(&["simulate", "--publish"], "n\n").await.unwrap();
    assert_eq!(code, 1, "a no is a no: {shown}");
    assert!(shown.contains("2 subscriptions of other people"), "who would get it is said before: {shown}");
    assert_eq!(backlog().await, 0, "nothing was sent");
    let (code, shown) = terminal
        .typed(&["simulate", "--publish", "--nodes", "2", "--fail", "1", "--time-out", "0"], "y\n")
        .await
        .unwrap();
    assert_eq!(code, 0, "{shown}");
    assert!(backlog().await > 0, "a yes sends it");
}

#[tokio::test]
async fn a_plan_is_shown_and_a_no_changes_nothing() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let line = ["subscribe", "--topic-arn", &world.topic, "--filter", "alerts"];
    let (code, shown) = terminal.typed(&line, "n\n").await.unwrap();
    assert_eq!(code, 1, "{shown}");
    for words in ["planned", "make watchbell-", "failures and time-outs only", "Do this? [y/N]"] {
        assert!(shown.contains(words), "{words:?} is shown: {shown}");
    }
    assert_eq!(world.queues().await, Vec::<String>::new(), "nothing was made");
    let (code, shown) = terminal.typed(&line, "y\n").await.unwrap();
    assert_eq!(code, 0, "{shown}");
    let (code, shown) = terminal.typed(&["unsubscribe"], "n\n").await.unwrap();
    assert_eq!((code, world.queues().await.len()), (1, 1), "a no changes nothing: {shown}");
    let (code, shown) = terminal.typed(&["unsubscribe"], "y\n").await.unwrap();
    assert_eq!((code, world.queues().await.len()), (0, 0), "a yes does: {shown}");
}

#[tokio::test]
async fn results_go_to_stdout_and_the_rest_to_stderr() {
    let world = World::new(Auth::Open).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    // The SDK's own variable is honoured, and the flag is not needed.
    terminal.session.set("AWS_ENDPOINT_URL", world.aws.url.clone());
    let topic = world.topic.as_str();
    let (code, stdout, stderr) = words(&terminal, &["history"]).await;
    assert_eq!((code, stdout.as_str()), (0, ""), "no result, nothing on stdout");
    assert!(stderr.contains("No command was heard"), "the remark is beside it: {stderr}");
    let (code, stdout, stderr) = words(&terminal, &["show", "nothing"]).await;
    assert_eq!((code, stdout.as_str()), (1, ""), "an error is no result: {stderr}");
    let (code, stdout, stderr) = words(&terminal, &["subscribe", "--topic-arn", topic]).await;
    assert_eq!((code, stdout.as_str()), (2, ""), "a plan to agree to is a question, not a result: {stderr}");
    assert!(stderr.contains("planned") && stderr.contains("--yes"), "{stderr}");
    let (code, stdout, _) = words(&terminal, &["subscribe", "--topic-arn", topic, "--dry-run"]).await;
    assert_eq!((code, stdout.contains("planned")), (0, true), "a plan that was asked for is a result: {stdout}");
    let (code, stdout, stderr) = words(&terminal, &["subscribe", "--topic-arn", topic, "--yes"]).await;
    assert_eq!((code, stderr.as_str()), (0, ""), "done, and nothing beside it");
    assert!(stdout.contains("Subscribed to"), "{stdout}");
    let (code, stdout, _) = words(&terminal, &["watch", "--once"]).await;
    assert_eq!(code, 0, "the variable holds for watching, too");
    assert!(stdout.lines().last().unwrap().starts_with("drained: "), "the last line is drained: {stdout}");
    let (code, stdout, _) = words(&terminal, &["subscriptions"]).await;
    assert_eq!((code, stdout.contains(topic)), (0, true), "{stdout}");
    let other = terminal.session.path("other");
    let (code, stdout, _) = words(&terminal, &["status", "--json", "--data-dir", other.to_str().unwrap()]).await;
    let report: Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!((code, &report["subscriptions"]), (7, &json!([])), "--data-dir outranks the variable");
    let (code, stdout, stderr) = words(&terminal, &["unsubscribe", "--yes"]).await;
    assert_eq!((code, stdout.matches("removed").count()), (0, 2), "{stdout}{stderr}");
}
