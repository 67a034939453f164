//! How things stand: health, counts, the failing few and the tray's model, made anew after a change and at most ten a second.
//!
//! **Invariant:** nothing is computed while nothing changes. Readers of the watch see the newest and never a queue of old ones.

use std::time::Duration;

use tokio::sync::{broadcast, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use watchbell_core::health::Health;
use watchbell_core::policy::Snooze;
use watchbell_core::quiet::QuietHours;
use watchbell_core::tray::{
    FAILING_LINES, FailingLine, SnoozeChoice, SubscriptionLine, TrayInput, TrayModel, tray_model,
};
use watchbell_core::window::Current;
use watchbell_core::words;

use super::open_windows::{OpenWindows, sleep_until};
use super::{Progress, endings};
use crate::clock;
use crate::error::Problem;
use crate::health::Board;
use crate::paths::DataDir;
use crate::settings::Settings;
use crate::store::{Reader, Store, StoreError};
use crate::view::{CommandRow, EngineState, GapRow, StatusReport, SubscriptionStatus};

/// Changes within this time are told once.
const TOGETHER: Duration = Duration::from_millis(100);

/// How things stand.
#[derive(Debug, Clone, PartialEq)]
pub struct Standing {
    /// What `status` prints.
    pub status: StatusReport,
    /// What the tray shows.
    pub tray: TrayModel,
    /// The maintenance windows that are open, the one with the nearest cutoff first; counts at most every 10 s.
    pub windows: Vec<Current>,
    /// Counts the commits; a page read at one revision is as new as that.
    pub revision: u64,
}

/// What stands in the way inside the program, beside what the board has.
pub(super) struct Troubles {
    /// Why no alerts can be shown.
    pub(super) alerts: watch::Receiver<Option<Problem>>,
    /// Which tasks broke off.
    pub(super) faults: watch::Receiver<Vec<Problem>>,
}

impl Troubles {
    fn now(&mut self) -> Vec<Problem> {
        let faults = self.faults.borrow_and_update().clone();
        self.alerts.borrow_and_update().iter().cloned().chain(faults).collect()
    }
}

/// Keeps a [`Standing`] up to date until cancelled.
pub(super) fn follow(
    dir: &DataDir,
    store: &Store,
    board: &Board,
    mut troubles: Troubles,
    progress: &broadcast::Sender<Progress>,
    tasks: &TaskTracker,
    cancel: &CancellationToken,
) -> watch::Receiver<Standing> {
    let mut commits = store.revision();
    let mut health = board.changes();
    let mut wakes = board.wakes();
    let (dir, board, progress, cancel) = (dir.clone(), board.clone(), progress.clone(), cancel.clone());
    let (first, _) = compose(&dir, None, &board, Vec::new(), 0, &mut OpenWindows::default());
    let (told, standing) = watch::channel(first);
    tasks.spawn(async move {
        let mut reader = None;
        let mut windows = OpenWindows::default();
        loop {
            let revision = commits.borrow_and_update().0;
            health.mark_unchanged();
            let problems = troubles.now();
            let (of_task, of_board) = (dir.clone(), board.clone());
            let read = tokio::task::spawn_blocking(move || {
                let reader = reader.or_else(|| open(&of_task));
                let now = compose(&of_task, reader.as_ref(), &of_board, problems, revision, &mut windows);
                (now, reader, windows)
            });
            let quiet_edge = match read.await {
                Ok(((now, quiet_edge), kept, looked)) => {
                    (reader, windows) = (kept, looked);
                    tell_health(&progress, &told.borrow().status, &now.status);
                    told.send_if_modified(|before| {
                        let news = *before != now;
                        *before = now;
                        news
                    });
                    quiet_edge
                }
                // What is told is old until the next change; to stop here would freeze it for good.
                Err(error) if error.is_panic() => {
                    tracing::error!(%error, "how things stand could not be found out");
                    (reader, windows) = (None, OpenWindows::default());
                    None
                }
                Err(_) => return,
            };
            tokio::select! {
                () = cancel.cancelled() => return,
                Ok(()) = commits.changed() => {}
                Ok(()) = health.changed() => {}
                Ok(()) = troubles.alerts.changed() => {}
                Ok(()) = troubles.faults.changed() => {}
                () = pause(windows.wake) => {}
                () = pause(quiet_edge.map(|edge| sleep_until(edge, clock::now()))) => {}
                () = pause(endings::wake(&board.lines(), clock::now())) => {}
                // A timer does not count while the machine sleeps: a window may have opened or closed meanwhile.
                Ok(()) = wakes.changed() => {}
                else => return,
            }
            tokio::time::sleep(TOGETHER).await;
        }
    });
    standing
}

/// Tells of another health, and of another state or reason of a subscription; not of what each poll moves.
fn tell_health(progress: &broadcast::Sender<Progress>, before: &StatusReport, now: &StatusReport) {
    let hearing = |status: &StatusReport| {
        let of = |one: &SubscriptionStatus| (one.topic_arn.clone(), one.state, one.reason.clone());
        (status.health, status.subscriptions.iter().map(of).collect::<Vec<_>>())
    };
    if hearing(before) != hearing(now) {
        // Nobody may be listening.
        let _ = progress.send(Progress::Health {
            health: now.health,
            unacknowledged: now.unacknowledged,
            subscriptions: now.subscriptions.clone(),
        });
    }
}

fn open(dir: &DataDir) -> Option<Reader> {
    Reader::open(dir).inspect_err(|error| tracing::warn!(%error, "the history cannot be read for the tray")).ok()
}

#[derive(Default)]
struct Counted {
    unacknowledged: u32,
    quarantined: u32,
    failing: Vec<CommandRow>,
    gaps: Vec<GapRow>,
    snooze: Option<Snooze>,
    quiet: QuietHours,
}

fn count(reader: &Reader, days: u32) -> Result<Counted, StoreError> {
    Ok(Counted {
        unacknowledged: reader.unacknowledged(clock::now(), days)?,
        quarantined: reader.quarantined()?,
        failing: reader.failing(clock::now(), days, u32::try_from(FAILING_LINES).unwrap_or(5))?,
        gaps: reader.gaps_of_the_day(clock::now())?,
        snooze: reader.snooze(clock::now())?,
        quiet: reader.quiet_hours()?,
    })
}

async fn pause(wake: Option<Duration>) {
    match wake {
        Some(wake) => tokio::time::sleep(wake).await,
        None => std::future::pending().await,
    }
}

/// What is told now, and when quiet hours begin or end next.
fn compose(
    dir: &DataDir,
    reader: Option<&Reader>,
    board: &Board,
    mut problems: Vec<Problem>,
    revision: u64,
    windows: &mut OpenWindows,
) -> (Standing, Option<jiff::Timestamp>) {
    let days = Settings::load(dir).unwrap_or_default().leave_tray_after_days;
    let counted = match reader.map(|reader| count(reader, days)) {
        Some(Ok(counted)) => counted,
        Some(Err(error)) => {
            problems.push(Problem::from(error));
            Counted::default()
        }
        None => Counted::default(),
    };
    let open_windows = reader.and_then(|reader| {
        windows.look(reader).inspect_err(|error| tracing::warn!(%error, "the open windows cannot be read")).ok()
    });
    let open_windows = open_windows.unwrap_or_default();
    let subscriptions = board.lines();
    let health = Health::of(subscriptions.iter().map(|line| line.state), counted.unacknowledged);
    let snoozed_until = counted.snooze.map(|snooze| snooze.until);
    let now = clock::zoned();
    let quiet_until = counted.quiet.at(&now).and_then(|quiet| quiet.ends);
    let input = TrayInput {
        subscriptions: subscriptions
            .iter()
            .map(|line| SubscriptionLine {
                topic_arn: line.topic_arn.clone(),
                name: line.topic_arn.rsplit(':').next().unwrap_or_default().to_owned(),
                state: line.state,
                since: line.last_completed_poll.filter(|_| line.state.is_blind()),
                reason: line.reason.clone(),
                hint: line.hint.clone(),
                signs_out: line.signs_out(clock::now()),
            })
            .collect(),
        unacknowledged: counted.unacknowledged,
        failing: counted.failing.iter().map(failing_line).collect(),
        windows: open_windows.clone(),
        last_heard: None, // an age that ticks in the tray would change its model on every poll
        alerts_problem: problems
            .first()
            .map(|problem| [&problem.message, &problem.hint].map(|text| words::sentence(text)).join(" ")),
        engine_problem: None,
        snoozed_until,
        quiet_until,
        snooze_choice: counted.snooze.as_ref().and_then(SnoozeChoice::of),
        window_ends: open_windows.iter().filter_map(|window| window.end).max(),
    };
    let tray = tray_model(&input, &now);
    let status = StatusReport {
        engine: EngineState::Running,
        health,
        unacknowledged: counted.unacknowledged,
        quarantined: counted.quarantined,
        snoozed_until,
        quiet_until,
        subscriptions,
        gaps: counted.gaps,
        problems,
    };
    (Standing { status, tray, windows: open_windows, revision }, counted.quiet.next_edge(&now))
}

fn failing_line(row: &CommandRow) -> FailingLine {
    let document = words::subject(&row.command_id, row.document.as_deref());
    let trouble = words::trouble(&row.counts, row.target_count);
    // Heard from the command alone there are no nodes to count: then its own word says it.
    let trouble = if trouble.is_empty() { words::detail(&row.state, None) } else { trouble };
    FailingLine { command_id: row.command_id.clone(), text: format!("{document}: {trouble}") }
}

#[cfg(test)]
mod tests {
    use super::failing_line;

    #[test]
    fn a_command_heard_of_without_its_nodes_has_words_in_the_tray() {
        let none = serde_json::json!({"pending": 0, "in_progress": 0, "success": 0, "failed": 0, "timed_out": 0,
            "cancelled": 0, "not_run": 0, "other": 0});
        let row = serde_json::from_value(serde_json::json!({"command_id": "c", "document": "AWS-ConfigureAWSPackage",
            "state": "failed", "status": "failed", "levels": ["command"], "updated_at": "2026-07-21T02:00:00Z",
            "target_count": 12, "nodes_heard": 0, "counts": none, "acknowledged": false, "simulated": false,
            "cursor": ""}))
        .unwrap();
        assert_eq!(failing_line(&row).text, "AWS-ConfigureAWSPackage: failed", "no line ends after its colon");
    }
}
