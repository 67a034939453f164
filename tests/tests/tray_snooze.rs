//! Snoozing and acknowledging from the tray of the real app.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken desktop is this test's finding")]

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_engine::view::StatusReport;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::tray::{MenuLine, TrayHost};

async fn until<T>(what: &str, mut look: impl AsyncFnMut() -> Option<T>) -> T {
    for _ in 0..300 {
        if let Some(found) = look().await {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("waited in vain until {what}");
}

async fn status(dir: &DataDir, holds: impl Fn(&StatusReport) -> bool) -> StatusReport {
    until("the engine says so", async || control::status(dir).await.ok().filter(|status| holds(status))).await
}

/// Where a check stands.
fn checked(lines: &[MenuLine]) -> Vec<&str> {
    lines.iter().filter(|line| line.checked).map(|line| line.label.as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_person_snoozes_wakes_and_acknowledges_in_the_menu() {
    let session = Session::start().await.unwrap();
    let _screen = NotificationServer::start(&session.bus, &["actions", "body"]).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path("watchbell"))).unwrap();
    let program = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join("watchbell");
    let _app = session.command(program).arg("--hidden").env("WATCHBELL_DATA_DIR", dir.root()).spawn().unwrap();
    let tray = host.next(Duration::from_mins(1)).await.expect("the app lives in the tray");
    let menu = async |holds: &dyn Fn(&[MenuLine]) -> bool| {
        until("the menu says so", async || tray.menu().await.ok().filter(|lines| holds(lines))).await
    };
    let has = |lines: &[MenuLine], words: &str| lines.iter().any(|line| line.label == words);

    let lines = menu(&|lines| has(lines, "No topic subscribed yet")).await;
    for words in ["Snooze", "30 minutes", "1 hour", "4 hours"] {
        assert!(has(&lines, words), "{words} is offered: {lines:?}");
    }
    assert!(!has(&lines, "Until the window ends") && !has(&lines, "Wake now"), "no window is open, no snooze on");
    tray.click_words("1 hour").await.unwrap();
    let snoozed = status(&dir, |status| status.snoozed_until.is_some()).await;
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let left = snoozed.snoozed_until.unwrap().duration_since(Timestamp::now());
    assert!(left > SignedDuration::from_mins(58) && left <= SignedDuration::from_hours(1), "for an hour: {left}");
    let lines = menu(&|lines| lines.first().is_some_and(|line| line.label.starts_with("Snoozed until "))).await;
    assert_eq!(checked(&lines), ["1 hour"], "a check stands at what was chosen");
    tray.click_words("1 hour").await.unwrap();
    status(&dir, |status| status.snoozed_until > snoozed.snoozed_until).await;
    menu(&|lines| checked(lines) == ["1 hour"]).await;

    let topic: watchbell_core::arn::TopicArn = "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse().unwrap();
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let started = Timestamp::now() - SignedDuration::from_secs(95);
    let bodies = simulate::patch_run(&RunSpec {
        command_id: "0d4bd167-8513-4d6e-9a69-72f784dc7d32".into(),
        document: "AWS-RunPatchBaseline".into(),
        nodes: 4,
        fail: 2,
        time_out: 0,
        not_run: 0,
        level: Level::Invocation,
        probe: None,
        topic: topic.clone(),
        started,
        seed: 7,
    });
    control::perform(&dir, Act::Inject { bodies, topic }).await.unwrap();
    let lines = menu(&|lines| has(lines, "AWS-RunPatchBaseline: 2 failed of 4 heard from")).await;
    assert!(lines[0].label.starts_with("1 command failing; snoozed until "), "both are named: {:?}", lines[0]);
    tray.click_words("Wake now").await.unwrap();
    status(&dir, |status| status.snoozed_until.is_none()).await;
    tray.click_words("Acknowledge all").await.unwrap();
    status(&dir, |status| status.unacknowledged == 0).await;
    let lines = menu(&|lines| has(lines, "No topic subscribed yet")).await;
    assert!(lines.iter().all(|line| !line.checked), "and nothing is checked any more: {lines:?}");
}
