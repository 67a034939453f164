//! The headless app: receive from the personal queue, remember, judge with `watchbell-core`, ring.
//!
//! **Invariant:** no Tauri. The desktop shell and `watchbellctl` run this same engine.

pub mod alerts;
pub mod aws;
pub mod clock;
pub mod control;
pub mod doctor;
pub mod engine;
pub mod error;
pub mod health;
pub mod keychain;
pub mod lock;
pub mod logs;
pub mod machine;
pub mod paths;
pub mod receive;
pub mod schedule;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod store;
pub mod view;
