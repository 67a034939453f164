//! The tasks that the engine cannot do without. When one of them breaks off, that is told, for nothing else would miss it.
//!
//! **Invariant:** never silently deaf or mute: a panic in such a task becomes a problem that tray, window and `status` show. Never here:
//! what the tasks do, or a second start of them; whoever is told quits and starts anew.

use std::future::Future;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::error::{Code, Problem};

/// Spawns vital tasks and keeps what became of them.
pub(super) struct Vital(watch::Sender<Vec<Problem>>);

impl Vital {
    /// With the problems of the tasks that broke off, none at first.
    pub(super) fn new() -> (Self, watch::Receiver<Vec<Problem>>) {
        let (tell, told) = watch::channel(Vec::new());
        (Self(tell), told)
    }

    /// Runs `task`; `without` says what Watchbell does no more when it broke off, as "shows no alerts".
    pub(super) fn spawn(
        &self,
        (tasks, cancel): &(TaskTracker, CancellationToken),
        without: &'static str,
        task: impl Future<Output = ()> + Send + 'static,
    ) {
        let (running, tell, cancel) = (tasks.spawn(task), self.0.clone(), cancel.clone());
        tasks.spawn(async move {
            let Err(error) = running.await else { return };
            if cancel.is_cancelled() {
                return;
            }
            tracing::error!(%error, without, "a vital task broke off");
            let problem = Problem::new(
                Code::No,
                format!("a fault in Watchbell: it {without} until it is started again"),
                "quit Watchbell and start it again; please report this with the newest file of the logs folder",
            );
            tell.send_modify(|problems| problems.push(problem));
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_vital_task_that_breaks_off_is_told_of_and_one_that_ends_is_not() {
        let of = (TaskTracker::new(), CancellationToken::new());
        let (vital, mut told) = Vital::new();
        vital.spawn(&of, "does nothing", async {});
        vital.spawn(&of, "shows no alerts", async { panic!("a fault of ours") });
        told.changed().await.unwrap();
        let messages: Vec<_> = told.borrow().iter().map(|problem| problem.message.clone()).collect();
        assert_eq!(messages, ["a fault in Watchbell: it shows no alerts until it is started again"]);
        of.0.close();
        of.0.wait().await;
        assert_eq!(told.borrow().len(), 1, "an end in order is none");
    }
}
