//! One file per table: its shape, what a row is in Rust, and every statement that touches it.

pub(super) mod alert;
pub(super) mod command;
pub(super) mod command_window;
pub(super) mod decision;
pub(super) mod fts;
pub(super) mod hall;
pub(super) mod heard;
pub(super) mod invocation;
pub(super) mod own_probe;
pub(super) mod quarantine;
pub(super) mod raw_event;
pub(super) mod subscription;
pub(super) mod typed_window;
pub(super) mod window_definition;
pub(super) mod window_event;
pub(super) mod window_run;

/// The first format. Never modified: see [`super::schema`].
pub(super) const FIRST: [&str; 9] = [
    command::FIRST,
    invocation::FIRST,
    raw_event::FIRST,
    fts::FIRST,
    decision::FIRST,
    alert::FIRST,
    quarantine::FIRST,
    own_probe::FIRST,
    subscription::FIRST,
];

/// What the alert policy needs to judge across commands. Never modified.
pub(super) const ACROSS: [&str; 3] = [hall::ADDED, alert::KEYED, command::MUTED];

/// Maintenance windows: their runs, what told of them, and which command belongs to which.
pub(super) const WINDOWS: [&str; 5] = [
    window_run::WINDOWS,
    window_event::WINDOWS,
    typed_window::WINDOWS,
    command_window::WINDOWS,
    window_definition::WINDOWS,
];
