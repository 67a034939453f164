//! The core's laws and the texts it shows, seen from outside. One binary: add a module per room of `src/`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod arn;
mod iam;
mod iam_laws;
mod join;
mod local;
mod parse;
mod parse_total;
mod plan;
mod policy;
mod quiet;
mod rules;
mod schedule;
mod schedule_laws;
mod status;
mod storm;
mod window;
mod words;
mod zones;
