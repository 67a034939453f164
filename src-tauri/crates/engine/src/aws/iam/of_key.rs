//! The keys: whether the topic's lets the publishing role in, whether it is the one that was named, and whether the queue's lets SNS in.
//!
//! **Invariant:** a key's policy is present only where it lets the role in, or leaves it to IAM, for certain; then the role's own policies have a
//! statement of their own in the comparison.

use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::iam::{Ask, Document, Encryption, Found, KeyArn, KeyUse, KeyUser};

use super::{CheckedDocument, CheckedStatement, LineState, line, unseen};
use crate::aws::access::Access;
use crate::aws::key::{self, Home, Key};

/// The document for the policy of the topic's key, compared.
pub(super) async fn checked(access: &Access, document: &Document, key: &KeyArn, ask: &Ask) -> CheckedDocument {
    let user = KeyUser::publisher(&ask.sns_role, &ask.topic);
    let seen = key::look(access, key.as_str(), Home::from(&ask.topic), &user).await;
    let statements = document.policy.statements().iter().map(|wanted| {
        let present = |reason: Option<String>| CheckedStatement { reason, ..line(wanted, Found::Present) };
        let cannot = |reason: String, fix: String| CheckedStatement {
            state: LineState::CannotLook,
            reason: Some(reason),
            fix: Some(fix).filter(|fix| !fix.is_empty()),
            ..line(wanted, Found::Present)
        };
        match &seen {
            // It was named as the topic's, and its policy is AWS's own.
            Key::Managed => present(Some(
                "AWS manages this key, and its policy lets in each role of the account through SNS".to_owned(),
            )),
            Key::Unusable(problem) => CheckedStatement {
                reason: Some(problem.message.clone()),
                fix: Some(problem.hint.clone()),
                ..line(wanted, Found::Missing(wanted.actions().to_vec()))
            },
            Key::Unseen(problem) => unseen(wanted, problem),
            Key::Read { says, state_unseen, .. } => match (says, state_unseen) {
                (KeyUse::Missing { actions, .. }, _) => line(wanted, Found::Missing(actions.clone())),
                (KeyUse::Denied { actions, .. }, _) => line(wanted, Found::Denied(actions.clone())),
                (KeyUse::CannotTell { why }, _) => cannot(
                    format!("cannot tell: {why}"),
                    "send a command with a notification and see whether it comes: no error would tell".to_owned(),
                ),
                (_, Some(problem)) => cannot(
                    format!("its policy is well, and whether it is enabled is not seen: {problem}"),
                    problem.hint.clone(),
                ),
                (KeyUse::LeftToIam, None) => present(Some(
                    "the key's policy leaves it to IAM: the role's own policy of Task 2 decides".to_owned(),
                )),
                (KeyUse::Allowed, None) => present(None),
            },
        }
    });
    CheckedDocument {
        title: document.heading(),
        place: document.attach_to.in_words(),
        statements: statements.collect(),
    }
}

/// That the topic is encrypted with a key that was not named, or with another than that one.
pub(super) async fn other_key(access: &Access, name: Option<&str>, ask: &Ask) -> Option<String> {
    let Encryption::Customer(shown) = Encryption::of(name) else { return None };
    let arn = key::resolved(access, name?, Home::from(&ask.topic)).await;
    match (&ask.key, arn) {
        (None, arn) => {
            let arn = arn.filter(|arn| arn.as_str() != shown).map(|arn| format!(" ({arn})")).unwrap_or_default();
            Some(format!(
                "The topic is encrypted with the key {shown}{arn}: say --kms-key with its ARN, so that the rights on it are checked, too"
            ))
        }
        (Some(named), Some(arn)) if *named != arn => {
            Some(format!("The topic is encrypted with the key {arn}, and not with {named}"))
        }
        (Some(_), _) => None,
    }
}

/// What keeps SNS from delivering to a queue that is encrypted with a key of KMS.
pub(super) async fn of_queue(
    access: &Access,
    name: Option<&str>,
    queue: &QueueArn,
    topic: &TopicArn,
) -> Option<String> {
    let user = KeyUser::delivery(topic, queue);
    let seen = match Encryption::of(name) {
        Encryption::None => return None,
        Encryption::Managed => Key::Managed,
        Encryption::Customer(_) => key::look(access, name?, Home::from(queue), &user).await,
    };
    let add = || serde_json::to_string(&user.statement()).unwrap_or_default();
    Some(match seen {
        Key::Managed => {
            "The queue is encrypted with a key that AWS manages, which SNS may not use: nothing can be delivered; let SQS encrypt it \
             (SqsManagedSseEnabled)"
                .to_owned()
        }
        Key::Unusable(problem) | Key::Unseen(problem) => format!("The queue is encrypted, and {problem}; {}", problem.hint),
        Key::Read { arn, says, state_unseen } => match (says, state_unseen) {
            (KeyUse::Allowed, None) => return None,
            (KeyUse::Allowed, Some(problem)) => {
                format!("The queue is encrypted with {arn}; whether that key is enabled is not seen: {problem}")
            }
            (KeyUse::Missing { .. } | KeyUse::LeftToIam, _) => {
                format!("The queue is encrypted with {arn}, whose policy does not let SNS use it: nothing can be delivered. Add: {}", add())
            }
            (KeyUse::Denied { statement, .. }, _) => {
                format!("The queue is encrypted with {arn}, and {statement} of its policy denies it to SNS: nothing can be delivered")
            }
            (KeyUse::CannotTell { why }, _) => {
                format!("The queue is encrypted with {arn}; whether SNS may use it cannot be told: {why}")
            }
        },
    })
}
