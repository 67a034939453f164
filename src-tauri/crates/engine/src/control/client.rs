//! The other end: ask the running engine, or, with none running, take the lock for that moment and do it here.
//!
//! **Invariant:** nothing is written beside a running engine. Never here: waiting for an engine to come.

use std::path::Path;
use std::time::Duration;

use interprocess::local_socket::GenericFilePath;
use interprocess::local_socket::tokio::{Stream, prelude::*};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use watchbell_core::health::{Health, SubscriptionState};

use super::{LONGEST_LINE, Reply, Request};
use crate::clock;
use crate::error::{Code, Problem};
use crate::lock::EngineLock;
use crate::paths::DataDir;
use crate::settings::Settings;
use crate::setup;
use crate::store::{Act, ActReport, Reader, Store, SubscriptionRecord};
use crate::view::{EngineState, StatusReport, SubscriptionStatus};

const ANSWER_WITHIN: Duration = Duration::from_secs(20);

/// Does `act`: through the running engine, else under the lock.
///
/// # Errors
/// What the engine or the store said, or that the engine does not answer.
pub async fn perform(dir: &DataDir, act: Act) -> Result<ActReport, Problem> {
    if let Some(holder) = EngineLock::holder(dir) {
        let socket = holder.socket.as_deref().unwrap_or(dir.socket());
        return match ask(socket, &Request::Act { act }).await? {
            Reply::Acted { report } => Ok(report),
            other => Err(unexpected(other)),
        };
    }
    let _lock = EngineLock::take(dir, "watchbellctl")?;
    let store = Store::open(dir)?;
    let report = store.act(act).await;
    store.close().await;
    Ok(report?)
}

/// How well Watchbell hears: the running engine's own word, else what the history knows with the engine stopped.
///
/// # Errors
/// When the history cannot be read.
pub async fn status(dir: &DataDir) -> Result<StatusReport, Problem> {
    if let Some(holder) = EngineLock::holder(dir) {
        let socket = holder.socket.as_deref().unwrap_or(dir.socket());
        // A lock held for one moment by another watchbellctl has no socket behind it: that is no running engine.
        if let Ok(Reply::Status { status }) = ask(socket, &Request::Status).await {
            return Ok(*status);
        }
    }
    let reader = Reader::open(dir)?;
    let days = Settings::load(dir)?.leave_tray_after_days;
    Ok(StatusReport {
        engine: EngineState::Stopped,
        health: Health::Blind,
        unacknowledged: reader.unacknowledged(clock::now(), days)?,
        quarantined: reader.quarantined()?,
        snoozed_until: reader.snooze(clock::now())?.map(|snooze| snooze.until),
        quiet_until: reader.quiet_hours()?.at(&clock::zoned()).and_then(|quiet| quiet.ends),
        subscriptions: reader.subscriptions()?.into_iter().map(stopped).collect(),
        gaps: reader.gaps_of_the_day(clock::now())?,
        problems: Vec::new(),
    })
}

/// Tells a running engine that somebody signed in, so that it does not wait for its next try. With none running there is nothing to do.
///
/// # Errors
/// When the engine does not answer; it finds the sign-in with its next try all the same.
pub async fn signed_in(dir: &DataDir) -> Result<(), Problem> {
    let Some(holder) = EngineLock::holder(dir) else { return Ok(()) };
    match ask(holder.socket.as_deref().unwrap_or(dir.socket()), &Request::SignedIn).await? {
        Reply::GoesOn => Ok(()),
        other => Err(unexpected(other)),
    }
}

/// Brings the window of the running app up, on a command if one is named.
///
/// # Errors
/// When no engine runs, or it has no window.
pub async fn open(dir: &DataDir, command_id: Option<String>) -> Result<(), Problem> {
    let socket = EngineLock::holder(dir).and_then(|holder| holder.socket);
    match ask(socket.as_deref().unwrap_or(dir.socket()), &Request::Open { command_id }).await? {
        Reply::Opened => Ok(()),
        other => Err(unexpected(other)),
    }
}

/// Has the running engine show a test alert.
///
/// # Errors
/// When no engine runs, or why it could not show one.
pub async fn test_alert(dir: &DataDir) -> Result<(), Problem> {
    let socket = EngineLock::holder(dir).and_then(|holder| holder.socket);
    match ask(socket.as_deref().unwrap_or(dir.socket()), &Request::TestAlert).await? {
        Reply::Alerted => Ok(()),
        other => Err(unexpected(other)),
    }
}

fn stopped(record: SubscriptionRecord) -> SubscriptionStatus {
    let state = if record.rests() { SubscriptionState::Paused } else { SubscriptionState::Blind };
    let stopped = ("no engine is running", "start Watchbell, or watchbellctl watch");
    let (reason, hint) = if record.leaving { setup::UNFINISHED } else { stopped };
    SubscriptionStatus {
        subscription_arn: record.subscription_arn,
        reason: Some(reason.into()),
        hint: Some(hint.into()),
        ..SubscriptionStatus::new(record.topic_arn.as_str(), record.queue_url, state)
    }
}

async fn ask(socket: &Path, request: &Request) -> Result<Reply, Problem> {
    let silent = |cause: String| {
        Problem::new(
            Code::No,
            format!("the running Watchbell does not answer at {}: {cause}", socket.display()),
            "end it (watchbellctl status names it) and start it again",
        )
    };
    let conversation = async {
        let stream = Stream::connect(socket.to_fs_name::<GenericFilePath>()?).await?;
        let mut writing = &stream;
        let mut text = serde_json::to_vec(request)?;
        text.push(b'\n');
        writing.write_all(&text).await?;
        writing.flush().await?;
        let mut line = Vec::new();
        BufReader::new((&stream).take(LONGEST_LINE)).read_until(b'\n', &mut line).await?;
        Ok::<Reply, std::io::Error>(serde_json::from_slice(&line)?)
    };
    match tokio::time::timeout(ANSWER_WITHIN, conversation).await {
        Ok(answered) => answered.map_err(|error| silent(error.to_string())),
        Err(_late) => Err(silent(format!("no answer within {} s", ANSWER_WITHIN.as_secs()))),
    }
}

fn unexpected(reply: Reply) -> Problem {
    match reply {
        Reply::Refused { problem } => problem,
        other => Problem::new(
            Code::No,
            format!("the running Watchbell answered something else: {other:?}"),
            "use a watchbellctl of the same version as the running Watchbell",
        ),
    }
}
