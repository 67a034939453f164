//! The rights of the person at the desktop: what Watchbell calls, and nothing more.
//!
//! **Invariant:** each action is one that the engine makes or its queue's key asks for, and on the narrowest resource that AWS enforces for it
//! (Service Authorization Reference): the topic, the queues that Watchbell names, and `*` only where there is nothing narrower.
//! `tests/tests/iam` takes each action away in turn and sees something fail.

use super::document::{Document, Kind, Target};
use super::policy::{Policy, Statement, StatementPrincipal};
use super::sender::policy_name;
use super::{Ask, KeyArn, KeyUser, PersonalQueue};
use crate::arn::QueueArn;
use crate::plan::{queue_principal, queue_statement_id};

/// Receiving, and seeing how much waits and who may send.
const READ_QUEUE: [&str; 3] = ["sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"];
/// Making, marking, finding again and removing a personal queue.
const OWN_QUEUE: [&str; 7] = [
    "sqs:CreateQueue",
    "sqs:DeleteQueue",
    "sqs:GetQueueUrl",
    "sqs:ListQueueTags",
    "sqs:SetQueueAttributes",
    "sqs:TagQueue",
    "sqs:UntagQueue",
];
const READ_TOPIC: [&str; 2] = ["sns:GetTopicAttributes", "sns:ListSubscriptionsByTopic"];
const OWN_SUBSCRIPTION: [&str; 3] =
    ["sns:GetSubscriptionAttributes", "sns:SetSubscriptionAttributes", "sns:Unsubscribe"];

pub(super) fn documents(ask: &Ask) -> Vec<Document> {
    let mut list = vec![rights(ask)];
    if let PersonalQueue::Provided(queue) = &ask.queue {
        list.push(Document {
            title: format!("Let {} deliver to the queue {}", ask.topic.name(), queue.name()),
            task: None,
            purpose: "The queue takes messages from this topic and from nobody else.".to_owned(),
            kind: Kind::Queue,
            attach_to: Target::Queue { arn: queue.to_string() },
            name: None,
            policy: Policy::new(vec![
                Statement::allow(queue_statement_id(&ask.topic), &["sqs:SendMessage"], queue.as_str())
                    .to(StatementPrincipal::Service(queue_principal(queue, &ask.topic).into()))
                    .when("ArnEquals", "aws:SourceArn", ask.topic.as_str()),
            ]),
            notes: vec![
                "Then subscribe it: protocol sqs, endpoint the queue's ARN, no redrive policy on the queue, and no second reader."
                    .to_owned(),
            ],
        });
        list.extend(ask.queue_key.as_ref().map(|key| let_sns_use_key(ask, queue, key)));
    }
    if ask.is_cross_account() {
        list.push(let_account_subscribe(ask));
    }
    list
}

fn rights(ask: &Ask) -> Document {
    let queue = ask.queue_pattern();
    let topic = ask.topic.as_str();
    let mut statements = vec![Statement::allow("ReadOwnQueue", &READ_QUEUE, queue.as_str())];
    let mut notes = Vec::new();
    let purpose = match &ask.queue {
        PersonalQueue::Own { .. } => {
            statements.extend([
                Statement::allow("MakeAndRemoveOwnQueue", &OWN_QUEUE, queue.as_str()),
                Statement::allow("FindQueuesLeftOver", &["sqs:ListQueues"], "*"),
                Statement::allow("SubscribeOwnQueueOnly", &["sns:Subscribe"], topic)
                    .when("StringEquals", "sns:Protocol", "sqs")
                    .when("StringLike", "sns:Endpoint", queue.as_str()),
                Statement::allow("ReadTopic", &READ_TOPIC, topic),
                Statement::allow("SubscriptionsHaveNoResources", &OWN_SUBSCRIPTION, "*"),
            ]);
            notes.push(
                "Every queue of Watchbell's begins with watchbell-, so this lets each person read those of the others. To hold \
                 somebody to their own, put watchbell-NAME-* in its place, where NAME is what their machine calls them."
                    .to_owned(),
            );
            notes.push(
                "IAM knows no single subscriptions: the right to change and remove them reaches all that the account owns. Where that \
                 is too much, make the queue and its subscription yourself and name the queue instead."
                    .to_owned(),
            );
            "Watchbell subscribes a queue of its own to the topic, reads it, looks after both, and removes them."
        }
        PersonalQueue::Provided(_) => {
            let key = ask.queue_key.as_ref();
            statements.extend(key.map(|key| Statement::allow("DecryptMessages", &["kms:Decrypt"], key.as_str())));
            statements.extend([
                Statement::allow("SeeWhetherTheTopicSends", &["sns:ListSubscriptionsByTopic"], topic),
                Statement::allow("SubscriptionsHaveNoResources", &["sns:GetSubscriptionAttributes"], "*"),
                Statement::allow("ConfirmIfSnsAsks", &["sns:ConfirmSubscription"], topic).optional(),
            ]);
            let needed = if key.is_some() {
                "ReceiveMessage, DeleteMessage and kms:Decrypt"
            } else {
                "ReceiveMessage and DeleteMessage"
            };
            notes.push(format!(
                "Receiving needs {needed} alone. With the three that only read, Watchbell sees when the topic no longer sends to the \
                 queue; without them it says that it cannot check."
            ));
            notes.push(
                "ConfirmSubscription is optional, too: SNS asks for it when the topic's owner subscribed a queue of another account, and \
                 Watchbell then confirms by itself, this topic only. Without it, have the queue's owner subscribe."
                    .to_owned(),
            );
            notes.extend(key.map(|key| decrypting(key, ask.person_account())));
            "Watchbell reads a queue that you made and subscribed, and changes nothing."
        }
    };
    if ask.read_commands {
        statements.extend(read_commands(ask));
    }
    let (partition, account) = (ask.topic.partition(), ask.person_account());
    let who = ask.person.as_ref();
    let named = who
        .map_or_else(|| "whoever uses Watchbell".to_owned(), |one| format!("the {} {}", one.kind().noun(), one.name()));
    Document {
        title: format!("Let {named} hear {} at the desktop", ask.topic.name()),
        task: None,
        purpose: purpose.to_owned(),
        kind: Kind::PersonPermission,
        attach_to: match who {
            Some(who) => Target::of(who, partition, account),
            None => Target::Anyone { account: account.to_owned() },
        },
        name: Some(policy_name("watchbell-desktop", &ask.topic, account)),
        policy: Policy::new(statements),
        notes,
    }
}

/// When the right to decrypt counts: a key's policy is asked in any case.
fn decrypting(key: &KeyArn, account: &str) -> String {
    if key.account() == account {
        "The right to decrypt counts only where the key's policy leaves access to IAM, as its statement for the account's root does."
            .to_owned()
    } else {
        format!(
            "The key belongs to account {}, whose administrator has to let account {account} do kms:Decrypt in the key's policy, too.",
            key.account()
        )
    }
}

/// SNS encrypts with the queue's key when it delivers.
fn let_sns_use_key(ask: &Ask, queue: &QueueArn, key: &KeyArn) -> Document {
    Document {
        title: format!("Let the key of the queue {} be used by SNS", queue.name()),
        task: None,
        purpose:
            "An encrypted queue takes messages only if SNS may use its key; no policy of IAM can let a service in."
                .to_owned(),
        kind: Kind::Key,
        attach_to: Target::Key { arn: key.to_string() },
        name: None,
        policy: Policy::new(vec![KeyUser::delivery(&ask.topic, queue).statement()]),
        notes: vec!["Add the statement to the key's policy; the rest of that policy stays.".to_owned()],
    }
}

/// All of Systems Manager's reading calls that say what a node wrote, or which window a command belongs to.
fn read_commands(ask: &Ask) -> [Statement; 2] {
    let (partition, region, account) = (ask.topic.partition(), ask.topic.region(), ask.topic.account());
    [
        Statement::allow(
            "ReadCommands",
            &[
                "ssm:DescribeInstanceInformation",
                "ssm:DescribeMaintenanceWindowExecutionTaskInvocations",
                "ssm:DescribeMaintenanceWindowExecutionTasks",
                "ssm:DescribeMaintenanceWindows",
                "ssm:GetCommandInvocation",
                "ssm:GetMaintenanceWindowExecution",
                "ssm:GetMaintenanceWindowExecutionTask",
                "ssm:GetMaintenanceWindowExecutionTaskInvocation",
                "ssm:ListCommandInvocations",
                "ssm:ListCommands",
            ],
            "*",
        ),
        Statement::allow(
            "ReadWindows",
            &[
                "ssm:DescribeMaintenanceWindowExecutions",
                "ssm:DescribeMaintenanceWindowTasks",
                "ssm:GetMaintenanceWindow",
            ],
            format!("arn:{partition}:ssm:{region}:{account}:maintenancewindow/*"),
        ),
    ]
}

/// Another account's topic has to let the person's account in; what they may do with that is their own policy's matter.
fn let_account_subscribe(ask: &Ask) -> Document {
    let account = ask.person_account();
    let principal = || StatementPrincipal::Aws(format!("arn:{}:iam::{account}:root", ask.topic.partition()).into());
    let topic = ask.topic.as_str();
    Document {
        title: format!("Let account {account} subscribe to {}", ask.topic.name()),
        task: None,
        purpose: format!(
            "The topic belongs to account {}, and its policy decides who else may subscribe.",
            ask.topic.account()
        ),
        kind: Kind::Topic,
        attach_to: Target::Topic { arn: ask.topic.to_string() },
        name: None,
        policy: Policy::new(vec![
            Statement::allow(format!("LetAccount{account}Subscribe"), &["sns:Subscribe"], topic)
                .to(principal())
                .when("StringEquals", "sns:Protocol", "sqs")
                .when("StringLike", "sns:Endpoint", ask.queue_pattern()),
            Statement::allow(format!("LetAccount{account}Read"), &READ_TOPIC, topic).to(principal()),
        ]),
        notes: vec!["Add the statements to the topic's policy; the rest of that policy stays.".to_owned()],
    }
}
