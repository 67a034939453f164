//! `watchbellctl watch --once` over a full queue, beside the bare loop: messages a second and resident memory.

use std::process::Stdio;
use std::time::Instant;

use anyhow::Context;
use jiff::{SignedDuration, Timestamp};
use tokio::io::{AsyncBufReadExt, BufReader};
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_tests::harness::fauxqs::Fauxqs;

use crate::queue::Aws;
use crate::{bare, machine};

/// One row of the table.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) async fn measure(fauxqs: &Fauxqs, messages: usize, round: usize) -> anyhow::Result<String> {
    let aws = Aws::of(fauxqs).await;
    let topic = aws.topic(&format!("drain-{round}")).await?;
    let inner = runs(&topic, messages);

    let queue = aws.queue(&format!("bare-{round}")).await?;
    aws.fill(&queue, &topic, &inner).await?;
    let baseline = bare::drain(&aws.sqs, &queue, messages).await?;

    let queue = aws.queue(&format!("watchbell-{round}")).await?;
    aws.fill(&queue, &topic, &inner).await?;
    let folder = tempfile::tempdir()?;
    crate::latency::remember(folder.path(), fauxqs, &topic, &queue).await?;
    let mut child = watch(folder.path(), fauxqs, &["--once"])?;
    let pid = child.id().context("watchbellctl has ended")?;
    let mut lines = BufReader::new(child.stdout.take().context("no stdout")?).lines();
    let (mut began, mut ended, mut seen, mut resident) = (None, Instant::now(), 0, 0.0_f64);
    while let Some(line) = lines.next_line().await? {
        let event: serde_json::Value = serde_json::from_str(&line)?;
        match event["event"].as_str() {
            Some("started") => began = Some(Instant::now()),
            Some("received") => {
                ended = Instant::now();
                seen += usize::try_from(event["stored"].as_u64().unwrap_or(0)).unwrap_or(0);
                resident = machine::proc_mib(pid, "status", "VmHWM").unwrap_or(resident);
            }
            _ => {}
        }
    }
    child.wait().await?;
    let stored = std::fs::metadata(folder.path().join("history.db"))?.len();
    anyhow::ensure!(seen == messages, "{seen} of {messages} messages were stored");
    let took = ended - began.context("watchbellctl told of no start")?;
    #[allow(clippy::cast_precision_loss, reason = "far below 2^52")]
    let (rate, stored) = (messages as f64 / took.as_secs_f64(), stored as f64 / messages as f64 / 1024.0);
    Ok(format!(
        "| drain {messages} queued, round {round} | {rate:.0} msg/s ({:.0} %), {resident:.0} MiB resident, {stored:.1} KiB on disk a message | {baseline:.0} msg/s | 70 %, 60 MB |",
        100.0 * rate / baseline
    ))
}

/// Distinct messages of as many patch runs of 500 nodes as it takes.
fn runs(topic: &watchbell_core::arn::TopicArn, messages: usize) -> Vec<String> {
    let mut all = Vec::with_capacity(messages);
    let mut seed = 0;
    #[allow(clippy::disallowed_methods, reason = "a run that began just now rings live, as in earnest")]
    let started = Timestamp::now() - SignedDuration::from_mins(2);
    while all.len() < messages {
        seed += 1;
        all.extend(simulate::patch_run(&RunSpec {
            command_id: uuid::Uuid::new_v4().to_string(),
            document: "AWS-RunPatchBaseline".into(),
            nodes: 500,
            fail: 20,
            time_out: 5,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: topic.clone(),
            started,
            seed,
        }));
    }
    all.truncate(messages);
    all
}

/// `watchbellctl --json watch` on `folder`.
pub(crate) fn watch(
    folder: &std::path::Path,
    fauxqs: &Fauxqs,
    arguments: &[&str],
) -> anyhow::Result<tokio::process::Child> {
    let program = std::env::current_exe()?.with_file_name("watchbellctl");
    tokio::process::Command::new(&program)
        .args(["--json", "--endpoint-url", &fauxqs.url, "watch"])
        .args(arguments)
        .env("WATCHBELL_DATA_DIR", folder)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .kill_on_drop(true)
        .spawn()
        .with_context(|| format!("{} is missing: build it first", program.display()))
}
