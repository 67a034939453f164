//! The settings that the policy obeys. They are arguments of a step, never read from anywhere here.

use jiff::SignedDuration;

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
}

impl Default for Settings {
    /// Everything rings, with sound; 2 s between updates; 10 min after a dismissal.
    fn default() -> Self {
        Self {
            alerts: AlertMode::All,
            sound: true,
            update_every: SignedDuration::from_secs(2),
            dismissed_for: SignedDuration::from_mins(10),
        }
    }
}
