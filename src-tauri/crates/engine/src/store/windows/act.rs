//! The person types a window in, or takes it off.
//!
//! **Invariant:** what was over before stays as it was told; a run that is open and those to come follow the new words.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rusqlite::Connection;
use watchbell_core::schedule::TypedWindow;

use super::plan::Plan;
use super::settle;
use crate::store::error::StoreError;
use crate::store::table::{typed_window, window_run};

/// How far back a window that is typed in looks for commands of its own.
const BACK: SignedDuration = SignedDuration::from_hours(24 * 31);

/// Stores a window, in place of one of the same name.
pub(in crate::store) fn put(db: &Connection, window: &TypedWindow, now: Timestamp) -> Result<u32, StoreError> {
    let mut window = window.clone();
    window.name = window.name.trim().to_owned();
    window.compile(|name| TimeZone::get(name).ok()).map_err(|error| StoreError::Window(Box::new(error)))?;
    typed_window::put(db, &window, now)?;
    follow(db, &window.name, now)?;
    Ok(1)
}

/// Takes a window off; says of how many that was true.
pub(in crate::store) fn remove(db: &Connection, name: &str, now: Timestamp) -> Result<u32, StoreError> {
    if !typed_window::remove(db, name)? {
        return Err(StoreError::NoSuchWindow(name.to_owned()));
    }
    follow(db, name, now)?;
    Ok(1)
}

fn follow(db: &Connection, name: &str, now: Timestamp) -> Result<(), StoreError> {
    window_run::forget_open(db, name, now)?;
    let from = now.checked_sub(BACK).unwrap_or(Timestamp::MIN);
    settle::between(db, &Plan::load(db)?, from, now.checked_add(settle_ahead()).unwrap_or(now))?;
    window_run::silence_past(db, now)
}

/// Clocks of AWS and of this machine differ; a command may be dated a little ahead.
fn settle_ahead() -> SignedDuration {
    SignedDuration::from_hours(1)
}
