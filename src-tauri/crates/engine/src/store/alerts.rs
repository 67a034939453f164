//! The dispatcher's side of the store: what the screen should say, and what became of it.
//!
//! **Invariant:** an alert stays wanted until it was reported as shown, so a crash between the two may show it once more
//! and never loses it. Ids of notifications belong to one run: an earlier run's are never used again.

use jiff::Timestamp;
use rusqlite::Connection;
use watchbell_core::policy::{Fate, Input};

use super::error::StoreError;
use super::group;
use super::table::alert::{self, PendingAlert, Up};
use super::table::command;
use super::writer::Writer;
use super::{Rules, Store};

/// What the dispatcher has to do now, and when to come back by itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertsDue {
    /// What waits for the screen, at most 64; ask again after these.
    pub pending: Vec<PendingAlert>,
    /// When a group wants to be looked at again. Commits in between show in [`Store::revision`].
    pub next_wake: Option<Timestamp>,
}

impl Store {
    /// Ticks the groups whose time has come, and hands out what waits for the screen.
    pub async fn alerts_due(&self, now: Timestamp) -> Result<AlertsDue, StoreError> {
        self.on_writer(move |writer| {
            if !command::due(writer.connection()?, now)?.is_empty() {
                writer.transact(|db, rules| tick(db, rules, now))?;
            }
            let db = writer.connection()?;
            Ok(AlertsDue { pending: alert::waiting(db)?, next_wake: command::next_wake(db)? })
        })
        .await
    }

    /// The server `server` shows what `version` wished, as `notification_id`.
    pub async fn mark_shown(
        &self,
        command_id: &str,
        version: i64,
        server: &str,
        notification_id: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let server = server.to_owned();
        self.on_command(command_id, move |db, rules, id| {
            alert::shown(db, id, version, &server, notification_id)?;
            group::step(db, id, Input::Fate(Fate::Shown), rules, now).map(drop)
        })
        .await
    }

    /// The alert is off the screen because `version` wished so.
    pub async fn mark_closed(&self, command_id: &str, version: i64) -> Result<(), StoreError> {
        self.on_command(command_id, move |db, _, id| alert::closed(db, id, version)).await
    }

    /// Something became of a command's alert. [`Fate::Shown`] is reported by [`Store::mark_shown`] alone.
    pub async fn fate(&self, command_id: &str, fate: Fate, now: Timestamp) -> Result<(), StoreError> {
        self.on_command(command_id, move |db, rules, id| {
            let up = alert::up(db)?.into_iter().find(|up| up.command == id);
            met(db, rules, id, up.as_ref(), fate, now)
        })
        .await
    }

    /// Another notification server took over: nothing is on the screen any more.
    pub async fn server_changed(&self, now: Timestamp) -> Result<(), StoreError> {
        self.on_writer(move |writer| {
            writer.transact(|db, rules| {
                for up in alert::up(db)? {
                    met(db, rules, up.command, Some(&up), Fate::ServerChanged, now)?;
                }
                Ok(())
            })
        })
        .await
    }

    async fn on_command(
        &self,
        command_id: &str,
        work: impl FnOnce(&Connection, &Rules, i64) -> Result<(), StoreError> + Send + 'static,
    ) -> Result<(), StoreError> {
        let command_id = command_id.to_owned();
        self.on_writer(move |writer| {
            writer.transact(|db, rules| {
                let id = command::id_of(db, &command_id)?.ok_or(StoreError::NoSuchCommand(command_id))?;
                work(db, rules, id)
            })
        })
        .await
    }
}

/// At the start of a run: what an earlier one showed has left the screen as far as we can act on it, and what waits is
/// judged with today's `now`.
pub(super) fn begin_run(writer: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    let db = writer.connection()?;
    if alert::up(db)?.is_empty() && command::due(db, now)?.is_empty() {
        return Ok(());
    }
    writer.transact(|db, rules| {
        for up in alert::up(db)? {
            met(db, rules, up.command, Some(&up), Fate::Expired, now)?;
        }
        tick(db, rules, now)
    })
}

fn tick(db: &Connection, rules: &Rules, now: Timestamp) -> Result<(), StoreError> {
    for id in command::due(db, now)? {
        group::step(db, id, Input::Tick, rules, now)?;
    }
    Ok(())
}

fn met(db: &Connection, rules: &Rules, id: i64, up: Option<&Up>, fate: Fate, now: Timestamp) -> Result<(), StoreError> {
    // It left by itself while newer words were on their way: those were not seen, so they go out as a silent alert.
    if fate == Fate::Expired && up.is_some_and(|up| up.waiting && !up.closing) {
        return alert::show_anew(db, id);
    }
    alert::met(db, id, name(fate), true)?;
    group::step(db, id, Input::Fate(fate), rules, now).map(drop)
}

fn name(fate: Fate) -> &'static str {
    match fate {
        Fate::Shown => "shown",
        Fate::Dismissed => "dismissed",
        Fate::Expired => "expired",
        Fate::Clicked => "clicked",
        Fate::Refused => "refused",
        Fate::ServerChanged => "server_changed",
    }
}
