//! The rules' tester says what rang: the same events through the live store and through the replay.

use watchbell_core::policy::{AlertOrder, Outcome};
use watchbell_core::quiet::QuietHours;
use watchbell_core::replay::Report;
use watchbell_core::rules::RuleBook;

use super::*;
use crate::settings::Settings;

const NIGHT: i64 = 86_400;

/// Shows what is due, as the dispatcher does; gives how many new alerts those were.
async fn ring(house: &House, now: i64) -> u32 {
    let mut rang = 0;
    for alert in house.store.alerts_due(at(now)).await.unwrap().pending {
        rang += u32::from(matches!(alert.order, AlertOrder::Show(_)));
        house.store.mark_shown(&alert.key, alert.version, "dunst", 7, at(now)).await.unwrap();
    }
    rang
}

/// Bodies that came at one time, and whether the queues were empty after them.
struct Came {
    at: i64,
    bodies: Vec<String>,
    then_empty: bool,
}

/// Seven nights without a listener, each caught up with in the morning, in two batches.
fn seven_nights() -> Vec<Came> {
    let night = |number: u32| {
        let morning = i64::from(number) * NIGHT + 4 * 3600;
        let body = |part: u32| node(number * 10 + part, 1, "Failed", morning - 3 * 3600);
        [
            Came { at: morning, bodies: vec![body(1), body(2)], then_empty: false },
            Came { at: morning + 20, bodies: vec![body(3)], then_empty: true },
        ]
    };
    (1..=7).flat_map(night).collect()
}

/// Twenty commands fail at once, and one of them once more.
fn storm(start: i64) -> Vec<Came> {
    let body = |number: u32| node(1000 + number, 1, "Failed", start);
    let again = node(1001, 2, "Failed", start + 4);
    vec![
        Came { at: start + 1, bodies: (1..=12).map(body).collect(), then_empty: false },
        Came { at: start + 3, bodies: (13..=20).map(body).collect(), then_empty: false },
        Came { at: start + 5, bodies: vec![again], then_empty: true },
    ]
}

async fn live(house: &House, came: Vec<Came>) -> u32 {
    let mut rang = 0;
    for Came { at: when, bodies, then_empty } in came {
        house.hear_at(&bodies, at(when)).await;
        rang += ring(house, when).await;
        if then_empty {
            house.store.caught_up(at(when + 41)).await.unwrap();
            rang += ring(house, when + 41).await;
        }
    }
    rang
}

fn replayed(house: &House, settings: &Settings) -> Report {
    let reader = Store::reader(&house.dir).unwrap();
    reader.replay((RuleBook::default(), QuietHours::default()), settings, 30, at(9 * NIGHT)).unwrap()
}

#[tokio::test]
async fn a_replay_counts_what_rang_over_catch_ups_and_a_storm() {
    let house = House::new();
    let rang = live(&house, seven_nights()).await + live(&house, storm(8 * NIGHT)).await;
    assert_eq!(rang, 7 + 5 + 1, "a digest a morning, five alone and one for the rest of the storm");
    let report = replayed(&house, &Settings::default());
    assert_eq!(report.alerts, rang, "the tester counts the same");
    assert_eq!(report.commands.len(), 21 + 20, "and decides about each command");
    let reader = Store::reader(&house.dir).unwrap();
    for command in &report.commands {
        let first = reader.decisions(&command.command_id).unwrap().remove(0);
        assert_eq!(command.outcome.as_str(), first.outcome, "as was decided when {} failed", command.command_id);
    }
}

#[tokio::test]
async fn a_replay_obeys_the_settings() {
    let house = House::new();
    live(&house, seven_nights()).await;
    let patient = Settings { late_after_minutes: 24 * 60, ..Settings::default() };
    let report = replayed(&house, &patient);
    assert_eq!(
        (report.alerts, report.count(Outcome::Rang)),
        (21, 21),
        "three hours are not late: each rings by itself"
    );
    let silent = replayed(&house, &Settings { alerts: false, ..Settings::default() });
    assert_eq!(silent.alerts, 0, "who wants no alert had none");
}
