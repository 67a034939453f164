//! What need not be asked of SSM again.

use std::collections::BTreeSet;

use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{announced, plan};
use crate::store::error::StoreError;
use crate::store::instant::{from_ns, to_ns};
use crate::store::table::window_definition::WindowDefinition;
use crate::store::table::window_run::REACH;

/// What is known of the windows of one account and region.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WindowsKnown {
    /// When they were last read without a problem; absent before the first time.
    pub looked_at: Option<Timestamp>,
    /// Executions that SSM told to their end, with their commands.
    pub whole: BTreeSet<String>,
    /// Windows that have a run which is not over as far as is known.
    pub open: BTreeSet<String>,
}

pub(in crate::store) fn read(
    db: &Connection,
    account: &str,
    region: &str,
    now: Timestamp,
) -> Result<WindowsKnown, StoreError> {
    let looked_at: Option<i64> = db
        .prepare_cached("SELECT read_at FROM window_source WHERE account = ?1 AND region = ?2")?
        .query_row([account, region], |row| row.get(0))
        .optional()?
        .flatten();
    let texts = |sql: &str, values: &[&dyn rusqlite::ToSql]| -> Result<BTreeSet<String>, StoreError> {
        let mut statement = db.prepare_cached(sql)?;
        let rows = statement.query_map(values, |row| row.get(0))?;
        Ok(rows.collect::<Result<_, _>>()?)
    };
    let recent = to_ns(now.checked_sub(REACH).unwrap_or(now));
    Ok(WindowsKnown {
        looked_at: looked_at.map(from_ns),
        whole: texts(
            "SELECT execution_id FROM window_run WHERE account = ?1 AND region = ?2 AND whole = 1",
            params![account, region],
        )?,
        open: texts(
            "SELECT window_id FROM window_run WHERE account = ?1 AND region = ?2 AND whole = 0
             AND execution_id <> '' AND starts >= ?3",
            params![account, region, recent],
        )?,
    })
}

/// Whether a window can have been open in this time. A rate counts from where SSM does not say, so it always can.
pub(crate) fn may_have_run(window: &WindowDefinition, from: Timestamp, to: Timestamp) -> bool {
    let rate = window.schedule.as_deref().is_none_or(|text| text.trim_start().starts_with("rate"));
    rate || plan::compiled(&announced::typed(window)).is_none_or(|window| !plan::runs(&window, from, to).is_empty())
}
