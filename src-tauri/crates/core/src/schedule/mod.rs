//! Maintenance windows that a person types in: SSM's schedule expressions, and the runs that follow from them.
//!
//! Sources: Systems Manager User Guide, "Reference: Cron and rate expressions" and "Maintenance window scheduling and
//! active period options"; `CreateMaintenanceWindow` in the API's model. Where the guide is silent the answer is that of
//! Quartz's `CronExpression`, whose fields, wildcards and wording the guide repeats.
//!
//! **Invariants:**
//! - Reading is total: no text makes it panic, and a refusal names the bytes it is about and says what SSM takes.
//! - Every list of runs ends: a date that never comes (31 FEB) gives no run, and soon.
//! - Starts grow strictly. A local time has one instant ([`crate::local::first`]): one that the clock skips starts its run
//!   at the end of the gap, one that the clock shows twice starts it the first time only. SSM's guide does not say what
//!   SSM does in those nights. EventBridge Scheduler skips the run in spring; here it is kept, because a window shown for
//!   a night in which SSM may open it costs less than one that is missing.
//!
//! Never here: a clock, the zone database, words about a schedule (the window shows the next runs instead).
//!
//! The reader is our own: croner and jiff-cron take `?` for `*` and so both day fields at once, jiff-cron knows no `L`,
//! `W` or `#`, and neither says where in the text it fails.

mod at;
mod cron;
mod day;
mod field;
mod piece;
mod rate;
mod typed;
mod window;

pub use cron::Cron;
pub use rate::Rate;
pub use typed::{TypedWindow, WindowError, WindowField};
pub use window::{Run, Window};

use jiff::civil::DateTime;
use piece::Piece;
use std::ops::Range;

/// The most bytes that SSM takes (`MaintenanceWindowSchedule` in the API's model).
pub const SCHEDULE_LIMIT: usize = 256;

/// A schedule expression that SSM takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// On days and times of a calendar.
    Cron(Cron),
    /// Every so often.
    Rate(Rate),
    /// Once, at this time in the window's zone.
    At(DateTime),
}

/// A schedule that SSM would refuse.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ScheduleError {
    /// The bytes of the text that are meant; on character boundaries.
    pub range: Range<usize>,
    /// What is wrong and what SSM takes, as a sentence.
    pub message: String,
}

impl Schedule {
    /// Reads a schedule expression. White space around it is let pass, as it comes with what is pasted.
    pub fn parse(text: &str) -> Result<Self, ScheduleError> {
        let whole = Piece::whole(text);
        Self::read(whole).map_err(|mut error| {
            // What is missing has no place of its own.
            if error.range.is_empty() {
                error.range = whole.at..whole.at + whole.text.len();
            }
            error
        })
    }

    fn read(whole: Piece<'_>) -> Result<Self, ScheduleError> {
        if whole.text.len() > SCHEDULE_LIMIT {
            return whole.refuse(format!("This is too long: SSM takes at most {SCHEDULE_LIMIT} characters."));
        }
        let forms = "A schedule is cron(…), rate(…) or at(…), as in cron(0 2 ? * SUN *).";
        let Some((kind, rest)) = whole.split_once('(') else { return whole.refuse(forms) };
        if !matches!(kind.text, "cron" | "rate" | "at") {
            return kind.refuse(forms);
        }
        let Some(inside) = rest.text.strip_suffix(')') else {
            return whole.refuse(format!("{}(…) ends with ), and nothing follows it.", kind.text));
        };
        let inside = rest.part(0, inside);
        match kind.text {
            "cron" => Cron::read(inside).map(Self::Cron),
            "rate" => Rate::read(inside).map(Self::Rate),
            _ => at::read(inside).map(Self::At),
        }
    }
}
