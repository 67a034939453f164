//! `show COMMAND_ID`: one command, its nodes, its events and why it rang.
//!
//! **Invariant:** reads only.

use jiff::tz::TimeZone;
use watchbell_engine::clock;
use watchbell_engine::error::Problem;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Reader, StoreError};

use crate::args::{Global, Show};
use crate::ended::{Answer, Ended};
use crate::output::{self, Out};

/// Prints the command, or says that it was never heard of.
pub(super) fn run(asked: &Show, global: &Global, out: Out) -> Ended {
    let reader = Reader::open(&DataDir::resolve(global.folder())?).map_err(Problem::from)?;
    let detail = reader.detail(&asked.command_id).map_err(Problem::from)?;
    let detail = detail.ok_or_else(|| Problem::from(StoreError::NoSuchCommand(asked.command_id.clone())))?;
    if out.is_json() {
        out.document(&detail)?;
    } else {
        out.text(&output::command::card(&detail, clock::now(), &TimeZone::system(), out))?;
    }
    Ok(Answer::Done)
}
