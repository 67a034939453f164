//! Whether a KMS key's policy lets one in who has to use the key: the role that publishes to an encrypted topic, or SNS where it delivers to an
//! encrypted queue.
//!
//! **Invariant:** pure and total; a policy that somebody wrote is hostile until it is read. "Allowed" is only said for certain: a condition that
//! cannot be decided from here, an Allow or a Deny, ends in [`KeyUse::CannotTell`].
//!
//! A key's policy, unlike that of a topic, is asked in any case: what it neither allows nor leaves to IAM is refused whatever the role's own policies
//! say (KMS developer guide, "Key policies"). Left out, since no policy tells of them: grants, and what bounds a role from outside.

use serde_json::Value;

use super::caller::{Caller, Verdict, Who, judge};
use super::condition::Known;
use super::element::{concerns, covers, root_of, statements, texts};
use super::policy::{Statement, StatementPrincipal};
use super::{KeyArn, Principal};
use crate::arn::{QueueArn, TopicArn, quotable};
use crate::plan::queue_principal;

/// What is asked for: with the star, as both guides write it (SNS developer guide, "Key management"; SQS developer guide, "Key management").
pub(super) const KEY_ACTIONS: [&str; 2] = ["kms:GenerateDataKey*", "kms:Decrypt"];

/// What is called of an action that is asked for: a plain data key is made for each message, and none of the other kinds that the star stands
/// for. A policy that allows no more than this is not broken, and one that denies the others denies nothing.
pub(super) fn called(action: &str) -> &str {
    if action == KEY_ACTIONS[0] { "kms:GenerateDataKey" } else { action }
}

/// How many others that a policy lets in are named.
const OTHERS_MAX: usize = 3;

/// Who has to use the key.
#[derive(Clone, Debug)]
pub struct KeyUser {
    caller: Caller,
    lets_in: Statement,
}

/// What a key's policy says of a user of the key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyUse {
    /// It lets it in.
    Allowed,
    /// It leaves it to IAM, or belongs to another account: the role's own policies have to allow it, too.
    LeftToIam,
    /// It does not let it in.
    Missing {
        /// The actions that are lacking.
        actions: Vec<String>,
        /// Some whom it does let in, roles and users by their ARN.
        others: Vec<String>,
    },
    /// It denies it, whatever else it allows.
    Denied {
        /// The actions that are denied.
        actions: Vec<String>,
        /// The statement that does: "the statement Lock".
        statement: String,
    },
    /// It hangs on something that is not seen from here.
    CannotTell {
        /// On what, as the end of a sentence: "the statement Org holds only where aws:PrincipalOrgID fits".
        why: String,
    },
}

impl KeyUser {
    /// The role as which Systems Manager publishes to an encrypted topic. It uses the key through SNS, with the topic's ARN as encryption context
    /// (seen in recordings of the live service).
    pub fn publisher(role: &Principal, topic: &TopicArn) -> Self {
        let (partition, region, account) = (topic.partition(), topic.region(), topic.account());
        let arn = role.arn(partition, account);
        let mut known = Known::default()
            .with("kms:CallerAccount", account)
            .with("kms:EncryptionContext:aws:sns:topicArn", topic.as_str())
            .with("aws:PrincipalAccount", account)
            .with("aws:SecureTransport", "true");
        // Who gave the name alone has not told the path.
        if role.exists() {
            known = known.with("aws:PrincipalArn", arn.as_str());
        }
        // What SNS is called there in other partitions is not confirmed.
        if matches!(partition, "aws" | "aws-us-gov") {
            known = known.with("kms:ViaService", format!("sns.{region}.amazonaws.com"));
        }
        let lets_in = Statement::allow("LetSnsRoleUseTopicKey", &KEY_ACTIONS, "*")
            .to(StatementPrincipal::Aws(arn.as_str().into()));
        Self { caller: Caller { who: Who::Role { arn, account: account.to_owned() }, known }, lets_in }
    }

    /// SNS, which encrypts with an encrypted queue's key when it delivers (SNS developer guide, "Enabling server-side encryption for an Amazon SNS
    /// topic with an encrypted Amazon SQS queue subscribed").
    pub fn delivery(topic: &TopicArn, queue: &QueueArn) -> Self {
        let known = Known::default()
            .with("aws:SourceArn", topic.as_str())
            .with("aws:SourceAccount", topic.account())
            .with("aws:SecureTransport", "true");
        let name = queue_principal(queue, topic);
        let lets_in = Statement::allow("LetSnsUseQueueKey", &KEY_ACTIONS, "*")
            .to(StatementPrincipal::Service(name.as_str().into()))
            .when("ArnEquals", "aws:SourceArn", topic.as_str());
        // That a key knows SNS by the name that a queue does in opt-in regions is not confirmed.
        let names = vec![name, "sns.amazonaws.com".to_owned()];
        Self { caller: Caller { who: Who::Service { names }, known }, lets_in }
    }

    /// What to add to a key's policy, so that it lets this one in. In a key's policy `*` is the key itself.
    pub fn statement(&self) -> Statement {
        self.lets_in.clone()
    }
}

/// Reads the policy of `key`; `None` when it is no policy.
pub fn key_use(policy: &str, key: &KeyArn, user: &KeyUser) -> Option<KeyUse> {
    let statements = statements(policy)?;
    let mut told: Vec<(&str, Verdict)> = KEY_ACTIONS
        .into_iter()
        .map(called)
        .map(|action| (action, judge(action, &statements, key.as_str(), &user.caller)))
        .collect();
    // Within the key's account the key's policy alone is enough.
    let foreign = matches!(&user.caller.who, Who::Role { account, .. } if account != key.account());
    if foreign {
        for (_, one) in told.iter_mut().filter(|(_, one)| *one == Verdict::Allowed) {
            *one = Verdict::LeftToIam;
        }
    }
    let those = |wanted: fn(&Verdict) -> bool| -> Vec<String> {
        told.iter().filter(|(_, one)| wanted(one)).map(|(action, _)| (*action).to_owned()).collect()
    };
    let denied = told.iter().find_map(|(_, one)| match one {
        Verdict::Denied(statement) => Some(statement.clone()),
        _ => None,
    });
    if let Some(statement) = denied {
        return Some(KeyUse::Denied { actions: those(|one| matches!(one, Verdict::Denied(_))), statement });
    }
    let missing = those(|one| *one == Verdict::Missing);
    if !missing.is_empty() {
        return Some(KeyUse::Missing { actions: missing, others: others(&statements, key) });
    }
    let doubt = told.iter().find_map(|(_, one)| match one {
        Verdict::Unknown(why) => Some(why.clone()),
        _ => None,
    });
    Some(match doubt {
        Some(why) => KeyUse::CannotTell { why },
        None if told.iter().any(|(_, one)| *one == Verdict::LeftToIam) => KeyUse::LeftToIam,
        None => KeyUse::Allowed,
    })
}

/// Roles and users that one statement allows all of it.
fn others(statements: &[Value], key: &KeyArn) -> Vec<String> {
    let mut others: Vec<String> = Vec::new();
    let all = |statement: &&Value| {
        statement["Effect"] == "Allow"
            && KEY_ACTIONS.iter().all(|action| concerns(statement, called(action), Some(key.as_str()), covers))
    };
    for statement in statements.iter().filter(all) {
        for one in texts(&statement["Principal"]["AWS"]) {
            let named = quotable(one);
            if one.contains(":iam::") && root_of(one).is_none() && !others.contains(&named) {
                others.push(named);
            }
        }
    }
    others.truncate(OTHERS_MAX);
    others
}

#[cfg(test)]
mod tests;
