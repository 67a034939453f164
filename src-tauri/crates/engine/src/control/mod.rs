//! The engine's local socket: how another process of the same person asks it to change something or to tell its health.
//!
//! **Invariant:** the engine that holds the lock is the only writer. The socket is 0600, the peer's user is checked, and a line
//! is bounded. Never here: AWS, or anything that a stranger's bytes could make it do beyond the closed set of requests.

mod client;
mod server;

use serde::{Deserialize, Serialize};

pub use client::{open, perform, signed_in, status, test_alert};
pub(crate) use server::{listen, serve};

use crate::error::Problem;
use crate::store::{Act, ActReport};
use crate::view::StatusReport;

/// The longest request or answer, in bytes: a simulated run of some thousand nodes fits.
const LONGEST_LINE: u64 = 16 << 20;

/// One line from a client.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "snake_case")]
pub enum Request {
    /// How well the engine hears.
    Status,
    /// Change something.
    Act {
        /// What.
        act: Act,
    },
    /// Show a test alert.
    TestAlert,
    /// Somebody signed in: what waits for that goes on at once.
    SignedIn,
    /// Bring the window up, on a command if one is named.
    Open {
        /// The command to show.
        command_id: Option<String>,
    },
}

/// The engine's one line in return.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "reply", rename_all = "snake_case")]
pub enum Reply {
    /// To [`Request::Status`].
    Status {
        /// The report.
        status: Box<StatusReport>,
    },
    /// To [`Request::Act`], after the commit.
    Acted {
        /// What changed.
        report: ActReport,
    },
    /// To [`Request::TestAlert`], after it was shown.
    Alerted,
    /// To [`Request::SignedIn`].
    GoesOn,
    /// To [`Request::Open`].
    Opened,
    /// It could not be done.
    Refused {
        /// Why, and what to do.
        problem: Problem,
    },
}
