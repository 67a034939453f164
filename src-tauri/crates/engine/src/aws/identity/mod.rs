//! Credentials while they last: kept, renewed before they end, and with a role on top, with or without an MFA device.
//!
//! **Invariants:** callers share one renewal, and while it fails the credentials in hand are used to their end, so that there is no
//! dead zone. No code of an MFA device is ever waited for here: a missing one is an error with the words that ask for it. Nothing
//! here is formatted that could be a secret.

pub(crate) mod chain;
pub(crate) mod mfa;
pub(crate) mod renewing;
pub(crate) mod role;
pub(crate) mod tools;

use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};

pub use role::Role;

use crate::clock;

/// How long before an end that only the person can put off it is said, and a sign-in is begun anew when it is asked for.
pub(crate) const SOON: SignedDuration = SignedDuration::from_mins(30);

/// When the credentials in use end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ending {
    /// The instant, by AWS's word.
    pub at: Timestamp,
    /// Whether they are renewed before that without the person.
    pub renews: bool,
}

impl Ending {
    /// Whether it is near, and nothing but the person puts it off.
    pub(crate) fn is_soon(&self) -> bool {
        !self.renews && self.at.duration_since(clock::now()) <= SOON
    }
}

/// The instant after which nothing new can be had without the person; none while everything renews by itself. Written by what
/// knows it (a token that cannot be refreshed, a session behind an MFA device), read beside the end of the credentials.
#[derive(Debug, Clone, Default)]
pub(crate) struct Limit(Arc<Mutex<Option<Timestamp>>>);

impl Limit {
    pub(crate) fn set(&self, at: Option<Timestamp>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = at;
    }

    pub(crate) fn get(&self) -> Option<Timestamp> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
