//! `window_event`: every understood body about a maintenance window, once, with what it said.
//!
//! **Invariant:** one row a digest; copies are counted, not kept. The runs could be made anew from here and the API.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use watchbell_core::digest::BodyDigest;
use watchbell_core::window::{Subject, WindowEvent};

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::WindowEventRow;
use watchbell_core::window::RunStatus;

pub(in crate::store) const WINDOWS: &str = "
CREATE TABLE window_event (
  id             INTEGER PRIMARY KEY,
  digest         BLOB NOT NULL UNIQUE,
  run            INTEGER REFERENCES window_run(id), -- none: about the window itself, or a registration
  window_id      TEXT NOT NULL,
  subject        TEXT NOT NULL,
  subject_id     TEXT,
  status         TEXT NOT NULL,
  event_time     INTEGER NOT NULL,
  message_id     TEXT,
  received_at    INTEGER NOT NULL,
  copies         INTEGER NOT NULL DEFAULT 1,
  sqs_message_id TEXT NOT NULL,
  topic_arn      TEXT NOT NULL,
  body           TEXT NOT NULL
) STRICT;
CREATE INDEX window_event_by_run ON window_event(run, event_time);
";

/// One body to keep.
pub(in crate::store) struct Kept<'a> {
    pub(in crate::store) digest: &'a BodyDigest,
    pub(in crate::store) event: &'a WindowEvent,
    pub(in crate::store) received_at: Timestamp,
    pub(in crate::store) sqs_message_id: &'a str,
    pub(in crate::store) topic_arn: &'a str,
    pub(in crate::store) body: &'a str,
}

/// Counts copies of a body that is there; says whether it is.
pub(in crate::store) fn count_copy(db: &Connection, digest: &BodyDigest) -> Result<bool, StoreError> {
    let counted = db
        .prepare_cached("UPDATE window_event SET copies = copies + 1 WHERE digest = ?1")?
        .execute(params![digest.as_bytes()])?;
    Ok(counted > 0)
}

pub(in crate::store) fn add(db: &Connection, run: Option<i64>, kept: &Kept<'_>) -> Result<(), StoreError> {
    let event = kept.event;
    let subject_id = match &event.subject {
        Subject::Execution { .. } | Subject::Window => None,
        Subject::Task { task_id, .. } => Some(task_id),
        Subject::Target { target_id, .. } => target_id.as_ref(),
        Subject::Registration { id } => id.as_ref(),
    };
    db.prepare_cached(
        "INSERT INTO window_event (digest, run, window_id, subject, subject_id, status, event_time, message_id,
           received_at, sqs_message_id, topic_arn, body)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
    )?
    .execute(params![
        kept.digest.as_bytes(),
        run,
        event.window_id,
        event.subject.as_str(),
        subject_id,
        event.status.as_str(),
        to_ns(event.event_time),
        event.message_id,
        to_ns(kept.received_at),
        kept.sqs_message_id,
        kept.topic_arn,
        kept.body,
    ])?;
    Ok(())
}

/// When the last one was received.
pub(in crate::store) fn last_received(db: &Connection) -> Result<Option<Timestamp>, StoreError> {
    let mut statement = db.prepare_cached("SELECT max(received_at) FROM window_event")?;
    let last: Option<i64> = statement.query_row([], |row| row.get(0))?;
    Ok(last.map(from_ns))
}

/// What was said of a run, oldest first, at most `limit`.
pub(in crate::store) fn of_run(db: &Connection, run: i64, limit: u32) -> Result<Vec<WindowEventRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT event_time, received_at, subject, subject_id, status FROM window_event WHERE run = ?1
         ORDER BY event_time, id LIMIT ?2",
    )?;
    let rows = statement.query_map(params![run, limit], |row| {
        Ok(WindowEventRow {
            event_time: from_ns(row.get(0)?),
            received_at: from_ns(row.get(1)?),
            subject: row.get(2)?,
            subject_id: row.get(3)?,
            status: RunStatus::parse(row.get_ref(4)?.as_str()?),
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
