//! Quiet hours: when alerts wait, until when, and what may ring all the same.
//!
//! **Invariants:**
//! - Whenever the person's clock shows a time inside a span, it is quiet: a span begins at the first instant of its time and
//!   ends at the last ([`crate::local`]), so a night in which the clock goes back is not broken in two.
//! - The end that [`QuietHours::at`] gives is one at which it is no longer quiet; spans that touch or overlap are one.
//!
//! Never here: the zone or the time of the system. Both come with `now`.

mod breaks;
mod span;
mod weekdays;

pub use breaks::{Break, BreakThrough, Subject};
pub use span::QuietSpan;
pub use weekdays::Weekdays;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Zoned};
use serde::{Deserialize, Serialize};

/// The most spans that are taken; a week of mornings, noons and nights needs 21.
pub const SPAN_LIMIT: usize = 50;

/// Quiet for so long is quiet for ever. A gap of one time a week can vanish in the week the clock is changed, so two weeks
/// are not enough.
const FOR_EVER: SignedDuration = SignedDuration::from_hours(36 * 24);

/// When to be quiet, and what breaks through. The default is never quiet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct QuietHours {
    /// The times of the week; any of them makes it quiet.
    pub spans: Vec<QuietSpan>,
    /// What rings all the same.
    pub break_through: BreakThrough,
}

/// How long it stays quiet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Until {
    /// The first instant that is not quiet; `None` if there is none, which [`QuietHours::check`] refuses.
    pub ends: Option<Timestamp>,
}

/// Quiet hours that cannot be kept.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct QuietError {
    /// The span that is wrong, counted from 0; `None` if it is about the whole.
    pub span: Option<usize>,
    /// What is wrong and what to do, as a sentence.
    pub message: String,
}

impl QuietHours {
    /// Refuses what makes no sense. [`QuietHours::at`] answers for all that is read, checked or not.
    pub fn check(&self) -> Result<(), QuietError> {
        if self.spans.len() > SPAN_LIMIT {
            return Err(QuietError { span: None, message: format!("Quiet hours have at most {SPAN_LIMIT} spans.") });
        }
        if let Some(place) = self.spans.iter().position(|span| span.days.is_empty()) {
            return Err(QuietError { span: Some(place), message: "Choose at least one weekday for this span.".into() });
        }
        if span::cover_the_week(&self.spans) {
            let message = "These quiet hours never end; leave some time of the week, or turn alerts off instead.";
            return Err(QuietError { span: None, message: message.into() });
        }
        self.break_through.check().map_err(|refused| QuietError { span: None, message: refused.to_string() })
    }

    /// Whether it is quiet at `now` in its zone, and until when.
    pub fn at(&self, now: &Zoned) -> Option<Until> {
        let zone = now.time_zone();
        let mut ends = self.end_of_spans(zone, now.timestamp())?;
        while let Some(later) = self.end_of_spans(zone, ends) {
            if later.duration_since(now.timestamp()) > FOR_EVER {
                return Some(Until { ends: None });
            }
            ends = later;
        }
        Some(Until { ends: Some(ends) })
    }

    /// When it next becomes quiet, or ceases to be, if ever.
    pub fn next_edge(&self, now: &Zoned) -> Option<Timestamp> {
        if let Some(until) = self.at(now) {
            return until.ends;
        }
        self.spans.iter().filter_map(|span| span.next_start(now.time_zone(), now.date(), now.timestamp())).min()
    }

    /// Whether this may ring although it is quiet, and by which rule.
    pub fn breaks_through(&self, subject: &Subject<'_>) -> Option<Break> {
        self.break_through.allows(subject)
    }

    /// The latest end of the spans that hold at `at`.
    fn end_of_spans(&self, zone: &TimeZone, at: Timestamp) -> Option<Timestamp> {
        let today = zone.to_datetime(at).date();
        self.spans.iter().filter_map(|span| span.end_if_holding(zone, today, at)).max()
    }
}
