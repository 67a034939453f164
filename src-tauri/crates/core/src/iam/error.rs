//! Why no documents are made: in each case AWS would refuse them, or take them and not do what was meant.
//!
//! **Invariant:** every message names what was typed, in words that can stand on a screen; every hint says what to do instead.

use crate::arn::ArnError;

/// A question that has no right answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// Not a name, and not an ARN of the kind that was asked for; the text says why.
    #[error("{0}")]
    Malformed(String),
    /// A role of which only AWS's own service may change the permissions.
    #[error(
        "{0} is a service-linked role: its permissions cannot be changed, so it can neither publish to the topic nor be given the \
         iam:PassRole that notifications need"
    )]
    ServiceLinked(String),
    /// A role that IAM Identity Center made and alone may change.
    #[error("{0} belongs to IAM Identity Center: only a permission set can change its permissions")]
    IdentityCenter(String),
    /// A session of a role, which has no permissions of its own.
    #[error("{0} is a session of a role; permissions belong to the role itself")]
    Session(String),
    /// Something of another account or partition.
    #[error("{what} {name} is in {found}, where {needed} is needed: {why}")]
    Elsewhere {
        /// What it is, such as "the SNS role".
        what: &'static str,
        /// Its name.
        name: String,
        /// Its account, partition or region.
        found: String,
        /// The one it must be in.
        needed: String,
        /// Why it must.
        why: &'static str,
    },
    /// A KMS alias, which means nothing as the resource of a policy.
    #[error("{0} is an alias: as the resource of a policy it does not stand for its key")]
    KeyAlias(String),
    /// The queue's region, account or ARN.
    #[error(transparent)]
    Queue(#[from] ArnError),
    /// Rights to read Systems Manager where there are no commands of this topic.
    #[error("commands can be read in the topic's account {topic} only, and the person is of the account {person}")]
    CommandsElsewhere {
        /// The topic's account.
        topic: String,
        /// The person's account.
        person: String,
    },
}

impl AskError {
    /// What to do next, as one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::Malformed(_) => {
                "Give the name, or the ARN as the IAM console shows it: arn:aws:iam::123456789012:role/my-role"
            }
            Self::ServiceLinked(_) => {
                "Use a custom role: Task 3 of the guide makes one, and so does \"Setting up Maintenance Windows\"."
            }
            Self::IdentityCenter(_) => {
                "Leave it out, make the policy by its name, and attach it to the permission set as a customer managed policy."
            }
            Self::Session(_) => "Give the role's own ARN: arn:aws:iam::123456789012:role/my-role",
            Self::Elsewhere { .. } => "Give one of that account, partition and region.",
            Self::KeyAlias(_) => "Give the key's ARN: aws kms describe-key --key-id ALIAS --query KeyMetadata.Arn",
            Self::Queue(_) => "Give the queue's region as in eu-central-1, and its account as 12 digits.",
            Self::CommandsElsewhere { .. } => "Leave the rights to read commands out, or give the person a role there.",
        }
    }
}
