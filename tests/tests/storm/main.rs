//! Never a storm on the screen (invariant 4): ten thousand messages through the real engine onto a private bus.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken desktop is this test's finding")]

mod buttons;
mod desk;
mod late;
mod sea;
mod servers;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use watchbell_tests::harness::notifications::{NotificationServer, Notify};

use desk::{CAN, Desk, last_words, new, now};
use sea::{STORM, command_id};

/// What a person sees of it at last: under how many alerts, with which words, buttons and urgency.
fn summary(notifies: &[Notify]) -> String {
    let mut lines: Vec<String> = last_words(notifies)
        .into_iter()
        .map(|last| {
            let of_id: Vec<&Notify> = notifies.iter().filter(|notify| notify.id == last.id).collect();
            let sounds = of_id.iter().filter(|notify| !notify.silent).count();
            let labels: Vec<&str> = last.actions.iter().skip(1).step_by(2).map(String::as_str).collect();
            let changed = if of_id.len() > 1 { "changed in place" } else { "never changed" };
            format!(
                "{}\n  {}\n  [{}], urgency {}, {sounds} sound, {changed}",
                last.summary,
                last.body,
                labels.join("] ["),
                last.urgency
            )
        })
        .collect();
    lines.sort();
    lines.join("\n")
}

/// At most six new alerts in any ten seconds, and no alert changed more often than every two seconds.
fn assert_calm(notifies: &[Notify]) {
    let new = new(notifies);
    for (place, first) in new.iter().enumerate() {
        let within = new[place..].iter().filter(|other| other.at - first.at < Duration::from_secs(10)).count();
        assert!(within <= 6, "five alerts and one for the rest in ten seconds, not {within}");
    }
    let mut by_id = BTreeMap::<u32, Vec<&Notify>>::new();
    for notify in notifies {
        by_id.entry(notify.id).or_default().push(notify);
    }
    for (id, of) in by_id {
        let spans = u32::try_from(of.len() - 1).unwrap() * 2;
        let took = of.last().unwrap().at - of[0].at;
        // A busy machine shows one late and the next in time.
        let least = Duration::from_secs(u64::from(spans)).saturating_sub(Duration::from_millis(1500));
        assert!(took >= least, "alert {id} changed {} times within {took:?}", of.len() - 1);
        let sounds = of.iter().filter(|notify| !notify.silent).count();
        assert!(sounds <= 1, "what changes in place is silent");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_messages_are_five_alerts_and_one_for_the_rest() {
    let (bus, folder) = Desk::bus().await;
    let server = NotificationServer::start(&bus, &CAN).await.unwrap();
    let desk = Desk::start((bus, folder)).await;
    let bodies = STORM.bodies(now());
    assert_eq!(bodies.len(), 10_500, "ten thousand messages and five hundred copies");
    desk.feed(&bodies).await;
    desk.until("the last words are shown", async || {
        last_words(&server.all()).iter().filter(|last| last.summary.contains("40 failed, 10 timed out")).count() == 5
            && last_words(&server.all()).iter().any(|last| last.summary == "15 more commands are failing")
    })
    .await;
    tokio::time::sleep(Duration::from_secs(5)).await;

    let notifies = server.all();
    assert_calm(&notifies);
    assert_eq!(new(&notifies).len(), 6, "five alerts of their own and one for fifteen commands");
    let rows = desk.rows();
    assert_eq!(rows.len(), 20, "every command is in the history");
    for row in &rows {
        let counts = (row.counts.success, row.counts.failed, row.counts.timed_out, row.counts.in_progress);
        assert_eq!(counts, (200, 40, 10, 0), "with its true counts, whatever the order and the copies");
    }
    let mut answered = BTreeMap::<String, u32>::new();
    for number in 1..=20 {
        let decisions = desk.decisions(&command_id(number));
        let first = decisions.first().expect("no command fails without a decision");
        assert!(!first.reason.is_empty(), "a decision has its reason");
        *answered.entry(first.outcome.clone()).or_default() += 1;
        let changes: Vec<_> = decisions.iter().filter(|of| of.outcome == "updated").map(|of| of.at).collect();
        for pair in changes.windows(2) {
            let gap = pair[1].duration_since(pair[0]);
            assert!(gap.as_secs() >= 2, "an alert is changed at most every two seconds, not after {gap}");
        }
    }
    assert_eq!(answered, BTreeMap::from([("overflow".into(), 15), ("rang".into(), 5)]), "each is told of once");
    assert_eq!(desk.status().await.unacknowledged, 20, "and each waits for the person");
    insta::assert_snapshot!(summary(&notifies));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_kill_in_the_storm_loses_nothing_and_rings_nothing_twice() {
    let (bus, folder) = Desk::bus().await;
    let server = NotificationServer::start(&bus, &CAN).await.unwrap();
    let mut desk = Desk::start((bus, folder)).await;
    let bodies = STORM.bodies(now());
    let (first, second) = bodies.split_at(bodies.len() / 2);
    desk.feed(first).await;
    desk.until("six alerts are up", async || new(&server.all()).len() >= 6).await;
    // The one alert that is being shown at the instant of a kill may come once more; let none be.
    tokio::time::sleep(Duration::from_millis(500)).await;
    desk.kill_and_restart().await;
    let before = server.all().len();
    desk.feed(first).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let after_copies: Vec<_> = server.all().split_off(before).into_iter().filter(|notify| !notify.silent).collect();
    assert_eq!(after_copies, [], "what was shown before the kill does not ring again");
    desk.feed(second).await;
    desk.until("all is stored", async || {
        desk.rows().iter().filter(|row| row.counts.failed == 40 && row.counts.success == 200).count() == 20
    })
    .await;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let notifies = server.all();
    let rang: Vec<_> = notifies.iter().filter(|notify| !notify.silent).collect();
    let subjects: BTreeSet<&str> = rang.iter().map(|notify| notify.summary.split([':', ' ']).next().unwrap()).collect();
    assert_eq!(rang.len(), 6, "no sound but those of the first six, over both runs");
    assert_eq!(subjects.len(), 6, "and no command twice");
    for number in 1..=20 {
        assert!(!desk.decisions(&command_id(number)).is_empty(), "command {number} has its decision");
    }
}
