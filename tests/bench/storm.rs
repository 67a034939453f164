//! A storm, and a night, on a private bus: how many alerts come of how many messages that lie in the queue.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::notifications::{NotificationServer, Notify};

use crate::latency::remember;
use crate::queue::Aws;

/// Two changes of one alert are this far apart; the bus takes a little of it.
const APART: Duration = Duration::from_millis(1_900);

/// One row of the table: 20 commands of 250 nodes, a fifth of which fail, in any order, as fast as the stand-in delivers.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) async fn measure(fauxqs: &Fauxqs) -> anyhow::Result<String> {
    let began = Timestamp::now() - SignedDuration::from_secs(95);
    let heard = hear(fauxqs, "storm", 20, (250, 40, 10), began, &[]).await?;
    let within = |first: &&Notify| {
        let after = |other: &&&Notify| other.at >= first.at && other.at - first.at < Duration::from_secs(10);
        heard.fresh().iter().filter(after).count()
    };
    let most = heard.fresh().iter().map(within).max().unwrap_or(0);
    let last = heard.last_words();
    let told = |summary: &str| last.iter().filter(|last| last.contains(summary)).count();
    anyhow::ensure!(told("15 more commands are failing") == 1, "the rest was not told of: {last:?}");
    anyhow::ensure!(told("40 failed, 10 timed out of 250") == 5, "the last counts are not the true ones: {last:?}");
    Ok(format!(
        "| storm of {} messages of 20 failing commands, the last alert after {:.1} s | {most} new alerts in any 10 s, {} in all, {} changes in place, {} of them less than 2 s apart | none | 6, 21, 0 |",
        heard.messages,
        heard.took.as_secs_f64(),
        heard.fresh().len(),
        heard.notifies.len() - heard.fresh().len(),
        heard.hasty(),
    ))
}

/// One row of the table: 500 failures that were received after 8 hours of sleep.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) async fn night(fauxqs: &Fauxqs) -> anyhow::Result<String> {
    let began = Timestamp::now() - SignedDuration::from_hours(8);
    let heard = hear(fauxqs, "night", 10, (60, 40, 10), began, &["--once"]).await?;
    let last = heard.last_words();
    anyhow::ensure!(
        last.contains(&"While you were away: 500 nodes failed in 10 commands"),
        "the night's counts are not the true ones: {last:?}"
    );
    Ok(format!("| 500 failures received after 8 h of sleep | {} alert | none | 1 |", heard.fresh().len()))
}

/// What came of so many commands.
struct Heard {
    messages: usize,
    took: Duration,
    notifies: Vec<Notify>,
}

impl Heard {
    fn fresh(&self) -> Vec<&Notify> {
        self.notifies.iter().filter(|notify| notify.replaces == 0).collect()
    }

    fn by_alert(&self) -> HashMap<u32, Vec<&Notify>> {
        let mut alerts = HashMap::<u32, Vec<&Notify>>::new();
        for notify in &self.notifies {
            alerts.entry(notify.id).or_default().push(notify);
        }
        alerts
    }

    fn last_words(&self) -> Vec<&str> {
        self.by_alert().into_values().filter_map(|words| Some(words.last()?.summary.as_str())).collect()
    }

    /// Changes that came too soon after the one before.
    fn hasty(&self) -> usize {
        let pairs = |words: &Vec<&Notify>| words.windows(2).filter(|two| two[1].at - two[0].at < APART).count();
        self.by_alert().values().map(pairs).sum()
    }
}

/// Fills a queue with these commands (nodes, of which fail and time out), drains it beside a notification server, and waits until no
/// alert changes any more.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
async fn hear(
    fauxqs: &Fauxqs,
    name: &str,
    commands: u32,
    nodes: (u32, u32, u32),
    began: Timestamp,
    arguments: &[&str],
) -> anyhow::Result<Heard> {
    let aws = Aws::of(fauxqs).await;
    let topic = aws.topic(name).await?;
    let queue = aws.queue(&format!("{name}-watchbell")).await?;
    let messages = messages(&topic, commands, nodes, began);
    aws.subscribe(&topic, &queue).await?;
    aws.fill(&queue, &topic, &messages).await?;

    let folder = tempfile::Builder::new().prefix("wb-").tempdir()?;
    let bus = Bus::start(folder.path()).await?;
    let server = NotificationServer::start(&bus, &["actions", "body", "body-markup"]).await?;
    let data = folder.path().join("data");
    remember(&data, fauxqs, &topic, &queue).await?;
    let started = Instant::now();
    let program = std::env::current_exe()?.with_file_name("watchbellctl");
    let mut engine = tokio::process::Command::new(program)
        .args(["--json", "--endpoint-url", &fauxqs.url, "watch"])
        .args(arguments)
        .env("WATCHBELL_DATA_DIR", &data)
        .env("HOME", folder.path())
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", "us-east-1")
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    if arguments.contains(&"--once") {
        engine.wait().await?;
    }
    let mut took = started.elapsed();
    let mut seen = usize::MAX;
    // The last change comes at most 2 s after the last message.
    while seen != server.all().len() {
        seen = server.all().len();
        tokio::time::sleep(Duration::from_secs(5)).await;
        if let Some(last) = server.all().last() {
            took = last.at.saturating_duration_since(started);
        }
    }
    // The stand-in's queue has no policy of ours, which the engine's look says once. That is outside of the budget of failures.
    let mut notifies = server.all();
    notifies.retain(|notify| !notify.summary.starts_with("Watchbell cannot hear"));
    Ok(Heard { messages: messages.len(), took, notifies })
}

fn messages(
    topic: &TopicArn,
    commands: u32,
    (nodes, fail, time_out): (u32, u32, u32),
    started: Timestamp,
) -> Vec<String> {
    let of_command = |number: u32| {
        simulate::patch_run(&RunSpec {
            command_id: format!("{number:08x}-91d2-4ce4-8b8c-ed5f02b60904"),
            document: format!("Fleet-{number:02}"),
            nodes,
            fail,
            time_out,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: topic.clone(),
            started,
            seed: u64::from(number),
        })
    };
    let mut messages: Vec<String> = (1..=commands).flat_map(of_command).collect();
    fastrand::Rng::with_seed(7).shuffle(&mut messages);
    messages
}
