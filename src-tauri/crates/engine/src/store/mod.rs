//! The history on disk: one SQLite database, one writer, any number of readers.
//!
//! **Invariants:** one writer thread owns the writing connection and commits with `synchronous=FULL`; whoever holds a
//! [`Store`] also holds the [`crate::lock::EngineLock`] of the folder; what is reported as stored has been committed.
//! Readers open read-only connections of their own beside it.
//!
//! Never here: AWS, the screen, or a decision about ringing: those are `receive`, `alerts` and `core::policy`.

mod act;
mod alerts;
mod batch;
mod connection;
mod cursor;
mod error;
mod group;
mod hall;
mod heard;
mod history;
mod ingest;
mod instant;
mod key;
mod reader;
mod redact;
mod replay;
mod schema;
mod table;
#[cfg(test)]
mod tests;
mod told;
mod windows;
mod writer;

use std::sync::{Arc, PoisonError, RwLock};

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use tokio::sync::{mpsc, oneshot, watch};
use watchbell_core::policy;
use watchbell_core::quiet::QuietHours;
use watchbell_core::rules::RuleBook;

pub use self::act::{Act, ActReport};
pub use self::alerts::AlertsDue;
pub use self::error::StoreError;
pub use self::ingest::{ChangedCommand, Incoming, IngestReport};
pub use self::key::AlertKey;
pub use self::reader::Reader;
pub use self::replay::REPLAY_DAYS_MAX;
pub use self::table::alert::PendingAlert;
pub use self::table::subscription::{CredentialSource, RoleTerms, SubscriptionRecord};
pub use self::table::window_definition::WindowDefinition;
pub(crate) use self::windows::may_have_run;
pub use self::windows::{ReportsDue, ToldExecution, WindowAlert, WindowReading, WindowsKnown};
use self::writer::{Request, Writer};
use crate::clock;
use crate::paths::DataDir;
use crate::settings::Settings;

/// Grows with each commit; the number means nothing else.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revision(pub u64);

/// The person's settings, as far as they matter to storing and judging.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Rules {
    pub(crate) policy: policy::Settings,
    pub(crate) keep_parameters: bool,
}

impl Rules {
    /// Takes over what `settings.json` says; rules and quiet hours are the database's.
    fn configure(&mut self, settings: &Settings) {
        self.keep_parameters = settings.keep_parameters;
        obey(&mut self.policy, settings);
    }
}

/// Takes over what `settings.json` says about alerts.
fn obey(policy: &mut policy::Settings, settings: &Settings) {
    policy.alerts = if settings.alerts { policy::AlertMode::All } else { policy::AlertMode::None };
    policy.sound = settings.sound;
    policy.late_after = SignedDuration::from_mins(settings.late_after_minutes.clamp(1, 24 * 60).into());
    policy.zone = TimeZone::system();
}

/// The rules in force; they may change while the engine runs.
#[derive(Debug, Clone)]
pub(crate) struct SharedRules(Arc<RwLock<Arc<Rules>>>);

impl SharedRules {
    pub(crate) fn read(&self) -> Arc<Rules> {
        Arc::clone(&self.0.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn change(&self, change: impl FnOnce(&mut Rules)) {
        let mut held = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let mut rules = Rules::clone(&held);
        change(&mut rules);
        *held = Arc::new(rules);
    }
}

/// The person's rules and quiet hours. Rules that a later version wrote and this one cannot compile are not in force, which rings
/// too much rather than too little.
fn kept(db: &Connection) -> Result<(RuleBook, QuietHours), StoreError> {
    let book = RuleBook::compile(&table::hall::rules(db)?).unwrap_or_else(|errors| {
        tracing::warn!(errors = errors.len(), "the stored rules cannot be read; none is in force");
        RuleBook::default()
    });
    Ok((book, table::hall::quiet(db)?))
}

/// The writing side. Cheap to clone; the thread ends when the last handle is gone or [`Store::close`] was called.
#[derive(Debug, Clone)]
pub struct Store {
    inbox: mpsc::Sender<Request>,
    rules: SharedRules,
    revision: watch::Receiver<Revision>,
}

impl Store {
    /// Opens the history for writing, makes it if there is none, and judges anew what an earlier run left on the screen.
    /// The caller holds the engine lock of the folder.
    pub fn open(dir: &DataDir) -> Result<Self, StoreError> {
        Self::open_at(dir, clock::now())
    }

    /// [`Store::open`] at a given time.
    pub fn open_at(dir: &DataDir, now: Timestamp) -> Result<Self, StoreError> {
        let settings = Settings::load(dir).unwrap_or_else(|problem| {
            tracing::warn!(%problem, "the settings cannot be read; the defaults are used");
            Settings::default()
        });
        let rules = SharedRules(Arc::default());
        rules.change(|rules| rules.configure(&settings));
        let (tell, revision) = watch::channel(Revision::default());
        let mut writer = Writer::open(dir.database(), rules.clone(), tell)?;
        let (book, quiet) = kept(writer.connection()?)?;
        rules.change(|rules| (rules.policy.rules, rules.policy.quiet) = (Arc::new(book), quiet));
        windows::reread(&mut writer)?;
        alerts::begin_run(&mut writer, now)?;
        let (inbox, requests) = mpsc::channel(writer::QUEUE);
        std::thread::Builder::new()
            .name("history writer".into())
            .spawn(move || writer.serve(requests))
            .map_err(|error| StoreError::Io(format!("no thread for the writer: {error}")))?;
        Ok(Self { inbox, rules, revision })
    }

    /// Opens the history for reading, beside a running engine or without one. No history yet reads as an empty one.
    pub fn reader(dir: &DataDir) -> Result<Reader, StoreError> {
        Reader::open(dir)
    }

    /// Puts changed settings into force for what is stored and judged from now on.
    pub fn configure(&self, settings: &Settings) {
        self.rules.change(|rules| rules.configure(settings));
    }

    /// AWS dated an answer: what that says of the skew between its clock and ours is in force from now on.
    pub(crate) fn heard_date(&self, date: Timestamp, sent: Timestamp, received: Timestamp) {
        let before = self.rules.read().policy.skew;
        if let Some(skew) = crate::aws::skew::moved(before, date, sent, received) {
            tracing::info!(seconds = skew.as_secs(), "AWS's clock is so far ahead of this machine's");
            self.rules.change(|rules| rules.policy.skew = skew);
        }
    }

    /// How far AWS's clock is ahead of ours, as far as its answers have told.
    pub(crate) fn skew(&self) -> jiff::SignedDuration {
        self.rules.read().policy.skew
    }

    /// Stores messages and judges them; resolves after the commit that holds all of them. On an error none of them may
    /// be deleted from the queue.
    pub async fn ingest(&self, messages: Vec<Incoming>) -> Result<IngestReport, StoreError> {
        if messages.is_empty() {
            return Ok(IngestReport::default());
        }
        let keep_parameters = self.rules.read().keep_parameters;
        let heard = messages.into_iter().map(|one| ingest::read(one, keep_parameters)).collect();
        let (reply, answer) = oneshot::channel();
        self.inbox.send(Request::Ingest { heard, reply }).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| self.unanswered())?
    }

    /// Changes after each commit.
    pub fn revision(&self) -> watch::Receiver<Revision> {
        self.revision.clone()
    }

    /// Finishes what was asked before, then closes the database. Later calls fail with [`StoreError::Closed`].
    pub async fn close(&self) {
        let (reply, closed) = oneshot::channel();
        if self.inbox.send(Request::Close(reply)).await.is_ok() {
            // An error means that the thread has ended already.
            let _ = closed.await;
        }
    }

    /// Runs `work` on the writer's thread.
    async fn on_writer<T: Send + 'static>(
        &self,
        work: impl FnOnce(&mut Writer) -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(move |writer: &mut Writer| {
            // A caller that left does not want the answer.
            let _ = reply.send(work(writer));
        });
        self.inbox.send(Request::Run(job)).await.map_err(|_| StoreError::Closed)?;
        answer.await.map_err(|_| self.unanswered())?
    }

    /// What it means that a request was taken and not answered.
    fn unanswered(&self) -> StoreError {
        if self.inbox.is_closed() { StoreError::Closed } else { StoreError::Panicked }
    }
}
