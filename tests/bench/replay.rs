//! The rules' tester: stored events once more through edited rules.

use std::sync::Arc;
use std::time::Instant;

use jiff::{SignedDuration, Timestamp};
use watchbell_core::arn::TopicArn;
use watchbell_core::rules::RuleBook;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::paths::DataDir;
use watchbell_engine::settings::Settings;
use watchbell_engine::store::{Incoming, Reader, Store};

use crate::policy;

/// Nodes of one command; each is heard of twice.
const NODES: usize = 250;

/// One row of the table.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) async fn measure(events: usize) -> anyhow::Result<String> {
    let folder = tempfile::tempdir()?;
    let dir = DataDir::resolve(Some(folder.path()))?;
    let now = Timestamp::now();
    fill(&dir, events, now).await?;
    let reader = Reader::open(&dir)?;
    let mut took = Vec::new();
    let mut told = None;
    for _ in 0..3 {
        let book = RuleBook::compile(&policy::rules()?).map_err(|errors| anyhow::anyhow!("{errors:?}"))?;
        let began = Instant::now();
        let report = reader.replay((book, policy::quiet()?), &Settings::default(), 30, now)?;
        took.push(began.elapsed().as_secs_f64());
        told = Some(report);
    }
    took.sort_by(f64::total_cmp);
    let report = told.unwrap_or_default();
    anyhow::ensure!(report.events as usize == events, "{} of {events} events were replayed", report.events);
    Ok(format!(
        "| replay of {events} stored events through 20 rules, median of 3 | {:.2} s ({} alerts, {} commands) | none | 1 s |",
        took[took.len() / 2],
        report.alerts,
        report.commands.len()
    ))
}

/// A week of patch runs, an hour apart.
async fn fill(dir: &DataDir, events: usize, now: Timestamp) -> anyhow::Result<()> {
    let store = Store::open(dir)?;
    let topic: TopicArn = "arn:aws:sns:eu-central-1:123456789012:patches".parse()?;
    let topics: Arc<[TopicArn]> = Arc::from([topic.clone()]);
    let runs = events.div_ceil(2 * NODES);
    let mut left = events;
    for run in 0..runs {
        let started = now - SignedDuration::from_hours(7 * 24) * i32::try_from(runs - run)? / i32::try_from(runs)?;
        let messages = simulate::patch_run(&RunSpec {
            command_id: format!("{run:08x}-91d2-4ce4-8b8c-ed5f02b60904"),
            document: format!("Fleet-{}", run % 12),
            nodes: u32::try_from(NODES)?,
            fail: 12,
            time_out: 3,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: topic.clone(),
            started,
            seed: u64::try_from(run)?,
        });
        let take = left.min(messages.len());
        left -= take;
        for (number, chunk) in messages[..take].chunks(250).enumerate() {
            let received_at = started + SignedDuration::from_secs(60 * i64::try_from(number + 1)?);
            let incoming = |body: &String| Incoming {
                body: body.clone(),
                topics: Arc::clone(&topics),
                subscription_topic: topic.clone(),
                sqs_message_id: "059f36b4-87a3-44ab-83d2-661975830a7d".into(),
                received_at,
            };
            store.ingest(chunk.iter().map(incoming).collect()).await?;
        }
    }
    store.close().await;
    Ok(())
}
