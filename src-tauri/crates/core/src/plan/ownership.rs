//! Whose a queue is that was found under a name of ours, as its tags say.
//!
//! **Invariant:** a queue that does not say that it is this person's, from this machine and for this topic, is not ours: it is
//! never changed (invariant 7). Nobody's queue is nobody's, not ours.

use std::collections::BTreeMap;

use crate::arn::{TopicArn, quotable};
use crate::digest::short_hex;

use super::{TAG_CALLER, TAG_HOST, TAG_MACHINE, TAG_OWNER, TAG_TOPIC, tag_value};

/// Who asks, and from where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Person<'a> {
    /// The person's name on this machine.
    pub user: &'a str,
    /// This machine's name.
    pub host: &'a str,
    /// What [`machine_tag`] made of this machine's id; `None` where it has none.
    pub machine: Option<&'a str>,
    /// What [`stable_caller`] made of who AWS says we are; `None` where that was not asked, or tells nobody apart.
    pub caller: Option<&'a str>,
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
    /// This person's by the name on this machine, for this topic, but made with another identity of AWS's: ours only where our own record
    /// says so, for its credentials may have been replaced since.
    OtherCaller {
        /// Who AWS said it was, as a part of a sentence.
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

/// Tells it by the tags. An equal machine id outranks the host's name, which DHCP may change; a machine without an id, and a queue made
/// before queues told it, are held apart by the host alone. Two people may have one name on two machines (`ubuntu`, `ec2-user`), so
/// where AWS names another caller a queue of another machine is somebody else's.
pub fn whose(held: &BTreeMap<String, String>, person: &Person<'_>, topic: &TopicArn) -> Whose {
    let tag = |name: &str| held.get(name).map(String::as_str);
    let (Some(owner), Some(made_for)) = (tag(TAG_OWNER), tag(TAG_TOPIC)) else { return Whose::Untagged };
    if owner != tag_value(person.user) {
        return Whose::Foreign { why: format!("its tags say that it is {}'s", quotable(owner)) };
    }
    if made_for != topic.as_str() {
        return Whose::Foreign { why: format!("its tags say that it is for {}", quotable(made_for)) };
    }
    let (other_caller, here) = (other_caller(held, person), is_here(held, person));
    match (other_caller, here) {
        (Some(why), true) => Whose::OtherCaller { why },
        (Some(why), false) => Whose::Foreign { why },
        (None, true) => Whose::Ours,
        (None, false) => Whose::OtherMachine { why: elsewhere(tag(TAG_HOST).unwrap_or_default(), person) },
    }
}

/// Whether this machine made it, as far as its tags tell.
pub fn is_here(held: &BTreeMap<String, String>, person: &Person<'_>) -> bool {
    match (held.get(TAG_MACHINE), person.machine) {
        (Some(made_by), Some(machine)) => *made_by == tag_value(machine),
        _ => held.get(TAG_HOST) == Some(&tag_value(person.host)),
    }
}

/// Who else AWS said it was that made the queue, where its tags tell that and ours is known.
pub fn other_caller(held: &BTreeMap<String, String>, person: &Person<'_>) -> Option<String> {
    let (made_as, ours) = (held.get(TAG_CALLER)?, tag_value(person.caller?));
    (*made_as != ours)
        .then(|| format!("its tags say that it was made as {}, and these credentials are {ours}", quotable(made_as)))
}

fn elsewhere(host: &str, person: &Person<'_>) -> String {
    if host == tag_value(person.host) {
        return format!("its tags say that it was made on another machine that is called {}, too", quotable(host));
    }
    format!("its tags say that it was made on {}", quotable(host))
}

/// Who somebody is to AWS, in a form that stays the same from one sign-in to the next; `None` where the ARN tells no person.
///
/// A user is its ARN, an assumed role its ARN with the session's name. In a role of IAM Identity Center (`AWSReservedSSO_`) the session's
/// name is the person, whatever the permission set. Names that an SDK makes up, and our own, tell nobody; nor does the account's root.
pub fn stable_caller(arn: &str) -> Option<String> {
    let mut parts = arn.splitn(6, ':');
    let (Some("arn"), Some(partition), Some(service), Some(""), Some(account), Some(resource)) =
        (parts.next(), parts.next(), parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return None;
    };
    match (service, resource.split_once('/')?) {
        ("iam", ("user", _)) | ("sts", ("federated-user", _)) => Some(arn.to_owned()),
        ("sts", ("assumed-role", role)) => {
            let (role, session) = role.split_once('/')?;
            if is_made_up(session) {
                return None;
            }
            let role = if role.starts_with(IDENTITY_CENTER) { IDENTITY_CENTER } else { role };
            Some(format!("arn:{partition}:sts::{account}:assumed-role/{role}/{session}"))
        }
        _ => None,
    }
}

/// The name of our sessions, as an account's trail shows it.
pub const OUR_SESSION: &str = "watchbell";
/// What the roles of permission sets begin with (IAM Identity Center user guide, "Referencing permission sets").
const IDENTITY_CENTER: &str = "AWSReservedSSO_";

/// Session names of SDKs and tools that nobody chose, ours among them: by what they begin with, or for the time that they end with. An
/// instance's id is a machine.
fn is_made_up(session: &str) -> bool {
    const BEGINNINGS: [&str; 6] =
        ["botocore-session-", "aws-go-sdk-", "aws-sdk-", "AWSCLI-Session", "assume-role-from-profile", "i-"];
    let digits = session.bytes().rev().take_while(u8::is_ascii_digit).count();
    session.is_empty()
        || session == OUR_SESSION
        || BEGINNINGS.iter().any(|made_up| session.starts_with(made_up))
        // Seconds since 1970 have ten.
        || digits >= 10
}

/// The tag's value for a machine: a digest, since machine-id(5) asks not to show the id itself.
pub fn machine_tag(machine_id: &str) -> String {
    short_hex(&format!("watchbell machine {}", machine_id.trim()))
}
