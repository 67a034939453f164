//! `subscriptions`: what this data folder hears from, and what is left over elsewhere.
//!
//! **Invariant:** reads only, and shows no secret: none is in the history. That AWS cannot be looked at is said, and is no failure.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::json;
use watchbell_core::arn::TopicArn;
use watchbell_core::plan::Filter;
use watchbell_core::words;
use watchbell_engine::error::Problem;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{CredentialSource, Reader, SubscriptionRecord};

use super::leftovers::{self, Elsewhere, Looked};
use crate::args::{Global, Subscriptions};
use crate::ended::{Answer, Ended};
use crate::output::Out;
use crate::output::progress::Turning;

/// What a subscription with the filter `alerts` does not hear, in the words used everywhere.
pub(super) const HEARS_LESS: &str = "failures and time-outs only: progress, successes and totals are unknown";

/// A remark for each subscription of this data folder that hears less than everything.
pub(super) fn hears_less(dir: &DataDir) -> Vec<String> {
    let remark = |topic: &TopicArn| format!("Mind: {} sends {HEARS_LESS}", topic.name());
    filters(dir).iter().filter(|(_, filter)| **filter == Filter::Alerts).map(|(topic, _)| remark(topic)).collect()
}

/// What each topic of this data folder was asked to send. Empty where that cannot be read: another reading says why.
pub(super) fn filters(dir: &DataDir) -> BTreeMap<TopicArn, Filter> {
    let records = Reader::open(dir).and_then(|reader| reader.subscriptions()).unwrap_or_default();
    records.into_iter().map(|record| (record.topic_arn, record.filter)).collect()
}

/// Lists the subscriptions, then what is left over.
pub(super) async fn run(asked: &Subscriptions, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let records = Reader::open(&dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
    let turning = Turning::over("Looking for queues left over");
    let looked = Box::pin(leftovers::look(asked, global, &records)).await;
    drop(turning);
    if out.is_json() {
        let rows = records.iter().map(row).collect::<serde_json::Result<Vec<_>>>().map_err(std::io::Error::from)?;
        let mut document = json!({ "ok": true, "subscriptions": rows, "leftovers": looked.leftovers });
        if !looked.unseen.is_empty() {
            document["not_looked"] = json!(looked.unseen);
        }
        out.document(&document)?;
        return Ok(Answer::Done);
    }
    let cards: Vec<_> = records.iter().map(card).chain(looked.leftovers.iter().map(leftover)).collect();
    if !cards.is_empty() {
        out.text(&cards.join("\n"))?;
    }
    if records.is_empty() {
        out.note("No subscription yet: watchbellctl subscribe --topic-arn ARN");
    }
    out.notes(&remarks(&looked));
    Ok(Answer::Done)
}

fn remarks(looked: &Looked) -> Vec<String> {
    let mut remarks = Vec::new();
    if looked.nowhere {
        remarks.push(
            "To look for queues left over: watchbellctl subscriptions --region REGION [--profile PROFILE]".into(),
        );
    }
    if !looked.leftovers.is_empty() {
        remarks.push(
            "A queue left over keeps what its topic sends until somebody removes it: run watchbellctl unsubscribe on the machine \
             that made it, or, when that machine is gone, here: watchbellctl unsubscribe --leftover QUEUE_URL"
                .into(),
        );
    }
    for unseen in &looked.unseen {
        let message = words::clean_to(&unseen.problem.message, 400);
        remarks.push(format!("Could not look for queues left over in {}: {message}", unseen.region));
        if !unseen.problem.hint.is_empty() {
            remarks.push(format!("  {}", words::clean_to(&unseen.problem.hint, 400)));
        }
    }
    remarks
}

/// Absent means unknown, so what is not known is left out.
fn row(record: &SubscriptionRecord) -> serde_json::Result<serde_json::Value> {
    let mut row = serde_json::to_value(record)?;
    if let Some(fields) = row.as_object_mut() {
        fields.retain(|_, value| !value.is_null());
    }
    Ok(row)
}

fn card(record: &SubscriptionRecord) -> String {
    let mut text = format!("{}\n", record.topic_arn);
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<9}{}", words::clean_to(value, 400));
    };
    line("queue", &record.queue_url);
    match &record.credentials {
        CredentialSource::Profile { name: Some(name) } => line("rights", &format!("profile {name}")),
        CredentialSource::Profile { name: None } => line("rights", "the AWS SDK's own chain (AWS_PROFILE, …)"),
        CredentialSource::AccessKey { id } => line("rights", &format!("access key {id}, its secret in the keychain")),
        CredentialSource::IdentityCenter { place, account_id, role_name } => {
            line("rights", &format!("{role_name} in {account_id}, through {}", place.start_url()));
        }
    }
    if let Some(role) = &record.role_arn {
        line("role", role);
        if let Some(serial) = &record.role_terms.mfa_serial {
            line("mfa", serial);
        }
    }
    if record.filter == Filter::Alerts {
        line("hears", HEARS_LESS);
    }
    if record.adopted {
        line("note", "an administrator made the queue; Watchbell will not delete it");
    }
    if record.leaving {
        line("note", "leaving it is not finished: watchbellctl unsubscribe, once more, finishes it");
    } else if record.paused {
        line("note", "paused");
    }
    text
}

fn leftover(Elsewhere { region, leftover }: &Elsewhere) -> String {
    let mut text = format!("Left over: {}\n", words::clean_to(&leftover.queue_url, 400));
    let mut line = |name: &str, value: &str| {
        let _ = writeln!(text, "  {name:<10}{}", words::clean_to(value, 400));
    };
    let host = leftover.host.as_deref().unwrap_or("unknown");
    line("made on", &if leftover.here { format!("{host}, this machine") } else { host.to_owned() });
    line("region", region);
    for (name, value) in
        [("topic", &leftover.topic_arn), ("created", &leftover.created), ("last seen", &leftover.last_seen)]
    {
        line(name, value.as_deref().unwrap_or("unknown"));
    }
    text
}

#[cfg(test)]
mod tests {
    use watchbell_engine::aws::leftover::Leftover;
    use watchbell_engine::error::Code;

    use super::*;
    use crate::command::leftovers::Unseen;

    fn record() -> SubscriptionRecord {
        SubscriptionRecord {
            topic_arn: "arn:aws:sns:eu-central-1:123456789012:ssm-notify".parse().unwrap(),
            queue_url: "https://sqs.eu-central-1.amazonaws.com/123456789012/watchbell-ann".into(),
            queue_arn: None,
            queue_region: "eu-central-1".into(),
            subscription_arn: None,
            endpoint_url: None,
            credentials: CredentialSource::AccessKey { id: "AKIAIOSFODNN7EXAMPLE".into() },
            role_arn: None,
            role_terms: watchbell_engine::store::RoleTerms::default(),
            filter: Filter::Alerts,
            adopted: true,
            raw: false,
            created_at: jiff::Timestamp::from_second(1_795_000_000).unwrap(),
            paused: false,
            leaving: false,
        }
    }

    #[test]
    fn a_subscription_that_hears_less_says_so() {
        insta::assert_snapshot!(card(&record()));
    }

    #[test]
    fn what_is_left_over_says_whose_it_is_and_what_to_do() {
        let one = Elsewhere {
            region: "eu-central-1".into(),
            leftover: Leftover {
                queue_url: "https://sqs.eu-central-1.amazonaws.com/123456789012/watchbell-ann-old-1a2b3c4d".into(),
                host: Some("old\u{1b}[31m".into()),
                topic_arn: Some("arn:aws:sns:eu-central-1:123456789012:ssm-notify".into()),
                created: Some("2026-01-01T00:00:00Z".into()),
                last_seen: None,
                here: false,
            },
        };
        let denied = Problem::new(Code::AwsRefused, "AWS denied sqs:ListQueues on *", "ask your administrator for: it");
        let card = leftover(&one);
        let looked = Looked {
            leftovers: vec![one],
            unseen: vec![Unseen { region: "us-east-1".into(), problem: denied }],
            nowhere: false,
        };
        insta::assert_snapshot!(format!("{card}\n{}", remarks(&looked).join("\n")));
    }

    #[test]
    fn what_is_unknown_is_absent() {
        let row = row(&record()).unwrap();
        assert!(row.get("queue_arn").is_none(), "absent means unknown, never null: {row}");
        assert_eq!(row["adopted"], true, "what is known stays");
    }
}
