//! Alerts for many commands: the budget, the digest of what came late, what a snooze held back, and a server that comes or was replaced.

use watchbell_core::policy::{AlertOrder, Fate, Kind};

use super::alerts::show;
use super::*;
use crate::store::{Act, AlertKey, PendingAlert};

#[tokio::test]
async fn a_storm_rings_five_times_and_once_for_the_rest_across_transactions_and_a_restart() {
    let mut house = House::new();
    for command in 1..=20 {
        house.hear_at(&[node(command, 1, "Failed", 1)], at(1)).await;
    }
    let waiting = house.waiting(at(1)).await;
    let many = |alert: &&PendingAlert| matches!(alert.key, AlertKey::Many(_));
    assert_eq!(waiting.iter().filter(|alert| !many(alert)).count(), 5, "the budget holds across transactions");
    let rest = waiting.iter().find(many).expect("the rest is told in one alert");
    assert_eq!(rest.key, AlertKey::Many(Kind::Overflow));
    for alert in &waiting {
        house.store.mark_shown(&alert.key, alert.version, "dunst", 7, at(1)).await.unwrap();
    }
    let due = house.store.alerts_due(at(4)).await.unwrap();
    let update = due.pending.iter().find(many).expect("the true number follows");
    assert!(
        matches!(&update.order, AlertOrder::Update(text) if text.title == "15 more commands are failing"),
        "{update:?}"
    );
    house.store.mark_shown(&update.key, update.version, "dunst", 7, at(4)).await.unwrap();
    house.store.fate(&update.key, Fate::Clicked, at(5)).await.unwrap();
    let reader = Store::reader(&house.dir).unwrap();
    let last = |command| reader.decisions(&command_id(command)).unwrap().pop().unwrap();
    let told = (1..=20).filter(|command| last(*command).reason.contains("the alert for several commands")).count();
    assert_eq!(told, 15, "each of its members tells that the person saw it, and the five beside it do not");
    let report = house.store.act(Act::AcknowledgeMany { kind: Kind::Overflow }).await.unwrap();
    assert_eq!(report.changed, 15, "its button acknowledges its members and no others");
    house.restart(at(60)).await;
    assert!(house.waiting(at(60)).await.is_empty(), "nothing of it rings again after a restart");
}

#[tokio::test]
async fn late_failures_are_one_digest_until_the_queues_are_empty() {
    let house = House::new();
    for command in 1..=3 {
        house.hear_at(&[node(command, 1, "Failed", 1), node(command, 2, "TimedOut", 2)], at(3600)).await;
    }
    let digest = house.one(at(3600)).await;
    assert!(show(&digest).title.starts_with("While you were away"), "{digest:?}");
    house.store.mark_shown(&digest.key, digest.version, "dunst", 7, at(3600)).await.unwrap();
    house.store.caught_up(at(3601)).await.unwrap();
    let update = house.one(at(3603)).await;
    let AlertOrder::Update(text) = &update.order else { panic!("silently, in place: {update:?}") };
    assert_eq!(text.title, "While you were away: 6 nodes failed in 3 commands", "with the whole catch-up's counts");
    house.hear_at(&[node(9, 1, "Failed", 1)], at(3700)).await;
    assert!(
        house.waiting(at(3700)).await.iter().any(|alert| matches!(&alert.order, AlertOrder::Show(_))),
        "what is late after that is another catch-up"
    );
}

#[tokio::test]
async fn a_snooze_is_kept_in_the_database_and_its_end_tells_what_it_held_back() {
    let mut house = House::new();
    let until = crate::clock::now() + SignedDuration::from_hours(1);
    house.store.act(Act::Snooze { until, window: false }).await.unwrap();
    let now = crate::clock::now();
    let mut body = node(1, 1, "Failed", 0);
    body = body.replace(&at(0).to_string(), &now.to_string());
    house.hear_at(&[body], now).await;
    assert!(house.waiting(now).await.is_empty(), "nothing rings while it is snoozed");
    house.restart(now).await;
    assert!(Store::reader(&house.dir).unwrap().snooze(now).unwrap().is_some(), "a restart does not end a snooze");
    let wake = house.store.alerts_due(now).await.unwrap().next_wake.expect("its end asks for a wake");
    assert_eq!(wake, until, "at its end");
    let held = house.one(until).await;
    let reader = Store::reader(&house.dir).unwrap();
    let told = reader.decisions(&command_id(1)).unwrap().pop().unwrap();
    assert_eq!(told.outcome, "digest", "its page says when it was told: {told:?}");
    assert_eq!(show(&held).title, "While it was quiet: 1 node failed in 1 command", "what it held back is told");
    let past = Act::Snooze { until: now - SignedDuration::from_secs(9), window: false };
    assert!(matches!(house.store.act(past).await, Err(StoreError::Invalid(_))), "a snooze ends in the future");
}

#[tokio::test]
async fn what_many_commands_wait_to_say_is_said_by_count_when_a_server_comes() {
    let house = House::new();
    for command in 1..=14 {
        house.hear_at(&[node(command, 1, "Failed", command.into())], at(i64::from(command) * 3)).await;
    }
    let waiting = house.waiting(at(60)).await;
    let fresh = waiting.iter().filter(|alert| matches!(alert.key, AlertKey::Command(_))).count();
    assert!(fresh <= 5, "no more come up at once than the budget has: {waiting:?}");
    assert!(waiting.iter().any(|alert| alert.key == AlertKey::Many(Kind::Overflow)), "the rest in one: {waiting:?}");
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.unacknowledged(at(60), 7).unwrap(), 14, "and nothing is lost");
    for alert in waiting {
        house.store.mark_shown(&alert.key, alert.version, "dunst", 7, at(61)).await.unwrap();
    }
    house.hear_at(&[node(99, 1, "Failed", 62)], at(62)).await;
    let said = house.waiting(at(64)).await;
    let overflow = said.iter().find(|alert| alert.key == AlertKey::Many(Kind::Overflow));
    assert!(overflow.is_some() || said.len() <= 1, "what came up counts as new then: {said:?}");
}

#[tokio::test]
async fn acknowledging_all_takes_an_alert_for_many_down_and_never_counts_it_down() {
    let house = House::new();
    for command in 1..=8 {
        house.hear_at(&[node(command, 1, "Failed", 1)], at(1)).await;
    }
    for alert in house.waiting(at(1)).await {
        house.store.mark_shown(&alert.key, alert.version, "dunst", 7, at(1)).await.unwrap();
    }
    house.store.act_at(Act::Acknowledge { command_id: None }, at(2)).await.unwrap();
    let waiting = house.waiting(at(2)).await;
    assert!(
        waiting.iter().all(|alert| alert.order == AlertOrder::Close),
        "closed, without a last wrong count: {waiting:?}"
    );
    assert_eq!(waiting.len(), 6, "each of the five, and the one for the rest");
}

#[tokio::test]
async fn several_alerts_of_a_server_that_was_replaced_come_up_once_by_count() {
    let house = House::new();
    for command in 1..=3 {
        house.hear_at(&[node(command, 1, "Failed", 1)], at(1)).await;
    }
    for alert in house.waiting(at(1)).await {
        house.store.mark_shown(&alert.key, alert.version, "dunst", 7, at(1)).await.unwrap();
    }
    house.store.server_changed(at(60)).await.unwrap();
    let again = house.one(at(60)).await;
    assert_eq!(show(&again).title, "3 commands are failing", "not one by one");
}
