//! `command_fts`: the words by which a command is found. Its nodes are found by the index on `invocation(node_id)`, so
//! that a row here is written once a command and not once a node.
//!
//! Trigrams: a person types `patch` and means `AWS-RunPatchBaseline`, or the middle of an id.

use rusqlite::{Connection, params};

use crate::store::error::StoreError;

pub(in crate::store) const FIRST: &str = "
CREATE VIRTUAL TABLE command_fts USING fts5(
  command_id, document, topic, content='', contentless_delete=1, tokenize='trigram'
);
";

/// Trigrams find nothing shorter, in characters.
pub(in crate::store) const SHORTEST: usize = 3;

/// Writes, or writes anew, the words of one command.
pub(in crate::store) fn put(
    db: &Connection,
    id: i64,
    command_id: &str,
    document: Option<&str>,
    topic: Option<&str>,
) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT OR REPLACE INTO command_fts (rowid, command_id, document, topic) VALUES (?1, ?2, ?3, ?4)",
    )?
    .execute(params![id, command_id, document, topic.map(topic_name)])?;
    Ok(())
}

/// A word as one phrase of an FTS5 query: whatever it holds, it is text.
pub(in crate::store) fn phrase(word: &str) -> String {
    format!("\"{}\"", word.replace('"', "\"\""))
}

/// The part of a topic's ARN that people know it by.
fn topic_name(arn: &str) -> &str {
    arn.rsplit(':').next().unwrap_or(arn)
}
