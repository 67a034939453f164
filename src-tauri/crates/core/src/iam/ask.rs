//! The question: which topic, which roles, whose desktop.
//!
//! **Invariant:** what [`Ask::check`] lets pass fits together: one partition, roles in the topic's account, each key in the region of what it
//! encrypts, the person in the account of their queue.

use crate::arn::{QueueArn, TopicArn};
use crate::plan::queue_arn;

use super::{AskError, KeyArn, Principal};

/// The role of Tasks 2 and 3 when no name is given.
pub const DEFAULT_SNS_ROLE: &str = "ssm-sns-publish";

/// What the documents are for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// The topic of the commands.
    pub topic: TopicArn,
    /// The role as which Systems Manager publishes. A plain name is a role to be made, an ARN one that exists.
    pub sns_role: Principal,
    /// The role that runs a maintenance window's tasks, if windows are to notify.
    pub window_role: Option<Principal>,
    /// Who sends commands and reads at the desktop. Without it the policies are made and attached to nobody.
    pub person: Option<Principal>,
    /// The customer managed key that the topic is encrypted with.
    pub key: Option<KeyArn>,
    /// The queue that Watchbell reads.
    pub queue: PersonalQueue,
    /// The customer managed key that a provided queue is encrypted with. Watchbell's own has none, so there it is not looked at.
    pub queue_key: Option<KeyArn>,
    /// Whether the desktop may also read commands and maintenance windows from Systems Manager.
    pub read_commands: bool,
    /// Whether the role is to be trusted only for this account's Systems Manager (the confused-deputy form).
    pub confine_trust: bool,
}

/// Whose doing the queue is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PersonalQueue {
    /// Watchbell makes and removes it.
    Own {
        /// The region, by default the topic's.
        region: String,
        /// The account of the person, by default the topic's.
        account: String,
    },
    /// The administrator makes it and subscribes it; the person only reads.
    Provided(QueueArn),
}

impl Ask {
    /// For this topic, with everything else as it mostly is: everything in one account and region, no window, nobody named.
    pub fn about(topic: TopicArn) -> Result<Self, AskError> {
        let queue = PersonalQueue::Own { region: topic.region().to_owned(), account: topic.account().to_owned() };
        Ok(Self {
            sns_role: Principal::role(DEFAULT_SNS_ROLE)?,
            topic,
            window_role: None,
            person: None,
            key: None,
            queue,
            queue_key: None,
            read_commands: false,
            confine_trust: false,
        })
    }

    /// The account of the person at the desktop, and so of the queue.
    pub(super) fn person_account(&self) -> &str {
        match &self.queue {
            PersonalQueue::Own { account, .. } => account,
            PersonalQueue::Provided(queue) => queue.account(),
        }
    }

    /// Whether the topic belongs to another account than the person.
    pub(super) fn is_cross_account(&self) -> bool {
        self.person_account() != self.topic.account()
    }

    pub(super) fn sns_role_arn(&self) -> String {
        self.sns_role.arn(self.topic.partition(), self.topic.account())
    }

    /// The queue, or the pattern of the names of all queues that Watchbell makes.
    pub(super) fn queue_pattern(&self) -> String {
        match &self.queue {
            PersonalQueue::Own { region, account } => {
                format!("arn:{}:sqs:{region}:{account}:watchbell-*", self.topic.partition())
            }
            PersonalQueue::Provided(queue) => queue.to_string(),
        }
    }

    pub(super) fn check(&self) -> Result<(), AskError> {
        match &self.queue {
            PersonalQueue::Own { region, account } => drop(queue_arn(&self.topic, region, account, "watchbell-x")?),
            PersonalQueue::Provided(queue) => {
                same(
                    ("the queue", queue.name()),
                    ("the partition", queue.partition(), self.topic.partition()),
                    "a topic delivers within its partition only",
                )?;
                if let Some(key) = &self.queue_key {
                    let why = "a queue is encrypted with a key of its own partition and region";
                    near("the queue's key", key, queue.partition(), queue.region(), why)?;
                }
            }
        }
        self.role("the SNS role", &self.sns_role)?;
        if let Some(role) = &self.window_role {
            self.role("the maintenance window's role", role)?;
        }
        if let Some(person) = &self.person {
            self.at_home(
                person,
                "the person",
                self.person_account(),
                "Watchbell's queue is in the account of whoever reads it",
            )?;
        }
        if let Some(key) = &self.key {
            let why = "a topic is encrypted with a key of its own partition and region";
            near("the key", key, self.topic.partition(), self.topic.region(), why)?;
        }
        if self.read_commands && self.is_cross_account() {
            return Err(AskError::CommandsElsewhere {
                topic: self.topic.account().to_owned(),
                person: self.person_account().to_owned(),
            });
        }
        Ok(())
    }

    fn role(&self, what: &'static str, role: &Principal) -> Result<(), AskError> {
        self.at_home(role, what, self.topic.account(), "a role cannot be passed across accounts")
    }

    fn at_home(&self, one: &Principal, what: &'static str, account: &str, why: &'static str) -> Result<(), AskError> {
        if let Some(partition) = one.partition() {
            let why = "partitions do not know each other's identities";
            same((what, one.name()), ("the partition", partition, self.topic.partition()), why)?;
        }
        match one.account() {
            Some(found) => same((what, one.name()), ("the account", found, account), why),
            None => Ok(()),
        }
    }
}

/// Refuses a key of another partition or region than what it encrypts.
fn near(what: &'static str, key: &KeyArn, partition: &str, region: &str, why: &'static str) -> Result<(), AskError> {
    same((what, key.as_str()), ("the partition", key.partition(), partition), why)?;
    same((what, key.as_str()), ("the region", key.region(), region), why)
}

/// Refuses something that is `found` in one place where another is `needed`.
fn same(
    (what, name): (&'static str, &str),
    (place, found, needed): (&'static str, &str, &str),
    why: &'static str,
) -> Result<(), AskError> {
    if found == needed {
        return Ok(());
    }
    Err(AskError::Elsewhere {
        what,
        name: name.to_owned(),
        found: format!("{place} {found}"),
        needed: format!("{place} {needed}"),
        why,
    })
}
