//! `watch`: the engine without a window, until Ctrl-C or SIGTERM; `--once`: until every queue is drained.
//!
//! **Invariant:** it ends in order however it is ended, so that what was received is stored, deleted and alerted. `drained` is
//! the last line and is said only when every queue was drained.

mod line;

use std::io;

use tokio::sync::broadcast::{self, error::RecvError};
use tokio::sync::mpsc;
use tokio_util::task::TaskTracker;
use watchbell_engine::engine::{Engine, EngineConfig, Progress};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::logs;
use watchbell_engine::paths::DataDir;

use super::signals::Signals;
use super::subscriptions;
use crate::args::{Global, Watch};
use crate::ended::{Answer, Ended};
use crate::output::Out;
use line::Tally;

/// Runs the engine and prints what happens.
pub(super) async fn run(asked: &Watch, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let _log = logs::init(&dir, true)?;
    // Before the engine starts: a signal that comes meanwhile must end it in order, too.
    let mut signals = Signals::listen()?;
    let endpoint_url = global.endpoint_url.clone();
    let config = EngineConfig { dir, endpoint_url, who: "watchbellctl watch", once: asked.once, copies: false };
    let told_less = subscriptions::hears_less(&config.dir);
    let mut engine = Engine::start(config).await?;
    out.notes(&told_less);
    let (tell, mut told) = mpsc::unbounded_channel();
    let counting = TaskTracker::new().spawn(count(engine.progress(), tell));
    let printed = follow(asked, &mut engine, &mut signals, &mut told, out).await;
    let problem = engine.problems().into_iter().next().filter(|_| asked.once);
    let report = engine.shutdown().await;
    let ended = printed?;
    // What was flushed on the way out belongs to the lines.
    while let Some(happened) = told.recv().await {
        line::print(out, &happened)?;
    }
    let tally = counting.await.unwrap_or_default();
    if let Some(late) = report.steps.iter().find(|step| !step.finished) {
        let hint = "Nothing is lost: what was not stored is still in the queue";
        return Err(Problem::new(Code::Storage, format!("This did not end in time: {}", late.name), hint).into());
    }
    if let Some(problem) = problem {
        return Err(problem.into());
    }
    if asked.once {
        if ended == Ending::Signal {
            let hint = "nothing is lost: what is still queued stays there; run watchbellctl watch --once again";
            return Err(Problem::new(Code::No, "ended before every queue was drained", hint).into());
        }
        line::drained(out, &tally)?;
    }
    Ok(Answer::Done)
}

/// Why the watching ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// Ctrl-C or SIGTERM.
    Signal,
    /// Every queue was drained (`--once`).
    Drained,
}

/// Prints what happens until a signal comes or the queues are drained.
async fn follow(
    asked: &Watch,
    engine: &mut Engine,
    signals: &mut Signals,
    told: &mut mpsc::UnboundedReceiver<Progress>,
    out: Out,
) -> io::Result<Ending> {
    loop {
        tokio::select! {
            biased;
            () = signals.recv() => return Ok(Ending::Signal),
            Some(happened) = told.recv() => line::print(out, &happened)?,
            () = engine.drained(), if asked.once => return Ok(Ending::Drained),
        }
    }
}

/// Counts what happens, and hands it on: apart from the printing, so that a slow reader of stdout makes no count wrong.
async fn count(mut progress: broadcast::Receiver<Progress>, tell: mpsc::UnboundedSender<Progress>) -> Tally {
    let mut tally = Tally::default();
    loop {
        match progress.recv().await {
            Ok(happened) => {
                tally.add(&happened);
                let last = matches!(happened, Progress::Stopped);
                if tell.send(happened).is_err() || last {
                    return tally;
                }
            }
            Err(RecvError::Lagged(missed)) => tracing::warn!(missed, "lines of progress were missed"),
            Err(RecvError::Closed) => return tally,
        }
    }
}
