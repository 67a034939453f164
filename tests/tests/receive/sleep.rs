//! A machine that slept hears at once again, over new connections.

use std::time::Duration;

use serde_json::json;
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::logind::Logind;
use watchbell_tests::harness::microburst::Microburst;

use crate::stage::{Stage, Watch};

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
