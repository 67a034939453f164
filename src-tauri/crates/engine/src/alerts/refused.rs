//! Why no alert can be shown, in words: no bus, no server, one that refuses, is being replaced, or is silent.

use super::bubble::ANSWER_WITHIN;
use crate::error::{Code, Problem};

/// No session bus to speak on.
pub(super) fn no_bus(error: &zbus::Error) -> Problem {
    Problem::new(
        Code::No,
        format!("no alert can be shown: there is no session bus ({error})"),
        "start Watchbell inside the desktop session, where DBUS_SESSION_BUS_ADDRESS is set",
    )
}

/// Nobody owns the name, and nobody would be started for it.
pub(super) fn no_server() -> Problem {
    Problem::new(
        Code::No,
        "no alert can be shown: no notification server runs",
        "install or start one (dunst, mako, or your desktop's own); waiting alerts are shown when it comes",
    )
}

/// notify-rust keeps the kind of its errors to itself; the names of D-Bus errors in their text are the specification's.
pub(super) fn refused(error: &dyn std::error::Error) -> Problem {
    let told = error.to_string();
    if ["org.freedesktop.DBus.Error.ServiceUnknown", "org.freedesktop.DBus.Error.NameHasNoOwner"]
        .iter()
        .any(|name| told.contains(name))
    {
        return no_server();
    }
    Problem::new(
        Code::No,
        format!("the notification server refused an alert: {told}"),
        "restart the desktop's notification server; waiting alerts are shown when it answers",
    )
}

/// The next signal of the bus settles it.
pub(super) fn changing() -> Problem {
    Problem::new(
        Code::No,
        "no alert can be shown: the notification server is being replaced",
        "nothing to do; waiting alerts are shown when the new one is there",
    )
}

pub(super) fn silent() -> Problem {
    Problem::new(
        Code::No,
        format!("the notification server did not answer within {} s", ANSWER_WITHIN.as_secs()),
        "restart the desktop's notification server; waiting alerts are shown when it answers",
    )
}
