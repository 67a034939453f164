//! An end at any moment, asked for or not: what was stored is deleted, what was not comes again, and nothing is lost.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use watchbell_core::listening::Silence;
use watchbell_engine::store::Reader;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::microburst::Microburst;

use crate::stage::{Stage, Watch};

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
