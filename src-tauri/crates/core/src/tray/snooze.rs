//! The snoozes that the tray offers.
//!
//! **Invariant:** a check stands at the one that was chosen, also when it was chosen elsewhere; nothing in it ages.

use jiff::SignedDuration;

use super::TrayInput;
use crate::policy::Snooze;

/// One way to snooze.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SnoozeChoice {
    /// 30 minutes.
    HalfHour,
    /// 1 hour.
    Hour,
    /// 4 hours.
    FourHours,
    /// Until the maintenance window that is open ends.
    WindowEnd,
}

/// A line of the snooze menu.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SnoozeLine {
    /// What it chooses.
    pub choice: SnoozeChoice,
    /// It is on.
    pub checked: bool,
}

impl SnoozeChoice {
    /// Every choice, in the order of the menu.
    pub const ALL: [Self; 4] = [Self::HalfHour, Self::Hour, Self::FourHours, Self::WindowEnd];

    /// How long; `None` for the end of a window.
    pub fn span(self) -> Option<SignedDuration> {
        match self {
            Self::HalfHour => Some(SignedDuration::from_mins(30)),
            Self::Hour => Some(SignedDuration::from_hours(1)),
            Self::FourHours => Some(SignedDuration::from_hours(4)),
            Self::WindowEnd => None,
        }
    }

    /// The words of its line.
    pub fn label(self) -> &'static str {
        match self {
            Self::HalfHour => "30 minutes",
            Self::Hour => "1 hour",
            Self::FourHours => "4 hours",
            Self::WindowEnd => "Until the window ends",
        }
    }

    /// A word for programs.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::HalfHour => "30m",
            Self::Hour => "1h",
            Self::FourHours => "4h",
            Self::WindowEnd => "window",
        }
    }

    /// The choice that a snooze was made by, if it was one of these.
    pub fn of(snooze: &Snooze) -> Option<Self> {
        if snooze.window {
            return Some(Self::WindowEnd);
        }
        let length = snooze.until.duration_since(snooze.since);
        // From the press to its storing some time passes.
        let near = |span: SignedDuration| (length - span).abs() < SignedDuration::from_mins(1);
        Self::ALL.into_iter().find(|choice| choice.span().is_some_and(near))
    }
}

/// The lines of the menu: the end of a window only while one is open, or while it was chosen.
pub(super) fn lines(input: &TrayInput) -> Vec<SnoozeLine> {
    let chosen = input.snooze_choice.filter(|_| input.snoozed_until.is_some());
    let offered = SnoozeChoice::ALL.into_iter().filter(|choice| {
        *choice != SnoozeChoice::WindowEnd || input.window_ends.is_some() || chosen == Some(SnoozeChoice::WindowEnd)
    });
    offered.map(|choice| SnoozeLine { choice, checked: chosen == Some(choice) }).collect()
}
