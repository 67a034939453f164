//! Ctrl-C and SIGTERM in the middle: what was made is taken back, what is left is named, and twice ends at once.

use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Child;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal, finish};

use crate::world::{World, steps};

fn signal(child: &Child, signal: Signal) {
    kill_process(Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap()).unwrap(), signal).unwrap();
}

/// Sends the signal once the call is held, lets the call go once the program has said that it heard, and waits for its end.
async fn interrupt(terminal: &Terminal, gate: &mut Gate, line: &[&str], with: Signal) -> Ran {
    let mut child = terminal.command(line).unwrap().spawn().unwrap();
    gate.holds().await.unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    signal(&child, with);
    let said = tokio::time::timeout(Duration::from_secs(10), stderr.next_line()).await.unwrap().unwrap().unwrap();
    assert!(said.contains("Interrupted"), "the signal is answered at once: {said}");
    gate.open();
    finish(child).await.unwrap()
}

#[tokio::test]
async fn ctrl_c_at_any_step_takes_back_what_was_made() {
    for (held, with) in [
        ("GetTopicAttributes", Signal::INT),
        ("CreateQueue", Signal::INT),
        ("SetQueueAttributes", Signal::TERM),
        ("Subscribe", Signal::INT),
        ("GetSubscriptionAttributes", Signal::TERM),
    ] {
        let world = World::new(Auth::Open).await;
        let mut gate = Gate::before(&world.aws.url).await.unwrap();
        let terminal = Terminal::start(&gate.url).await.unwrap();
        gate.hold(held);
        let line = ["subscribe", "--topic-arn", &world.topic, "--yes"];
        let ran = interrupt(&terminal, &mut gate, &line, with).await;
        assert_eq!(ran.code, 1, "{held}: an interruption is a no: {ran:?}");
        assert!(ran.words().contains("interrupted"), "{held}: and is called so: {}", ran.words());
        assert!(steps(ran.document()).iter().all(|(_, state)| *state != "done"), "{held}: all is undone: {ran:?}");
        assert_eq!(world.queues().await, Vec::<String>::new(), "{held}: no queue stays");
        assert_eq!(world.subscriptions().await, Vec::<String>::new(), "{held}: no subscription stays");
        let listed = terminal.run(&["subscriptions"]).await.unwrap();
        assert_eq!(listed.document()["subscriptions"], serde_json::json!([]), "{held}: nothing is remembered");
    }
}

#[tokio::test]
async fn what_cannot_be_taken_back_after_ctrl_c_is_named() {
    let world = World::new(Auth::Enforced).await;
    let mut gate = Gate::before(&world.aws.url).await.unwrap();
    let mut terminal = Terminal::start(&gate.url).await.unwrap();
    let (id, secret) = world.all_but(&["sqs:DeleteQueue"]).await;
    terminal.credentials(&id, &secret);
    gate.hold("SetQueueAttributes");
    let line = ["subscribe", "--topic-arn", &world.topic, "--yes"];
    let ran = interrupt(&terminal, &mut gate, &line, Signal::INT).await;
    assert!(ran.words().contains("not everything"), "it does not claim what is not so: {}", ran.words());
    assert!(
        ran.words().contains("sqs:DeleteQueue") && ran.words().contains("watchbell-"),
        "what and why: {}",
        ran.words()
    );
}

#[tokio::test]
async fn twice_ends_at_once() {
    let world = World::new(Auth::Open).await;
    let mut gate = Gate::before(&world.aws.url).await.unwrap();
    let terminal = Terminal::start(&gate.url).await.unwrap();
    gate.hold("CreateQueue");
    let mut child = terminal.command(&["subscribe", "--topic-arn", &world.topic, "--yes"]).unwrap().spawn().unwrap();
    gate.holds().await.unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap()).lines();
    signal(&child, Signal::INT);
    stderr.next_line().await.unwrap();
    signal(&child, Signal::INT);
    let ended = tokio::time::timeout(Duration::from_secs(5), child.wait()).await.expect("at once").unwrap();
    assert_eq!(ended.code(), Some(130), "as a program that Ctrl-C ended");
}

#[tokio::test]
async fn an_interrupted_unsubscribe_says_what_is_left_and_can_go_on() {
    let world = World::new(Auth::Open).await;
    let mut gate = Gate::before(&world.aws.url).await.unwrap();
    let terminal = Terminal::start(&gate.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    gate.hold("Unsubscribe");
    let ran = interrupt(&terminal, &mut gate, &["unsubscribe", "--yes"], Signal::INT).await;
    assert_eq!(ran.code, 1, "{ran:?}");
    assert!(ran.document()["removed"].to_string().contains("subscription"), "what is gone: {ran:?}");
    assert!(ran.document()["left"].to_string().contains("watchbell-"), "what is left: {ran:?}");
    assert!(ran.words().contains("unsubscribe again"), "what to do: {}", ran.words());
    assert_eq!(world.queues().await.len(), 1, "the queue is still there");
    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    let record = &listed.document()["subscriptions"][0];
    assert_eq!((&record["queue_url"], &record["paused"]), (&made.document()["queue_url"], &false.into()), "{listed:?}");

    let ended = terminal.run(&["unsubscribe", "--yes"]).await.unwrap();
    assert_eq!(ended.code, 0, "again finishes it: {ended:?}");
    assert_eq!(world.queues().await, Vec::<String>::new(), "all is gone");
}

#[tokio::test]
async fn a_drain_that_was_interrupted_does_not_say_drained() {
    let world = World::new(Auth::Open).await;
    let mut gate = Gate::before(&world.aws.url).await.unwrap();
    let terminal = Terminal::start(&gate.url).await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    gate.hold("ReceiveMessage");
    let child = terminal.command(&["watch", "--once"]).unwrap().spawn().unwrap();
    gate.holds().await.unwrap();
    signal(&child, Signal::TERM);
    let ran = finish(child).await.unwrap();
    assert_eq!(ran.code, 1, "it was not drained: {ran:?}");
    assert!(ran.lines.iter().all(|line| line["event"] != "drained"), "so it does not say so: {ran:?}");
    assert!(ran.words().contains("nothing is lost"), "and says what that means: {}", ran.words());
}
