//! Receiving with everything around it broken in turn: the real program, a stand-in for AWS, and a proxy that breaks calls.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "a broken stand-in is this test's finding"
)]

mod ending;
mod several;
mod sleep;
mod stage;
mod trouble;
