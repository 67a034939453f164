//! Receiving against a queue that does what the test says, with the real SDK over the wire and the real store.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod catch_up;
mod deletes;
mod gaps;
mod polls;
pub(crate) mod stand_in;
mod storing;

use std::time::Duration;

use jiff::Timestamp;
use rusqlite::Connection;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use watchbell_core::health::SubscriptionState;

use self::stand_in::StandIn;
use super::*;
use crate::paths::DataDir;
use crate::store::{Act, SubscriptionRecord};
use crate::view::SubscriptionStatus;

/// A store, a board and a queue, and what receives between them.
pub(crate) struct House {
    pub(crate) stand_in: StandIn,
    pub(crate) store: Store,
    pub(crate) board: Board,
    pub(crate) record: SubscriptionRecord,
    pub(crate) dir: DataDir,
    pub(crate) limits: Limits,
    pub(crate) cancel: CancellationToken,
    _temp: tempfile::TempDir,
}

pub(crate) fn topic() -> TopicArn {
    "arn:aws:sns:us-east-1:123456789012:patches".parse().unwrap()
}

pub(crate) fn line(topic: &TopicArn) -> SubscriptionStatus {
    SubscriptionStatus::new(topic.as_str(), "", SubscriptionState::Connecting)
}

impl House {
    pub(crate) async fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::resolve(Some(temp.path())).unwrap();
        let store = Store::open(&dir).unwrap();
        let stand_in = StandIn::start().await;
        let record = SubscriptionRecord {
            endpoint_url: Some(stand_in.url.clone()),
            ..SubscriptionRecord::of(topic(), format!("{}/123456789012/q", stand_in.url), "us-east-1")
        };
        store.act(Act::PutSubscription(Box::new(record.clone()))).await.unwrap();
        let board = Board::default();
        board.add(line(&topic()));
        let limits = Limits {
            receive_within: Duration::from_millis(400),
            delete_within: Duration::from_secs(5),
            last_poll: Duration::from_millis(300),
            store_again: Duration::from_millis(20),
            delete_again: Duration::from_millis(20),
            ..Limits::default()
        };
        Self { stand_in, store, board, record, dir, limits, cancel: CancellationToken::new(), _temp: temp }
    }

    pub(crate) async fn shared(&self, once: bool) -> Shared {
        let place = (self.record.queue_url.clone(), self.record.topic_arn.clone());
        let ear = Ear::open(&self.record, &self.store, &self.board).await;
        let progress = broadcast::channel(64).0;
        let shared = Shared::new(place, (self.store.clone(), self.board.clone()), progress, once, ear);
        Shared { limits: self.limits, ..shared }
    }

    /// Receives in the background until cancelled or otherwise ended; deletes included.
    async fn receive(&self, once: bool) -> JoinHandle<Ended> {
        let shared = self.shared(once).await;
        let receiving = Receiving::new(shared.clone(), self.stand_in.client().await, &self.cancel);
        #[allow(clippy::disallowed_methods, reason = "a test owns its tasks")]
        tokio::spawn(async move {
            let ended = receiving.run().await;
            shared.finish().await;
            ended
        })
    }

    pub(crate) fn state(&self) -> (SubscriptionState, String) {
        let line = self.board.lines().remove(0);
        (line.state, line.reason.unwrap_or_default())
    }

    /// How many distinct messages are committed.
    pub(crate) fn stored(&self) -> usize {
        stored(&self.dir)
    }
}

fn stored(dir: &DataDir) -> usize {
    let db = Connection::open(dir.database()).unwrap();
    let count =
        |table: &str| -> i64 { db.query_row(&format!("SELECT count(*) FROM {table}"), [], |row| row.get(0)).unwrap() };
    usize::try_from(count("raw_event") + count("quarantine")).unwrap()
}

/// Messages of one command, a node each; of a size that makes the database grow.
pub(crate) fn messages(numbers: std::ops::Range<usize>) -> impl Iterator<Item = String> {
    numbers.map(|number| {
        serde_json::json!({
            "commandId": "0d4bd167-8513-4d6e-9a69-72f784dc7d32", "documentName": "AWS-RunPatchBaseline",
            "instanceId": format!("i-{number:017x}"), "requestedDateTime": "2026-11-23T02:00:00Z", "status": "Success",
            "detailedStatus": "Success", "eventTime": "2026-11-23T02:00:05Z", "comment": "x".repeat(3000),
        })
        .to_string()
    })
}

/// Waits until it is so; a test that waits for ever fails by its own words.
pub(crate) async fn until(what: &str, so: impl Fn() -> bool) {
    for _ in 0..1000 {
        if so() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("within 10 s: {what}");
}

pub(crate) async fn ended(task: JoinHandle<Ended>) -> Ended {
    tokio::time::timeout(Duration::from_secs(20), task).await.expect("receiving ends").unwrap()
}
