//! Where people's requests come in, from the socket and from the window alike.
//!
//! **Invariant:** what changes the history goes through the store's writer; what changes subscriptions wakes the supervisor.

use tokio::sync::{mpsc, oneshot, watch};

use super::{Standing, Wish, ending};
use crate::clock;
use crate::control::{Reply, Request};
use crate::error::{Code, Problem};
use crate::paths::DataDir;
use crate::store::{Act, ActReport, Store};

/// Takes requests for a running engine.
pub struct Desk {
    store: Store,
    dir: DataDir,
    standing: watch::Receiver<Standing>,
    wishes: mpsc::Sender<Wish>,
    tests: mpsc::Sender<oneshot::Sender<Result<(), Problem>>>,
    reload: watch::Sender<()>,
}

impl Desk {
    pub(super) fn new(
        store: Store,
        dir: DataDir,
        standing: watch::Receiver<Standing>,
        wishes: mpsc::Sender<Wish>,
        tests: mpsc::Sender<oneshot::Sender<Result<(), Problem>>>,
        reload: watch::Sender<()>,
    ) -> Self {
        Self { store, dir, standing, wishes, tests, reload }
    }

    /// The history.
    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The data folder.
    pub fn dir(&self) -> &DataDir {
        &self.dir
    }

    /// Does `act`, and resolves after its commit.
    ///
    /// # Errors
    /// What the store said.
    pub async fn act(&self, act: Act) -> Result<ActReport, Problem> {
        let of_subscriptions = matches!(
            act,
            Act::PutSubscription(_)
                | Act::PauseSubscription { .. }
                | Act::FilterSubscription { .. }
                | Act::LeaveSubscription { .. }
                | Act::RemoveSubscription { .. }
        );
        let report = self.store.act(act).await?;
        if of_subscriptions {
            self.reload.send_replace(());
        }
        Ok(report)
    }

    /// Somebody signed in: what waits for that goes on at once.
    pub fn signed_in(&self) {
        crate::sign_in::forget_memory();
        self.reload.send_replace(());
    }

    /// Whether the sign-in behind this subscription ends soon, and only the person can prevent it.
    pub fn signs_out_soon(&self, topic_arn: &str) -> bool {
        let standing = self.standing.borrow();
        let line = standing.status.subscriptions.iter().find(|line| line.topic_arn == topic_arn);
        line.is_some_and(|line| line.signs_out(clock::now()).is_some())
    }

    /// Shows a test alert.
    ///
    /// # Errors
    /// Why it could not be shown.
    pub async fn test_alert(&self) -> Result<(), Problem> {
        let (answer, shown) = oneshot::channel();
        self.tests.send(answer).await.map_err(|_| ending())?;
        shown.await.map_err(|_| ending())?
    }

    /// Answers one request of the socket.
    pub(crate) async fn answer(&self, request: Request) -> Reply {
        match request {
            Request::Status => {
                let status = Box::new(self.standing.borrow().status.clone());
                Reply::Status { status }
            }
            Request::Act { act } => match self.act(act).await {
                Ok(report) => Reply::Acted { report },
                Err(problem) => Reply::Refused { problem },
            },
            Request::TestAlert => match self.test_alert().await {
                Ok(()) => Reply::Alerted,
                Err(problem) => Reply::Refused { problem },
            },
            Request::SignedIn => {
                self.signed_in();
                Reply::GoesOn
            }
            Request::Open { command_id } => match self.wishes.try_send(Wish::Open { command_id }) {
                Ok(()) => Reply::Opened,
                Err(_) => Reply::Refused {
                    problem: Problem::new(Code::No, "no window answers", "start the desktop app: watchbell"),
                },
            },
        }
    }
}
