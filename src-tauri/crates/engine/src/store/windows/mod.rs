//! Maintenance windows in the history: which runs there are, which commands belong to them, and what is told at their end.
//!
//! **Invariants:**
//! - Names, ends and ties are settled in the transaction that made them change, over the time that is affected and no more.
//! - With the same typed windows and the same answers of SSM, any order of messages ends in the same runs and ties.
//! - Each run is reported once, also across restarts; the decision is stored before anything is shown.
//!
//! Never here: AWS calls, the screen.

mod act;
mod announced;
mod hear;
mod known;
mod plan;
mod read;
mod report;
mod reread;
mod settle;
mod tally;
mod tell;

pub(super) use act::{put as put_typed, remove as remove_typed};
pub(super) use hear::Batch;
pub use known::WindowsKnown;
pub(crate) use known::may_have_run;
pub(super) use known::read as known;
pub(super) use read::{current, describe, list, next_change};
pub use report::{ReportsDue, WindowAlert};
pub(super) use reread::reread;
pub use tell::{ToldExecution, WindowReading};
