//! A storm on a private bus: how many alerts come of how many messages.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use jiff::{SignedDuration, Timestamp};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_engine::view::EngineState;
use watchbell_tests::harness::bus::Bus;
use watchbell_tests::harness::notifications::{NotificationServer, Notify};

/// One row of the table: 20 commands of 250 nodes, a fifth of which fail, in any order.
#[allow(clippy::disallowed_methods, reason = "the measurement itself")]
pub(crate) async fn measure() -> anyhow::Result<String> {
    let folder = tempfile::Builder::new().prefix("wb-").tempdir()?;
    let bus = Bus::start(folder.path()).await?;
    let server = NotificationServer::start(&bus, &["actions", "body", "body-markup"]).await?;
    let dir = DataDir::resolve(Some(&folder.path().join("data")))?;
    let program = std::env::current_exe()?.with_file_name("watchbellctl");
    let _engine = tokio::process::Command::new(program)
        .args(["--json", "watch"])
        .env("WATCHBELL_DATA_DIR", dir.root())
        .env("HOME", folder.path())
        .env("DBUS_SESSION_BUS_ADDRESS", &bus.address)
        .stdout(std::process::Stdio::null())
        .kill_on_drop(true)
        .spawn()?;
    while !control::status(&dir).await.is_ok_and(|status| status.engine == EngineState::Running) {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let topic: TopicArn = "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse()?;
    let bodies = bodies(&topic, Timestamp::now());
    let began = Instant::now();
    for batch in bodies.chunks(250) {
        control::perform(&dir, Act::Inject { bodies: batch.to_vec(), topic: topic.clone() }).await?;
    }
    let fed = began.elapsed();
    tokio::time::sleep(Duration::from_secs(6)).await;
    let notifies = server.all();
    let new: Vec<&Notify> = notifies.iter().filter(|notify| notify.replaces == 0).collect();
    let within = |first: &&Notify| {
        new.iter().filter(|other| other.at >= first.at && other.at - first.at < Duration::from_secs(10)).count()
    };
    let most = new.iter().map(within).max().unwrap_or(0);
    let last: HashSet<&str> = notifies.iter().map(|notify| notify.summary.as_str()).collect();
    anyhow::ensure!(last.contains("15 more commands are failing"), "the rest was not told of: {last:?}");
    Ok(format!(
        "| storm of {} messages of 20 failing commands, fed in {:.1} s | {most} new alerts in any 10 s, {} in all, {} changes in place | none | 6, 21 |",
        bodies.len(),
        fed.as_secs_f64(),
        new.len(),
        notifies.len() - new.len()
    ))
}

fn bodies(topic: &TopicArn, now: Timestamp) -> Vec<String> {
    let of_command = |number: u32| {
        simulate::patch_run(&RunSpec {
            command_id: format!("{number:08x}-91d2-4ce4-8b8c-ed5f02b60904"),
            document: format!("Fleet-{number:02}"),
            nodes: 250,
            fail: 40,
            time_out: 10,
            not_run: 0,
            level: Level::Invocation,
            probe: None,
            topic: topic.clone(),
            started: now - SignedDuration::from_secs(95),
            seed: u64::from(number),
        })
    };
    let messages: Vec<String> = (1..=20).flat_map(of_command).collect();
    let wrap = |(n, inner): (usize, &String)| {
        simulate::envelope(inner, topic, &format!("95df01b4-ee98-5cb9-9903-{n:012x}"), now)
    };
    let mut bodies: Vec<String> = messages.iter().enumerate().map(wrap).collect();
    fastrand::Rng::with_seed(7).shuffle(&mut bodies);
    bodies
}
