//! From the publish to the `Notify` on the bus, beside a bare loop that hears the same topic on a queue of its own.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, SubscriptionRecord};
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::record::record;

use crate::bare;
use crate::queue::Aws;

/// Five alerts ring by themselves in ten seconds; a command more often than that would join the alert for the rest.
const PACE: Duration = Duration::from_millis(2_100);

/// Puts the subscription into a fresh data folder, as `watchbellctl subscribe` would have.
pub(crate) async fn remember(
    folder: &std::path::Path,
    fauxqs: &Fauxqs,
    topic: &TopicArn,
    queue: &str,
) -> anyhow::Result<()> {
    let name = queue.rsplit('/').next().unwrap_or_default();
    let record = SubscriptionRecord {
        queue_arn: Some(format!("arn:aws:sqs:{}:{}:{name}", topic.region(), topic.account()).parse()?),
        ..record(topic, queue, &fauxqs.url)
    };
    let dir = DataDir::resolve(Some(folder))?;
    control::perform(&dir, Act::PutSubscription(Box::new(record))).await?;
    Ok(())
}

/// One row of the table.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) async fn measure(fauxqs: &Fauxqs, commands: usize) -> anyhow::Result<String> {
    let aws = Aws::of(fauxqs).await;
    let topic = aws.topic("latency").await?;
    let (ours, beside) = (aws.queue("latency-watchbell").await?, aws.queue("latency-bare").await?);
    aws.subscribe(&topic, &ours).await?;
    aws.subscribe(&topic, &beside).await?;

    let folder = tempfile::tempdir()?;
    let bus = Bus::start(folder.path()).await?;
    let mut server = NotificationServer::start(&bus, &["actions", "body", "body-markup"]).await?;
    let data = folder.path().join("data");
    remember(&data, fauxqs, &topic, &ours).await?;
    // The engine of this process' child must find the private bus, and nothing of the person's.
    let mut child = {
        let program = std::env::current_exe()?.with_file_name("watchbellctl");
        tokio::process::Command::new(program)
            .args(["--json", "--endpoint-url", &fauxqs.url, "watch"])
            .env("WATCHBELL_DATA_DIR", &data)
            .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_REGION", "us-east-1")
            .stdout(std::process::Stdio::null())
            .kill_on_drop(true)
            .spawn()?
    };

    let heard = Arc::new(Mutex::new(HashMap::<String, Instant>::new()));
    let of_loop = Arc::clone(&heard);
    let sqs = aws.sqs.clone();
    let baseline = tokio::spawn(async move {
        loop {
            for message in bare::turn(&sqs, &beside, 20).await.unwrap_or_default() {
                let id = message["commandId"].as_str().unwrap_or_default().to_owned();
                of_loop.lock().unwrap_or_else(PoisonError::into_inner).entry(id).or_insert_with(Instant::now);
            }
        }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;

    let mut above = Vec::with_capacity(commands);
    for seed in 0..commands {
        let paced = Instant::now();
        let command_id = uuid::Uuid::new_v4().to_string();
        let message = simulate::patch_run(&RunSpec {
            command_id: command_id.clone(),
            document: format!("Bench-{seed}"),
            nodes: 1,
            fail: 1,
            time_out: 0,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: topic.clone(),
            started: Timestamp::now() - jiff::SignedDuration::from_secs(100),
            seed: u64::try_from(seed).unwrap_or(0),
        })
        .pop()
        .unwrap_or_default();
        aws.sns.publish().topic_arn(topic.as_str()).message(message).send().await?;
        let title = format!("Bench-{seed} ");
        let shown = loop {
            let Some(notify) = server.next(Duration::from_secs(10)).await else {
                anyhow::bail!("no alert for command {seed} within 10 s");
            };
            if notify.summary.starts_with(&title) {
                break notify.at;
            }
        };
        tokio::time::sleep(Duration::from_millis(40)).await;
        let bare = heard.lock().unwrap_or_else(PoisonError::into_inner).get(&command_id).copied();
        let bare = bare.ok_or_else(|| anyhow::anyhow!("the bare loop did not hear command {seed}"))?;
        above.push(shown.saturating_duration_since(bare));
        tokio::time::sleep(PACE.saturating_sub(paced.elapsed())).await;
    }
    baseline.abort();
    child.start_kill()?;
    above.sort_unstable();
    let at = |share: usize| above[(above.len() - 1) * share / 100].as_secs_f64() * 1000.0;
    Ok(format!(
        "| publish to Notify, {commands} commands, one every 2.1 s | median {:.1} ms, p99 {:.1} ms above | bare loop, queue of its own | 25 ms, 100 ms |",
        at(50),
        at(99)
    ))
}
