//! What happens in the demonstration: a patch run at invocation level, a command at command level, messages that come twice,
//! in no order, with two that are not SSM's among them. The numbers that must add up are known from here.

use jiff::{SignedDuration, Timestamp};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{LONGEST_RUN, RunSpec, patch_run};
use watchbell_core::status::Level;

/// The patch run's nodes by how they end; together 200.
pub(crate) const SUCCESS: u32 = 186;
/// Nodes that fail.
pub(crate) const FAILED: u32 = 7;
/// Nodes that run over their time.
pub(crate) const TIMED_OUT: u32 = 5;
/// Nodes that never run, because max-errors stopped the command.
pub(crate) const NOT_RUN: u32 = 2;
/// All of them.
pub(crate) const NODES: u32 = SUCCESS + FAILED + TIMED_OUT + NOT_RUN;
/// The patch run's id.
pub(crate) const PATCH_RUN: &str = "6f0a1c52-9d3e-4b7a-8c21-54e07fb3a9d8";
/// The id of the command that is told of at command level only.
pub(crate) const INSTALL: &str = "b81f7d30-2c46-4e95-a7d3-0f9c6be2514a";

const SEED: u64 = 20_260_721;
/// Messages that come twice.
const TWICE: usize = 10;
/// Somebody else's words on the topic: not JSON, and JSON that is not a command's.
const GARBAGE: [&str; 2] = [
    "disk usage on db-7 is at 91 %",
    r#"{"AlarmName":"web-cpu-high","NewStateValue":"ALARM","NewStateReason":"Threshold Crossed: 1 datapoint [97.2] was greater than 80"}"#,
];

/// The messages in the order in which they are published.
pub(crate) struct Story {
    /// Inner messages.
    pub(crate) messages: Vec<String>,
    /// How many of them say something of a command that no other says.
    pub(crate) distinct: usize,
    /// How many say again what another says.
    pub(crate) twice: usize,
    /// How many are not SSM's.
    pub(crate) garbage: usize,
}

/// The same story each time, but for the times: it has just happened.
pub(crate) fn story(topic: &TopicArn, now: Timestamp) -> Story {
    let spec = RunSpec {
        command_id: PATCH_RUN.into(),
        document: "AWS-RunPatchBaseline".into(),
        nodes: NODES,
        fail: FAILED,
        time_out: TIMED_OUT,
        not_run: NOT_RUN,
        level: Level::Invocation,
        probe: None,
        topic: topic.clone(),
        started: now - LONGEST_RUN - SignedDuration::from_secs(5),
        seed: SEED,
    };
    let install = RunSpec {
        command_id: INSTALL.into(),
        document: "AWS-ConfigureAWSPackage".into(),
        nodes: 12,
        fail: 1,
        time_out: 0,
        not_run: 0,
        level: Level::Command,
        seed: SEED + 1,
        ..spec.clone()
    };
    let mut messages = patch_run(&spec);
    messages.extend(patch_run(&install));
    let distinct = messages.len();
    let mut chance = fastrand::Rng::with_seed(SEED);
    chance.shuffle(&mut messages);
    messages.extend_from_within(..TWICE);
    messages.extend(GARBAGE.map(str::to_owned));
    chance.shuffle(&mut messages);
    Story { messages, distinct, twice: TWICE, garbage: GARBAGE.len() }
}
