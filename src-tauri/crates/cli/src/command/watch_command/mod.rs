//! `watch-command`: waits for the end of one command.
//!
//! It follows the history, which the engine writes: the database tells when somebody committed, and only then is the command read.
//! What messages do not tell, SSM is asked for, where that is allowed.
//!
//! **Invariant:** it never says that a command ended when that is not known, and it never waits on an engine that is not there. It
//! only reads.

mod ask;
mod verdict;

use std::time::{Duration, Instant};

use jiff::fmt::friendly::{Spacing, SpanPrinter};
use jiff::{SignedDuration, Timestamp};
use serde::Serialize;
use watchbell_core::status::Status;
use watchbell_core::words;
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::lock::EngineLock;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Reader, SubscriptionRecord};
use watchbell_engine::view::CommandRow;

use crate::args::{Global, WatchCommand};
use crate::ended::{Answer, Ended};
use crate::output::Out;
use ask::Asking;
use verdict::{Verdict, verdict};

/// From one look at the database's version to the next.
const PACE: Duration = Duration::from_millis(500);
/// From one look for the engine to the next.
const ENGINE_PACE: Duration = Duration::from_secs(3);
/// How long there may be no engine: one that is being started, or started again.
const WITHOUT_ENGINE: Duration = Duration::from_secs(15);

/// What is printed with `--json`.
#[derive(Serialize)]
struct Document<'a> {
    ok: bool,
    command_id: &'a str,
    /// Whether it is known to have ended.
    ended: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    success: Option<bool>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a str>,
    /// AWS's status of the whole, where SSM was asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    ssm_status: Option<&'a Status>,
    #[serde(skip_serializing_if = "Option::is_none")]
    command: Option<&'a CommandRow>,
}

/// Waits, and answers with the exit code: 0 it succeeded, 1 it ended otherwise or nobody can tell.
pub(super) async fn run(asked: &WatchCommand, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let reader = Reader::open(&dir).map_err(Problem::from)?;
    let mut watch = Watch::new(&asked.command_id, asked.timeout);
    let mut ssm = None;
    let verdict = loop {
        if watch.look(&reader, out)? {
            break Verdict::of(watch.row.as_ref());
        }
        if ssm.is_none() {
            ssm = Some(Asking::begin(&asked.command_id, watch.places(&reader)?, global, out));
        }
        if let Some(verdict) = ssm.as_ref().and_then(|ssm| verdict::of_ssm(&ssm.told()?)) {
            break verdict;
        }
        if let Some(verdict) = watch.gives_up(&dir) {
            break verdict;
        }
        tokio::time::sleep(PACE).await;
    };
    print(out, &asked.command_id, watch.row.as_ref(), &verdict)?;
    Ok(if verdict.is_success() { Answer::Done } else { Answer::Is(Code::No) })
}

struct Watch<'a> {
    command_id: &'a str,
    began: Instant,
    timeout: Option<SignedDuration>,
    version: Option<i64>,
    row: Option<CommandRow>,
    told: String,
    /// When something of it was last heard, as far as this program saw it.
    heard_at: Option<Timestamp>,
    engine_seen: Instant,
    engine_looked: Option<Instant>,
}

impl<'a> Watch<'a> {
    fn new(command_id: &'a str, timeout: Option<SignedDuration>) -> Self {
        let now = clock::monotonic();
        Self {
            command_id,
            began: now,
            timeout,
            version: None,
            row: None,
            told: String::new(),
            heard_at: None,
            engine_seen: now,
            engine_looked: None,
        }
    }

    /// Reads the command if anything was committed, and tells its progress. Whether it is known to have ended.
    fn look(&mut self, reader: &Reader, out: Out) -> Result<bool, Problem> {
        let version = reader.version()?;
        if self.version != Some(version) {
            let first = self.version.replace(version).is_none();
            let row = reader.command(self.command_id)?;
            if row != self.row && !first {
                self.heard_at = Some(clock::now());
            }
            self.row = row;
            self.tell(out);
        }
        Ok(self.row.as_ref().is_some_and(verdict::has_ended))
    }

    /// The subscriptions whose account and region may know the command: that of its topic, or all before it was heard of.
    fn places(&self, reader: &Reader) -> Result<Vec<SubscriptionRecord>, Problem> {
        let mut records = reader.subscriptions()?;
        if let Some(topic) = self.row.as_ref().and_then(|row| row.topic_arn.as_deref()) {
            records.retain(|record| record.topic_arn.as_str() == topic);
        }
        if self.row.as_ref().is_some_and(|row| row.simulated) {
            records.clear();
        }
        Ok(records)
    }

    fn tell(&mut self, out: Out) {
        let now = match &self.row {
            Some(row) => line(row),
            None => format!("{}: not heard of yet", words::clean(self.command_id)),
        };
        if now != self.told {
            out.note(&now);
            self.told = now;
        }
    }

    /// Why it cannot be told any more, if so.
    fn gives_up(&mut self, dir: &DataDir) -> Option<Verdict> {
        let now = clock::monotonic();
        if self.engine_looked.is_none_or(|at| now.duration_since(at) >= ENGINE_PACE) {
            self.engine_looked = Some(now);
            if EngineLock::holder(dir).is_some() {
                self.engine_seen = now;
            }
        }
        if let Some(verdict) = self.row.as_ref().and_then(|row| verdict(row, self.heard_at, clock::now())) {
            return Some(verdict);
        }
        if now.duration_since(self.engine_seen) >= WITHOUT_ENGINE {
            return Some(Verdict::Unknown("no engine is running, so nothing more is heard".into()));
        }
        let waited = SignedDuration::try_from(now.duration_since(self.began)).unwrap_or(SignedDuration::MAX);
        let timeout = self.timeout.filter(|timeout| waited >= *timeout)?;
        let within = SpanPrinter::new().spacing(Spacing::BetweenUnitsAndDesignators).duration_to_string(&timeout);
        Some(Verdict::Unknown(match &self.row {
            Some(_) => format!("it had not ended within {within}"),
            None => format!("nothing was heard of it within {within}"),
        }))
    }
}

/// "AWS-RunPatchBaseline: running, 12 of 40 done".
fn line(row: &CommandRow) -> String {
    let subject = words::subject(&row.command_id, row.document.as_deref());
    format!("{subject}: {}", words::progress(&row.counts, row.target_count, &row.state))
}

fn print(out: Out, command_id: &str, row: Option<&CommandRow>, verdict: &Verdict) -> std::io::Result<()> {
    if out.is_json() {
        let (ended, success, reason, ssm_status) = match verdict {
            Verdict::Ended { success } => (true, Some(*success), None, None),
            Verdict::Told { status, .. } => (true, Some(verdict.is_success()), None, Some(status)),
            Verdict::Unknown(why) => (false, None, Some(why.as_str()), None),
        };
        return out.document(&Document { ok: true, command_id, ended, success, reason, ssm_status, command: row });
    }
    match (verdict, row) {
        (Verdict::Ended { .. }, Some(row)) => out.text(&line(row)),
        (Verdict::Ended { .. }, None) => Ok(()),
        (Verdict::Told { status, targets, completed }, row) => {
            let how = words::detail(status, None);
            let of = targets.map(|targets| format!(", {completed} of {targets} done")).unwrap_or_default();
            out.text(&format!("{}: {how}{of}, as SSM tells", name(command_id, row)))
        }
        (Verdict::Unknown(why), row) => {
            out.text(&format!("Cannot tell whether {} ended: {why}", name(command_id, row)))
        }
    }
}

fn name(command_id: &str, row: Option<&CommandRow>) -> String {
    row.map_or_else(|| words::clean(command_id), |row| words::subject(&row.command_id, row.document.as_deref()))
}
