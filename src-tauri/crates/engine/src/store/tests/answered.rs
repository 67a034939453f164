//! Nothing that fails is ever without an alert, a place in an alert for many, or a stored reason: over transactions, what a person
//! does, servers that come and go, and restarts.

use proptest::prelude::*;
use watchbell_core::policy::{Fate, Kind};

use super::*;
use crate::store::{Act, AlertKey};

/// What may happen next, and how many seconds pass after it.
#[derive(Debug, Clone)]
enum Event {
    /// A node of a command is heard of; `late`: an hour after it happened.
    Heard {
        command: u32,
        node: u32,
        status: &'static str,
        detail: &'static str,
        late: bool,
    },
    Acknowledge(u32),
    Snooze(i64),
    Unsnooze,
    Rules(Option<&'static str>),
    CaughtUp,
    /// The dispatcher shows what is due.
    Show,
    /// The first alert that is up meets this.
    Fate(Fate),
    ServerChanged,
    Restart,
}

fn heard() -> impl Strategy<Value = Event> {
    let status = prop_oneof![
        4 => Just(("Failed", "Failed")),
        1 => Just(("TimedOut", "ExecutionTimedOut")),
        1 => Just(("Failed", "Terminated")),
        2 => Just(("Success", "Success")),
    ];
    (0..9_u32, 1..4_u32, status, prop::bool::weighted(0.3))
        .prop_map(|(command, node, (status, detail), late)| Event::Heard { command, node, status, detail, late })
}

fn happens() -> impl Strategy<Value = Event> {
    prop_oneof![
        8 => heard(),
        1 => (0..9_u32).prop_map(Event::Acknowledge),
        1 => (10..3_000_i64).prop_map(Event::Snooze),
        1 => Just(Event::Unsnooze),
        1 => prop_oneof![Just(None), Just(Some("quiet")), Just(Some("mute"))].prop_map(Event::Rules),
        1 => Just(Event::CaughtUp),
        4 => Just(Event::Show),
        1 => prop_oneof![Just(Fate::Dismissed), Just(Fate::Expired), Just(Fate::Clicked)].prop_map(Event::Fate),
        1 => Just(Event::ServerChanged),
        1 => Just(Event::Restart),
    ]
}

/// The house, and a clock that starts with the real one: a person's acts are stored by that.
struct Sea {
    house: House,
    now: Timestamp,
    ids: u32,
}

impl Sea {
    async fn meet(&mut self, event: &Event) {
        let now = self.now;
        match event {
            Event::Heard { command, node, status, detail, late } => {
                let at = if *late { now - SignedDuration::from_hours(1) } else { now };
                let inner = json!({
                    "commandId": command_id(*command), "documentName": "AWS-RunPatchBaseline",
                    "instanceId": node_id(*node), "status": status, "detailedStatus": detail, "eventTime": at.to_string(),
                });
                self.house.hear_at(&[wrap(&inner.to_string())], now).await;
            }
            Event::Acknowledge(command) => {
                // A command that was not heard of is a no.
                let _ = self.house.store.act(Act::Acknowledge { command_id: Some(command_id(*command)) }).await;
            }
            Event::Snooze(seconds) => {
                let until = crate::clock::now() + SignedDuration::from_secs(*seconds);
                self.house.store.act(Act::Snooze { until, window: false }).await.unwrap();
            }
            Event::Unsnooze => drop(self.house.store.act(Act::Unsnooze).await.unwrap()),
            Event::Rules(then) => {
                let rules = then.map(|then| json!({"name": "Patching", "when": {"node": node_id(2)}, "then": then}));
                let rules = serde_json::from_value(json!(Vec::from_iter(rules))).unwrap();
                self.house.store.act(Act::SetRules { rules }).await.unwrap();
            }
            Event::CaughtUp => self.house.store.caught_up(now).await.unwrap(),
            Event::Show => self.show().await,
            Event::Fate(fate) => {
                let up =
                    texts(&self.db(), "SELECT key FROM alert WHERE notification_id IS NOT NULL ORDER BY key LIMIT 1");
                if let Some(key) = up.first().and_then(|key| AlertKey::parse(key)) {
                    self.house.store.fate(&key, *fate, now).await.unwrap();
                }
            }
            Event::ServerChanged => self.house.store.server_changed(now).await.unwrap(),
            Event::Restart => self.house.restart(now).await,
        }
    }

    async fn show(&mut self) {
        for alert in self.house.store.alerts_due(self.now).await.unwrap().pending {
            if alert.order == watchbell_core::policy::AlertOrder::Close {
                self.house.store.mark_closed(&alert.key, alert.version).await.unwrap();
                continue;
            }
            self.ids += 1;
            self.house.store.mark_shown(&alert.key, alert.version, "dunst", self.ids, self.now).await.unwrap();
        }
    }

    fn db(&self) -> Connection {
        Connection::open(self.house.dir.database()).unwrap()
    }

    /// Every command in trouble, and whether the person was told of it or can read why not.
    fn unanswered(&self, at_last: bool) -> Vec<String> {
        let db = self.db();
        let shown = |key: &AlertKey| {
            let sql = format!(
                "SELECT key FROM alert WHERE key = '{}' AND (shown_version > 0 OR text NOT NULL)",
                key.to_text()
            );
            let sql = if at_last { sql.replace(" OR text NOT NULL", "") } else { sql };
            !texts(&db, &sql).is_empty()
        };
        let mut unanswered = Vec::new();
        for command in texts(&db, "SELECT command_id FROM command WHERE failed + timed_out + not_run > 0") {
            let (id, held) = command::load(&db, &command).unwrap().unwrap();
            let decided = texts(&db, &format!("SELECT outcome FROM decision WHERE command = {id}"));
            let reason =
                |outcome: &&String| ["quiet", "muted", "acknowledged", "dismissed"].contains(&outcome.as_str());
            let told = decided.iter().find(reason).is_some()
                || shown(&AlertKey::Command(command.clone()))
                || Kind::ALL.into_iter().any(|kind| {
                    let joined = match kind {
                        Kind::Overflow => "overflow",
                        Kind::Digest => "digest",
                        Kind::Held => "snoozed",
                    };
                    decided.iter().any(|outcome| outcome == joined)
                        // What is held back has no alert before the hold ends.
                        && (shown(&AlertKey::Many(kind)) || (kind == Kind::Held && !at_last))
                });
            let waits = !at_last && held.next_wake.is_some();
            if !(told || waits) {
                unanswered.push(format!("{command}: {decided:?}"));
            }
        }
        unanswered
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_fails_without_an_alert_or_a_reason(script in prop::collection::vec((happens(), 0..40_i64), 1..40)) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let mut sea = Sea { house: House::new(), now: crate::clock::now(), ids: 0 };
            for (event, pause) in &script {
                sea.meet(event).await;
                let unanswered = sea.unanswered(false);
                prop_assert!(unanswered.is_empty(), "after {event:?} without alert and reason: {unanswered:?}");
                sea.now += SignedDuration::from_secs(*pause);
            }
            // Time goes on until every hold is over and everything due was shown.
            for _ in 0..40 {
                sea.now += SignedDuration::from_mins(3);
                sea.show().await;
            }
            let unanswered = sea.unanswered(true);
            prop_assert!(unanswered.is_empty(), "in the end the person was not told of {unanswered:?}");
            sea.house.store.close().await;
            Ok(())
        })?;
    }
}
