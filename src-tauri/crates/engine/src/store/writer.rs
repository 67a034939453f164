//! The one thread that writes. It owns the connection and takes its work from a bounded channel.
//!
//! **Invariants:**
//! - Whatever waits is committed together, at most 500 messages; nothing ever waits for a group to fill.
//! - A failure undoes its transaction whole, is told to every caller in it, and leaves the thread alive for the next.
//! - Never writes to a file that was deleted or replaced under it.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::Arc;

use rusqlite::{Connection, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use super::connection::{self, FileIdentity};
use super::error::StoreError;
use super::ingest::{self, GROUP, Heard, IngestReport};
use super::{Revision, Rules, SharedRules};

/// How many requests may wait.
pub(super) const QUEUE: usize = 64;

/// Work that runs on the writer's thread and replies by itself.
pub(super) type Job = Box<dyn FnOnce(&mut Writer) + Send>;

/// What the thread can be asked.
pub(super) enum Request {
    /// Store messages, together with those of other callers.
    Ingest { heard: Vec<Heard>, reply: oneshot::Sender<Result<IngestReport, StoreError>> },
    /// Anything else.
    Run(Job),
    /// Finish: what was asked before is done, then the database is closed.
    Close(oneshot::Sender<()>),
}

/// The connection and what belongs to it.
pub(super) struct Writer {
    path: PathBuf,
    open: Option<(Connection, FileIdentity)>,
    rules: SharedRules,
    revision: watch::Sender<Revision>,
}

impl Writer {
    pub(super) fn open(
        path: PathBuf,
        rules: SharedRules,
        revision: watch::Sender<Revision>,
    ) -> Result<Self, StoreError> {
        let mut writer = Self { path, open: None, rules, revision };
        writer.connection()?;
        Ok(writer)
    }

    /// The connection, made anew if the last one was spoilt.
    pub(super) fn connection(&mut self) -> Result<&mut Connection, StoreError> {
        let open = match self.open.take() {
            Some(open) => open,
            None => (connection::open_writer(&self.path)?, FileIdentity::of(&self.path)?),
        };
        Ok(&mut self.open.insert(open).0)
    }

    /// The rules in force.
    pub(super) fn rules(&self) -> Arc<Rules> {
        self.rules.read()
    }

    /// Puts changed rules into force from the next transaction on.
    pub(super) fn change_rules(&self, change: impl Fn(&mut Rules)) {
        self.rules.change(change);
    }

    /// Runs `work` in one transaction: all of it or nothing.
    pub(super) fn transact<T>(
        &mut self,
        work: impl FnOnce(&Connection, &Rules) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let tried = catch_unwind(AssertUnwindSafe(|| self.try_transact(work)));
        let result = tried.unwrap_or_else(|_| {
            tracing::error!("a transaction panicked and was undone");
            Err(StoreError::Panicked)
        });
        if let Err(error) = &result {
            if error.spoils_connection() {
                self.open = None;
            }
        } else {
            self.revision.send_modify(|revision| revision.0 += 1);
        }
        result
    }

    fn try_transact<T>(
        &mut self,
        work: impl FnOnce(&Connection, &Rules) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        let rules = self.rules.read();
        self.connection()?;
        let Some((connection, identity)) = &mut self.open else { return Err(StoreError::Closed) };
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let done = work(&transaction, &rules)?;
        if FileIdentity::of(&self.path)? != *identity {
            return Err(StoreError::Io(format!("{} was replaced while it was open", self.path.display())));
        }
        transaction.commit()?;
        Ok(done)
    }

    /// Serves until told to close, or until every handle is gone.
    pub(super) fn serve(mut self, mut inbox: mpsc::Receiver<Request>) {
        let mut next = None;
        while let Some(request) = next.take().or_else(|| inbox.blocking_recv()) {
            match request {
                Request::Close(reply) => {
                    self.open = None;
                    // Nobody may be waiting any more.
                    let _ = reply.send(());
                    return;
                }
                Request::Run(job) => self.guarded(|writer| job(writer)),
                Request::Ingest { heard, reply } => {
                    let mut total = heard.len();
                    let (mut calls, mut replies) = (vec![heard], vec![reply]);
                    while let Ok(request) = inbox.try_recv() {
                        match request {
                            Request::Ingest { heard, reply } if total + heard.len() <= GROUP => {
                                total += heard.len();
                                calls.push(heard);
                                replies.push(reply);
                            }
                            other => {
                                next = Some(other);
                                break;
                            }
                        }
                    }
                    self.guarded(|writer| {
                        for (report, reply) in ingest::store_calls(writer, &calls).into_iter().zip(replies) {
                            // A caller that left will see its copies again.
                            let _ = reply.send(report);
                        }
                    });
                }
            }
        }
    }

    /// A fault in one request must not silence the rest: its callers get no answer, the next get a new connection.
    fn guarded(&mut self, work: impl FnOnce(&mut Self)) {
        if catch_unwind(AssertUnwindSafe(|| work(self))).is_err() {
            tracing::error!("a request to the store panicked");
            self.open = None;
        }
    }
}
