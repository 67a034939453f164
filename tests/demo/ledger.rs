//! The books: what was published against what Watchbell says it heard, kept and rang for.
//!
//! **Invariant:** a number is only ever read from outside: `watchbellctl --json`, the queue, and the database opened read-only.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;

use crate::ctl::{ask, get};
use crate::desk::Desk;
use crate::stage::Stage;
use crate::story::{self, INSTALL, PATCH_RUN, Story};

/// One line of the summary.
pub(crate) struct Check {
    name: String,
    wanted: String,
    found: String,
}

impl Check {
    /// Two values that must be the same.
    #[allow(clippy::needless_pass_by_value, reason = "numbers and texts alike, as they stand in the call")]
    pub(crate) fn new(name: impl Into<String>, wanted: impl std::fmt::Display, found: impl std::fmt::Display) -> Self {
        Self { name: name.into(), wanted: wanted.to_string(), found: found.to_string() }
    }

    /// Whether they are.
    pub(crate) fn passed(&self) -> bool {
        self.wanted == self.found
    }
}

/// Reads the books once.
pub(crate) async fn read(
    desk: &Desk,
    stage: &Stage,
    story: &Story,
    queue_url: &str,
    data: &Path,
) -> anyhow::Result<Vec<Check>> {
    let mut checks = Vec::new();
    let kept = Kept::read(&data.join("history.db"))?;
    let (quarantine, _) = ask(desk, &["quarantine"]).await?;
    let (history, _) = ask(desk, &["history"]).await?;
    checks.push(Check::new("messages published / received", story.messages.len(), kept.received));
    checks.push(Check::new("distinct events / stored", story.distinct, kept.distinct));
    checks.push(Check::new(
        "said twice / kept once",
        story.twice,
        kept.received.saturating_sub(kept.distinct + kept.quarantined),
    ));
    checks.push(Check::new("garbage / quarantined", story.garbage, quarantine.len()));
    checks.push(Check::new("left in the queue", 0, stage.left_in(queue_url).await?));
    checks.push(Check::new("commands / in history", 2, history.len()));
    let (patch_run, install) = (shown(desk, PATCH_RUN).await?, shown(desk, INSTALL).await?);
    let counts = &patch_run["command"]["counts"];
    for (name, wanted) in [
        ("success", story::SUCCESS),
        ("failed", story::FAILED),
        ("timed_out", story::TIMED_OUT),
        ("not_run", story::NOT_RUN),
        ("in_progress", 0),
        ("pending", 0),
    ] {
        checks.push(Check::new(format!("patch run, {}", name.replace('_', " ")), wanted, text(&counts[name])));
    }
    checks.push(Check::new("patch run, nodes", story::NODES, text(&patch_run["command"]["nodes_heard"])));
    checks.push(Check::new("patch run, events", 2 * story::NODES, length(&patch_run["events"])));
    checks.push(Check::new("patch run, state", "failed", text(&patch_run["command"]["state"])));
    checks.push(Check::new("package install, state", "failed", text(&install["command"]["state"])));
    for (name, command) in [("patch run", &patch_run), ("package install", &install)] {
        checks.push(Check::new(format!("{name}, rang"), 1, outcomes(command, "rang")));
    }
    let (status, code) = ask(desk, &["status"]).await?;
    let status = status.first().context("status printed nothing")?;
    checks.push(Check::new("subscription", "ok", text(&status["subscriptions"][0]["state"])));
    checks.push(Check::new("failures not acknowledged", 2, text(&status["unacknowledged"])));
    checks.push(Check::new("exit code of status", 1, code));
    Ok(checks)
}

async fn shown(desk: &Desk, command_id: &str) -> anyhow::Result<Value> {
    get(desk, &["show", command_id]).await
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => "unknown".into(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

fn length(value: &Value) -> usize {
    value.as_array().map_or(0, Vec::len)
}

fn outcomes(shown: &Value, outcome: &str) -> usize {
    shown["decisions"].as_array().map_or(0, |all| all.iter().filter(|decision| decision["outcome"] == outcome).count())
}

/// What the database holds of bodies, copies counted.
struct Kept {
    received: usize,
    distinct: usize,
    quarantined: usize,
}

impl Kept {
    fn read(database: &Path) -> anyhow::Result<Self> {
        let db = rusqlite::Connection::open_with_flags(database, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)
            .with_context(|| format!("reading {}", database.display()))?;
        let number = |sql: &str| db.query_row(sql, [], |row| row.get::<_, u32>(0).map(|n| n as usize));
        let quarantined = number("SELECT ifnull(sum(copies), 0) FROM quarantine")?;
        Ok(Self {
            received: number("SELECT ifnull(sum(copies), 0) FROM raw_event")? + quarantined,
            distinct: number("SELECT count(*) FROM raw_event WHERE again = 0")?,
            quarantined,
        })
    }
}

/// The summary as a table, and whether everything adds up.
pub(crate) fn table(checks: &[Check]) -> (String, bool) {
    use std::fmt::Write;
    let mut out = format!("\n  {:<32} {:>10} {:>10}\n", "", "expected", "found");
    for check in checks {
        let mark = if check.passed() { ' ' } else { '✗' };
        let _ = writeln!(out, "{mark} {:<32} {:>10} {:>10}", check.name, check.wanted, check.found);
    }
    let failed = checks.iter().filter(|check| !check.passed()).count();
    let _ = writeln!(out, "\n{} checks passed, {failed} failed", checks.len() - failed);
    (out, failed == 0)
}
