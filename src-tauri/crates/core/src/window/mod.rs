//! Runs of maintenance windows: what messages say of them, how that joins, and which command belongs to which.
//!
//! A *run* is one opening of a window: an execution that SSM told of (by EventBridge or its API), or the time for which a
//! typed window says that it is open. [`crate::schedule`] knows when a typed window opens; this room knows what happened.
//!
//! **Invariants:**
//! - The state of an execution is the join of all that was said of it, in any order and with any duplicates (invariant 2).
//! - Which run a command belongs to is a function of the runs and of the command's time, never of the order of arrival.
//!
//! Never here: when to ring for a failing command, a clock, the store.

mod current;
mod cutoff;
mod event;
mod join;
mod report;
mod status;
mod tie;

pub use current::{Current, Progress, line};
pub use cutoff::was_cut_off;
pub use event::{Subject, WindowEvent};
pub use join::{ExecutionState, RunLevel, Said};
pub use report::{Report, Worst};
pub use status::RunStatus;
pub use tie::{ABSORBS, LEAD, LONGEST, Span, choose, is_run_of};
