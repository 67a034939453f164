//! What the alert policy remembers across commands, during one transaction, and its own alerts.
//!
//! **Invariant:** loaded once and written once a transaction, and only if it changed; its alerts are ordered when the transaction's
//! last command was judged, so that the first of them has the whole batch's counts.

use jiff::Timestamp;
use rusqlite::Connection;
use watchbell_core::policy::{AlertOrder, Decision, Hall, HallInput, Kind, Outcome, Snooze, step_hall};

use super::error::StoreError;
use super::key::AlertKey;
use super::table::{alert, decision, hall};
use super::{Rules, Store, group};

/// The hall under change.
pub(super) struct Desk {
    pub(super) hall: Hall,
    before: Hall,
}

impl Desk {
    pub(super) fn load(db: &Connection) -> Result<Self, StoreError> {
        let hall = hall::load(db)?;
        Ok(Self { before: hall.clone(), hall })
    }

    /// Takes the last step of the transaction, orders what is due and writes. Says whether an alert waits because of it.
    pub(super) fn settle(
        self,
        db: &Connection,
        input: HallInput,
        rules: &Rules,
        now: Timestamp,
    ) -> Result<bool, StoreError> {
        let step = step_hall(self.hall, input, &rules.policy, now);
        for (kind, order) in &step.orders {
            alert::order(db, &AlertKey::Many(*kind), order)?;
            if *kind == Kind::Held && matches!(order, AlertOrder::Show(_)) {
                for id in group::told_by(db, *kind, &step.hall)? {
                    decision::add(db, id, &told_now(now))?;
                }
            }
        }
        if step.hall != self.before || step.next_wake != hall::next_wake(db)? {
            hall::put(db, &step.hall, step.next_wake)?;
        }
        Ok(!step.orders.is_empty())
    }
}

/// What was held back is told, and the page of each command says so.
fn told_now(now: Timestamp) -> Decision {
    let reason = "The quiet is over: it was told in one alert with what else was held back.".into();
    Decision { at: now, outcome: Outcome::Digest, reason }
}

/// One step of the hall alone.
pub(super) fn step(db: &Connection, input: HallInput, rules: &Rules, now: Timestamp) -> Result<bool, StoreError> {
    Desk::load(db)?.settle(db, input, rules, now)
}

/// The snooze that is on, if one is.
pub(super) fn snooze(db: &Connection, now: Timestamp) -> Result<Option<Snooze>, StoreError> {
    Ok(hall::load(db)?.snooze(now))
}

impl Store {
    /// Until when an alert about deafness waits, if it does: for the end of a snooze or of quiet hours.
    ///
    /// # Errors
    /// What the database said.
    pub async fn holds_deafness(&self, needs_person: bool, now: Timestamp) -> Result<Option<Timestamp>, StoreError> {
        let rules = self.rules.read();
        self.on_writer(move |writer| {
            Ok(hall::load(writer.connection()?)?.holds_deafness(needs_person, &rules.policy, now))
        })
        .await
    }

    /// Every queue was empty twice: what came late has all come, and a digest takes no more.
    ///
    /// # Errors
    /// What the database said.
    pub async fn caught_up(&self, now: Timestamp) -> Result<(), StoreError> {
        self.on_writer(move |writer| {
            let open = hall::load(writer.connection()?)?.takes_late();
            if !open {
                return Ok(());
            }
            writer.transact(|db, rules| step(db, HallInput::CaughtUp, rules, now).map(drop))
        })
        .await
    }
}
