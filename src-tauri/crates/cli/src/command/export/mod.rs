//! `export`: the history as one JSON document, as CSV, or as a report to read.
//!
//! **Invariant:** reads only, page by page: a long history does not have to fit into memory. What is printed can be opened by a
//! spreadsheet or a browser without doing anything.

mod csv;
mod markdown;

use jiff::tz::TimeZone;
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Reader;
use watchbell_engine::view::{CommandRow, HistoryQuery};

use super::history::query;
use crate::args::{Export, Format, Global};
use crate::ended::{Answer, Cut, Ended};
use crate::output::Out;

/// Commands read at a time.
const PAGE: u32 = 500;

/// Prints the commands that fit.
pub(super) fn run(asked: &Export, global: &Global, out: Out) -> Ended {
    if out.is_json() && asked.format.is_some_and(|format| format != Format::Json) {
        let hint = "Leave out --json, or say --format json";
        return Err(Problem::new(Code::Usage, "--json and another --format exclude each other", hint).into());
    }
    let reader = Reader::open(&DataDir::resolve(global.folder())?).map_err(Problem::from)?;
    let (now, zone) = (clock::now(), TimeZone::system());
    match asked.format.unwrap_or_default() {
        Format::Json => json(asked, &reader, out)?,
        Format::Csv => {
            out.part(csv::HEADINGS)?;
            each(asked, &reader, |row| Ok(out.part(&csv::line(row))?))?;
        }
        Format::Md => {
            out.part(&markdown::head(now, &zone))?;
            each(asked, &reader, |row| {
                let failing = row.counts.failing() + row.counts.not_run > 0;
                let detail = if failing { reader.detail(&row.command_id).map_err(Problem::from)? } else { None };
                Ok(out.part(&markdown::section(row, detail.as_ref(), &zone))?)
            })?;
        }
    }
    Ok(Answer::Done)
}

/// One document, written as it is read: each command as `show` tells it.
fn json(asked: &Export, reader: &Reader, out: Out) -> Result<(), Cut> {
    let exported_at = serde_json::to_string(&clock::now()).map_err(std::io::Error::from)?;
    out.part(&format!("{{\"ok\":true,\"exported_at\":{exported_at},\"commands\":["))?;
    let mut first = true;
    each(asked, reader, |row| {
        if let Some(detail) = reader.detail(&row.command_id).map_err(Problem::from)? {
            let text = serde_json::to_string(&detail).map_err(std::io::Error::from)?;
            out.part(if std::mem::take(&mut first) { "" } else { "," })?;
            out.part(&text)?;
        }
        Ok(())
    })?;
    Ok(out.text("]}")?)
}

fn each(asked: &Export, reader: &Reader, mut each: impl FnMut(&CommandRow) -> Result<(), Cut>) -> Result<(), Cut> {
    let mut query = HistoryQuery { limit: PAGE, ..query(&asked.which, clock::now()) };
    loop {
        let page = reader.history(&query).map_err(Problem::from)?;
        page.rows.iter().try_for_each(&mut each)?;
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok(()),
        }
    }
}
