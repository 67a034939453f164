//! One step in progress: the group under change, and what will be handed back.
//!
//! **Invariant:** every order goes through [`Turn::order_what_is_due`] or [`Turn::take_down`], so that spacing and
//! the one alert a group hold by construction.

use super::Step;
use super::group::{Due, GroupState, Hush, Phase};
use super::order::{AlertOrder, AlertText, Decision, Outcome};
use super::settings::{AlertMode, Settings};
use jiff::Timestamp;

pub(super) struct Turn<'a> {
    pub(super) group: GroupState,
    pub(super) settings: &'a Settings,
    pub(super) now: Timestamp,
    decisions: Vec<Decision>,
    alert: Option<AlertOrder>,
}

impl<'a> Turn<'a> {
    pub(super) fn new(group: GroupState, settings: &'a Settings, now: Timestamp) -> Self {
        Self { group, settings, now, decisions: Vec::new(), alert: None }
    }

    pub(super) fn decide(&mut self, outcome: Outcome, reason: impl Into<String>) {
        self.decisions.push(Decision { at: self.now, outcome, reason: reason.into() });
    }

    /// Leaves the failure to tray and history, and stores why, once.
    pub(super) fn hush(&mut self, why: Hush) {
        self.group.due = None;
        if self.group.hush != Some(why) {
            self.group.hush = Some(why);
            let (outcome, reason) = why.decision();
            self.decide(outcome, reason);
        }
    }

    /// Lets a text wait for its turn; a text that waits already is replaced, its news kept.
    pub(super) fn make_due(&mut self, mut due: Due) {
        if let Some(waiting) = self.group.due.take() {
            due.news |= waiting.news;
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

    /// Takes the alert off the screen, or forgets that one was wanted. True if there was either.
    pub(super) fn take_down(&mut self) -> bool {
        let waited = self.group.due.take().is_some();
        let on_screen = self.group.is_on_screen();
        if on_screen {
            self.alert = Some(AlertOrder::Close);
            self.group.ordered_at = Some(self.now);
        }
        self.group.phase = Phase::Quiet;
        self.group.ordered = None;
        self.group.retried = false;
        self.group.hush = None;
        waited || on_screen
    }

    /// Gives out the text that waits, if its time has come.
    pub(super) fn order_what_is_due(&mut self) {
        if self.alert.is_some() || self.next_order_at() > self.now {
            return;
        }
        if self.group.due.is_some() && self.settings.alerts == AlertMode::None {
            self.hush(Hush::AlertsOff);
        }
        let Some(Due { text, outcome, reason, news: _ }) = self.group.due.take() else { return };
        self.decide(outcome, reason);
        self.group.ordered_at = Some(self.now);
        self.group.hush = None;
        self.group.ordered = Some(text.clone());
        if self.group.is_on_screen() {
            self.alert = Some(AlertOrder::Update(AlertText { sound: false, ..text }));
        } else {
            self.group.phase = Phase::Ordered;
            self.group.rang = true;
            let sound = text.sound && self.settings.sound;
            self.alert = Some(AlertOrder::Show(AlertText { sound, ..text }));
        }
    }

    /// The earliest time for the next order.
    fn next_order_at(&self) -> Timestamp {
        match self.group.ordered_at {
            // A clock that was set back must not keep an alert waiting for hours.
            Some(at) if at <= self.now => at.checked_add(self.settings.update_every).unwrap_or(Timestamp::MAX),
            _ => self.now,
        }
    }

    pub(super) fn finish(self) -> Step {
        let next_wake = self.group.due.is_some().then(|| self.next_order_at());
        Step { group: self.group, decisions: self.decisions, alert: self.alert, next_wake }
    }
}
