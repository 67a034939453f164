//! What all groups share: the budget of new alerts, the alerts for many commands, and the snooze.
//!
//! **Invariants:**
//! - At most `budget` new alerts of single commands ring within `budget_span`; what exceeds that is in the overflow alert.
//! - A snooze always has an end. What it (or quiet hours) holds back comes as one digest when it ends.
//! - Small: its size does not grow with the commands in its alerts.
//!
//! Never here: a single command's state. A group asks at its door ([`Hall::door`]) and keeps the answer.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::collective::{Collective, Kind, Named, Stage};
use super::order::{AlertOrder, Outcome};
use super::settings::Settings;
use super::{Fate, OUT_OF_ORDER};
use crate::{quiet, words};

/// Shared by all groups, stored as one row of JSON.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Hall {
    /// When the last new alerts rang, oldest first; never more than the budget.
    rung: Vec<Timestamp>,
    overflow: Option<Collective>,
    digest: Option<Collective>,
    held: Option<Collective>,
    snooze: Option<Snooze>,
    /// Counts the collective alerts ever opened.
    serial: u64,
}

/// A snooze: no new alert until it ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snooze {
    /// When the person asked for it.
    pub since: Timestamp,
    /// When it ends.
    pub until: Timestamp,
    /// Whether that is the end of the maintenance window that was open then.
    pub window: bool,
}

impl Snooze {
    /// A clock that was set back does not make it longer: what the person asked for is counted from now. A window's end is a time of
    /// the clock, whatever that says.
    fn counted_from(self, now: Timestamp) -> Self {
        if self.window || self.since.duration_since(now) <= OUT_OF_ORDER {
            return self;
        }
        let span = self.until.duration_since(self.since);
        Self { since: now, until: now.checked_add(span).unwrap_or(self.until), ..self }
    }
}

/// What happens to the hall.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HallInput {
    /// A transaction ends, or the time of `next_wake` came.
    Tick,
    /// The queues were empty twice: what was late has all come.
    CaughtUp,
    /// The person wants quiet until then.
    Snooze {
        /// The end, in the future.
        until: Timestamp,
        /// Whether it is that of the current maintenance window.
        window: bool,
    },
    /// The person wants to hear again.
    Unsnooze,
    /// Something became of an alert for many.
    Fate(Kind, Fate),
}

/// What a step of the hall hands back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HallStep {
    /// From now on.
    pub hall: Hall,
    /// What should happen to the alerts for many commands.
    pub orders: Vec<(Kind, AlertOrder)>,
    /// When to come back with a [`HallInput::Tick`], if at all.
    pub next_wake: Option<Timestamp>,
}

/// Takes one step. The same arguments always give the same step.
pub fn step_hall(mut hall: Hall, input: HallInput, settings: &Settings, now: Timestamp) -> HallStep {
    match input {
        HallInput::Tick => {}
        HallInput::CaughtUp => {
            if let Some(digest) = &mut hall.digest {
                digest.stage = Stage::Closed;
            }
        }
        HallInput::Snooze { until, window } => {
            hall.snooze = Some(Snooze { since: now, until, window }).filter(|snooze| snooze.until > now);
        }
        HallInput::Unsnooze => hall.snooze = None,
        HallInput::Fate(kind, fate) => {
            if let Some(collective) = hall.slot(kind) {
                collective.met(fate, now);
            }
        }
    }
    hall.settle(settings, now);
    let snoozed = hall.snooze(now).is_some();
    let orders = Kind::ALL
        .into_iter()
        .filter_map(|kind| Some((kind, hall.slot(kind).as_mut()?.order(kind, snoozed, settings, now)?)))
        .collect();
    let next_wake = hall.next_wake(settings, now);
    HallStep { hall, orders, next_wake }
}

/// How a command that would ring is answered at the door.
#[derive(Debug)]
pub(super) enum Door {
    /// It may ring by itself.
    Ring,
    /// It becomes a member of this alert.
    Join(Kind, Outcome, String),
}

/// What the door wants to know of a failure.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller {
    /// It was received long after it happened.
    pub(super) late: bool,
    /// It rings in quiet hours.
    pub(super) breaks_quiet: bool,
}

impl Hall {
    /// The snooze, if one is on.
    pub fn snooze(&self, now: Timestamp) -> Option<Snooze> {
        self.snooze.filter(|snooze| now < snooze.until)
    }

    /// Whether a digest is open: more of what is late would join it.
    pub fn takes_late(&self) -> bool {
        self.digest.as_ref().is_some_and(|digest| digest.stage == Stage::Open)
    }

    /// One of the alerts for many commands, as it stands.
    pub fn collective(&self, kind: Kind) -> Option<&Collective> {
        match kind {
            Kind::Overflow => self.overflow.as_ref(),
            Kind::Digest => self.digest.as_ref(),
            Kind::Held => self.held.as_ref(),
        }
    }

    pub(super) fn slot(&mut self, kind: Kind) -> &mut Option<Collective> {
        match kind {
            Kind::Overflow => &mut self.overflow,
            Kind::Digest => &mut self.digest,
            Kind::Held => &mut self.held,
        }
    }

    /// Asks for a new alert of a single command.
    pub(super) fn door(&mut self, caller: Caller, settings: &Settings, now: Timestamp) -> Door {
        if let Some(why) = self.hush(caller.breaks_quiet, settings, now) {
            return Door::Join(Kind::Held, Outcome::Snoozed, why);
        }
        if caller.late {
            let why = format!(
                "It was received more than {} min after it happened, so it is told in one digest.",
                settings.late_after.as_mins()
            );
            return Door::Join(Kind::Digest, Outcome::Digest, why);
        }
        // A batch is judged as of when it was received, so what rang meanwhile may lie ahead of it.
        let fresh = |at: &Timestamp| now.duration_since(*at).abs() < settings.budget_span;
        self.rung.retain(fresh);
        if self.rung.len() >= settings.budget {
            let why = format!(
                "{} other alerts rang within {} s, so it joined the alert for the rest.",
                self.rung.len(),
                settings.budget_span.as_secs()
            );
            return Door::Join(Kind::Overflow, Outcome::Overflow, why);
        }
        self.rung.push(now);
        Door::Ring
    }

    /// Whether new alerts wait now, and until when as far as that is known: a snooze that ends within quiet hours ends first.
    pub fn waits(&self, settings: &Settings, now: Timestamp) -> Option<Option<Timestamp>> {
        if let Some(snooze) = self.snooze(now) {
            return Some(Some(snooze.until));
        }
        settings.quiet.at(&now.to_zoned(settings.zone.clone())).map(|quiet| quiet.ends)
    }

    /// Whether nothing rings now.
    pub(super) fn is_hushed(&self, breaks_quiet: bool, settings: &Settings, now: Timestamp) -> bool {
        self.hush(breaks_quiet, settings, now).is_some()
    }

    /// What was ordered then came to the screen only now: it counts as new now, and as one.
    pub(super) fn came_late(&mut self, ordered_at: Timestamp, now: Timestamp) {
        if !self.rung.is_empty() {
            // Its words may have changed while it waited, and with them the time of its order; the oldest stands for it then.
            let its = self.rung.iter().position(|at| *at == ordered_at).unwrap_or_default();
            self.rung.remove(its);
        }
        self.rung.push(now);
    }

    /// Why nothing rings now, if so.
    pub(super) fn hush(&self, breaks_quiet: bool, settings: &Settings, now: Timestamp) -> Option<String> {
        let clock = |at: Timestamp| words::clock(at, now, &settings.zone);
        if let Some(snooze) = self.snooze(now) {
            let end = if snooze.window { "the maintenance window ends at " } else { "" };
            return Some(format!("Snoozed until {end}{}.", clock(snooze.until)));
        }
        let quiet = settings.quiet.at(&now.to_zoned(settings.zone.clone())).filter(|_| !breaks_quiet)?;
        let until = quiet.ends.map(|at| format!(" until {}", clock(at))).unwrap_or_default();
        Some(format!("Quiet hours{until}."))
    }

    /// Until when an alert about deafness waits, if it does: a snooze holds back only what may heal by itself, quiet hours whatever
    /// the person does not let through.
    pub fn holds_deafness(&self, needs_person: bool, settings: &Settings, now: Timestamp) -> Option<Timestamp> {
        let snooze = self.snooze(now).filter(|_| !needs_person).map(|snooze| snooze.until);
        let breaks = settings.quiet.breaks_through(&quiet::Subject::Blind { needs_person });
        let hours = settings.quiet.at(&now.to_zoned(settings.zone.clone())).filter(|_| breaks.is_none());
        let hours = hours.map(|until| until.ends.unwrap_or(Timestamp::MAX));
        snooze.into_iter().chain(hours).max()
    }

    /// Makes a command a member; gives the serial of the alert it is in now.
    pub(super) fn admit(
        &mut self,
        kind: Kind,
        member: Named,
        failed_at: Timestamp,
        settings: &Settings,
        now: Timestamp,
    ) -> u64 {
        let stage = if kind == Kind::Held { Stage::Holding } else { Stage::Open };
        if let Some(held) = self.slot(kind).as_mut().filter(|held| held.stage == Stage::Closed && held.is_untold()) {
            held.reopen(stage);
        }
        let fits = |held: &Collective| held.stage != Stage::Closed && !held.was_closed(settings.dismissed_for, now);
        if self.slot(kind).as_ref().is_none_or(|held| !fits(held)) {
            self.serial += 1;
            *self.slot(kind) = Some(Collective::new(self.serial, stage, failed_at, now));
        }
        let serial = self.serial;
        self.slot(kind).as_mut().map_or(serial, |collective| {
            collective.join(member, failed_at, now);
            collective.serial
        })
    }

    /// The alert that a member is in, if it is still that one.
    pub(super) fn of_member(&mut self, kind: Kind, serial: u64) -> Option<&mut Collective> {
        self.slot(kind).as_mut().filter(|collective| collective.serial == serial)
    }

    /// Ends what is over.
    fn settle(&mut self, settings: &Settings, now: Timestamp) {
        self.snooze = self.snooze(now).map(|snooze| snooze.counted_from(now));
        // After this long without a failure the storm is over, and the next failure of a member rings by itself.
        if self.overflow.as_ref().is_some_and(|overflow| over(overflow, settings, now)) {
            self.overflow = None;
        }
        let hushed = self.is_hushed(false, settings, now);
        if let Some(held) = self.held.as_mut().filter(|held| held.stage == Stage::Holding && !hushed) {
            held.tell();
        }
    }

    fn next_wake(&self, settings: &Settings, now: Timestamp) -> Option<Timestamp> {
        let snoozed = self.snooze(now).is_some();
        let orders = Kind::ALL.into_iter().filter_map(|kind| self.collective(kind)?.next_wake(snoozed, settings, now));
        let told = self.overflow.as_ref().filter(|held| !held.is_untold());
        let over = told.and_then(|held| held.news_at.checked_add(settings.overflow_rests).ok());
        let snooze = self.snooze.map(|snooze| snooze.until);
        let quiet = || settings.quiet.at(&now.to_zoned(settings.zone.clone()))?.ends;
        let hushed = self.held.as_ref().filter(|held| held.stage == Stage::Holding).and_then(|_| snooze.or_else(quiet));
        orders.chain(over).chain(snooze).chain(hushed).min()
    }
}

fn over(overflow: &Collective, settings: &Settings, now: Timestamp) -> bool {
    if overflow.is_untold() {
        return false;
    }
    // A clock that was set back does not make it eternal.
    overflow.news_at > now && overflow.news_at.duration_since(now) > settings.overflow_rests
        || now.duration_since(overflow.news_at) >= settings.overflow_rests
}
