//! Taking one subscription away: the engine stops reading, AWS is tidied up, the secret forgotten, the record removed. Or only the last
//! two, where AWS cannot be reached with these credentials any more.
//!
//! **Invariants:** whatever ends this half-way leaves the subscription listed as one that is being left, so that it can be tried again and
//! nothing polls a queue that is gone. What was removed by then is in the receipt whatever comes after it.

use tokio_util::sync::CancellationToken;
use watchbell_core::arn::QueueArn;

use super::{Me, access_of, secrets};
use crate::aws::leave::{LeaveReport, arn_of, kept_adopted, leave, of_queue};
use crate::control;
use crate::error::Problem;
use crate::keychain::Patience;
use crate::paths::DataDir;
use crate::store::{Act, SubscriptionRecord};

/// Why nothing is heard by a subscription of which leaving was begun, and what to do.
pub const UNFINISHED: (&str, &str) = (
    "leaving it was begun and is not finished",
    "press Leave once more, or run watchbellctl unsubscribe, to finish it; to keep it after all, subscribe to the topic again",
);

/// Takes it away. `endpoint_url` overrides the one that is remembered; `others` are the subscriptions that stay: what they share is kept.
///
/// # Errors
/// When the engine could not be told to stop reading: nothing was changed then. What else refused is in the report.
pub async fn take_away(
    dir: &DataDir,
    endpoint_url: Option<&str>,
    record: &SubscriptionRecord,
    others: &[SubscriptionRecord],
    cancel: &CancellationToken,
) -> Result<LeaveReport, Problem> {
    let mut report = LeaveReport::default();
    if record.adopted {
        mark(dir, record, true).await?;
        report.kept.push(kept_adopted(record));
    } else {
        // Credentials that are gone are no reason to hold on to it: AWS cannot be reached, and that is said.
        let access = match access_of(record, endpoint_url, Patience::Asked).await {
            Ok(access) => access,
            Err(problem) => return Ok(LeaveReport::untouched(record, &problem)),
        };
        mark(dir, record, true).await?;
        report = leave(&access, record, &Me::here().person(), cancel).await;
    }
    if report.could_not.is_empty() {
        forget(dir, record, others, false, &mut report).await;
    } else if report.removed.is_empty()
        && !record.leaving
        && let Err(problem) = mark(dir, record, false).await
    {
        report.note(format!("the mark that {} is being left", record.topic_arn), Err(problem));
    }
    Ok(report)
}

/// Forgets it here, without a call to AWS: the receipt says what stays there, and how an administrator removes it.
///
/// # Errors
/// When the engine could not be told to stop reading: nothing was changed then. What else refused is in the report.
pub async fn forget_here(
    dir: &DataDir,
    record: &SubscriptionRecord,
    others: &[SubscriptionRecord],
) -> Result<LeaveReport, Problem> {
    mark(dir, record, true).await?;
    let mut report = LeaveReport::default();
    if record.adopted {
        report.kept.push(kept_adopted(record));
    } else {
        let what = of_queue(record);
        report
            .kept
            .push(format!("{what} and its subscription, as far as they still exist: they were only forgotten here"));
        report.by_hand = arn_of(record).map(|queue| by_hand(record, &queue)).unwrap_or_default();
    }
    forget(dir, record, others, true, &mut report).await;
    Ok(report)
}

async fn mark(dir: &DataDir, record: &SubscriptionRecord, leaving: bool) -> Result<(), Problem> {
    control::perform(dir, Act::LeaveSubscription { topic_arn: record.topic_arn.clone(), leaving }).await.map(drop)
}

/// The secret first: while it could not be forgotten the subscription stays listed, for nothing else leads to it. `for_good` means not to
/// wait for a keychain where none runs any more.
async fn forget(
    dir: &DataDir,
    record: &SubscriptionRecord,
    others: &[SubscriptionRecord],
    for_good: bool,
    report: &mut LeaveReport,
) {
    match secrets::forget_all(record, others).await {
        Ok(forgotten) => report.forgotten = forgotten,
        Err(_) if for_good && secrets::is_there_none().await => {
            report.kept.push("what a keychain held for it, if one did: none runs here".to_owned());
        }
        Err(problem) => {
            report.note("what the keychain holds for it".to_owned(), Err(problem));
            return;
        }
    }
    let removed = control::perform(dir, Act::RemoveSubscription { topic_arn: record.topic_arn.clone() }).await;
    if let Err(problem) = removed {
        report.note(format!("the record of {} in the data folder", record.topic_arn), Err(problem));
    }
}

/// What an administrator types to remove the queue and its subscription.
fn by_hand(record: &SubscriptionRecord, queue: &QueueArn) -> Vec<String> {
    let topic = &record.topic_arn;
    let unsubscribe = |arn: &str| format!("aws sns unsubscribe --region {} --subscription-arn {arn}", topic.region());
    let mut commands = match &record.subscription_arn {
        Some(arn) => vec![unsubscribe(&quoted(arn))],
        None => vec![
            format!(
                "aws sns list-subscriptions-by-topic --region {} --topic-arn {topic} --output text --query \"Subscriptions[?Endpoint=='{queue}'].SubscriptionArn\"",
                topic.region(),
            ),
            unsubscribe("WHAT_THAT_SAYS"),
        ],
    };
    let url = quoted(&record.queue_url);
    commands.push(format!("aws sqs delete-queue --region {} --queue-url {url}", queue.region()));
    commands
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "-_.:/".contains(letter);
    if text.chars().all(plain) { text.to_owned() } else { format!("'{}'", text.replace('\'', r"'\''")) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_only_forgotten_can_be_removed_by_hand() {
        let topic = "arn:aws:sns:us-east-1:123456789012:ssm-notify";
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/watchbell-ann";
        let mut record = SubscriptionRecord::of(topic.parse().unwrap(), url, "eu-west-1");
        let queue = arn_of(&record).unwrap();
        let unknown = by_hand(&record, &queue);
        assert!(unknown[0].contains("Endpoint=='arn:aws:sqs:eu-west-1:123456789012:watchbell-ann'"), "{unknown:?}");
        record.subscription_arn = Some(format!("{topic}:83e2289d"));
        assert_eq!(
            by_hand(&record, &queue),
            [
                format!("aws sns unsubscribe --region us-east-1 --subscription-arn {topic}:83e2289d"),
                format!("aws sqs delete-queue --region eu-west-1 --queue-url {url}"),
            ],
            "each where it is"
        );
        assert_eq!(quoted("a; rm -rf '~'"), r"'a; rm -rf '\''~'\'''", "nothing of a URL is a second command");
    }
}
