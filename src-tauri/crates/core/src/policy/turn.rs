//! One step in progress: the group under change, and what will be handed back.
//!
//! **Invariant:** every order goes through [`Turn::order_what_is_due`] or [`Turn::take_down`], so that spacing, the one alert a
//! group and the hall's door hold by construction.

use super::Step;
use super::collective::{Kind, Named, Share};
use super::group::{Call, Comes, Due, GroupState, Hush, Phase};
use super::hall::{Caller, Door, Hall};
use super::order::{AlertOrder, AlertText, Decision, Outcome};
use super::settings::{AlertMode, Settings};
use jiff::Timestamp;

pub(super) struct Turn<'a> {
    pub(super) hall: Hall,
    pub(super) group: GroupState,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
    pub(super) ended: Option<AlertText>,
    decisions: Vec<Decision>,
    alert: Option<AlertOrder>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(hall: Hall, group: GroupState, settings: &'a Settings, now: Timestamp) -> Self {
        Self { hall, group, settings, now, ended: None, decisions: Vec::new(), alert: None }
    }

    pub(super) fn decide(&mut self, outcome: Outcome, reason: impl Into<String>) {
        self.decisions.push(Decision { at: self.now, outcome, reason: reason.into() });
    }

    /// Leaves the failure to tray and history, and stores why, once.
    pub(super) fn hush(&mut self, why: Hush) {
        self.group.due = None;
        if self.group.hush.as_ref() != Some(&why) {
            let (outcome, reason) = why.decision();
            let reason = reason.to_owned();
            self.group.hush = Some(why);
            self.decide(outcome, reason);
        }
    }

    /// Lets a text wait for its turn; a text that waits already is replaced, its news kept.
    pub(super) fn make_due(&mut self, mut due: Due) {
        if let Some(waiting) = self.group.due.take() {
            due.news |= waiting.news;
            due.call.late &= waiting.call.late || !waiting.news;
            // The first reason a text became due is the one worth keeping, and a correction must not be lost under later counts.
            if waiting.outcome != Outcome::Updated {
                due.outcome = waiting.outcome;
                due.reason = waiting.reason;
            }
        }
        self.group.due = Some(due);
    }

    /// Replaces the text that waits, if one does; how it came to wait stays.
    pub(super) fn refresh_due(&mut self, text: AlertText) {
        if let Some(due) = &mut self.group.due {
            let sound = due.text.sound;
            due.text = AlertText { sound, ..text };
        }
    }

    /// Takes the alert off the screen, or the command out of the alert for many, or forgets that one was wanted. True if there was
    /// any of them.
    pub(super) fn take_down(&mut self) -> bool {
        let waited = self.group.due.take().is_some();
        let on_screen = self.group.is_on_screen();
        if on_screen {
            self.alert = Some(AlertOrder::Close);
            self.group.ordered_at = Some(self.now);
        }
        let left = self.leave_collective();
        self.group.phase = Phase::Quiet;
        self.group.ordered = None;
        self.group.retried = false;
        self.group.hush = None;
        waited || on_screen || left
    }

    /// Takes the command out of the alert for many that it is in. True if it was in one.
    pub(super) fn leave_collective(&mut self) -> bool {
        let Phase::In { kind, serial, share } = self.group.phase else { return false };
        self.group.phase = Phase::Quiet;
        if let Some(collective) = self.hall.of_member(kind, serial) {
            collective.leave(&self.group.command_id, share);
        }
        true
    }

    /// The command as a member of an alert for many.
    pub(super) fn as_member(&self) -> Named {
        let group = &self.group;
        Named { command_id: group.command_id.clone(), name: group.name.clone(), nodes: group.heard.failing }
    }

    /// Gives out the text that waits, if its time has come.
    pub(super) fn order_what_is_due(&mut self) {
        if self.alert.is_some() || self.next_order_at() > self.now {
            return;
        }
        if self.group.due.is_some() && self.settings.alerts == AlertMode::None {
            self.hush(Hush::AlertsOff);
        }
        let Some(Due { text, outcome, reason, news: _, call }) = self.group.due.take() else { return };
        if self.group.is_on_screen() {
            self.decide(outcome, reason);
            self.ordered(&text);
            self.alert = Some(AlertOrder::Update(AlertText { sound: false, ..text }));
            return;
        }
        match self.at_the_door(&call) {
            Door::Ring => {
                let reason = call.breaks.map_or(reason.clone(), |why| format!("{reason} {why}"));
                self.decide(outcome, reason);
                self.ordered(&text);
                self.group.phase = Phase::Ordered;
                self.group.rang = true;
                let sound = text.sound && self.settings.sound;
                self.alert = Some(AlertOrder::Show(AlertText { sound, ..text }));
            }
            Door::Join(kind, outcome, why) => {
                self.decide(outcome, why);
                self.group.hush = None;
                self.join(kind, &call);
            }
        }
    }

    fn at_the_door(&mut self, call: &Call) -> Door {
        let hush = || self.hall.hush(call.breaks.is_some(), self.settings, self.now);
        match call.comes {
            Comes::New => {}
            Comes::Again { seen } => {
                let why = if seen { None } else { hush() };
                return why.map_or(Door::Ring, |why| Door::Join(Kind::Held, Outcome::Snoozed, why));
            }
            Comes::ByCount { seen: true } => {
                let why = "The notification server was replaced, so its alerts are shown again once, by count.";
                return Door::Join(Kind::Overflow, Outcome::Overflow, why.into());
            }
            Comes::ByCount { seen: false } => {
                if let Some(why) = hush() {
                    return Door::Join(Kind::Held, Outcome::Snoozed, why);
                }
                let why = "No notification server had shown it, nor the others that waited, so they are told by count.";
                return Door::Join(Kind::Overflow, Outcome::Overflow, why.into());
            }
        }
        let caller = Caller { late: call.late, breaks_quiet: call.breaks.is_some() };
        self.hall.door(caller, self.settings, self.now)
    }

    fn join(&mut self, kind: Kind, call: &Call) {
        let member = self.as_member();
        let share = Share { nodes: member.nodes };
        let failed_at = call.failed_at.unwrap_or(self.now);
        let serial = self.hall.admit(kind, member, failed_at, self.settings, self.now);
        if let (Comes::ByCount { seen }, Kind::Overflow) = (call.comes, kind)
            && let Some(collective) = self.hall.of_member(kind, serial)
        {
            collective.stand_alone(seen);
        }
        self.group.phase = Phase::In { kind, serial, share };
    }

    fn ordered(&mut self, text: &AlertText) {
        self.group.ordered_at = Some(self.now);
        self.group.hush = None;
        self.group.ordered = Some(text.clone());
    }

    /// The earliest time for the next order.
    fn next_order_at(&self) -> Timestamp {
        super::spaced(self.group.ordered_at, self.settings.update_every, self.now)
    }

    pub(super) fn finish(self) -> Step {
        let due = self.group.due.is_some().then(|| self.next_order_at());
        let watch = super::watch::gives_up_at(&self.group, self.settings);
        let next_wake = due.into_iter().chain(watch).min();
        Step {
            hall: self.hall,
            group: self.group,
            decisions: self.decisions,
            alert: self.alert,
            ended: self.ended,
            next_wake,
        }
    }
}
