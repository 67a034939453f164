//! A laptop that is opened in the morning: what happened at night is one alert.

use std::process::Stdio;
use std::time::Duration;

use jiff::SignedDuration;
use tokio::process::Command;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::record::record;

use crate::desk::{CAN, Desk, last_words, new, now, program};
use crate::sea::Sea;

#[path = "../../bench/queue.rs"]
mod queue;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_hundred_failures_of_the_night_are_one_alert() {
    let (bus, folder) = Desk::bus().await;
    let server = NotificationServer::start(&bus, &CAN).await.unwrap();
    let fauxqs = Fauxqs::start().await.unwrap();
    let aws = queue::Aws::of(&fauxqs).await;
    let topic = aws.topic("ssm-notify").await.unwrap();
    let queue = aws.queue("personal").await.unwrap();
    aws.subscribe(&topic, &queue).await.unwrap();
    let night = Sea { commands: 10, nodes: 60, fail: 40, time_out: 10, began: SignedDuration::from_hours(8) };
    aws.fill(&queue, &topic, &night.messages(now())).await.unwrap();

    let dir = DataDir::resolve(Some(&folder.path().join("data"))).unwrap();
    let record = record(&topic, &queue, &fauxqs.url);
    control::perform(&dir, Act::PutSubscription(Box::new(record))).await.unwrap();
    let drained = Command::new(program("watchbellctl"))
        .args(["--json", "watch", "--once"])
        .env("WATCHBELL_DATA_DIR", dir.root())
        .env("HOME", folder.path())
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .stdout(Stdio::null())
        .kill_on_drop(true)
        .status();
    let status = tokio::time::timeout(Duration::from_mins(2), drained).await.expect("it drains").unwrap();
    assert!(status.success(), "a drained queue is success: {status}");

    let notifies = server.all();
    assert_eq!(new(&notifies).len(), 1, "the night is one alert: {notifies:?}");
    assert!(notifies[1..].iter().all(|notify| notify.silent), "which changes silently");
    let last = last_words(&notifies)[0];
    assert_eq!(last.summary, "While you were away: 500 nodes failed in 10 commands", "with the true counts at last");
}
