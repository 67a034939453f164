//! The dispatcher's side of the store: what the screen should say, and what became of it.
//!
//! **Invariant:** an alert stays wanted until it was reported as shown, so a crash between the two may show it once more
//! and never loses it. Ids of notifications belong to one run: an earlier run's are never used again.

use jiff::Timestamp;
use rusqlite::Connection;
use watchbell_core::policy::{Fate, HallInput, Input, Kind};

use super::error::StoreError;
use super::key::AlertKey;
use super::table::alert::{self, PendingAlert, Up};
use super::table::{self, command};
use super::writer::Writer;
use super::{Rules, Store, group, hall};

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
            if is_due(writer.connection()?, now)? {
                writer.transact(|db, rules| tick(db, rules, now))?;
            }
            let rules = writer.rules();
            let waiting = held_up(writer.connection()?, &rules, now)?;
            if !waiting.is_empty() {
                writer.transact(|db, rules| by_count(db, &waiting, rules, now))?;
            }
            let db = writer.connection()?;
            let wakes = [command::next_wake(db)?, table::hall::next_wake(db)?];
            Ok(AlertsDue { pending: alert::waiting(db)?, next_wake: wakes.into_iter().flatten().min() })
        })
        .await
    }

    /// The server `server` shows what `version` wished, as `notification_id`.
    pub async fn mark_shown(
        &self,
        key: &AlertKey,
        version: i64,
        server: &str,
        notification_id: u32,
        now: Timestamp,
    ) -> Result<(), StoreError> {
        let (key, server) = (key.clone(), server.to_owned());
        self.on_writer(move |writer| {
            writer.transact(|db, rules| {
                alert::shown(db, &key, version, &server, notification_id)?;
                tell(db, rules, &key, Fate::Shown, now)
            })
        })
        .await
    }

    /// The alert is off the screen because `version` wished so.
    pub async fn mark_closed(&self, key: &AlertKey, version: i64) -> Result<(), StoreError> {
        let key = key.clone();
        self.on_writer(move |writer| writer.transact(|db, _| alert::closed(db, &key, version))).await
    }

    /// Something became of an alert. [`Fate::Shown`] is reported by [`Store::mark_shown`] alone.
    pub async fn fate(&self, key: &AlertKey, fate: Fate, now: Timestamp) -> Result<(), StoreError> {
        let key = key.clone();
        self.on_writer(move |writer| {
            writer.transact(|db, rules| {
                let up = alert::up(db)?.into_iter().find(|up| up.key == key);
                met(db, rules, &key, up.as_ref(), fate, now)
            })
        })
        .await
    }

    /// Another notification server took over: nothing is on the screen any more. Several alerts are shown again once, by count.
    pub async fn server_changed(&self, now: Timestamp) -> Result<(), StoreError> {
        self.on_writer(move |writer| {
            writer.transact(|db, rules| {
                let (commands, others): (Vec<_>, Vec<_>) =
                    alert::up(db)?.into_iter().partition(|up| matches!(up.key, AlertKey::Command(_)));
                for up in &others {
                    met(db, rules, &up.key, Some(up), Fate::ServerChanged, now)?;
                }
                if others.iter().all(|up| up.key != AlertKey::Many(Kind::Overflow)) {
                    hall::step(db, HallInput::Fate(Kind::Overflow, Fate::ServerChanged), rules, now)?;
                }
                if let [one] = commands.as_slice() {
                    return met(db, rules, &one.key, Some(one), Fate::ServerChanged, now);
                }
                let keys: Vec<_> = commands.into_iter().map(|up| up.key).collect();
                by_count(db, &keys, rules, now)
            })
        })
        .await
    }
}

/// At the start of a run: what an earlier one showed has left the screen as far as we can act on it, and what waits is
/// judged with today's `now`.
pub(super) fn begin_run(writer: &mut Writer, now: Timestamp) -> Result<(), StoreError> {
    let db = writer.connection()?;
    let late = table::hall::load(db)?.takes_late();
    if alert::up(db)?.is_empty() && !is_due(db, now)? && !late {
        return Ok(());
    }
    writer.transact(|db, rules| {
        for up in alert::up(db)? {
            met(db, rules, &up.key, Some(&up), Fate::Expired, now)?;
        }
        hall::step(db, HallInput::CaughtUp, rules, now)?;
        tick(db, rules, now)
    })
}

/// The alerts of commands that no server has shown yet and that are not to come up one by one: more of them than the budget has
/// (a server that was away would get them all at once), or any while it is snoozed.
fn held_up(db: &Connection, rules: &Rules, now: Timestamp) -> Result<Vec<AlertKey>, StoreError> {
    let waiting = alert::unshown(db)?;
    let snoozed = || Ok::<_, StoreError>(hall::snooze(db, now)?.is_some());
    if waiting.len() > rules.policy.budget || (!waiting.is_empty() && snoozed()?) {
        return Ok(waiting);
    }
    Ok(Vec::new())
}

/// What these alerts tell of is told by count, not one by one.
fn by_count(db: &Connection, keys: &[AlertKey], rules: &Rules, now: Timestamp) -> Result<(), StoreError> {
    let mut desk = hall::Desk::load(db)?;
    for key in keys {
        alert::met(db, key, name(Fate::Regrouped), true)?;
        if let Some(id) = key.command_id().map(|id| command::id_of(db, id)).transpose()?.flatten() {
            group::step_with(db, &mut desk, id, Input::Fate(Fate::Regrouped), rules, now)?;
        }
    }
    desk.settle(db, HallInput::Tick, rules, now).map(drop)
}

fn is_due(db: &Connection, now: Timestamp) -> Result<bool, StoreError> {
    Ok(table::hall::next_wake(db)?.is_some_and(|at| at <= now) || !command::due(db, now)?.is_empty())
}

fn tick(db: &Connection, rules: &Rules, now: Timestamp) -> Result<(), StoreError> {
    for id in command::due(db, now)? {
        group::step(db, id, Input::Tick, rules, now)?;
    }
    hall::step(db, HallInput::Tick, rules, now).map(drop)
}

fn met(
    db: &Connection,
    rules: &Rules,
    key: &AlertKey,
    up: Option<&Up>,
    fate: Fate,
    now: Timestamp,
) -> Result<(), StoreError> {
    // It left by itself while newer words were on their way: those were not seen, so they go out as a silent alert.
    if fate == Fate::Expired && up.is_some_and(|up| up.waiting && !up.closing) {
        return alert::show_anew(db, key);
    }
    // The end of a command has no group behind it: the new server is asked for the same words.
    if fate == Fate::ServerChanged && matches!(key, AlertKey::Ended(_)) {
        return alert::ask_again(db, key);
    }
    alert::met(db, key, name(fate), true)?;
    tell(db, rules, key, fate, now)
}

/// Tells the policy.
fn tell(db: &Connection, rules: &Rules, key: &AlertKey, fate: Fate, now: Timestamp) -> Result<(), StoreError> {
    match key {
        AlertKey::Command(command_id) => {
            let id = command::id_of(db, command_id)?.ok_or_else(|| StoreError::NoSuchCommand(command_id.clone()))?;
            group::step(db, id, Input::Fate(fate), rules, now).map(drop)
        }
        AlertKey::Many(kind) => {
            let mut desk = hall::Desk::load(db)?;
            if matches!(fate, Fate::Dismissed | Fate::Clicked) {
                for id in group::told_by(db, *kind, &desk.hall)? {
                    group::step_with(db, &mut desk, id, Input::FateOfMany(fate), rules, now)?;
                }
            }
            desk.settle(db, HallInput::Fate(*kind, fate), rules, now).map(drop)
        }
        AlertKey::Ended(_) => Ok(()),
    }
}

fn name(fate: Fate) -> &'static str {
    match fate {
        Fate::Shown => "shown",
        Fate::Dismissed => "dismissed",
        Fate::Expired => "expired",
        Fate::Clicked => "clicked",
        Fate::Refused => "refused",
        Fate::ServerChanged | Fate::Regrouped => "server_changed",
    }
}
