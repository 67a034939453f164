//! `raw_event`: every understood body, once, with what it said. The history could be made anew from here.
//!
//! **Invariant:** one row a digest; copies are counted, not kept. `again` marks a row that says what another row said
//! already (published twice under two message ids), so that a list shows it once.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use watchbell_core::arn::TopicArn;
use watchbell_core::digest::BodyDigest;
use watchbell_core::event::CommandEvent;
use watchbell_core::status::{Level, Status};

use crate::store::cursor;
use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::{EventRow, Page};

pub(in crate::store) const FIRST: &str = "
CREATE TABLE raw_event (
  id             INTEGER PRIMARY KEY,
  digest         BLOB NOT NULL UNIQUE,
  command        INTEGER NOT NULL REFERENCES command(id),
  level          TEXT NOT NULL,
  node_id        TEXT,
  status         TEXT NOT NULL,
  detail         TEXT,
  event_time     INTEGER NOT NULL,
  message_id     TEXT,
  again          INTEGER NOT NULL,
  received_at    INTEGER NOT NULL,
  copies         INTEGER NOT NULL DEFAULT 1,
  sqs_message_id TEXT NOT NULL,
  topic_arn      TEXT NOT NULL,
  body           TEXT NOT NULL
) STRICT;
CREATE INDEX raw_event_by_command ON raw_event(command, event_time, node_id);
";

/// One body to keep.
pub(in crate::store) struct Kept<'a> {
    pub(in crate::store) digest: &'a BodyDigest,
    pub(in crate::store) event: &'a CommandEvent,
    pub(in crate::store) received_at: Timestamp,
    pub(in crate::store) copies: u32,
    pub(in crate::store) sqs_message_id: &'a str,
    /// The subscribed topic through whose queue it came: raw delivery does not say.
    pub(in crate::store) topic_arn: &'a str,
    pub(in crate::store) body: &'a str,
}

/// Counts copies of a body that is there; says whether it is.
pub(in crate::store) fn count_copy(db: &Connection, digest: &BodyDigest) -> Result<bool, StoreError> {
    let counted = db
        .prepare_cached("UPDATE raw_event SET copies = copies + 1 WHERE digest = ?1")?
        .execute(params![digest.as_bytes()])?;
    Ok(counted > 0)
}

pub(in crate::store) fn add(db: &Connection, command: i64, kept: &Kept<'_>) -> Result<(), StoreError> {
    let event = kept.event;
    let (level, status) = (event.level.as_str(), event.status.as_str());
    let at = to_ns(event.event_time);
    let again = db
        .prepare_cached(
            "SELECT 1 FROM raw_event WHERE command = ?1 AND event_time = ?2 AND node_id IS ?3
             AND level = ?4 AND status = ?5 AND detail IS ?6",
        )?
        .exists(params![command, at, event.node_id, level, status, event.detail])?;
    db.prepare_cached(
        "INSERT INTO raw_event (digest, command, level, node_id, status, detail, event_time, message_id, again,
           received_at, copies, sqs_message_id, topic_arn, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14)",
    )?
    .execute(params![
        kept.digest.as_bytes(),
        command,
        level,
        event.node_id,
        status,
        event.detail,
        at,
        event.message_id,
        again,
        to_ns(kept.received_at),
        kept.copies,
        kept.sqs_message_id,
        kept.topic_arn,
        kept.body,
    ])?;
    Ok(())
}

/// When the last new message was received.
pub(in crate::store) fn last_received(db: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = db.prepare_cached("SELECT received_at FROM raw_event ORDER BY id DESC LIMIT 1")?;
    let mut rows = statement.query_map([], |row| Ok(from_ns(row.get(0)?)))?;
    Ok(rows.next().transpose()?)
}

/// When something of this topic was last received that was not simulated.
pub(in crate::store) fn last_of(db: &Connection, topic: &TopicArn) -> Result<Option<Timestamp>, StoreError> {
    let sql = "SELECT max(raw_event.received_at) FROM raw_event JOIN command ON command.id = raw_event.command
         WHERE raw_event.topic_arn = ?1 AND command.simulated = 0";
    let last = db.prepare_cached(sql)?.query_row([topic.as_str()], |row| row.get::<_, Option<i64>>(0))?;
    Ok(last.map(from_ns))
}

/// What was said of a command, oldest first, each thing once.
pub(in crate::store) fn page(
    db: &Connection,
    command: i64,
    after: Option<&str>,
    limit: u32,
) -> Result<Page<EventRow>, StoreError> {
    let [after_time, after_id] = after.map(cursor::read).transpose()?.unwrap_or([i64::MIN, 0]);
    let mut statement = db.prepare_cached(
        "SELECT id, event_time, received_at, level, node_id, status, detail, message_id FROM raw_event
         WHERE command = ?1 AND again = 0 AND event_time >= ?2 AND (event_time, id) > (?2, ?3)
         ORDER BY event_time, id LIMIT ?4",
    )?;
    let rows = statement.query_map(params![command, after_time, after_id, i64::from(limit) + 1], |row| {
        let at = row.get(1)?;
        let event = EventRow {
            event_time: from_ns(at),
            received_at: from_ns(row.get(2)?),
            level: Level::parse(row.get_ref(3)?.as_str()?).unwrap_or(Level::Command),
            node_id: row.get(4)?,
            status: Status::parse(row.get_ref(5)?.as_str()?),
            detail: row.get(6)?,
            message_id: row.get(7)?,
        };
        Ok((event, cursor::write([at, row.get(0)?])))
    })?;
    let mut rows: Vec<(EventRow, String)> = rows.collect::<Result<_, _>>()?;
    let more = rows.len() > limit as usize;
    rows.truncate(limit as usize);
    let next = rows.last().filter(|_| more).map(|(_, place)| place.clone());
    Ok(Page { rows: rows.into_iter().map(|(event, _)| event).collect(), next })
}

/// Hands out what was said since, in the order of its coming, commands that were only simulated left out.
pub(in crate::store) fn since(
    db: &Connection,
    since: Timestamp,
    mut each: impl FnMut(&CommandEvent, &BodyDigest, Timestamp),
) -> Result<(), StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT e.digest, c.command_id, c.document, e.level, e.node_id, e.status, e.detail, e.event_time, e.received_at,
           e.topic_arn
         FROM raw_event e JOIN command c ON c.id = e.command
         WHERE e.received_at >= ?1 AND e.again = 0 AND c.simulated = 0 ORDER BY e.received_at, e.id",
    )?;
    let mut rows = statement.query([to_ns(since)])?;
    while let Some(row) = rows.next()? {
        let digest: [u8; 32] = row.get(0)?;
        let level: String = row.get(3)?;
        let event = CommandEvent {
            command_id: row.get(1)?,
            document: row.get(2)?,
            level: if level == Level::Command.as_str() { Level::Command } else { Level::Invocation },
            node_id: row.get(4)?,
            status: Status::parse(row.get_ref(5)?.as_str().map_err(rusqlite::Error::from)?),
            detail: row.get(6)?,
            event_time: from_ns(row.get(7)?),
            requested_at: None,
            expires_after: None,
            instance_ids: Vec::new(),
            s3_bucket: None,
            s3_prefix: None,
            topic_arn: row.get::<_, String>(9)?.parse().ok(),
            message_id: None,
            sent_at: None,
            probe: None,
            parameters: None,
        };
        each(&event, &BodyDigest::from_bytes(digest), from_ns(row.get(8)?));
    }
    Ok(())
}
