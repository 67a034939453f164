//! `watchbellctl` towards AWS, as a person and a script meet it: whose rights, which refusals, what is left when it fails.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod center;
mod credentials;
mod denied;
mod interrupted;
mod leaving;
mod leftovers;
mod mfa;
mod ownership;
mod search;
mod secrets;
mod surface;
mod tools;
mod world;
