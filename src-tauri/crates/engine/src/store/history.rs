//! The list of commands: a query turned into SQL, page by page.
//!
//! **Invariant:** what a person typed is always a bound value, never part of the statement. A page follows the last row
//! by key `(updated_at, id)`, so rows that come in meanwhile neither repeat nor hide others.

use jiff::Zoned;
use rusqlite::types::Value;
use rusqlite::{Connection, params_from_iter};
use watchbell_core::search::{self, Glob};
use watchbell_core::status::Status;

use super::cursor;
use super::error::StoreError;
use super::instant::to_ns;
use super::table::{command, command_window, fts};
use crate::view::{CommandRow, HistoryQuery, Page};

/// Rows a page when the query names no number.
pub(super) const DEFAULT_LIMIT: u32 = 50;

/// The most rows a page.
const LIMIT: u32 = 1000;

/// A query as SQL conditions with their values.
#[derive(Debug, Default)]
pub(super) struct Narrowed {
    conditions: Vec<String>,
    values: Vec<Value>,
    limit: u32,
}

impl Narrowed {
    pub(super) fn from_query(query: &HistoryQuery, now: &Zoned) -> Result<Self, StoreError> {
        let searched = match query.search.as_deref() {
            Some(line) => search::parse(line, now).map_err(|error| StoreError::Search(error.to_string()))?,
            None => search::Search::default(),
        };
        let limit = if query.limit == 0 { DEFAULT_LIMIT } else { query.limit.min(LIMIT) };
        let mut sql = Self { limit, ..Self::default() };
        sql.statuses(&query.status);
        sql.statuses(&searched.status);
        for since in [query.since, searched.since].into_iter().flatten() {
            sql.add("updated_at >= ?", [Value::Integer(to_ns(since))]);
        }
        for until in [query.until, searched.until].into_iter().flatten() {
            sql.add("updated_at <= ?", [Value::Integer(to_ns(until))]);
        }
        for document in [query.document.clone().map(Glob::new), searched.document].into_iter().flatten() {
            sql.add("document LIKE ? ESCAPE '\\'", [Value::Text(document.like())]);
        }
        for node in [query.node.clone().map(Glob::new), searched.node].into_iter().flatten() {
            sql.node(&node);
        }
        if let Some(topic) = searched.topic {
            // By name or by ARN, and a name is what follows the last colon.
            let like = topic.like();
            sql.add(
                "(topic_arn LIKE ? ESCAPE '\\' OR topic_arn LIKE '%:' || ? ESCAPE '\\')",
                [Value::Text(like.clone()), Value::Text(like)],
            );
        }
        for word in query.text.iter().chain(&searched.text) {
            sql.word(word);
        }
        if query.unacknowledged_only {
            sql.add(command::OPEN, []);
        }
        if let Some(after) = &query.after {
            let [updated_at, id] = cursor::read(after)?;
            sql.add("(updated_at, id) < (?, ?)", [Value::Integer(updated_at), Value::Integer(id)]);
        }
        Ok(sql)
    }

    fn add<const N: usize>(&mut self, condition: &str, values: [Value; N]) {
        self.conditions.push(condition.to_owned());
        self.values.extend(values);
    }

    fn statuses(&mut self, wanted: &[Status]) {
        if wanted.is_empty() {
            return;
        }
        let marks = vec!["?"; wanted.len()].join(", ");
        self.conditions.push(format!("state IN ({marks})"));
        self.values.extend(wanted.iter().map(|status| Value::Text(status.as_str().to_owned())));
    }

    /// A pattern's literal beginning makes a range of the index on node ids; `LIKE` alone would read all of it.
    fn node(&mut self, node: &Glob) {
        let start: String = node.as_str().chars().take_while(|letter| !matches!(letter, '*' | '…')).collect();
        let (from, to) = range(&start.to_ascii_lowercase());
        self.add(
            "id IN (SELECT command FROM invocation WHERE node_id >= ? AND node_id < ? AND node_id LIKE ? ESCAPE '\\')",
            [Value::Text(from), Value::Text(to), Value::Text(node.like())],
        );
    }

    /// A word of the command, or the beginning of a node's id with or without its `i-`.
    fn word(&mut self, word: &str) {
        let word: String = word.chars().filter(|letter| !letter.is_control()).collect();
        if word.is_empty() {
            return;
        }
        let lower = word.to_ascii_lowercase();
        let mut either = Vec::new();
        if word.chars().count() < fts::SHORTEST {
            either.push("instr(lower(command_id), ?) OR instr(lower(document), ?)");
            self.values.extend([Value::Text(lower.clone()), Value::Text(lower.clone())]);
        } else {
            either.push("id IN (SELECT rowid FROM command_fts WHERE command_fts MATCH ?)");
            self.values.push(Value::Text(fts::phrase(&word)));
        }
        for start in [lower.clone(), format!("i-{lower}"), format!("mi-{lower}")] {
            either.push("id IN (SELECT command FROM invocation WHERE node_id >= ? AND node_id < ?)");
            let (from, to) = range(&start);
            self.values.extend([Value::Text(from), Value::Text(to)]);
        }
        self.conditions.push(format!("({})", either.join(" OR ")));
    }
}

/// The texts that begin with `start`: from it, up to it with the greatest character after it.
fn range(start: &str) -> (String, String) {
    (start.to_owned(), format!("{start}\u{10ffff}"))
}

pub(super) fn page(db: &Connection, query: &Narrowed) -> Result<Page<CommandRow>, StoreError> {
    let conditions = if query.conditions.is_empty() { "1".to_owned() } else { query.conditions.join(" AND ") };
    let sql = format!(
        "SELECT {} FROM command WHERE {conditions} ORDER BY updated_at DESC, id DESC LIMIT {}",
        command::VIEW,
        u64::from(query.limit) + 1
    );
    let mut statement = db.prepare_cached(&sql)?;
    let rows = statement.query_map(params_from_iter(&query.values), command::to_view)?;
    let mut rows: Vec<CommandRow> = rows.collect::<Result<_, _>>()?;
    let more = rows.len() > query.limit as usize;
    rows.truncate(query.limit as usize);
    command_window::fill(db, &mut rows)?;
    let next = rows.last().filter(|_| more).map(|row| row.cursor.clone());
    Ok(Page { rows, next })
}

pub(super) fn one(db: &Connection, command_id: &str) -> Result<Option<CommandRow>, StoreError> {
    let mut statement = db.prepare_cached(&format!("SELECT {} FROM command WHERE command_id = ?1", command::VIEW))?;
    let rows = statement.query_map([command_id], command::to_view)?;
    let mut rows: Vec<CommandRow> = rows.collect::<Result<_, _>>()?;
    command_window::fill(db, &mut rows)?;
    Ok(rows.pop())
}
