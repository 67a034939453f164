//! `alert`: what the screen should say under each key, and what it says.
//!
//! **Invariant:** one wish a key, with a growing version; it waits for the screen as long as `shown_version` is
//! behind. An alert rings when `ring_version` has not been shown yet, else it changes in place. `text` NULL means: off
//! the screen.

use rusqlite::{Connection, OptionalExtension, Row, params};
use watchbell_core::policy::{AlertOrder, AlertText};

use crate::store::error::StoreError;
use crate::store::key::AlertKey;

pub(in crate::store) const FIRST: &str = "
CREATE TABLE alert (
  command         INTEGER PRIMARY KEY REFERENCES command(id),
  desired_version INTEGER NOT NULL,
  shown_version   INTEGER NOT NULL DEFAULT 0,
  ring_version    INTEGER NOT NULL,
  text            TEXT,
  server          TEXT,
  notification_id INTEGER,
  fate            TEXT
) STRICT;
CREATE INDEX alert_waiting ON alert(command) WHERE desired_version > shown_version;
CREATE INDEX alert_up ON alert(command) WHERE notification_id IS NOT NULL;
";

/// Alerts of other things than single commands came with the second format.
pub(in crate::store) const KEYED: &str = "
CREATE TABLE keyed_alert (
  key             TEXT PRIMARY KEY,   -- store::key::AlertKey
  desired_version INTEGER NOT NULL,
  shown_version   INTEGER NOT NULL DEFAULT 0,
  ring_version    INTEGER NOT NULL,
  text            TEXT,
  server          TEXT,
  notification_id INTEGER,
  fate            TEXT,
  ordered         INTEGER NOT NULL    -- the wishes' own order, so that the first wish is shown first
) STRICT, WITHOUT ROWID;
INSERT INTO keyed_alert
  SELECT 'command ' || c.command_id, a.desired_version, a.shown_version, a.ring_version, a.text, a.server, a.notification_id,
    a.fate, a.command
  FROM alert a JOIN command c ON c.id = a.command;
DROP TABLE alert;
ALTER TABLE keyed_alert RENAME TO alert;
CREATE INDEX alert_waiting ON alert(ordered) WHERE desired_version > shown_version;
CREATE INDEX alert_up ON alert(key) WHERE notification_id IS NOT NULL;
";

/// An alert that waits for the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingAlert {
    /// Whose it is.
    pub key: AlertKey,
    /// The version to hand back when it was carried out.
    pub version: i64,
    /// What to do. A `Close` without a `notification_id` needs nothing but the report.
    pub order: AlertOrder,
    /// The notification that is up under this key in this run.
    pub notification_id: Option<u32>,
    /// The server that gave that id.
    pub server: Option<String>,
}

/// Notes the newest wish.
pub(in crate::store) fn order(db: &Connection, key: &AlertKey, order: &AlertOrder) -> Result<(), StoreError> {
    let (text, rings) = match order {
        AlertOrder::Show(text) => (Some(text.clone()), true),
        AlertOrder::Update(text) => (Some(text.clone()), false),
        AlertOrder::Close => (None, false),
    };
    let key = key.to_text();
    let held: Option<(i64, i64, Option<String>)> = db
        .prepare_cached("SELECT shown_version, ring_version, text FROM alert WHERE key = ?1")?
        .query_row([&key], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    // A Show that was not carried out yet goes out with the newer words and its own sound.
    let text = match (text, held) {
        (Some(newer), Some((shown, ring, Some(before)))) if !rings && ring > shown => {
            let before: AlertText = serde_json::from_str(&before)?;
            Some(AlertText { sound: before.sound, ..newer })
        }
        (text, _) => text,
    };
    let text = text.map(|text| serde_json::to_string(&text)).transpose()?;
    db.prepare_cached(
        "INSERT INTO alert (key, desired_version, ring_version, text, ordered)
           VALUES (?1, 1, ?3, ?2, (SELECT coalesce(max(ordered), 0) + 1 FROM alert))
         ON CONFLICT (key) DO UPDATE SET desired_version = desired_version + 1, text = excluded.text,
           ring_version = CASE WHEN ?3 THEN desired_version + 1 ELSE ring_version END",
    )?
    .execute(params![key, text, i64::from(rings)])?;
    Ok(())
}

/// What waits, in the order of its coming, at most 64.
pub(in crate::store) fn waiting(db: &Connection) -> Result<Vec<PendingAlert>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT key, desired_version, shown_version, ring_version, text, notification_id, server
         FROM alert WHERE desired_version > shown_version ORDER BY ordered LIMIT 64",
    )?;
    let mut rows = statement.query([])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let text: String = row.get(0)?;
        waiting.push(PendingAlert {
            key: AlertKey::parse(&text).ok_or_else(|| StoreError::Sql(format!("unknown alert {text:?}")))?,
            version: row.get(1)?,
            order: wish(row)?,
            notification_id: row.get(5)?,
            server: row.get(6)?,
        });
    }
    Ok(waiting)
}

/// The alerts of single commands that wait to be shown for the first time.
pub(in crate::store) fn unshown(db: &Connection) -> Result<Vec<AlertKey>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT key FROM alert WHERE desired_version > shown_version AND ring_version > shown_version
           AND text IS NOT NULL AND notification_id IS NULL ORDER BY ordered",
    )?;
    let mut rows = statement.query([])?;
    let mut waiting = Vec::new();
    while let Some(row) = rows.next()? {
        let key = AlertKey::parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?);
        waiting.extend(key.filter(|key| matches!(key, AlertKey::Command(_))));
    }
    Ok(waiting)
}

fn wish(row: &Row<'_>) -> Result<AlertOrder, StoreError> {
    let (shown, ring): (i64, i64) = (row.get(2)?, row.get(3)?);
    let Some(text) = row.get::<_, Option<String>>(4)? else { return Ok(AlertOrder::Close) };
    let text: AlertText = serde_json::from_str(&text)?;
    Ok(if ring > shown { AlertOrder::Show(text) } else { AlertOrder::Update(AlertText { sound: false, ..text }) })
}

/// The screen says what `version` wished, under this id.
pub(in crate::store) fn shown(
    db: &Connection,
    key: &AlertKey,
    version: i64,
    server: &str,
    notification_id: u32,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE alert SET shown_version = max(shown_version, ?2), server = ?3, notification_id = ?4, fate = NULL
         WHERE key = ?1",
    )?
    .execute(params![key.to_text(), version, server, notification_id])?;
    Ok(())
}

/// The alert left the screen at `version`.
pub(in crate::store) fn closed(db: &Connection, key: &AlertKey, version: i64) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE alert SET shown_version = max(shown_version, ?2), server = NULL, notification_id = NULL WHERE key = ?1",
    )?
    .execute(params![key.to_text(), version])?;
    Ok(())
}

/// Something became of the alert: it is off the screen, and what waits is not wanted any more (`settled`) or still is.
pub(in crate::store) fn met(db: &Connection, key: &AlertKey, fate: &str, settled: bool) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE alert SET fate = ?2, server = NULL, notification_id = NULL,
           shown_version = CASE WHEN ?3 THEN desired_version ELSE shown_version END
         WHERE key = ?1",
    )?
    .execute(params![key.to_text(), fate, settled])?;
    Ok(())
}

/// An alert that is (or was, in an earlier run) on the screen.
pub(in crate::store) struct Up {
    pub(in crate::store) key: AlertKey,
    /// Something waits to change it.
    pub(in crate::store) waiting: bool,
    /// What waits is its end.
    pub(in crate::store) closing: bool,
}

pub(in crate::store) fn up(db: &Connection) -> Result<Vec<Up>, StoreError> {
    let mut statement = db.prepare_cached(
        "SELECT key, desired_version > shown_version, text IS NULL FROM alert WHERE notification_id IS NOT NULL",
    )?;
    let mut rows = statement.query([])?;
    let mut up = Vec::new();
    while let Some(row) = rows.next()? {
        if let Some(key) = AlertKey::parse(row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?) {
            up.push(Up { key, waiting: row.get(1)?, closing: row.get(2)? });
        }
    }
    Ok(up)
}

/// The same words are wanted on the screen once more, silently.
pub(in crate::store) fn ask_again(db: &Connection, key: &AlertKey) -> Result<(), StoreError> {
    db.prepare_cached("UPDATE alert SET desired_version = desired_version + 1 WHERE key = ?1")?
        .execute([key.to_text()])?;
    show_anew(db, key)
}

/// What waits for an alert of an earlier run goes out as an alert of its own, silently: that one cannot be changed now.
pub(in crate::store) fn show_anew(db: &Connection, key: &AlertKey) -> Result<(), StoreError> {
    db.prepare_cached(
        "UPDATE alert SET ring_version = desired_version, server = NULL, notification_id = NULL,
           text = json_set(text, '$.sound', json('false'))
         WHERE key = ?1 AND text IS NOT NULL",
    )?
    .execute([key.to_text()])?;
    Ok(())
}
