//! One document: what it is for, where it goes, and the policy itself.
//!
//! **Invariant:** a document says in words where it is to be put and which task of the guide it belongs to; its policy fits into the
//! place that it is meant for.

use serde::Serialize;

use super::policy::Policy;
use super::{Ask, Principal, PrincipalKind};

/// All documents of one question, in the order of the guide.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Documents {
    ask: Ask,
    list: Vec<Document>,
}

/// One policy, or one statement for a policy that exists.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Document {
    /// A short imperative, with the names in it.
    pub title: String,
    /// The task of the guide, 2 to 5; absent for what the guide does not have.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub task: Option<u8>,
    /// What it is for, in a sentence or two.
    pub purpose: String,
    /// What kind of policy.
    pub kind: Kind,
    /// Where it goes.
    pub attach_to: Target,
    /// The policy's name in IAM; absent for what has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The policy.
    pub policy: Policy,
    /// What to mind.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// What kind of policy a document is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Who may assume a role.
    Trust,
    /// What a role may do, within the role itself.
    RolePermission,
    /// What a person may do, as a customer managed policy: an inline one of a user may have 2,048 characters only.
    PersonPermission,
    /// A statement for the policy of a KMS key.
    Key,
    /// Statements for the access policy of a topic.
    Topic,
    /// A statement for the access policy of a queue.
    Queue,
}

/// What a document is attached to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Target {
    /// A role.
    Role {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    },
    /// A user.
    User {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    },
    /// A group.
    Group {
        /// Its name.
        name: String,
        /// Its ARN.
        arn: String,
    },
    /// Nobody who was named: whoever needs it in this account.
    Anyone {
        /// The account.
        account: String,
    },
    /// A KMS key.
    Key {
        /// Its ARN.
        arn: String,
    },
    /// A topic.
    Topic {
        /// Its ARN.
        arn: String,
    },
    /// A queue.
    Queue {
        /// Its ARN.
        arn: String,
    },
}

impl Documents {
    pub(super) fn new(ask: Ask, list: Vec<Document>) -> Self {
        Self { ask, list }
    }

    /// The question that they answer.
    pub fn ask(&self) -> &Ask {
        &self.ask
    }

    /// Each document, in the order of the guide.
    pub fn iter(&self) -> std::slice::Iter<'_, Document> {
        self.list.iter()
    }
}

impl<'a> IntoIterator for &'a Documents {
    type Item = &'a Document;
    type IntoIter = std::slice::Iter<'a, Document>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl Document {
    /// "Task 2: Let …", or the title alone.
    pub fn heading(&self) -> String {
        match self.task {
            Some(task) => format!("Task {task}: {}", self.title),
            None => self.title.clone(),
        }
    }

    /// Where it goes, with the account where there are two: "the group on-call of account 210987654321".
    pub fn place(&self, ask: &Ask) -> String {
        let words = self.attach_to.in_words();
        match self.attach_to {
            // Unlike an ARN, a name does not tell it.
            Target::Role { .. } | Target::User { .. } | Target::Group { .. } if ask.is_cross_account() => {
                format!("{words} of account {}", self.attach_to.account())
            }
            _ => words,
        }
    }

    /// Whether it is part of a policy that somebody else wrote and that no tool may overwrite.
    pub(super) fn is_by_hand(&self, ask: &Ask) -> bool {
        match self.kind {
            Kind::Key | Kind::Topic | Kind::Queue => true,
            Kind::Trust => ask.sns_role.exists(),
            Kind::RolePermission | Kind::PersonPermission => false,
        }
    }
}

impl Kind {
    /// How many characters without white space IAM or SQS take, at most (IAM user guide, "IAM and AWS STS quotas"; SQS developer
    /// guide, "Quotas related to policies"). `None` where it depends on what is there already.
    pub fn limit(self) -> Option<usize> {
        match self {
            Self::Trust => Some(2048),
            // For all inline policies of the role together.
            Self::RolePermission => Some(10_240),
            Self::PersonPermission => Some(6144),
            Self::Queue => Some(crate::plan::POLICY_MAX_BYTES),
            Self::Key | Self::Topic => None,
        }
    }
}

impl Target {
    pub(super) fn of(principal: &Principal, partition: &str, account: &str) -> Self {
        let (name, arn) = (principal.name().to_owned(), principal.arn(partition, account));
        match principal.kind() {
            PrincipalKind::User => Self::User { name, arn },
            PrincipalKind::Group => Self::Group { name, arn },
            PrincipalKind::Role => Self::Role { name, arn },
        }
    }

    /// The account that it is in.
    pub fn account(&self) -> &str {
        match self {
            Self::Anyone { account } => account,
            Self::Role { arn, .. }
            | Self::User { arn, .. }
            | Self::Group { arn, .. }
            | Self::Key { arn }
            | Self::Topic { arn }
            | Self::Queue { arn } => arn.split(':').nth(4).unwrap_or_default(),
        }
    }

    /// "the role ssm-sns-publish", "the policy of the key arn:…".
    pub fn in_words(&self) -> String {
        match self {
            Self::Role { name, .. } => format!("the role {name}"),
            Self::User { name, .. } => format!("the user {name}"),
            Self::Group { name, .. } => format!("the group {name}"),
            Self::Anyone { account } => format!("the users, groups or roles of account {account} that need it"),
            Self::Key { arn } => format!("the policy of the key {arn}"),
            Self::Topic { arn } => format!("the access policy of the topic {arn}"),
            Self::Queue { arn } => format!("the access policy of the queue {arn}"),
        }
    }
}
