//! The headless app: receive from the personal queue, remember, judge with `watchbell-core`, ring.
//!
//! **Invariant:** no Tauri. The desktop shell and `watchbellctl` run this same engine.

// pub mod alerts; // joins with the store
pub mod aws;
pub mod clock;
// pub mod control; // joins with the store
// pub mod engine; // joins with the store
pub mod error;
// pub mod health; // joins with the store
pub mod keychain;
pub mod lock;
pub mod logs;
pub mod paths;
// pub mod receive; // joins with the store
pub mod settings;
pub mod store;
pub mod view;
