//! The real app on a private desktop: its tray over the bus, its window through WebKit's driver, its alerts at a server that
//! remembers. Every test has a session of its own and ends what it started.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a broken desktop is these tests' finding")]

mod alert;
mod center;
mod closing;
mod cloud;
mod desk;
mod doctoring;
mod hostile;
mod instance;
mod keychain;
mod leaving;
mod limits;
mod maintenance;
mod no_host;
mod onboarding;
mod page;
mod role;
mod rooms;
mod setup_run;
mod silence;
mod topics;
mod tray;
mod trouble;
mod window;
mod without;
