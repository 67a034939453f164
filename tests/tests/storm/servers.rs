//! Servers that die, and servers that can do less than the specification offers.

use std::time::Duration;

use watchbell_tests::harness::notifications::NotificationServer;

use crate::assert_calm;
use crate::desk::{CAN, Desk, last_words, new, now};
use crate::sea::{STORM, Sea};

/// Enough commands for an overflow, few enough messages to be quick.
const SQUALL: Sea = Sea { commands: 9, nodes: 20, fail: 4, time_out: 1, ..STORM };

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_dies_in_the_storm_is_followed_by_one_alert_that_counts() {
    let (bus, folder) = Desk::bus().await;
    let old = NotificationServer::start(&bus, &CAN).await.unwrap();
    let desk = Desk::start((bus, folder)).await;
    let bodies = STORM.bodies(now());
    let (first, second) = bodies.split_at(bodies.len() / 2);
    desk.feed(first).await;
    desk.until("six alerts are up", async || new(&old.all()).len() == 6).await;
    tokio::time::sleep(Duration::from_millis(500)).await;
    old.die().await.unwrap();
    let new_server = NotificationServer::start(&desk.bus, &CAN).await.unwrap();
    desk.feed(second).await;
    desk.until("all twenty are told of", async || {
        last_words(&new_server.all()).iter().any(|last| last.summary == "20 commands are failing")
    })
    .await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    let notifies = new_server.all();
    assert_calm(&notifies);
    assert_eq!(new(&notifies).len(), 1, "shown again once, by count: {:?}", last_words(&notifies));
    assert_eq!(new_server.up(), [notifies[0].id], "one alert is up");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_without_buttons_gets_none_and_shows_the_same_alerts() {
    let (bus, folder) = Desk::bus().await;
    let server = NotificationServer::start(&bus, &["body"]).await.unwrap();
    let desk = Desk::start((bus, folder)).await;
    desk.feed(&SQUALL.bodies(now())).await;
    desk.until("the rest is told of", async || {
        last_words(&server.all()).iter().any(|last| last.summary == "4 more commands are failing")
    })
    .await;
    let notifies = server.all();
    assert_calm(&notifies);
    assert_eq!(new(&notifies).len(), 6, "five and one for the rest");
    assert!(notifies.iter().all(|notify| notify.actions.is_empty()), "a server that draws no buttons is sent none");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_that_replaces_nothing_has_one_alert_of_each_command_up() {
    let (bus, folder) = Desk::bus().await;
    let server = NotificationServer::without_replacement(&bus, &CAN).await.unwrap();
    let desk = Desk::start((bus, folder)).await;
    let bodies = SQUALL.bodies(now());
    let (first, second) = bodies.split_at(bodies.len() / 2);
    desk.feed(first).await;
    desk.until("six alerts are up", async || server.up().len() == 6).await;
    tokio::time::sleep(Duration::from_millis(2500)).await;
    desk.feed(second).await;
    desk.until("the last counts are told", async || {
        let told = server.all();
        let last = told.iter().filter(|notify| notify.summary.contains("4 failed, 1 timed out of 20")).count();
        last >= 5 && told.iter().any(|notify| notify.summary == "4 more commands are failing")
    })
    .await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(server.up().len(), 6, "the words before are taken away, so that nothing piles up");
    let notifies = server.all();
    let sounds = notifies.iter().filter(|notify| !notify.silent).count();
    assert_eq!(sounds, 6, "and what is shown anew is silent");
    let newest = notifies.iter().rev().find(|notify| notify.summary.starts_with("Fleet-")).unwrap();
    server.press_button(newest.id, "acknowledge").await.unwrap();
    desk.until("a button of the newest is heard", async || desk.status().await.unacknowledged == 8).await;
}
