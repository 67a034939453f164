//! The settings that the policy obeys. They are arguments of a step, never read from anywhere here.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;

use crate::quiet::QuietHours;
use crate::rules::RuleBook;

/// Which commands may ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AlertMode {
    /// Every command that fails.
    All,
    /// None: failures change tray and history only.
    None,
}

/// What a person can set about alerts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Settings {
    /// Which commands may ring.
    pub alerts: AlertMode,
    /// Whether a new alert may make a sound.
    pub sound: bool,
    /// The least time between two orders for the alert of one group.
    pub update_every: SignedDuration,
    /// How long a dismissal keeps a group quiet: only a node that fails at least so much later brings its alert back.
    pub dismissed_for: SignedDuration,
    /// The most new alerts of single commands within [`Settings::budget_span`]; what exceeds it joins the overflow alert.
    pub budget: usize,
    /// The time over which new alerts are counted.
    pub budget_span: SignedDuration,
    /// After so long without a failure the overflow alert is over.
    pub overflow_rests: SignedDuration,
    /// A failure received so long after it happened is late, and told in a digest.
    pub late_after: SignedDuration,
    /// How far AWS's clock is ahead of ours; negative when ours is ahead.
    pub skew: SignedDuration,
    /// A watched command that says nothing for so long cannot be told of any more.
    pub watch_silence: SignedDuration,
    /// Which failures ring, stay quiet or are muted.
    pub rules: Arc<RuleBook>,
    /// When alerts wait.
    pub quiet: QuietHours,
    /// The person's time zone, for quiet hours and for the times in sentences.
    pub zone: TimeZone,
}

impl Default for Settings {
    /// Everything rings, with sound; 2 s between updates; 10 min after a dismissal; 5 new alerts in 10 s; late after 10 min;
    /// a watch gives up after a day; no rules, no quiet hours, UTC.
    fn default() -> Self {
        Self {
            alerts: AlertMode::All,
            sound: true,
            update_every: SignedDuration::from_secs(2),
            dismissed_for: SignedDuration::from_mins(10),
            budget: 5,
            budget_span: SignedDuration::from_secs(10),
            overflow_rests: SignedDuration::from_mins(10),
            late_after: SignedDuration::from_mins(10),
            skew: SignedDuration::ZERO,
            watch_silence: SignedDuration::from_hours(24),
            rules: Arc::default(),
            quiet: QuietHours::default(),
            zone: TimeZone::UTC,
        }
    }
}
