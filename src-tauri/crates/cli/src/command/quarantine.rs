//! `quarantine`: what could not be understood, newest first.
//!
//! **Invariant:** reads only. With `--json` the body is whole: it may be the only copy of what somebody sent.

use watchbell_engine::clock;
use watchbell_engine::error::Problem;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Reader;

use crate::args::{Global, Quarantine};
use crate::ended::{Answer, Ended};
use crate::output::{self, Out};

/// Rows read at a time: a body may have 256 KiB.
const PAGE: u32 = 100;

/// Prints the messages that were asked for.
pub(super) fn run(asked: &Quarantine, global: &Global, out: Out) -> Ended {
    let reader = Reader::open(&DataDir::resolve(global.folder())?).map_err(Problem::from)?;
    let mut after = asked.after.clone();
    let mut left = asked.limit;
    let mut rows = Vec::new();
    let next = loop {
        let page = reader.quarantine(after.as_deref(), left.min(PAGE)).map_err(Problem::from)?;
        left = left.saturating_sub(u32::try_from(page.rows.len()).unwrap_or(u32::MAX));
        if out.is_json() {
            for row in &page.rows {
                out.document(row)?;
            }
        } else {
            rows.extend(page.rows);
        }
        match page.next {
            Some(next) if left > 0 => after = Some(next),
            end => break end,
        }
    };
    if !out.is_json() {
        if rows.is_empty() {
            out.note("Every message was understood.");
        } else {
            out.text(&output::quarantine::list(&rows, clock::now(), out))?;
        }
        if let Some(next) = next {
            out.note(&format!("There are more: add --after {next}"));
        }
    }
    Ok(Answer::Done)
}
