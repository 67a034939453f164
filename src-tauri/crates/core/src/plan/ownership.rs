//! Whose a queue is that was found under a name of ours, as its tags say.
//!
//! **Invariant:** a queue that does not say that it is this person's, from this machine and for this topic, is not ours: it is
//! never changed (DESIGN §2.7). Nobody's queue is nobody's, not ours.

use std::collections::BTreeMap;

use crate::arn::{TopicArn, quotable};
use crate::digest::short_hex;

use super::{TAG_HOST, TAG_MACHINE, TAG_OWNER, TAG_TOPIC, tag_value};

/// Who asks, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person<'a> {
    /// The person's name on this machine.
    pub user: &'a str,
    /// This machine's name.
    pub host: &'a str,
    /// What [`machine_tag`] made of this machine's id; `None` where it has none.
    pub machine: Option<&'a str>,
}

/// What the tags of a queue say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whose {
    /// This person's, from this machine, for this topic.
    Ours,
    /// This person's and for this topic, but from another machine: of another name, or of the same one.
    OtherMachine {
        /// That machine's name, and why it is not this one.
        why: String,
    },
    /// Somebody else's, or for another topic.
    Foreign {
        /// What the tags say, as a part of a sentence.
        why: String,
    },
    /// It has no tags of Watchbell's.
    Untagged,
}

/// Tells it by the tags. A machine without an id, and a queue made before queues told it, are held apart by the host alone.
pub fn whose(held: &BTreeMap<String, String>, person: &Person<'_>, topic: &TopicArn) -> Whose {
    let tag = |name: &str| held.get(name).map(String::as_str);
    let (Some(owner), Some(made_for)) = (tag(TAG_OWNER), tag(TAG_TOPIC)) else { return Whose::Untagged };
    if owner != tag_value(person.user) {
        return Whose::Foreign { why: format!("its tags say that it is {}'s", quotable(owner)) };
    }
    if made_for != topic.as_str() {
        return Whose::Foreign { why: format!("its tags say that it is for {}", quotable(made_for)) };
    }
    let host = tag(TAG_HOST).unwrap_or_default();
    if host != tag_value(person.host) {
        return Whose::OtherMachine { why: format!("its tags say that it was made on {}", quotable(host)) };
    }
    match (tag(TAG_MACHINE), person.machine) {
        (Some(made_by), Some(machine)) if made_by != tag_value(machine) => Whose::OtherMachine {
            why: format!("its tags say that it was made on another machine that is called {}, too", quotable(host)),
        },
        _ => Whose::Ours,
    }
}

/// The tag's value for a machine: a digest, since machine-id(5) asks not to show the id itself.
pub fn machine_tag(machine_id: &str) -> String {
    short_hex(&format!("watchbell machine {}", machine_id.trim()))
}
