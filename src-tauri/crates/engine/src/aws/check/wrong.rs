//! What can be wrong between topic and queue, each in words of its own with its own way out.
//!
//! **Invariant:** whatever makes us hear less than was agreed counts as blind; what is merely not certain does not.

use watchbell_core::health::SubscriptionState;

use super::Checked;
use crate::error::{Code, Problem};
use crate::store::SubscriptionRecord;

/// One thing that an empty poll cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The queue's policy keeps the topic out.
    Policy,
    /// The topic does not exist any more.
    TopicGone,
    /// The subscription that we made does not exist any more.
    SubscriptionGone,
    /// Nothing feeds an adopted queue from the topic.
    NotSubscribed,
    /// The subscription waits for somebody's confirmation.
    Pending,
    /// The filter is another one than agreed.
    Filter,
    /// The filter looks at attributes, which SSM's messages do not have.
    Scope,
    /// Messages come without the envelope that says from which topic they are.
    Raw,
}

impl Wrong {
    /// Deaf, or hearing less, is `subscription_missing`; raw messages are all heard, but where they come from cannot be checked.
    pub fn state(self) -> SubscriptionState {
        match self {
            Self::Raw => SubscriptionState::Unchecked,
            _ => SubscriptionState::SubscriptionMissing,
        }
    }

    /// What it is, as the beginning of a sentence.
    pub fn reason(self) -> &'static str {
        match self {
            Self::Policy => "deaf: the queue's access policy no longer lets the topic deliver",
            Self::TopicGone => "deaf: the topic was deleted",
            Self::SubscriptionGone => "deaf: the subscription was deleted",
            Self::NotSubscribed => "deaf: the topic does not send to the queue",
            Self::Pending => "deaf: the subscription waits for a confirmation",
            Self::Filter => {
                "hearing less than agreed: somebody changed the subscription's filter, and what it holds back is never heard"
            }
            Self::Scope => {
                "deaf: somebody changed the scope of the subscription's filter to message attributes, and SSM's messages have none"
            }
            Self::Raw => {
                "somebody switched the subscription to raw delivery: messages are heard, but where they come from cannot be checked"
            }
        }
    }

    /// The way out; of what an administrator made he has it.
    pub fn hint(self, adopted: bool) -> &'static str {
        match (self, adopted) {
            (Self::TopicGone, _) => {
                "ask who deleted it; when commands notify another topic now, press Leave in the window's settings or run watchbellctl unsubscribe, and subscribe to that one"
            }
            (Self::Policy, true) => {
                "ask the administrator who made the queue to let sns.amazonaws.com send to it from this topic (sqs:SendMessage)"
            }
            (Self::Pending, true) => {
                "ask the administrator who made the queue to subscribe it again if this goes on: Watchbell confirms by itself when SNS's request is in the queue (sns:ConfirmSubscription)"
            }
            (_, true) => "ask the administrator who made the queue to subscribe it to the topic (sns:Subscribe)",
            (Self::Policy, false) => {
                "press Repair in the window's settings or run watchbellctl subscribe again: it adds the statement to the policy; what was sent meanwhile did not arrive"
            }
            (Self::SubscriptionGone | Self::NotSubscribed, false) => {
                "press Repair in the window's settings or run watchbellctl subscribe again to make a new subscription; what was sent meanwhile did not arrive"
            }
            (Self::Pending, false) => {
                "leave it and subscribe again, in the window or with watchbellctl subscribe, with an identity of the account that owns the queue"
            }
            (Self::Filter | Self::Scope, false) => {
                "press Repair in the window's settings or run watchbellctl subscribe again with the --filter that you want: it writes the filter anew (sns:SetSubscriptionAttributes)"
            }
            (Self::Raw, false) => {
                "press Repair in the window's settings or run watchbellctl subscribe again: it switches raw delivery off (sns:SetSubscriptionAttributes)"
            }
        }
    }

    pub(super) fn checked(self, record: &SubscriptionRecord, backlog: Option<u64>) -> Checked {
        let message = format!("{} ({})", self.reason(), record.topic_arn.name());
        let problem = Problem::new(Code::AwsRefused, message, self.hint(record.adopted));
        Checked { state: self.state(), problem: Some(problem), backlog, in_flight: None }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    const ALL: [Wrong; 8] = [
        Wrong::Policy,
        Wrong::TopicGone,
        Wrong::SubscriptionGone,
        Wrong::NotSubscribed,
        Wrong::Pending,
        Wrong::Filter,
        Wrong::Scope,
        Wrong::Raw,
    ];

    #[test]
    fn each_has_words_of_its_own_and_a_next_step() {
        let reasons: BTreeSet<_> = ALL.iter().map(|wrong| wrong.reason()).collect();
        assert_eq!(reasons.len(), ALL.len(), "two causes must not be told in the same words");
        for wrong in ALL {
            assert!(wrong.hint(false).contains("watchbellctl"), "{wrong:?}: our own is mended with a command");
            let adopted = wrong.hint(true);
            assert!(adopted.starts_with("ask "), "{wrong:?}: another's is mended by its maker: {adopted}");
        }
    }

    #[test]
    fn hearing_less_is_blind_and_not_knowing_is_not() {
        for wrong in ALL {
            assert_eq!(wrong.state().is_blind(), wrong != Wrong::Raw, "{wrong:?}: what is not heard must ring");
            assert_ne!(wrong.state(), SubscriptionState::Ok, "{wrong:?} is never ok");
        }
    }
}
