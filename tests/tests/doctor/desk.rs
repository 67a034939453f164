//! A terminal that is subscribed, with or without an engine beside it, and the lines of a report.

use std::time::Duration;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::world::World;

/// A terminal of the stand-in's root, subscribed. Gives the queue's URL and the subscription's ARN.
pub(crate) async fn subscribed(world: &World, endpoint: &str) -> (Terminal, String, String) {
    let terminal = Terminal::start(endpoint).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    let text = |field: &str| made.document()[field].as_str().unwrap().to_owned();
    (terminal, text("queue_url"), text("subscription_arn"))
}

/// An engine on the terminal's data folder that listens already. It is killed when dropped.
pub(crate) async fn watching(terminal: &Terminal) -> Child {
    let mut child = terminal.command(&["watch"]).unwrap().kill_on_drop(true).spawn().unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let first = tokio::time::timeout(Duration::from_secs(20), lines.next_line()).await.expect("it starts").unwrap();
    assert!(first.unwrap().contains("started"), "the engine listens");
    // Read on, so that it is never held up by a full pipe.
    #[allow(clippy::disallowed_methods, reason = "ends with the child's stdout")]
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}

/// Waits until the engine has completed a poll.
pub(crate) async fn hears(terminal: &Terminal) {
    becomes(terminal, "ok").await;
}

/// Waits until the engine says this of its subscription, and gives the line.
pub(crate) async fn becomes(terminal: &Terminal, state: &str) -> Value {
    let mut line = Value::Null;
    for _ in 0..200 {
        let status = terminal.run(&["status"]).await.unwrap();
        line = status.document()["subscriptions"][0].clone();
        if line["state"] == state {
            return line;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the engine says \"{state}\": {line}");
}

/// Changes what the terminal remembers of its one subscription, as time or another way in would have it.
pub(crate) fn remembered(terminal: &Terminal, change: impl FnOnce(&mut Value)) {
    let db = rusqlite::Connection::open(terminal.data().join("history.db")).unwrap();
    let text: String = db.query_row("SELECT record FROM subscription", [], |row| row.get(0)).unwrap();
    let mut record = serde_json::from_str(&text).unwrap();
    change(&mut record);
    db.execute("UPDATE subscription SET record = ?1", [record.to_string()]).unwrap();
}

/// Ends an engine as Ctrl-C does, and waits for it.
pub(crate) async fn ended(mut engine: Child) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(engine.id().unwrap()).unwrap()).unwrap();
    rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
    tokio::time::timeout(Duration::from_secs(20), engine.wait()).await.expect("it ends").unwrap();
}

/// Waits until so many calls of this action went through the gate.
pub(crate) async fn seen(gate: &Gate, action: &str, times: usize) {
    let count = || gate.seen().iter().filter(|one| *one == action).count();
    let wait = async {
        while count() < times {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(40), wait).await.unwrap_or_else(|_| panic!("{action}: {:?}", gate.seen()));
}

/// The check of this name.
pub(crate) fn check<'a>(ran: &'a Ran, name: &str) -> &'a Value {
    let checks = ran.document()["checks"].as_array().unwrap_or_else(|| panic!("a report: {ran:?}"));
    let found = checks.iter().find(|check| check["name"] == name);
    found.unwrap_or_else(|| panic!("there is a check \"{name}\": {}", ran.document()))
}

/// That a check ended so, with these words among what was found, the reason and the fix.
pub(crate) fn ends(ran: &Ran, name: &str, state: &str, words: &[&str]) {
    let check = check(ran, name);
    assert_eq!(check["state"], state, "{name}: {check}");
    let said = ["found", "reason", "fix"].map(|field| check[field].as_str().unwrap_or_default()).join("\n");
    for word in words {
        assert!(said.contains(word), "{name} says \"{word}\": {check}");
    }
    if state == "failed" {
        assert!(!check["fix"].as_str().unwrap_or_default().is_empty(), "{name}: what failed has a fix: {check}");
        assert_eq!((ran.code, &ran.document()["ok"]), (1, &false.into()), "{name}: and the answer is no");
    }
}

/// That these were left, naming what they depend on.
pub(crate) fn depend(ran: &Ran, names: &[&str], on: &str) {
    for name in names {
        ends(ran, name, "skipped", &[on]);
    }
}
