//! Whether Watchbell can hear, in a closed set of words that the database, `status --json`, tray and window share.
//!
//! **Invariant:** blind outranks failing: an old failure must never hide deafness.
//! Never here: how a state is found out. The engine observes; this room only names and ranks.

use serde::{Deserialize, Serialize};

/// What is known about one subscription's ability to hear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SubscriptionState {
    /// Polls complete, and the subscription was found in place.
    Ok,
    /// No poll has completed yet since start, wake or a change of network.
    Connecting,
    /// No poll has completed for 90 s, and it may heal by itself.
    Blind,
    /// The person paused it.
    Paused,
    /// The credentials ended.
    SignedOut,
    /// AWS refused: a permission is missing or the secret is wrong.
    Denied,
    /// The queue does not exist any more.
    QueueMissing,
    /// The queue is there, but the topic no longer sends to it.
    SubscriptionMissing,
    /// Polls complete, but it cannot be told whether the topic still sends to the queue: mostly for want of the right to look.
    Unchecked,
}

impl SubscriptionState {
    /// Whether failures may happen now that nobody hears. A pause is the person's own choice and no deafness.
    pub fn is_blind(self) -> bool {
        matches!(self, Self::Blind | Self::SignedOut | Self::Denied | Self::QueueMissing | Self::SubscriptionMissing)
    }

    /// Whether it cannot heal without the person, so that deafness rings at once and not after 10 minutes.
    pub fn needs_person(self) -> bool {
        matches!(self, Self::SignedOut | Self::Denied | Self::QueueMissing | Self::SubscriptionMissing)
    }

    /// The word used in JSON and in the database.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Connecting => "connecting",
            Self::Blind => "blind",
            Self::Paused => "paused",
            Self::SignedOut => "signed_out",
            Self::Denied => "denied",
            Self::QueueMissing => "queue_missing",
            Self::SubscriptionMissing => "subscription_missing",
            Self::Unchecked => "unchecked",
        }
    }
}

/// The health of the whole, worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Health {
    /// Everything is heard and nothing unacknowledged fails.
    Ok,
    /// Some command fails that nobody acknowledged.
    Failing,
    /// Something cannot be heard.
    Blind,
}

impl Health {
    /// Ranks the whole from its parts. `unacknowledged` counts failing commands that nobody acknowledged.
    pub fn of(states: impl IntoIterator<Item = SubscriptionState>, unacknowledged: u32) -> Self {
        if states.into_iter().any(SubscriptionState::is_blind) {
            Self::Blind
        } else if unacknowledged > 0 {
            Self::Failing
        } else {
            Self::Ok
        }
    }

    /// The word used in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failing => "failing",
            Self::Blind => "blind",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Health, SubscriptionState as S};

    const ALL: [S; 9] = [
        S::Ok,
        S::Connecting,
        S::Blind,
        S::Paused,
        S::SignedOut,
        S::Denied,
        S::QueueMissing,
        S::SubscriptionMissing,
        S::Unchecked,
    ];

    #[test]
    fn blind_wins_over_failing() {
        assert_eq!(Health::of([S::Ok, S::Denied], 3), Health::Blind, "an old failure must not hide deafness");
        assert_eq!(Health::of([S::Ok, S::Unchecked], 3), Health::Failing, "a failure shows when everything is heard");
        assert_eq!(Health::of([S::Paused, S::Connecting], 0), Health::Ok, "a pause and a start are no alarms");
        assert_eq!(Health::of([], 0), Health::Ok, "without a subscription there is nothing to be deaf to");
    }

    #[test]
    fn what_needs_the_person_is_blind() {
        for state in ALL {
            assert!(!state.needs_person() || state.is_blind(), "{state:?} needs the person, so it must count as blind");
        }
    }

    #[test]
    fn json_and_text_use_one_word() {
        for state in ALL {
            let json = serde_json::to_value(state).unwrap();
            assert_eq!(json, state.as_str(), "scripts lean on one spelling of a state");
        }
        for health in [Health::Ok, Health::Failing, Health::Blind] {
            assert_eq!(
                serde_json::to_value(health).unwrap(),
                health.as_str(),
                "scripts lean on one spelling of health"
            );
        }
    }
}
