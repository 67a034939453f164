//! The reading side: a read-only connection beside the writer's.
//!
//! **Invariant:** never writes, never blocks the writer, never uses an offset. No history yet reads as an empty one, and
//! is looked for again at the next question.

use std::cell::OnceCell;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use watchbell_core::arn::TopicArn;
use watchbell_core::parse::Confirmation;
use watchbell_core::policy::Snooze;
use watchbell_core::quiet::QuietHours;
use watchbell_core::rules::Rule;
use watchbell_core::schedule::TypedWindow;
use watchbell_core::status::Bucket;
use watchbell_core::window::Current;

use super::connection::open_reader;
use super::error::StoreError;
use super::instant::to_ns;
use super::table::subscription::SubscriptionRecord;
use super::table::{
    command, command_window, decision, heard, invocation, quarantine, raw_event, subscription, typed_window,
    window_definition, window_event,
};
use super::windows::{self, WindowsKnown};
use super::{cursor, hall, history, table};
use crate::clock;
use crate::paths::DataDir;
use crate::view::{
    CommandDetail, CommandRow, DecisionRow, EventRow, GapRow, HistoryQuery, InvocationRow, Page, QuarantineRow,
    WindowReport, WindowRun, WindowSource,
};

/// The most rows a page.
const LIMIT: u32 = 1000;

/// Reads the history. Not shared between threads: open one each, it is cheap.
#[derive(Debug)]
pub struct Reader {
    dir: DataDir,
    connection: OnceCell<Connection>,
}

impl Reader {
    /// Opens the history of a folder.
    pub fn open(dir: &DataDir) -> Result<Self, StoreError> {
        let reader = Self { dir: dir.clone(), connection: OnceCell::new() };
        reader.connection()?;
        Ok(reader)
    }

    fn connection(&self) -> Result<Option<&Connection>, StoreError> {
        if self.connection.get().is_none()
            && let Some(connection) = open_reader(&self.dir.database())?
        {
            // Nobody else can have set it: the cell is not shared between threads.
            let _ = self.connection.set(connection);
        }
        Ok(self.connection.get())
    }

    pub(super) fn read<T: Default>(
        &self,
        work: impl FnOnce(&Connection) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.connection()?.map_or_else(|| Ok(T::default()), work)
    }

    fn of_command<T: Default>(
        &self,
        command_id: &str,
        work: impl FnOnce(&Connection, i64) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.read(|db| command::id_of(db, command_id)?.map_or_else(|| Ok(T::default()), |id| work(db, id)))
    }

    /// Another number whenever somebody else committed something; no page is read for it.
    pub fn version(&self) -> Result<i64, StoreError> {
        self.read(|db| Ok(db.pragma_query_value(None, "data_version", |row| row.get(0))?))
    }

    /// Commands, newest `updated_at` first.
    pub fn history(&self, query: &HistoryQuery) -> Result<Page<CommandRow>, StoreError> {
        // A search line that cannot be read is wrong even when there is nothing to search.
        let query = history::Narrowed::from_query(query, &clock::now().to_zoned(TimeZone::system()))?;
        self.read(|db| history::page(db, &query))
    }

    /// One command.
    pub fn command(&self, command_id: &str) -> Result<Option<CommandRow>, StoreError> {
        self.read(|db| history::one(db, command_id))
    }

    /// One command with all its nodes, events and decisions.
    pub fn detail(&self, command_id: &str) -> Result<Option<CommandDetail>, StoreError> {
        let Some(command) = self.command(command_id)? else { return Ok(None) };
        Ok(Some(CommandDetail {
            command,
            invocations: self
                .of_command(command_id, |db, id| Ok(invocation::page(db, id, None, None, u32::MAX)?.rows))?,
            events: self.of_command(command_id, |db, id| Ok(raw_event::page(db, id, None, u32::MAX)?.rows))?,
            decisions: self.decisions(command_id)?,
            watched: self.is_watched(command_id)?,
        }))
    }

    /// Whether the person wants to be told when the command ends.
    pub fn is_watched(&self, command_id: &str) -> Result<bool, StoreError> {
        self.of_command(command_id, |db, id| {
            Ok(command::load_by_id(db, id)?.is_some_and(|(_, held)| held.group.is_watched()))
        })
    }

    /// The nodes of a command, the worst first.
    pub fn invocations(
        &self,
        command_id: &str,
        bucket: Option<Bucket>,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Page<InvocationRow>, StoreError> {
        self.of_command(command_id, |db, id| invocation::page(db, id, bucket, after, at_most(limit)))
    }

    /// What was said of a command, oldest first.
    pub fn events(&self, command_id: &str, after: Option<&str>, limit: u32) -> Result<Page<EventRow>, StoreError> {
        self.of_command(command_id, |db, id| raw_event::page(db, id, after, at_most(limit)))
    }

    /// What was decided about a command, oldest first.
    pub fn decisions(&self, command_id: &str) -> Result<Vec<DecisionRow>, StoreError> {
        self.of_command(command_id, decision::of_command)
    }

    /// What was not understood, newest first.
    pub fn quarantine(&self, after: Option<&str>, limit: u32) -> Result<Page<QuarantineRow>, StoreError> {
        // Also where there is no database yet: a mistyped cursor is not an empty page.
        after.map(cursor::read).transpose()?;
        self.read(|db| quarantine::page(db, after, at_most(limit)))
    }

    /// What SNS asked to confirm through the subscription to this topic since then, newest first; at most 10.
    pub fn confirmations(&self, topic: &TopicArn, since: Timestamp) -> Result<Vec<Confirmation>, StoreError> {
        self.read(|db| quarantine::confirmations(db, topic, since))
    }

    /// When something real of this topic was last heard.
    pub fn last_heard(&self, topic: &TopicArn) -> Result<Option<Timestamp>, StoreError> {
        self.read(|db| raw_event::last_of(db, topic))
    }

    /// How many messages were not understood.
    pub fn quarantined(&self) -> Result<u32, StoreError> {
        self.read(quarantine::count)
    }

    /// Failed or timed out commands that nobody acknowledged, not simulated, updated within `days`.
    pub fn unacknowledged(&self, now: Timestamp, days: u32) -> Result<u32, StoreError> {
        self.read(|db| {
            let sql = format!("SELECT count(*) FROM command WHERE {} AND updated_at >= ?1", command::OPEN);
            Ok(db.prepare_cached(&sql)?.query_row([days_before(now, days)], |row| row.get(0))?)
        })
    }

    /// Those commands, newest first.
    pub fn failing(&self, now: Timestamp, days: u32, limit: u32) -> Result<Vec<CommandRow>, StoreError> {
        self.read(|db| {
            let sql = format!(
                "SELECT {} FROM command WHERE {} AND updated_at >= ?1 ORDER BY updated_at DESC, id DESC LIMIT ?2",
                command::VIEW,
                command::OPEN
            );
            let mut statement = db.prepare_cached(&sql)?;
            let rows = statement.query_map((days_before(now, days), limit), command::to_view)?;
            let mut rows: Vec<CommandRow> = rows.collect::<Result<_, _>>()?;
            command_window::fill(db, &mut rows)?;
            Ok(rows)
        })
    }

    /// The snooze that is on.
    pub fn snooze(&self, now: Timestamp) -> Result<Option<Snooze>, StoreError> {
        self.read(|db| hall::snooze(db, now))
    }

    /// The person's rules, in their order.
    pub fn rules(&self) -> Result<Vec<Rule>, StoreError> {
        self.read(table::hall::rules)
    }

    /// The person's quiet hours.
    pub fn quiet_hours(&self) -> Result<QuietHours, StoreError> {
        self.read(table::hall::quiet)
    }

    /// When the last new understood message was received.
    pub fn last_received(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(raw_event::last_received)
    }

    /// When nobody listened between `since` and `until`, the gap that ended last first; at most 1,000.
    pub fn gaps(&self, since: Timestamp, until: Timestamp) -> Result<Vec<GapRow>, StoreError> {
        self.read(|db| heard::gaps(db, since, until, LIMIT))
    }

    /// The gaps of the last 24 hours.
    pub fn gaps_of_the_day(&self, now: Timestamp) -> Result<Vec<GapRow>, StoreError> {
        self.gaps(now.checked_sub(SignedDuration::from_hours(24)).unwrap_or(Timestamp::UNIX_EPOCH), now)
    }

    /// The runs of maintenance windows that take some of this time, the latest first: past, running and to come.
    pub fn windows(&self, from: Timestamp, to: Timestamp) -> Result<Vec<WindowRun>, StoreError> {
        self.read(|db| windows::list(db, from, to, clock::now()))
    }

    /// One run with its commands, what failed and what was cut off.
    pub fn window(&self, run: &str) -> Result<Option<WindowReport>, StoreError> {
        self.read(|db| windows::describe(db, run, clock::now()))
    }

    /// The runs that are open at `now`, the one with the nearest cutoff first.
    pub fn current_windows(&self, now: Timestamp) -> Result<Vec<Current>, StoreError> {
        self.read(|db| windows::current(db, now))
    }

    /// When a window next opens, reaches its cutoff or closes, by the clock alone.
    pub fn next_window_change(&self, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        self.read(|db| windows::next_change(db, now))
    }

    /// The windows that the person typed in, by name.
    pub fn typed_windows(&self) -> Result<Vec<TypedWindow>, StoreError> {
        self.read(typed_window::all)
    }

    /// What need not be asked of SSM again for this account and region.
    pub fn windows_known(&self, account: &str, region: &str, now: Timestamp) -> Result<WindowsKnown, StoreError> {
        self.read(|db| windows::known(db, account, region, now))
    }

    /// Whether SSM's API lets us read windows, for each account and region that was asked.
    pub fn window_sources(&self) -> Result<Vec<WindowSource>, StoreError> {
        self.read(window_definition::sources)
    }

    /// When EventBridge last said something about a maintenance window; absent when it never did.
    pub fn window_heard(&self) -> Result<Option<Timestamp>, StoreError> {
        self.read(window_event::last_received)
    }

    /// Every subscription, oldest first.
    pub fn subscriptions(&self) -> Result<Vec<SubscriptionRecord>, StoreError> {
        self.read(subscription::all)
    }
}

fn days_before(now: Timestamp, days: u32) -> i64 {
    let span = SignedDuration::from_hours(24 * i64::from(days));
    to_ns(now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH))
}

fn at_most(limit: u32) -> u32 {
    if limit == 0 { history::DEFAULT_LIMIT } else { limit.min(LIMIT) }
}
