//! Reading a queue that an administrator made.
//!
//! **Invariant:** nothing is written, made or subscribed; only ReceiveMessage and DeleteMessage are needed. What may not
//! be looked at is named as a risk. From a queue that counts receives, none is received only to see that it may be: with a redrive
//! policy the one after it may send the message to the dead-letter queue.

use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{LetsIn, lets_in};

use super::access::Access;
use super::check::cannot_tell;
use super::refusal::refusal;
use super::subscribe::{StepState, Steps, SubscribeFailed, SubscribeRequest, Subscribed};
use super::{queue, subscription};
use crate::error::{Code, Problem};

/// The ARN of the queue behind a URL. The host names the region where it is AWS's; otherwise `region` does.
pub fn queue_arn_of(url: &str, region: &str, topic: &TopicArn) -> Result<QueueArn, Problem> {
    let malformed = || {
        Problem::new(
            Code::Usage,
            format!("\"{}\" is not the URL of a queue", watchbell_core::words::clean_to(url, 200)),
            "copy the URL from the SQS console: https://sqs.us-east-1.amazonaws.com/123456789012/my-queue",
        )
    };
    let rest = url.strip_prefix("https://").or_else(|| url.strip_prefix("http://")).ok_or_else(malformed)?;
    let mut parts = rest.split('/');
    let (Some(host), Some(account), Some(name), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(malformed());
    };
    let region = region_of_host(host).unwrap_or(region);
    let arn = format!("arn:{}:sqs:{region}:{account}:{name}", topic.partition());
    arn.parse()
        .map_err(|error: watchbell_core::arn::ArnError| Problem::new(Code::Usage, error.to_string(), error.hint()))
}

/// The region that a queue's URL says, where its host is AWS's.
pub fn region_of_url(url: &str) -> Option<&str> {
    let host = url.split_once("://")?.1.split('/').next()?;
    region_of_host(host)
}

/// `sqs.REGION.amazonaws.com` or, of old, `REGION.queue.amazonaws.com`.
fn region_of_host(host: &str) -> Option<&str> {
    let inner = host.split_once(".amazonaws.com")?.0;
    inner.strip_prefix("sqs.").or_else(|| inner.strip_suffix(".queue")).filter(|region| region.contains('-'))
}

pub(super) async fn adopt(
    access: &Access,
    request: &SubscribeRequest,
    url: &str,
    mut steps: Steps<'_>,
) -> Result<Subscribed, SubscribeFailed> {
    match look(access, request, url, &mut steps).await {
        Ok(looked) => Ok(Subscribed::adopted(request, url, looked, steps.into_list())),
        Err(problem) => {
            steps.add("queue", StepState::Failed, &problem.message);
            Err(SubscribeFailed { problem, steps: steps.into_list() })
        }
    }
}

/// What an administrator's queue turned out to be.
pub(super) struct Looked {
    pub(super) queue: QueueArn,
    pub(super) subscription: Option<String>,
    pub(super) raw: bool,
    pub(super) risks: Vec<String>,
    /// Whether a message was received to see that it may be.
    pub(super) received: bool,
}

async fn look(
    access: &Access,
    request: &SubscribeRequest,
    url: &str,
    steps: &mut Steps<'_>,
) -> Result<Looked, Problem> {
    let arn = queue_arn_of(url, &request.queue_region, &request.topic)?;
    let sqs = access.sqs_setup(arn.region()).await;
    let mut risks = Vec::new();
    let mut counts = false;
    match queue::attributes(&sqs, url, arn.as_str()).await {
        Ok(held) => {
            counts = counts_receives(&held);
            risks.extend(risks_of(&held));
            risks.extend(policy_risk(held.get("Policy").map_or("", String::as_str), &arn, &request.topic));
        }
        Err(refused) if refused.state != SubscriptionState::Denied => return Err(refused.problem),
        Err(refused) => risks.push(format!(
            "cannot check whether the queue throws messages away or has a second reader: {}",
            refused.problem.message
        )),
    }
    if !counts {
        may_receive(&sqs, url, &arn).await?;
    }
    may_delete(&sqs, url, &arn).await?;
    let may = if counts { "may delete" } else { "may read and delete" };
    steps.add("queue", StepState::Unchanged, format!("{may} from {}", arn.name()));
    let sns = access.sns(request.topic.region()).await;
    let mut raw = false;
    let found = match subscription::find(&sns, &request.topic, &arn).await {
        Ok(Some(found)) => {
            steps.add("subscription", StepState::Unchanged, format!("found {found}"));
            if let Ok(held) = subscription::attributes(&sns, &found).await {
                raw = held.get("RawMessageDelivery").is_some_and(|raw| raw == "true");
                if held.get("FilterPolicy").is_some_and(|filter| !watchbell_core::plan::same_json(filter, "")) {
                    risks.push("the subscription has a filter: what it holds back is never heard".to_owned());
                }
            }
            Some(found)
        }
        Ok(None) => {
            risks.push(format!(
                "the topic {} does not send to this queue: ask your administrator to subscribe it",
                request.topic.name()
            ));
            None
        }
        Err(refused) => {
            risks.push(format!("cannot check whether the topic sends to this queue: {}", refused.problem.message));
            None
        }
    };
    Ok(Looked { queue: arn, subscription: found, raw, risks, received: !counts })
}

/// Whether it is kept how often a message was received, and one goes away that was received too often.
pub(crate) fn counts_receives(held: &queue::Attributes) -> bool {
    held.get("RedrivePolicy").is_some_and(|policy| !policy.is_empty())
}

/// Receives at most one message and lets it be seen again at once.
pub(crate) async fn may_receive(sqs: &aws_sdk_sqs::Client, url: &str, arn: &QueueArn) -> Result<(), Problem> {
    sqs.receive_message()
        .queue_url(url)
        .max_number_of_messages(1)
        .visibility_timeout(0)
        .wait_time_seconds(0)
        .send()
        .await
        .map_err(|error| refusal("sqs:ReceiveMessage", arn.as_str(), &error))?;
    Ok(())
}

/// Asks to delete a message that does not exist.
pub(crate) async fn may_delete(sqs: &aws_sdk_sqs::Client, url: &str, arn: &QueueArn) -> Result<(), Problem> {
    // Refused for its handle when it is permitted, for the permission when it is not.
    match sqs.delete_message().queue_url(url).receipt_handle("watchbell-asks-whether-it-may").send().await {
        Ok(_) => Ok(()),
        Err(error) => match refusal("sqs:DeleteMessage", arn.as_str(), &error) {
            refused if refused.state == SubscriptionState::Blind && !refused.transient => Ok(()),
            refused => Err(refused.problem),
        },
    }
}

/// What of its attributes may make an administrator's queue hear less.
pub(crate) fn risks_of(held: &queue::Attributes) -> Vec<String> {
    let mut risks = Vec::new();
    let text = |name: &str| held.get(name).map_or("", String::as_str);
    if counts_receives(held) {
        risks.push(
            "the queue has a redrive policy: what Watchbell cannot store in time goes to the dead-letter queue"
                .to_owned(),
        );
    }
    if text("ApproximateNumberOfMessagesNotVisible").parse::<u64>().is_ok_and(|held| held > 0) {
        risks.push(
            "messages of this queue are in somebody's hands now: a second reader takes what you never hear".to_owned(),
        );
    }
    risks
}

fn policy_risk(policy: &str, arn: &QueueArn, topic: &TopicArn) -> Option<String> {
    match lets_in(policy, arn, topic) {
        LetsIn::Yes => None,
        LetsIn::No => Some(format!("the queue's policy does not let {} deliver", topic.name())),
        LetsIn::CannotTell { why } => Some(cannot_tell(&why)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_url_says_region_account_and_name() {
        let topic: TopicArn = "arn:aws:sns:us-east-1:123456789012:t".parse().unwrap();
        let cases = [
            ("https://sqs.eu-west-1.amazonaws.com/210987654321/own", "arn:aws:sqs:eu-west-1:210987654321:own"),
            ("https://eu-west-1.queue.amazonaws.com/210987654321/own", "arn:aws:sqs:eu-west-1:210987654321:own"),
            ("http://127.0.0.1:4566/000000000000/own", "arn:aws:sqs:us-east-1:000000000000:own"),
        ];
        for (url, arn) in cases {
            assert_eq!(queue_arn_of(url, "us-east-1", &topic).unwrap().as_str(), arn, "{url}");
        }
    }

    #[test]
    fn what_is_no_standard_queue_is_refused_before_any_call() {
        let topic: TopicArn = "arn:aws:sns:us-east-1:123456789012:t".parse().unwrap();
        for url in [
            "own",
            "https://sqs.eu-west-1.amazonaws.com/own",
            "https://sqs.eu-west-1.amazonaws.com/210987654321/a.fifo",
        ] {
            let problem = queue_arn_of(url, "us-east-1", &topic).unwrap_err();
            assert_eq!(problem.code, Code::Usage, "{url} is the person's mistake");
        }
    }
}
