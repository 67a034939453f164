//! `quarantine`: what was not understood, kept whole with the reason. Nothing leaves it but what a newer version understands.

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use watchbell_core::arn::TopicArn;
use watchbell_core::digest::BodyDigest;
use watchbell_core::parse::{Confirmation, Reason, ReasonKind, confirmation};

use crate::store::cursor;
use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::{Page, QuarantineRow};

pub(in crate::store) const FIRST: &str = "
CREATE TABLE quarantine (
  id             INTEGER PRIMARY KEY,
  digest         BLOB NOT NULL UNIQUE,
  kind           TEXT NOT NULL,
  reason         TEXT NOT NULL,
  topic_arn      TEXT,
  sqs_message_id TEXT NOT NULL,
  received_at    INTEGER NOT NULL,
  copies         INTEGER NOT NULL DEFAULT 1,
  body           TEXT NOT NULL
) STRICT;
";

/// SQS carries no more than 1 MiB; a longer body (from elsewhere) is cut here, in bytes.
const BODY_LIMIT: usize = 1 << 20;

/// One row to keep.
pub(in crate::store) struct Refused<'a> {
    pub(in crate::store) digest: &'a BodyDigest,
    pub(in crate::store) reason: &'a Reason,
    pub(in crate::store) topic_arn: &'a str,
    pub(in crate::store) sqs_message_id: &'a str,
    pub(in crate::store) received_at: Timestamp,
    pub(in crate::store) copies: u32,
    pub(in crate::store) body: &'a str,
}

/// Keeps a body, or counts its copies; says whether it is new.
pub(in crate::store) fn keep(db: &Connection, refused: &Refused<'_>) -> Result<bool, StoreError> {
    let body = &refused.body[..refused.body.floor_char_boundary(BODY_LIMIT)];
    let counted = db
        .prepare_cached("UPDATE quarantine SET copies = copies + ?2 WHERE digest = ?1")?
        .execute(params![refused.digest.as_bytes(), refused.copies])?;
    if counted > 0 {
        return Ok(false);
    }
    db.prepare_cached(
        "INSERT INTO quarantine (digest, kind, reason, topic_arn, sqs_message_id, received_at, copies, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    )?
    .execute(params![
        refused.digest.as_bytes(),
        refused.reason.kind.as_str(),
        refused.reason.text,
        refused.topic_arn,
        refused.sqs_message_id,
        to_ns(refused.received_at),
        refused.copies,
        body,
    ])?;
    Ok(true)
}

/// A body that may be understood now.
pub(in crate::store) struct Waiting {
    pub(in crate::store) id: i64,
    pub(in crate::store) body: String,
    pub(in crate::store) topic_arn: String,
    pub(in crate::store) sqs_message_id: String,
    pub(in crate::store) received_at: Timestamp,
}

/// Events of maintenance windows, which the first format could not read.
pub(in crate::store) fn about_windows(db: &Connection) -> Result<Vec<Waiting>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT id, body, topic_arn, sqs_message_id, received_at FROM quarantine
         WHERE kind = 'unknown_event' AND topic_arn IS NOT NULL AND instr(body, 'Maintenance Window ') > 0",
    )?;
    let rows = statement.query_map([], |row| {
        Ok(Waiting {
            id: row.get(0)?,
            body: row.get(1)?,
            topic_arn: row.get(2)?,
            sqs_message_id: row.get(3)?,
            received_at: from_ns(row.get(4)?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}

/// Lets go of a body that was understood after all.
pub(in crate::store) fn release(db: &Connection, id: i64) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM quarantine WHERE id = ?1")?.execute([id])?;
    Ok(())
}

pub(in crate::store) fn count(db: &Connection) -> Result<u32, StoreError> {
    Ok(db.prepare_cached("SELECT count(*) FROM quarantine")?.query_row([], |row| row.get(0))?)
}

/// Newest first, after the row of `after`.
pub(in crate::store) fn page(
    db: &Connection,
    after: Option<&str>,
    limit: u32,
) -> Result<Page<QuarantineRow>, StoreError> {
    let below = after.map(cursor::read).transpose()?.map_or(i64::MAX, |[id, _]| id);
    let mut statement = db.prepare_cached(
        "SELECT id, received_at, reason, kind, body, topic_arn, copies
         FROM quarantine WHERE id < ?1 ORDER BY id DESC LIMIT ?2",
    )?;
    let rows = statement.query_map(params![below, limit], |row| {
        let id = row.get(0)?;
        Ok(QuarantineRow {
            id,
            received_at: from_ns(row.get(1)?),
            reason: row.get(2)?,
            kind: row.get(3)?,
            body: row.get(4)?,
            topic_arn: row.get(5)?,
            copies: row.get(6)?,
            cursor: cursor::write([id, 0]),
        })
    })?;
    let rows: Vec<_> = rows.collect::<Result<_, _>>()?;
    let next = match rows.last() {
        Some(last) if more(db, last.id)? => Some(last.cursor.clone()),
        _ => None,
    };
    Ok(Page { rows, next })
}

fn more(db: &Connection, below: i64) -> Result<bool, StoreError> {
    let found = db.prepare_cached("SELECT 1 FROM quarantine WHERE id < ?1 LIMIT 1")?.query_row([below], |_| Ok(()));
    Ok(found.optional()?.is_some())
}

/// What SNS asked to confirm through the subscription to this topic, newest first. The reason's kind was found out when it came.
pub(in crate::store) fn confirmations(
    db: &Connection,
    topic: &TopicArn,
    since: Timestamp,
) -> Result<Vec<Confirmation>, StoreError> {
    let sql = "SELECT body FROM quarantine WHERE kind = ?1 AND topic_arn = ?2 AND received_at >= ?3 ORDER BY id DESC LIMIT 10";
    let mut statement = db.prepare_cached(sql)?;
    let kind = ReasonKind::SubscriptionConfirmation.as_str();
    let bodies = statement.query_map(params![kind, topic.as_str(), to_ns(since)], |row| row.get::<_, String>(0))?;
    let bodies: Vec<String> = bodies.collect::<Result<_, _>>()?;
    Ok(bodies.iter().filter_map(|body| confirmation(body)).collect())
}
