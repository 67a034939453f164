//! `ack`: failures that a person has seen.
//!
//! **Invariant:** goes through the one writer: the running engine, or the lock for that moment.

use watchbell_core::words;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;

use crate::args::{Ack, Global};
use crate::ended::{Answer, Ended};
use crate::output::Out;

/// Acknowledges, and says of how many commands.
pub(super) async fn run(asked: Ack, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let report = control::perform(&dir, Act::Acknowledge { command_id: asked.command_id }).await?;
    if out.is_json() {
        out.document(&serde_json::json!({ "ok": true, "acknowledged": report.changed }))?;
    } else {
        out.text(&format!("Acknowledged {}", words::plural(report.changed, "command")))?;
    }
    Ok(Answer::Done)
}
