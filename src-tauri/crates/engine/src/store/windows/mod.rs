//! Maintenance windows in the history: which runs there are, which commands belong to them, and what is told at their end.
//!
//! **Invariants:**
//! - Names, ends and ties are settled in the transaction that made them change, over the time that is affected and no more.
//! - With the same typed windows and the same answers of SSM, any order of messages ends in the same runs and ties.
//! - Each run is reported once, also across restarts; the decision is stored before anything is shown.
//!
//! Never here: AWS calls, the screen.

mod act;
mod hear;
mod plan;
mod read;
mod report;
mod settle;
mod tell;

pub(super) use act::{put as put_typed, remove as remove_typed};
pub(super) use hear::Batch;
pub(super) use read::{current, describe, list, next_change};
pub use report::{ReportsDue, WindowAlert};
pub use tell::{ToldExecution, WindowReading};
