//! Laws of the store, and what they are shown with: messages as AWS writes them, a store on a folder of its own, and a
//! check that the tables are exactly the pure join of the raw events.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod alerts;
mod alerts_for_many;
mod announced;
mod answered;
mod crash;
mod cut_off;
mod faults;
mod history;
mod laws;
mod privacy;
mod replayed;
mod retyped;
mod shapes;
mod typed_windows;
mod watched;
mod window_events;
mod window_laws;
mod window_reports;
mod windows;

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use serde_json::json;
use watchbell_core::arn::TopicArn;
use watchbell_core::command::CommandState;
use watchbell_core::digest::BodyDigest;
use watchbell_core::join::LevelState;
use watchbell_core::parse::{Parsed, parse};
use watchbell_core::simulate;

use super::table::{command, invocation};
use super::{Incoming, IngestReport, Store, StoreError};
use crate::paths::DataDir;

/// A store on a folder that goes away with it.
pub(super) struct House {
    pub(super) store: Store,
    pub(super) dir: DataDir,
    _temp: tempfile::TempDir,
}

impl House {
    pub(super) fn new() -> Self {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::resolve(Some(temp.path())).unwrap();
        let store = Store::open_at(&dir, at(0)).unwrap();
        Self { store, dir, _temp: temp }
    }

    /// As after a crash and a new start, at this time.
    pub(super) async fn restart(&mut self, now: Timestamp) {
        self.store.close().await;
        self.store = Store::open_at(&self.dir, now).unwrap();
    }

    pub(super) async fn hear(&self, bodies: &[String]) -> IngestReport {
        self.hear_at(bodies, at(1)).await
    }

    pub(super) async fn hear_at(&self, bodies: &[String], received_at: Timestamp) -> IngestReport {
        self.store.ingest(bodies.iter().map(|body| incoming(body, received_at)).collect()).await.unwrap()
    }
}

/// Seconds after the night's beginning.
pub(super) fn at(seconds: i64) -> Timestamp {
    "2026-11-23T02:00:00Z".parse::<Timestamp>().unwrap() + SignedDuration::from_secs(seconds)
}

pub(super) fn topic() -> TopicArn {
    "arn:aws:sns:eu-central-1:123456789012:patches".parse().unwrap()
}

pub(super) fn incoming(body: &str, received_at: Timestamp) -> Incoming {
    Incoming {
        body: body.to_owned(),
        topics: Arc::from([topic()]),
        subscription_topic: topic(),
        sqs_message_id: "059f36b4-87a3-44ab-83d2-661975830a7d".into(),
        received_at,
    }
}

pub(super) fn command_id(number: u32) -> String {
    format!("{number:08x}-15f1-4c33-9052-0123456789ab")
}

pub(super) fn node_id(number: u32) -> String {
    format!("i-{number:017x}")
}

/// What one invocation is said to be, in the envelope of SNS.
pub(super) fn node(command: u32, node: u32, status: &str, seconds: i64) -> String {
    let inner = json!({
        "commandId": command_id(command), "documentName": "AWS-RunPatchBaseline", "instanceId": node_id(node),
        "requestedDateTime": at(0).to_string(), "status": status, "detailedStatus": status,
        "eventTime": at(seconds).to_string(),
    });
    wrap(&inner.to_string())
}

/// What a command as a whole is said to be.
pub(super) fn whole(command: u32, status: &str, seconds: i64) -> String {
    let inner = json!({
        "commandId": command_id(command), "documentName": "AWS-RunShellScript", "instanceIds": [node_id(1), node_id(2)],
        "requestedDateTime": at(0).to_string(), "expiresAfter": at(3600).to_string(), "outputS3BucketName": "",
        "outputS3KeyPrefix": "", "status": status, "eventTime": at(seconds).to_string(),
    });
    wrap(&inner.to_string())
}

/// The SNS envelope; one publish has one message id.
pub(super) fn wrap(inner: &str) -> String {
    let id = BodyDigest::of(inner).to_string();
    let id = format!("{}-{}-{}-{}-{}", &id[..8], &id[8..12], &id[12..16], &id[16..20], &id[20..32]);
    simulate::envelope(inner, &topic(), &id, at(1))
}

/// A command and its nodes.
pub(super) type Folded = BTreeMap<String, (CommandState, BTreeMap<String, LevelState>)>;

/// The pure join of bodies, without any store.
pub(super) fn fold<'a>(bodies: impl IntoIterator<Item = &'a str>) -> Folded {
    let mut folded = Folded::new();
    for body in bodies {
        let Parsed::Event(mut event) = parse(body, &[topic()]) else { continue };
        event.topic_arn.get_or_insert_with(topic);
        let digest = BodyDigest::of(body);
        let (state, nodes) = folded
            .entry(event.command_id.clone())
            .or_insert_with(|| (CommandState::new(event.command_id.clone(), &event), BTreeMap::new()));
        let mut held = event.node_id.as_ref().map(|node| nodes.get(node).cloned());
        state.apply(&event, &digest, held.as_mut());
        if let (Some(node), Some(Some(held))) = (event.node_id.clone(), held) {
            nodes.insert(node, held);
        }
    }
    folded
}

/// What the tables hold, as the pure join would put it.
pub(super) fn stored(dir: &DataDir) -> Folded {
    let db = Connection::open(dir.database()).unwrap();
    let mut folded = Folded::new();
    for command_id in texts(&db, "SELECT command_id FROM command") {
        let (id, held) = command::load(&db, &command_id).unwrap().unwrap();
        let nodes = texts(&db, &format!("SELECT node_id FROM invocation WHERE command = {id}"));
        let nodes = nodes.into_iter().map(|node| {
            let state = invocation::load(&db, id, &node).unwrap().unwrap();
            (node, state)
        });
        folded.insert(command_id, (held.state, nodes.collect()));
    }
    folded
}

/// Every body in `raw_event`.
pub(super) fn kept(dir: &DataDir) -> Vec<String> {
    texts(&Connection::open(dir.database()).unwrap(), "SELECT body FROM raw_event")
}

fn texts(db: &Connection, sql: &str) -> Vec<String> {
    let mut statement = db.prepare(sql).unwrap();
    statement.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
}

/// The tables say exactly what the kept bodies say: nothing is half applied.
pub(super) fn assert_whole(dir: &DataDir) {
    let bodies = kept(dir);
    assert_eq!(stored(dir), fold(bodies.iter().map(String::as_str)), "the tables are the join of the kept messages");
    let db = Connection::open(dir.database()).unwrap();
    assert_eq!(texts(&db, "PRAGMA integrity_check"), ["ok"], "the database is sound");
    assert!(!db.prepare("PRAGMA foreign_key_check").unwrap().exists([]).unwrap(), "no row points to nowhere");
    let unindexed = "SELECT command_id FROM command WHERE id NOT IN (SELECT rowid FROM command_fts)";
    assert_eq!(texts(&db, unindexed), Vec::<String>::new(), "every command can be searched for");
}

impl Store {
    /// Lets the database grow no more, as on a full disk; or again.
    pub(crate) async fn fill_disk(&self, full: bool) {
        let limit = self.on_writer(move |writer| {
            let db = writer.connection()?;
            let pages: i64 =
                if full { db.pragma_query_value(None, "page_count", |row| row.get(0))? } else { 1_000_000 };
            db.pragma_update(None, "max_page_count", pages).map_err(StoreError::from)
        });
        limit.await.unwrap();
    }
}
