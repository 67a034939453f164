//! `subscriptions`: what this data folder hears from.
//!
//! **Invariant:** reads only, and shows no secret: none is in the history.

use std::fmt::Write as _;

use watchbell_core::plan::Filter;
use watchbell_core::words;
use watchbell_engine::error::Problem;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{CredentialSource, Reader, SubscriptionRecord};

use crate::args::Global;
use crate::ended::{Answer, Ended};
use crate::output::Out;

/// What a subscription with the filter `alerts` does not hear, in the words used everywhere.
pub(super) const HEARS_LESS: &str = "failures and time-outs only: progress, successes and totals are unknown";

/// Lists the subscriptions.
pub(super) fn run(global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let records = Reader::open(&dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
    if out.is_json() {
        let rows = records.iter().map(row).collect::<serde_json::Result<Vec<_>>>().map_err(std::io::Error::from)?;
        out.document(&serde_json::json!({ "ok": true, "subscriptions": rows }))?;
    } else if records.is_empty() {
        out.note("No subscription yet: watchbellctl subscribe --topic-arn ARN");
    } else {
        out.text(&records.iter().map(card).collect::<Vec<_>>().join("\n"))?;
    }
    Ok(Answer::Done)
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
    }
    if let Some(role) = &record.role_arn {
        line("role", role);
    }
    if record.filter == Filter::Alerts {
        line("hears", HEARS_LESS);
    }
    if record.adopted {
        line("note", "an administrator made the queue; Watchbell will not delete it");
    }
    if record.paused {
        line("note", "paused");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

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
            filter: Filter::Alerts,
            adopted: true,
            raw: false,
            created_at: jiff::Timestamp::from_second(1_795_000_000).unwrap(),
            paused: false,
        }
    }

    #[test]
    fn a_subscription_that_hears_less_says_so() {
        insta::assert_snapshot!(card(&record()));
    }

    #[test]
    fn what_is_unknown_is_absent() {
        let row = row(&record()).unwrap();
        assert!(row.get("queue_arn").is_none(), "absent means unknown, never null: {row}");
        assert_eq!(row["adopted"], true, "what is known stays");
    }
}
