//! The pure domain of Watchbell: what a message says, how states join, when to ring, and in which words.
//!
//! **Invariant:** no tokio, no I/O, no AWS SDK, no Tauri, no clock and no randomness. Time and chance are arguments.

pub mod arn;
pub mod backoff;
pub mod certificate;
pub mod command;
pub mod digest;
pub mod event;
pub mod glob;
pub mod health;
pub mod iam;
pub mod join;
pub mod listening;
pub mod local;
pub mod parse;
pub mod plan;
pub mod policy;
pub mod quiet;
pub mod replay;
pub mod role;
pub mod rules;
pub mod schedule;
pub mod search;
pub mod simulate;
pub mod status;
pub mod tray;
pub mod window;
pub mod words;
