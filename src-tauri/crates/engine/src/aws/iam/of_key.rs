//! The policies of the two keys: whether the topic's lets the publishing role in, and whether the queue's lets SNS in.
//!
//! **Invariant:** a key's policy is present only where it lets them in, or leaves it to IAM, for certain; then the role's own policies have a
//! statement of their own in the comparison.

use watchbell_core::iam::{Ask, Document, KeyUse, KeyUser, PersonalQueue, Statement};

use super::{CheckedDocument, CheckedStatement, LineState, TRY_IT, unseen};
use crate::aws::access::Access;
use crate::aws::key::{self, Home, Key};

/// The document for the policy of the topic's key, or of the queue's, compared.
pub(super) async fn checked(access: &Access, document: &Document, arn: &str, ask: &Ask) -> CheckedDocument {
    let seen = match &ask.queue {
        PersonalQueue::Provided(queue) if document.task.is_none() => {
            key::look(access, arn, Home::from(queue), &KeyUser::delivery(&ask.topic, queue)).await
        }
        _ => key::look(access, arn, Home::from(&ask.topic), &KeyUser::publisher(&ask.sns_role, &ask.topic)).await,
    };
    let one = |wanted: &Statement| match seen {
        // It was named as the topic's, and its policy is AWS's own.
        Key::Managed if document.task.is_some() => CheckedStatement {
            reason: Some(
                "AWS manages this key, and its policy lets in each role of the account through SNS".to_owned(),
            ),
            ..CheckedStatement::present(wanted)
        },
        _ => line(&seen, wanted),
    };
    CheckedDocument {
        title: document.heading(),
        place: document.attach_to.in_words(),
        statements: document.policy.statements().iter().map(one).collect(),
    }
}

/// What a key's policy has of the wanted statement.
pub(super) fn line(seen: &Key, wanted: &Statement) -> CheckedStatement {
    match seen {
        Key::Managed => CheckedStatement {
            state: LineState::Missing,
            reason: Some("AWS manages this key, and SNS may not use it: nothing can be delivered".to_owned()),
            fix: Some("let SQS encrypt the queue (SqsManagedSseEnabled=true), or use a key of your own".to_owned()),
            ..CheckedStatement::present(wanted)
        },
        Key::Unusable(problem) => CheckedStatement {
            reason: Some(problem.message.clone()),
            fix: Some(problem.hint.clone()),
            ..CheckedStatement::missing(wanted, wanted.actions().to_vec())
        },
        Key::Unseen(problem) => unseen(wanted, problem),
        Key::Read { says, state_unseen, .. } => match (says, state_unseen) {
            (KeyUse::Missing { actions, .. }, _) => CheckedStatement::missing(wanted, actions.clone()),
            (KeyUse::Denied { actions, .. }, _) => CheckedStatement::denied(wanted, actions.clone()),
            (KeyUse::CannotTell { why }, _) => {
                CheckedStatement::unknown(wanted, format!("cannot tell: {why}"), TRY_IT.to_owned())
            }
            (_, Some(problem)) => CheckedStatement::unknown(
                wanted,
                format!("its policy is well, and whether it is enabled is not seen: {problem}"),
                problem.hint.clone(),
            ),
            (KeyUse::LeftToIam, None) => CheckedStatement {
                reason: Some("the key's policy leaves it to IAM: the role's own policy of Task 2 decides".to_owned()),
                ..CheckedStatement::present(wanted)
            },
            (KeyUse::Allowed, None) => CheckedStatement::present(wanted),
        },
    }
}
