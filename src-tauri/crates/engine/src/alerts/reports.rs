//! Reports of maintenance windows that ended, on their way from the store to the screen.
//!
//! **Invariant:** decided and stored first, shown then, marked shown last; a kill between the last two shows one once more.
//! It wakes on a commit and at the next instant at which a run may have to be told of, and on nothing else.

use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use watchbell_core::policy::AlertText;

use super::{Heard, Notifier};
use crate::clock;
use crate::engine::Wish;
use crate::error::Problem;
use crate::store::{Store, WindowAlert};

/// Keys of these alerts start so; the store's own start otherwise.
const KEY: &str = "window ";

/// The run whose report was pressed, if it was one.
fn run_of(pressed: &str) -> Option<&str> {
    pressed.strip_prefix(KEY)
}

/// One report to put up, and where to say whether it is.
pub(crate) struct Order {
    key: String,
    text: AlertText,
    shown: oneshot::Sender<Result<u32, Problem>>,
}

impl Order {
    pub(super) async fn carry_out(self, notifier: &dyn Notifier) {
        // A teller that is gone has the report still stored as not shown.
        let _ = self.shown.send(notifier.show(&self.key, &self.text, &[]).await);
    }
}

/// What was heard of a report ends here: a press opens its page, and nothing brings it back. Anything else is handed on.
pub(super) fn pressed(heard: Heard, wishes: &mpsc::Sender<Wish>) -> Option<Heard> {
    match heard {
        Heard::Pressed { key, .. } if run_of(&key).is_some() => {
            let _ = wishes.try_send(Wish::OpenRun { run: run_of(&key).unwrap_or_default().to_owned() });
            None
        }
        Heard::Dismissed { key } | Heard::Expired { key } if run_of(&key).is_some() => None,
        other => Some(other),
    }
}

/// Tells of ended windows until cancelled.
pub(crate) async fn tell(store: Store, orders: mpsc::Sender<Order>, cancel: CancellationToken) {
    let mut commits = store.revision();
    let mut backoff = Backoff::new(Duration::from_secs(5), Duration::from_mins(5));
    loop {
        commits.mark_unchanged();
        let pause = match told(&store, &orders).await {
            Ok(next) => {
                backoff.reset();
                next.map(|at| Duration::try_from(at.duration_since(clock::now())).unwrap_or(Duration::ZERO))
            }
            Err(NotShown) => Some(backoff.fail(1.0)),
        };
        // A storm of commits is looked at once a second: nothing here is in a hurry.
        let together = Duration::from_secs(1);
        tokio::select! {
            () = cancel.cancelled() => return,
            () = async { tokio::time::sleep(together).await; let _ = commits.changed().await; } => {}
            () = sleep(pause) => {}
        }
    }
}

/// It has been logged, and waits.
struct NotShown;

async fn told(store: &Store, orders: &mpsc::Sender<Order>) -> Result<Option<jiff::Timestamp>, NotShown> {
    let due = store.window_reports(clock::now()).await.map_err(|error| {
        tracing::warn!(%error, "which windows ended cannot be read");
        NotShown
    })?;
    for WindowAlert { run, text } in due.waiting {
        let (shown, answer) = oneshot::channel();
        let order = Order { key: format!("{KEY}{run}"), text, shown };
        if orders.send(order).await.is_err() {
            return Err(NotShown);
        }
        match answer.await {
            Ok(Ok(_)) => {}
            Ok(Err(problem)) => {
                tracing::info!(%problem, "the report of a window waits");
                return Err(NotShown);
            }
            Err(_) => return Err(NotShown),
        }
        if let Err(error) = store.window_told(&run, clock::now()).await {
            tracing::warn!(%error, run, "a shown report could not be marked so");
            return Err(NotShown);
        }
    }
    Ok(due.next)
}

async fn sleep(pause: Option<Duration>) {
    match pause {
        Some(pause) => tokio::time::sleep(pause.max(Duration::from_millis(100))).await,
        None => std::future::pending().await,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pressed_report_opens_its_page_and_nothing_else_is_swallowed() {
        let (opened, mut pages) = mpsc::channel(4);
        let report = || "window 1/eu/mw-1/e-1".to_owned();
        let action = || "default".to_owned();
        assert_eq!(pressed(Heard::Pressed { key: report(), action: action() }, &opened), None, "it is a report's");
        assert_eq!(pages.try_recv().unwrap(), Wish::OpenRun { run: "1/eu/mw-1/e-1".into() }, "with its run");
        assert_eq!(pressed(Heard::Dismissed { key: report() }, &opened), None, "a report is not brought back");
        let command = Heard::Pressed { key: "e8d3c0e4-71f7".into(), action: action() };
        assert_eq!(pressed(command.clone(), &opened), Some(command), "a command's alert is the dispatcher's");
        assert_eq!(pressed(Heard::ServerThere, &opened), Some(Heard::ServerThere), "and so is the server");
    }
}
