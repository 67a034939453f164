//! What the person's rules would have done to the last days of the real history.

use jiff::{SignedDuration, Timestamp};
use watchbell_core::policy;
use watchbell_core::quiet::QuietHours;
use watchbell_core::replay::{Replay, Report};
use watchbell_core::rules::RuleBook;

use super::error::StoreError;
use super::obey;
use super::reader::Reader;
use super::table::{command_window, raw_event};
use crate::settings::Settings;

/// The most days that are replayed.
pub const REPLAY_DAYS_MAX: u32 = 90;

impl Reader {
    /// Replays what was received in the last `days` (at most [`REPLAY_DAYS_MAX`]) under these rules and quiet hours,
    /// and under what the person's settings say about alerts. AWS's clock is taken to be ours.
    ///
    /// # Errors
    /// What the database said.
    pub fn replay(
        &self,
        (rules, quiet): (RuleBook, QuietHours),
        settings: &Settings,
        days: u32,
        now: Timestamp,
    ) -> Result<Report, StoreError> {
        let mut policy = policy::Settings { rules: std::sync::Arc::new(rules), quiet, ..policy::Settings::default() };
        obey(&mut policy, settings);
        let span = SignedDuration::from_hours(24 * i64::from(days.min(REPLAY_DAYS_MAX)));
        let since = now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
        self.read(|db| {
            let mut replay = Replay::new(policy);
            command_window::each_within(db, |command_id, window| replay.tie(command_id, window))?;
            raw_event::since(db, since, |event, digest, received_at| replay.feed(event, digest, received_at))?;
            Ok(replay.finish())
        })
    }
}
