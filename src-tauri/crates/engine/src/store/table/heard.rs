//! `heard` and `gap`: when each queue was last listened to, and when it was not.
//!
//! **Invariant:** written at a clean end, when a gap ends and every 10 minutes, never at each poll (`core::listening`).

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};
use watchbell_core::arn::TopicArn;
use watchbell_core::listening::{Gap, Silence};

use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::view::GapRow;

/// A step of its own after the first format.
pub(in crate::store) const LISTENING: &str = "
CREATE TABLE heard (
  topic_arn TEXT NOT NULL PRIMARY KEY,
  at        INTEGER NOT NULL,
  silence   TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE gap (
  id            INTEGER PRIMARY KEY,
  topic_arn     TEXT NOT NULL,
  from_at       INTEGER NOT NULL,
  to_at         INTEGER NOT NULL,
  reason        TEXT NOT NULL,
  may_have_lost INTEGER
) STRICT;
CREATE INDEX gap_by_end ON gap (to_at);
";

/// The last completed poll, and what explains the silence after it.
pub(in crate::store) fn last(db: &Connection, topic: &TopicArn) -> Result<Option<(Timestamp, Silence)>, StoreError> {
    let row = db
        .prepare_cached("SELECT at, silence FROM heard WHERE topic_arn = ?1")?
        .query_row([topic.as_str()], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, String>(1)?)))
        .optional()?;
    Ok(row.map(|(at, silence)| (from_ns(at), Silence::parse(&silence).unwrap_or(Silence::Quit))))
}

/// Keeps it, unless the subscription was removed meanwhile.
pub(in crate::store) fn put(
    db: &Connection,
    topic: &TopicArn,
    at: Timestamp,
    silence: Silence,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO heard (topic_arn, at, silence)
         SELECT ?1, ?2, ?3 WHERE EXISTS (SELECT 1 FROM subscription WHERE topic_arn = ?1)
         ON CONFLICT (topic_arn) DO UPDATE SET at = excluded.at, silence = excluded.silence",
    )?
    .execute(params![topic.as_str(), to_ns(at), silence.as_str()])?;
    Ok(())
}

/// A subscription that is removed leaves its gaps in the history, and begins none.
pub(in crate::store) fn forget(db: &Connection, topic: &TopicArn) -> Result<(), StoreError> {
    db.prepare_cached("DELETE FROM heard WHERE topic_arn = ?1")?.execute([topic.as_str()])?;
    Ok(())
}

pub(in crate::store) fn add_gap(db: &Connection, topic: &TopicArn, gap: &Gap) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO gap (topic_arn, from_at, to_at, reason, may_have_lost) VALUES (?1, ?2, ?3, ?4, ?5)",
    )?
    .execute(params![topic.as_str(), to_ns(gap.from), to_ns(gap.to), gap.reason.as_str(), gap.may_have_lost])?;
    Ok(())
}

/// The gaps that touch the time from `since` to `until`, the one that ended last first.
pub(in crate::store) fn gaps(
    db: &Connection,
    since: Timestamp,
    until: Timestamp,
    limit: u32,
) -> Result<Vec<GapRow>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT topic_arn, from_at, to_at, reason, may_have_lost FROM gap
         WHERE to_at >= ?1 AND from_at <= ?2 ORDER BY to_at DESC, id DESC LIMIT ?3",
    )?;
    let rows = statement.query_map(params![to_ns(since), to_ns(until), limit], |row| {
        Ok(GapRow {
            topic_arn: row.get(0)?,
            from: from_ns(row.get(1)?),
            to: from_ns(row.get(2)?),
            reason: Silence::parse(&row.get::<_, String>(3)?).unwrap_or(Silence::Blind),
            may_have_lost: row.get(4)?,
        })
    })?;
    Ok(rows.collect::<Result<_, _>>()?)
}
