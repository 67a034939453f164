//! `watchbellctl doctor` and what belongs to it: each fault is named with its fix, and nothing secret is in what it says.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod confirmation;
mod desk;
mod faults;
mod healthy;
mod iam_check;
mod intercepted;
mod keys;
mod lease;
mod leftover;
mod message;
mod network;
mod rights;
mod secrets;
mod silent;
#[path = "../terminal/world.rs"]
#[allow(dead_code, reason = "shared with the terminal's tests")]
mod world;
