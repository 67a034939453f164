//! What the dispatcher gets to see of one command, over orders, reports, crashes and acknowledgements.

use watchbell_core::policy::{AlertOrder, AlertText, Fate};

use super::*;
use crate::settings::Settings;
use crate::store::{Act, AlertKey, PendingAlert, StoreError};
use crate::view::HistoryQuery;

impl House {
    pub(super) async fn waiting(&self, now: Timestamp) -> Vec<PendingAlert> {
        self.store.alerts_due(now).await.unwrap().pending
    }

    pub(super) async fn one(&self, now: Timestamp) -> PendingAlert {
        let mut waiting = self.waiting(now).await;
        assert_eq!(waiting.len(), 1, "one command, one alert");
        waiting.remove(0)
    }

    /// A command whose first failure is on the screen as notification 7.
    async fn with_alert_up() -> Self {
        let house = Self::new();
        house.hear_at(&[node(1, 1, "Failed", 1)], at(1)).await;
        let alert = house.one(at(1)).await;
        house.store.mark_shown(&alert.key, alert.version, "dunst", 7, at(1)).await.unwrap();
        house
    }
}

pub(super) fn show(alert: &PendingAlert) -> &AlertText {
    match &alert.order {
        AlertOrder::Show(text) => text,
        other => panic!("a new alert was due, not {other:?}"),
    }
}

#[tokio::test]
async fn the_first_failure_rings_and_later_ones_change_that_alert_in_place() {
    let house = House::new();
    let report = house.hear_at(&[node(1, 1, "Failed", 1), node(1, 2, "Success", 1)], at(1)).await;
    assert!(report.alerts, "the dispatcher is told that something waits");
    let first = house.one(at(1)).await;
    assert!(show(&first).sound, "the first failure may make a sound");
    assert_eq!(house.one(at(1)).await, first, "an alert stays wanted until it was reported as shown");
    house.store.mark_shown(&first.key, first.version, "dunst", 7, at(1)).await.unwrap();
    assert!(house.waiting(at(1)).await.is_empty(), "what is shown does not wait");

    house.hear_at(&[node(1, 3, "Failed", 2)], at(2)).await;
    let due = house.store.alerts_due(at(2)).await.unwrap();
    assert!(due.pending.is_empty(), "at most one change every 2 s");
    let wake = due.next_wake.expect("the change asks for a wake");
    let update = house.one(wake).await;
    assert!(matches!(&update.order, AlertOrder::Update(text) if !text.sound), "silently: {update:?}");
    assert_eq!((update.notification_id, update.server.as_deref()), (Some(7), Some("dunst")), "in place");
    house.store.mark_shown(&update.key, update.version, "dunst", 7, wake).await.unwrap();
    assert_eq!(house.store.alerts_due(wake).await.unwrap(), crate::store::AlertsDue::default(), "and then all is said");
    let decisions = Store::reader(&house.dir).unwrap().decisions(&command_id(1)).unwrap();
    let outcomes: Vec<&str> = decisions.iter().map(|decision| decision.outcome.as_str()).collect();
    assert_eq!(outcomes, ["rang", "updated"], "every decision is stored");
}

#[tokio::test]
async fn words_that_change_before_the_alert_is_up_go_out_with_it() {
    let house = House::new();
    house.hear_at(&[node(1, 1, "Failed", 1)], at(1)).await;
    let first = house.one(at(1)).await;
    house.hear_at(&[node(1, 2, "Failed", 5)], at(5)).await;
    let merged = house.one(at(5)).await;
    assert!(merged.version > first.version && show(&merged).sound, "still the first ring, with its sound");
    assert_ne!(show(&merged).title, show(&first).title, "with the newer count");
    house.store.mark_shown(&first.key, first.version, "dunst", 7, at(5)).await.unwrap();
    let rest = house.one(at(5)).await;
    assert!(matches!(&rest.order, AlertOrder::Update(text) if !text.sound), "what was not shown yet follows silently");
    assert_eq!(rest.notification_id, Some(7));
}

#[tokio::test]
async fn a_failure_that_a_later_event_supersedes_takes_its_alert_down() {
    let house = House::with_alert_up().await;
    house.hear_at(&[node(1, 1, "Success", 9)], at(9)).await;
    let close = house.one(at(9)).await;
    assert_eq!((&close.order, close.notification_id), (&AlertOrder::Close, Some(7)));
    house.store.mark_closed(&close.key, close.version).await.unwrap();
    assert!(house.waiting(at(9)).await.is_empty());
}

#[tokio::test]
async fn a_kill_between_show_and_report_may_ring_once_more_and_loses_nothing() {
    let mut house = House::new();
    house.hear_at(&[node(1, 1, "Failed", 1)], at(1)).await;
    let before = house.one(at(1)).await;
    house.restart(at(60)).await;
    assert_eq!(house.one(at(60)).await, before, "what was not reported as shown still waits");
}

#[tokio::test]
async fn what_was_seen_before_a_restart_does_not_ring_again() {
    let mut house = House::with_alert_up().await;
    house.restart(at(60)).await;
    assert!(house.waiting(at(60)).await.is_empty(), "the person has seen it");
    house.hear_at(&[node(1, 1, "Failed", 1), node(1, 1, "Failed", 2)], at(61)).await;
    assert!(house.waiting(at(90)).await.is_empty(), "nor for what is no news");
    house.hear_at(&[node(1, 2, "Failed", 62)], at(100)).await;
    let news = house.one(at(100)).await;
    assert_eq!(news.notification_id, None, "ids of an earlier run are never used again");
    assert!(!show(&news).sound, "the command has rung before");
}

#[tokio::test]
async fn a_change_that_was_on_its_way_at_the_kill_is_told_silently() {
    let mut house = House::with_alert_up().await;
    house.hear_at(&[node(1, 2, "Failed", 5)], at(5)).await;
    assert!(matches!(house.one(at(5)).await.order, AlertOrder::Update(_)));
    house.restart(at(60)).await;
    let anew = house.one(at(60)).await;
    assert_eq!(anew.notification_id, None);
    assert!(!show(&anew).sound && show(&anew).title.contains('2'), "the new count is told once: {anew:?}");
}

#[tokio::test]
async fn what_the_person_closed_stays_closed() {
    let house = House::with_alert_up().await;
    house.store.fate(&AlertKey::Command(command_id(1)), Fate::Dismissed, at(2)).await.unwrap();
    house.hear_at(&[node(1, 2, "Failed", 5)], at(5)).await;
    assert!(house.waiting(at(30)).await.is_empty(), "an update does not bring back what was dismissed");
    house.hear_at(&[node(1, 3, "Failed", 700)], at(700)).await;
    assert!(matches!(house.one(at(700)).await.order, AlertOrder::Show(_)), "a new failure 10 minutes later does");
}

#[tokio::test]
async fn a_new_server_shows_again_what_the_old_one_had() {
    let house = House::with_alert_up().await;
    house.store.server_changed(at(10)).await.unwrap();
    let again = house.one(at(10)).await;
    assert_eq!(again.notification_id, None, "an id means nothing to another server");
    assert!(!show(&again).sound, "the person has heard it");
}

#[tokio::test]
async fn a_server_that_refuses_is_asked_once_more_and_no_more() {
    let house = House::new();
    house.hear_at(&[node(1, 1, "Failed", 1)], at(1)).await;
    house.one(at(1)).await;
    house.store.fate(&AlertKey::Command(command_id(1)), Fate::Refused, at(10)).await.unwrap();
    house.one(at(13)).await;
    house.store.fate(&AlertKey::Command(command_id(1)), Fate::Refused, at(20)).await.unwrap();
    assert!(house.waiting(at(60)).await.is_empty(), "a server that says no twice is left in peace");
}

#[tokio::test]
async fn acknowledging_takes_the_alert_down_and_holds_until_another_node_fails() {
    let house = House::with_alert_up().await;
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.unacknowledged(at(1), 7).unwrap(), 1);
    let report = house.store.act(Act::Acknowledge { command_id: Some(command_id(1)) }).await.unwrap();
    assert_eq!(report.changed, 1);
    assert_eq!(reader.unacknowledged(at(1), 7).unwrap(), 0, "it was seen");
    assert!(reader.command(&command_id(1)).unwrap().unwrap().acknowledged);
    let now = crate::clock::now();
    assert_eq!(house.one(now).await.order, AlertOrder::Close, "and needs no alert");
    house.hear_at(&[node(1, 1, "TimedOut", 30)], now).await;
    assert!(
        reader.command(&command_id(1)).unwrap().unwrap().acknowledged,
        "a node that was acknowledged changes nothing"
    );
    house.hear_at(&[node(1, 2, "Failed", 31)], now).await;
    assert!(!reader.command(&command_id(1)).unwrap().unwrap().acknowledged, "another one does");
    assert_eq!(reader.unacknowledged(at(40), 7).unwrap(), 1);
    let everything = house.store.act(Act::Acknowledge { command_id: None }).await.unwrap();
    assert_eq!(everything.changed, 1, "only what fails and was not acknowledged");
    let unknown = house.store.act(Act::Acknowledge { command_id: Some("nobody".into()) }).await;
    assert_eq!(unknown, Err(StoreError::NoSuchCommand("nobody".into())));
}

#[tokio::test]
async fn own_probes_ring_and_those_of_colleagues_do_not() {
    let house = House::new();
    let probe = |command: u32, probe: &str| {
        wrap(
            &json!({"commandId": command_id(command), "documentName": "AWS-RunPatchBaseline", "instanceId": node_id(1),
                "status": "Failed", "eventTime": at(1).to_string(), "watchbellProbe": probe})
            .to_string(),
        )
    };
    house.hear_at(&[probe(1, "theirs")], at(1)).await;
    assert!(house.waiting(at(1)).await.is_empty(), "a colleague's test must not ring here");
    house.store.act(Act::RegisterProbe { probe: "published".into() }).await.unwrap();
    house.hear_at(&[probe(2, "published")], at(1)).await;
    assert_eq!(house.one(at(1)).await.key, AlertKey::Command(command_id(2)), "the one we published does");
    let report = house.store.act(Act::Inject { bodies: vec![probe(3, "local")], topic: topic() }).await.unwrap();
    assert_eq!(report.ingest.unwrap().stored, 1);
    assert_eq!(house.waiting(at(1)).await.len(), 2, "and so does a local simulation");
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.unacknowledged(at(1), 7).unwrap(), 0, "nothing failed in earnest");
    assert!(reader.history(&HistoryQuery::default()).unwrap().rows.iter().all(|row| row.simulated));
}

#[tokio::test]
async fn with_alerts_off_nothing_rings_and_everything_is_stored() {
    let house = House::new();
    house.store.configure(&Settings { alerts: false, ..Settings::default() });
    house.hear_at(&[node(1, 1, "Failed", 1)], at(1)).await;
    assert!(house.waiting(at(100)).await.is_empty());
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.unacknowledged(at(1), 7).unwrap(), 1, "the tray still shows it");
    assert_eq!(reader.decisions(&command_id(1)).unwrap()[0].outcome, "muted", "and the reason is stored");
}

#[tokio::test]
async fn rules_and_quiet_hours_are_kept_and_in_force_at_once() {
    let mut house = House::new();
    let rules: Vec<_> =
        serde_json::from_str(r#"[{"name": "Patching", "when": {"document": "AWS-RunPatch*"}, "then": "mute"}]"#)
            .unwrap();
    house.store.act(Act::SetRules { rules: rules.clone() }).await.unwrap();
    house.hear_at(&[node(1, 1, "Failed", 1)], at(1)).await;
    assert!(house.waiting(at(1)).await.is_empty(), "a muted command does not ring");
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.unacknowledged(at(1), 7).unwrap(), 0, "nor does it count");
    assert!(reader.command(&command_id(1)).unwrap().unwrap().muted, "and the list says that it is muted");
    house.restart(at(2)).await;
    house.hear_at(&[node(2, 1, "Failed", 3)], at(3)).await;
    assert!(house.waiting(at(3)).await.is_empty(), "rules are in force after a restart");
    assert_eq!(Store::reader(&house.dir).unwrap().rules().unwrap(), rules);
    let broken: Vec<_> =
        serde_json::from_str(r#"[{"name": "Broken", "when": {"node": "/(/"}, "then": "mute"}]"#).unwrap();
    let error = house.store.act(Act::SetRules { rules: broken }).await.unwrap_err();
    assert!(matches!(error, StoreError::Invalid(_)), "a bad pattern is refused: {error}");
    house.hear_at(&[node(3, 1, "Failed", 4)], at(4)).await;
    assert!(house.waiting(at(4)).await.is_empty(), "and the rules before stay in force");
}
