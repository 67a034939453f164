//! Our own rights, as IAM says of itself: each action of the desktop's policy (`core::iam`), asked beforehand.
//!
//! **Invariant:** without the right to ask it is skipped with that right named; nothing is tried out that could change something.

use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::iam::{Ask, Kind, PersonalQueue, Policy, documents};

use super::report::{Check, Of, Stage};
use crate::aws::access::{Access, Caller};
use crate::aws::simulate::{Subject, denied, subject};

const PERMISSIONS: Of = Of(Stage::Permissions, "permissions");

/// What an administrator's queue is heard with.
const NEEDED: [&str; 2] = ["sqs:ReceiveMessage", "sqs:DeleteMessage"];

pub(super) fn after(other: &str) -> Check {
    PERMISSIONS.after(other)
}

/// Asks IAM. `queue` is the one that is read; `adopted` says that an administrator made it.
pub(super) async fn look(
    access: &Access,
    caller: &Caller,
    topic: &TopicArn,
    queue: Option<&QueueArn>,
    adopted: bool,
) -> Check {
    let iam = access.iam(topic.region()).await;
    let principal = match subject(&iam, caller).await {
        Ok(Subject::Principal(arn)) => arn,
        Ok(Subject::Root) => return PERMISSIONS.ok("the account's root may do everything"),
        Ok(Subject::Other) => {
            return PERMISSIONS.skipped(format!("IAM cannot be asked about {}: it is no user and no role", caller.arn));
        }
        Err(refused) => return PERMISSIONS.unseen(&refused.problem),
    };
    let Some(policy) = desktop(caller, topic, queue, adopted) else {
        return PERMISSIONS.skipped("the rights that are needed here are not known");
    };
    // In place of the pattern of all queues of Watchbell's the one that is at stake.
    let actual = |resource: &str| match queue {
        Some(queue) if resource.contains(":sqs:") => queue.to_string(),
        _ => resource.replace("watchbell-*", "watchbell-x"),
    };
    match denied(&iam, &principal, &policy, actual).await {
        Ok(denied) if denied.is_empty() => PERMISSIONS.ok("IAM would allow each call that Watchbell makes"),
        Ok(denied) => judged(denied, adopted),
        Err(refused) => PERMISSIONS.unseen(&refused.problem),
    }
}

/// An administrator's queue is heard with [`NEEDED`] alone; the other rights only look.
fn judged(denied: Vec<(String, String)>, adopted: bool) -> Check {
    let (needed, looks): (Vec<_>, Vec<_>) =
        denied.into_iter().partition(|(action, _)| !adopted || NEEDED.contains(&action.as_str()));
    let listed = |denied: &[(String, String)]| {
        denied.iter().map(|(action, on)| format!("{action} on {on}")).collect::<Vec<_>>().join(", ")
    };
    if !needed.is_empty() {
        return PERMISSIONS.failed(format!("IAM would deny {}", listed(&needed)), ask_for(&needed));
    }
    PERMISSIONS.ok_but(
        format!(
            "IAM would allow {}, all that an administrator's queue needs; it would deny {}, so part of what can go wrong between topic and queue \
             is not seen",
            NEEDED.join(" and "),
            listed(&looks)
        ),
        &ask_for(&looks),
    )
}

fn desktop(caller: &Caller, topic: &TopicArn, queue: Option<&QueueArn>, adopted: bool) -> Option<Policy> {
    let mut ask = Ask::about(topic.clone()).ok()?;
    ask.queue = match queue {
        Some(queue) if adopted => PersonalQueue::Provided(queue.clone()),
        Some(queue) => PersonalQueue::Own { region: queue.region().to_owned(), account: queue.account().to_owned() },
        None => PersonalQueue::Own { region: topic.region().to_owned(), account: caller.account.clone() },
    };
    let documents = documents(&ask).ok()?;
    let mut rights = documents.iter().filter(|one| one.kind == Kind::PersonPermission && one.task.is_none());
    rights.next().map(|one| one.policy.clone())
}

/// One statement a resource.
fn ask_for(denied: &[(String, String)]) -> String {
    let mut resources: Vec<&str> = denied.iter().map(|(_, on)| on.as_str()).collect();
    resources.dedup();
    let statements: Vec<String> = resources
        .into_iter()
        .map(|resource| {
            let actions: Vec<&str> =
                denied.iter().filter(|(_, on)| on == resource).map(|(action, _)| action.as_str()).collect();
            serde_json::json!({ "Effect": "Allow", "Action": actions, "Resource": resource }).to_string()
        })
        .collect();
    format!("ask your administrator for: {}", statements.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::CheckState;

    fn denied(actions: &[&str]) -> Vec<(String, String)> {
        actions.iter().map(|action| ((*action).to_owned(), "*".to_owned())).collect()
    }

    #[test]
    fn an_adopted_queue_fails_only_for_what_it_is_heard_with() {
        let check = judged(denied(&["sqs:GetQueueAttributes", "sns:ListSubscriptionsByTopic"]), true);
        assert_eq!(check.state, CheckState::Ok, "{check:?}");
        assert!(check.found.contains("sqs:GetQueueAttributes") && check.found.contains("is not seen"), "{check:?}");
        assert!(check.fix.as_deref().is_some_and(|fix| fix.contains("sns:ListSubscriptionsByTopic")), "{check:?}");
        for needed in NEEDED {
            let check = judged(denied(&[needed, "sqs:GetQueueAttributes"]), true);
            assert_eq!(check.state, CheckState::Failed, "{check:?}");
            assert!(check.found.contains(needed) && !check.found.contains("GetQueueAttributes"), "{check:?}");
        }
        assert_eq!(
            judged(denied(&["sqs:GetQueueAttributes"]), false).state,
            CheckState::Failed,
            "our own needs it all"
        );
    }
}
