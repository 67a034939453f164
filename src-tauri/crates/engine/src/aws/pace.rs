//! How long a call to AWS may take: a poller has patience, a person at the screen has not.
//!
//! **Invariant:** whoever waits at the screen hears within 5 s that nobody answers, wherever the silence is: while connecting, in the
//! handshake, or after the request. An AWS that is slow but answers is heard: every call has the whole time to itself, and the source
//! of the credentials its own. Never here: what is done about it.

use std::time::Duration;

use aws_config::retry::RetryConfig;
use aws_config::timeout::TimeoutConfig;

/// Connecting takes at most this long, where a person waits: some handshakes over a satellite or a bad VPN fit in.
const ASKED_CONNECT: Duration = Duration::from_millis(2_500);
/// A call takes at most this long, where a person waits, with its second try.
const ASKED: Duration = Duration::from_secs(4);
/// The longest that a hurried call takes.
const HURRIED: Duration = Duration::from_secs(3);
/// Connecting takes at most this long in the background.
const CONNECT: Duration = Duration::from_secs(5);

/// Who waits for the answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Pace {
    /// Nobody: the time that the call itself asks for.
    #[default]
    Patient,
    /// A person at the screen.
    Asked,
    /// As `Asked`, tried once, for what must not go out twice: a code that AWS takes once, a message that colleagues get.
    Once,
    /// A person who waits for many checks: not tried again either.
    Hurried,
}

impl Pace {
    /// The time-outs of a call whose one attempt takes up to `attempt` when nobody waits.
    pub(crate) fn timeouts(self, attempt: Duration) -> TimeoutConfig {
        let (connect, attempt, all) = match self {
            Self::Patient => (attempt.min(CONNECT), attempt, attempt * 2),
            Self::Asked | Self::Once => (ASKED_CONNECT, ASKED, ASKED),
            Self::Hurried => (HURRIED, HURRIED, HURRIED),
        };
        TimeoutConfig::builder()
            .connect_timeout(connect)
            .operation_attempt_timeout(attempt)
            .operation_timeout(all)
            .build()
    }

    /// How often it is tried; `patient` when nobody waits.
    pub(crate) fn retry(self, patient: RetryConfig) -> RetryConfig {
        match self {
            Self::Patient => patient,
            // Its wait before the second try is at most 1 s, so that a throttled call fits in.
            Self::Asked => RetryConfig::standard().with_max_attempts(2),
            Self::Once | Self::Hurried => RetryConfig::disabled(),
        }
    }
}
