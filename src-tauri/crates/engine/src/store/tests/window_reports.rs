//! The report of a run: what it says, when it is told, and that it is told once.

use super::windows::{definition, execution, monday, run_key, sent, window_id};
use super::*;
use crate::store::Act;
use crate::view::WindowState;

#[tokio::test]
async fn the_report_tells_what_failed_and_what_was_cut_off() {
    let house = House::new();
    house.tell(&[definition(1)], &[], at(0)).await;
    let cutoff = 2 * 3600;
    house
        .hear(&[
            execution(1, "IN_PROGRESS", 0, None),
            sent(1, 1, "Failed", 3, 60),
            sent(1, 2, "Cancelled", 3, cutoff + 1),
            sent(1, 3, "Cancelled", 3, 90),
            sent(1, 4, "Success", 3, 90),
            sent(2, 5, "TimedOut", 4, cutoff),
        ])
        .await;
    let report = house.report(&run_key(1));
    assert_eq!(report.window.name.as_deref(), Some("Nightly"), "SSM's API knows the name");
    assert_eq!(report.window.cut_off, 2, "what ended at the cutoff or after was cut off, the rest was not");
    let nodes = |of: &[crate::view::FailedNode]| of.iter().map(|node| node.node_id.clone()).collect::<Vec<_>>();
    assert_eq!(nodes(&report.failed), [node_id(1), node_id(5)], "failed and timed out");
    assert_eq!(nodes(&report.cut_off), [node_id(5), node_id(2)], "timed out and cancelled");
    house.hear(&[execution(1, "TIMED_OUT", 0, Some(cutoff + 100))]).await;
    let report = house.report(&run_key(1));
    assert_eq!(report.window.cut_off, 3, "a window that timed out cut off whatever did not end by itself");
    assert_eq!(report.window.state, WindowState::Ended, "SSM says that it is over");
    insta::assert_json_snapshot!("window_report", report);
}

#[tokio::test]
async fn a_run_is_told_of_once_when_it_is_quiet_also_across_restarts() {
    let mut house = House::new();
    let end = 600;
    house.hear_at(&[execution(1, "IN_PROGRESS", 0, None), sent(1, 1, "Failed", 3, 60)], at(61)).await;
    assert_eq!(house.store.window_reports(at(62)).await.unwrap().waiting, [], "it is open");
    house.hear_at(&[execution(1, "SUCCESS", 0, Some(end))], at(end)).await;
    let due = house.store.window_reports(at(end + 10)).await.unwrap();
    assert_eq!((due.waiting.len(), due.next), (0, Some(at(end + 120))), "two quiet minutes first");
    house.hear_at(&[sent(1, 2, "Success", 3, 640)], at(640)).await;
    assert_eq!(house.store.window_reports(at(end + 121)).await.unwrap().waiting, [], "a late node puts it off");
    let due = house.store.window_reports(at(760)).await.unwrap();
    assert_eq!(due.waiting.len(), 1, "then it is told");
    assert_eq!(due.waiting[0].text.title, format!("{} ended: 1 command, 2 nodes, 1 failed", window_id(1)));
    house.restart(at(800)).await;
    assert_eq!(house.store.window_reports(at(801)).await.unwrap().waiting.len(), 1, "it was not shown yet");
    house.store.window_told(&run_key(1), at(802)).await.unwrap();
    house.restart(at(900)).await;
    house.hear_at(&[sent(1, 3, "Failed", 3, 700)], at(901)).await;
    assert_eq!(house.store.window_reports(at(2000)).await.unwrap().waiting, [], "a run is reported once");
    assert!(house.report(&run_key(1)).told.is_some(), "what was told can be read again");
}

#[tokio::test]
async fn a_report_waits_for_the_end_of_a_snooze() {
    let house = House::new();
    house.hear_at(&[execution(1, "SUCCESS", 0, Some(600)), sent(1, 1, "Failed", 3, 60)], at(61)).await;
    let until = crate::clock::now() + SignedDuration::from_hours(1);
    house.store.act(Act::Snooze { until, window: false }).await.unwrap();
    let due = house.store.window_reports(at(800)).await.unwrap();
    assert_eq!((due.waiting.len(), due.next), (0, Some(until)), "no new alert while it is snoozed");
    house.store.act(Act::Unsnooze).await.unwrap();
    assert_eq!(house.store.window_reports(at(800)).await.unwrap().waiting.len(), 1, "and it is told after");
}

#[tokio::test]
async fn a_run_without_commands_and_one_long_over_are_not_told_of() {
    let house = House::new();
    house.hear(&[execution(1, "SUCCESS", 0, Some(60))]).await;
    assert_eq!(house.store.window_reports(at(400)).await.unwrap().waiting, [], "nothing was sent in it");
    house.hear(&[execution(2, "SUCCESS", 0, Some(60)), sent(1, 1, "Failed", 3, 60)]).await;
    let later = at(86_400 * 3);
    assert_eq!(house.store.window_reports(later).await.unwrap().waiting, [], "after three days it is no news");
}

#[tokio::test]
async fn an_alert_of_a_typed_run_is_not_repeated_for_the_execution_that_it_was() {
    let house = House::new();
    house.type_in(monday()).await;
    house.hear_at(&[sent(1, 1, "Failed", 3, 60)], at(61)).await;
    let over = at(4 * 3600 + 121);
    assert_eq!(house.store.window_reports(over).await.unwrap().waiting.len(), 1, "the typed run is told of");
    house.hear_at(&[execution(1, "SUCCESS", 2, Some(900))], over).await;
    let much_later = over + SignedDuration::from_hours(1);
    assert_eq!(house.store.window_reports(much_later).await.unwrap().waiting, [], "the same run is told of once");
}
