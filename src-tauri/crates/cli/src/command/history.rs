//! `history`: commands, newest first.
//!
//! **Invariant:** reads only, so it works beside a running engine and without one. No database yet is an empty history.

use jiff::Timestamp;
use watchbell_core::status::Status;
use watchbell_engine::clock;
use watchbell_engine::error::Problem;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Reader;
use watchbell_engine::view::{CommandRow, HistoryQuery};

use super::subscriptions;
use crate::args::{Conditions, Global, History};
use crate::ended::{Answer, Ended};
use crate::output::{self, Out};

/// Rows read at a time; a longer list comes in several readings and is printed as it comes.
const PAGE: u32 = 500;

/// The conditions as the history takes them; without a limit or a cursor.
pub(super) fn query(asked: &Conditions, now: Timestamp) -> HistoryQuery {
    HistoryQuery {
        status: asked.status.iter().map(|word| Status::parse(word)).collect(),
        since: asked.since.map(|moment| moment.at(now)),
        until: asked.until.map(|moment| moment.at(now)),
        document: asked.document.clone(),
        node: asked.node.clone(),
        search: asked.search.clone(),
        ..HistoryQuery::default()
    }
}

/// Prints the commands that were asked for.
pub(super) fn run(asked: &History, global: &Global, out: Out) -> Ended {
    let now = clock::now();
    let dir = DataDir::resolve(global.folder())?;
    let reader = Reader::open(&dir).map_err(Problem::from)?;
    let mut query = HistoryQuery { after: asked.after.clone(), ..query(&asked.which, now) };
    let mut left = asked.limit;
    let mut rows = Vec::<CommandRow>::new();
    let next = loop {
        query.limit = left.min(PAGE);
        let page = reader.history(&query).map_err(Problem::from)?;
        left = left.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
        if out.is_json() {
            for row in &page.rows {
                out.document(row)?;
            }
        } else {
            rows.extend(page.rows);
        }
        match page.next {
            Some(next) if left > 0 => query.after = Some(next),
            end => break end,
        }
    };
    if !out.is_json() {
        out.notes(&subscriptions::hears_less(&dir));
        if rows.is_empty() {
            out.note("No command was heard that fits.");
        } else {
            out.text(&output::command::list(&rows, now, out))?;
        }
        if let Some(next) = next {
            out.note(&format!("There are more: add --after {next}"));
        }
    }
    Ok(Answer::Done)
}
