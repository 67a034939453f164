//! The typed windows, compiled, and the runs that follow from them.
//!
//! **Invariant:** the key of a typed run depends on the window's name and the run's start alone.

use jiff::Timestamp;
use jiff::tz::TimeZone;
use rusqlite::Connection;
use watchbell_core::schedule::{Run, TypedWindow, Window};

use crate::store::error::StoreError;
use crate::store::table::typed_window;

/// The most runs of one window that are looked at in one question: five days of one every 15 minutes.
const MOST: usize = 500;

/// What the person typed in.
pub(super) struct Plan(Vec<Window>);

/// One run of a typed window.
pub(super) struct TypedRun {
    pub(super) name: String,
    pub(super) run: Run,
}

impl TypedRun {
    pub(super) fn key(&self) -> String {
        key(&self.name, self.run.start)
    }
}

pub(super) fn key(name: &str, start: Timestamp) -> String {
    format!("typed/{name}/{start}")
}

impl Plan {
    pub(super) fn load(db: &Connection) -> Result<Self, StoreError> {
        Ok(Self(typed_window::all(db)?.iter().filter_map(compiled).collect()))
    }

    /// The runs that take some of this time.
    pub(super) fn overlapping(&self, from: Timestamp, to: Timestamp) -> Vec<TypedRun> {
        let of = |window: &Window| {
            runs(window, from, to).into_iter().map(|run| TypedRun { name: window.name().to_owned(), run }).collect()
        };
        self.0.iter().flat_map(|window| -> Vec<TypedRun> { of(window) }).collect()
    }

    /// When the next run begins.
    pub(super) fn next_start(&self, after: Timestamp) -> Option<Timestamp> {
        self.0.iter().filter_map(|window| window.next_run(after)).map(|run| run.start).min()
    }
}

/// The runs of a window that take some of this time.
pub(super) fn runs(window: &Window, from: Timestamp, to: Timestamp) -> Vec<Run> {
    // One that began before may still be open; of several the schedule knows the last, and earlier ones overlap with it.
    let before = window.last_run(from).filter(|run| run.end >= from);
    let after = window.runs_after(from).take_while(|run| run.start <= to).take(MOST);
    before.into_iter().chain(after).collect()
}

/// Compiles a window; one that the machine does not understand (no more: its zone is gone) is passed over.
pub(super) fn compiled(window: &TypedWindow) -> Option<Window> {
    let compiled = window.compile(|name| TimeZone::get(name).ok());
    compiled.inspect_err(|error| tracing::debug!(name = window.name, %error, "a window is passed over")).ok()
}
