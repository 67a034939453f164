//! Tasks 2 to 5 of the guide: the role that publishes, and who may pass it.
//!
//! **Invariant:** every document names one topic, one role and one service; a statement never has a wildcard as its resource.
//! Never here: the desktop's own rights.

use super::document::{Document, Kind, Target};
use super::key_use::{KEY_ACTIONS, KeyUser};
use super::partition::{doubt, ssm};
use super::policy::{Policy, Statement, StatementPrincipal};
use super::{Ask, KeyArn, Principal};
use crate::arn::TopicArn;
use crate::digest::short_hex;

/// The keys of a confined trust: for which account and part of it Systems Manager assumes the role.
pub(super) const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
pub(super) const SOURCE_ARN: &str = "aws:SourceArn";

/// Longest name of a policy (`CreatePolicy`, `PutRolePolicy`).
const POLICY_NAME_MAX: usize = 128;

pub(super) fn documents(ask: &Ask) -> Vec<Document> {
    let key = ask.key.as_ref();
    let mut list = vec![publish(ask, key)];
    list.extend(key.map(|key| use_key(ask, key)));
    list.push(trust(ask));
    list.push(pass_by_sender(ask));
    list.extend(ask.window_role.as_ref().map(|window| pass_by_window(ask, window)));
    list
}

/// The name of a policy of this account, which is another for another topic, cut where IAM would refuse it. People of one account may hear
/// topics of one name in many accounts.
pub(super) fn policy_name(prefix: &str, topic: &TopicArn, account: &str) -> String {
    let mut whole = format!("{prefix}-{}-{}", topic.name(), topic.region());
    if topic.account() != account {
        whole = format!("{whole}-{}", topic.account());
    }
    if whole.len() <= POLICY_NAME_MAX {
        return whole;
    }
    let hex = short_hex(topic.as_str());
    // Prefix, name and region are ASCII.
    format!("{}-{hex}", &whole[..POLICY_NAME_MAX - hex.len() - 1])
}

/// The Systems Manager of the topic's account and region.
pub(super) fn source_arns(topic: &TopicArn) -> String {
    format!("arn:{}:ssm:{}:{}:*", topic.partition(), topic.region(), topic.account())
}

fn publish(ask: &Ask, key: Option<&KeyArn>) -> Document {
    let (role, topic) = (ask.sns_role.name(), ask.topic.name());
    let mut statements = vec![Statement::allow("Publish", &["sns:Publish"], ask.topic.as_str())];
    // No condition on the encryption context or on `kms:ViaService`: they are known from recordings only, and were they wrong, every
    // notification would be lost without an error.
    statements.extend(key.map(|key| Statement::allow("UseTopicKey", &KEY_ACTIONS, key.as_str())));
    let mut purpose = "Systems Manager publishes a command's status as this role.".to_owned();
    let mut notes = Vec::new();
    if key.is_some() {
        purpose.push_str(" The topic is encrypted, so it needs the topic's key as well.");
        notes.push(
            "Without the key the commands still run, and their notifications are lost without an error.".to_owned(),
        );
    }
    Document {
        title: format!("Let the role {role} publish to {topic}"),
        task: Some(2),
        purpose,
        kind: Kind::RolePermission,
        attach_to: sns_role(ask),
        name: Some(policy_name("sns-publish", &ask.topic, ask.topic.account())),
        policy: Policy::new(statements),
        notes,
    }
}

fn use_key(ask: &Ask, key: &KeyArn) -> Document {
    let statement = KeyUser::publisher(&ask.sns_role, &ask.topic).statement();
    let needed = if key.account() == ask.topic.account() {
        "Needed only where the key's policy does not leave access to IAM, as the statement for the account's root does."
    } else {
        "The key belongs to another account, whose administrator has to add this."
    };
    Document {
        title: format!("Let the topic's key be used by the role {}", ask.sns_role.name()),
        task: Some(2),
        purpose: format!("An encrypted topic takes messages only from those whom its key lets in. {needed}"),
        kind: Kind::Key,
        attach_to: Target::Key { arn: key.to_string() },
        name: None,
        policy: Policy::new(vec![statement]),
        notes: vec![
            "Add the statement to the key's policy; the rest of that policy stays. The role must exist first."
                .to_owned(),
        ],
    }
}

fn trust(ask: &Ask) -> Document {
    let partition = ask.topic.partition();
    let mut statement = Statement::trusting("TrustSystemsManager", StatementPrincipal::Service(ssm(partition)));
    let mut notes: Vec<String> = doubt(partition).map(str::to_owned).into_iter().collect();
    if ask.confine_trust {
        // SSM user guide, "Cross-service confused deputy prevention".
        statement = statement.when("StringEquals", SOURCE_ACCOUNT, ask.topic.account()).when(
            "ArnLike",
            SOURCE_ARN,
            source_arns(&ask.topic),
        );
        notes.push(
            "The two conditions keep Systems Manager from using the role for another account. AWS documents them for hybrid \
             activations; that it sends the two keys when it publishes notifications is not confirmed. Send a command with a \
             notification after applying this: if none comes, take the conditions out again. No error would tell."
                .to_owned(),
        );
    }
    if ask.sns_role.exists() {
        notes.push(
            "The role exists: add the statement to its trust policy if it is not there yet; the rest of that policy stays."
                .to_owned(),
        );
    }
    Document {
        title: format!("Let Systems Manager assume the role {}", ask.sns_role.name()),
        task: Some(3),
        purpose: "Whoever sends a command names this role, and Systems Manager assumes it to publish.".to_owned(),
        kind: Kind::Trust,
        attach_to: sns_role(ask),
        name: None,
        policy: Policy::new(vec![statement]),
        notes,
    }
}

fn pass_by_sender(ask: &Ask) -> Document {
    let (partition, account) = (ask.topic.partition(), ask.topic.account());
    let sender = ask.person.as_ref().filter(|_| !ask.is_cross_account());
    let mut notes = vec![
        "This comes beside the permission to use Systems Manager itself (AmazonSSMFullAccess or comparable)."
            .to_owned(),
    ];
    if ask.is_cross_account() && ask.person.is_some() {
        notes.push(format!(
            "A role cannot be passed across accounts, so this is for those of account {account} who send the commands."
        ));
    }
    if let Some(window) = &ask.window_role {
        notes.push(format!(
            "Who registers tasks with a maintenance window must be allowed to pass {}, too.",
            window.name()
        ));
    }
    let who = sender
        .map_or_else(|| "whoever sends commands".to_owned(), |one| format!("the {} {}", one.kind().noun(), one.name()));
    Document {
        title: format!("Let {who} pass the role {}", ask.sns_role.name()),
        task: Some(4),
        purpose: "A command with notifications names the role, and IAM asks whether its sender may pass it.".to_owned(),
        kind: Kind::PersonPermission,
        attach_to: match sender {
            Some(sender) => Target::of(sender, partition, account),
            None => Target::Anyone { account: account.to_owned() },
        },
        name: Some(format!("ssm-pass-{}", ask.sns_role.name())),
        policy: pass(ask),
        notes,
    }
}

fn pass_by_window(ask: &Ask, window: &Principal) -> Document {
    Document {
        title: format!("Let the maintenance window's role {} pass the role {}", window.name(), ask.sns_role.name()),
        task: Some(5),
        purpose: "A window's task is sent as the window's role, so that is the one that passes the role for notifications."
            .to_owned(),
        kind: Kind::RolePermission,
        attach_to: Target::of(window, ask.topic.partition(), ask.topic.account()),
        name: Some(format!("ssm-pass-{}", ask.sns_role.name())),
        policy: pass(ask),
        notes: vec![
            "The role also needs what runs the window's tasks (AmazonSSMMaintenanceWindowRole or comparable).".to_owned(),
            "In the task, the outer ServiceRoleArn is the window's role; the one beside NotificationConfig is the role for \
             notifications."
                .to_owned(),
        ],
    }
}

/// The guide has no condition; with it the role can be passed to Systems Manager and to no other service.
fn pass(ask: &Ask) -> Policy {
    Policy::new(vec![Statement::allow("PassToSystemsManager", &["iam:PassRole"], ask.sns_role_arn()).when(
        "StringEquals",
        "iam:PassedToService",
        ssm(ask.topic.partition()),
    )])
}

fn sns_role(ask: &Ask) -> Target {
    Target::of(&ask.sns_role, ask.topic.partition(), ask.topic.account())
}
