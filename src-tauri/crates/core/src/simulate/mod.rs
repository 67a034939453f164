//! A realistic run of a command as the messages that SSM would send, for simulation, demonstration and tests.
//!
//! **Invariants:** the same [`RunSpec`] always gives the same messages; they have the wire's exact shape (key order,
//! nanosecond `eventTime`, `detailedStatus` at invocation level only), so that nothing is proved with messages SSM
//! would never send. With a probe, every message carries it, so that no colleague's Watchbell rings.
//! Never here: sending them.

mod chance;
mod envelope;
mod inner;

#[cfg(test)]
mod tests;

pub use envelope::envelope;

use crate::arn::TopicArn;
use crate::status::Level;
use chance::Chance;
use inner::{CommandMessage, InvocationMessage, Moment};
use jiff::{SignedDuration, Timestamp};

/// What shall have happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunSpec {
    /// SSM's command id: a lower-case UUID.
    pub command_id: String,
    /// The document's name.
    pub document: String,
    /// How many nodes it was sent to.
    pub nodes: u32,
    /// How many of them fail.
    pub fail: u32,
    /// How many time out.
    pub time_out: u32,
    /// How many never run because max-errors stopped the command (`Failed`/`Terminated`).
    pub not_run: u32,
    /// The level at which SSM notifies: one command has one.
    pub level: Level,
    /// The id of a probe, carried as `watchbellProbe`.
    pub probe: Option<String>,
    /// The topic the messages are meant for.
    pub topic: TopicArn,
    /// When the command was sent.
    pub started: Timestamp,
    /// Chooses node ids and durations.
    pub seed: u64,
}

/// At most so many instance ids can be named in one SendCommand; beyond, nodes are chosen by tag and `instanceIds` is `[]`.
const NAMED_TARGETS: u32 = 50;
/// Every event of a run happens within this time after `started`: with `started` so long ago, none lies in the future.
pub const LONGEST_RUN: SignedDuration = SignedDuration::from_secs(90);
/// The defaults of the console: 600 s for delivery and 3,600 s for execution (Systems Manager user guide, "Understanding command statuses").
const EXPIRY: SignedDuration = SignedDuration::from_secs(4_200);

/// The inner messages of the run, by `eventTime`. At invocation level one `InProgress` and one end for each node; at
/// command level one `InProgress` and one end. Where fewer nodes are left than asked for, failures come first, then
/// time-outs, then nodes that never ran.
pub fn patch_run(spec: &RunSpec) -> Vec<String> {
    let mut chance = Chance::new(spec.seed);
    match spec.level {
        Level::Invocation => invocations(spec, &mut chance),
        Level::Command => command(spec, &mut chance),
    }
}

/// The ids of the run's nodes, in the order in which they were sent to.
#[cfg(test)]
pub(crate) fn node_ids(spec: &RunSpec) -> Vec<String> {
    let mut chance = Chance::new(spec.seed);
    (0..spec.nodes).map(|_| chance.node_id()).collect()
}

fn invocations(spec: &RunSpec, chance: &mut Chance) -> Vec<String> {
    let nodes: Vec<String> = (0..spec.nodes).map(|_| chance.node_id()).collect();
    let mut ends = ends(spec);
    chance.shuffle(&mut ends);
    let mut messages = Vec::with_capacity(nodes.len() * 2);
    for (node, (status, detail)) in nodes.iter().zip(ends) {
        let begun = spec.started + chance.between(20, 9_000);
        let ended = begun + chance.between(2_000, 80_000);
        let message = |status, detail, requested, at| InvocationMessage {
            command_id: &spec.command_id,
            document_name: &spec.document,
            instance_id: node,
            requested_date_time: requested,
            status,
            detailed_status: detail,
            event_time: Moment::nanos(at),
            watchbell_probe: spec.probe.as_deref(),
        };
        // Recorded: `requestedDateTime` has nanoseconds in the first message of an invocation, milliseconds in the last.
        let requested = (Moment::nanos(spec.started), Moment::millis(spec.started));
        messages.push((begun, inner::text(&message("InProgress", "InProgress", requested.0, begun))));
        messages.push((ended, inner::text(&message(status, detail, requested.1, ended))));
    }
    in_order(messages)
}

fn command(spec: &RunSpec, chance: &mut Chance) -> Vec<String> {
    let nodes: Vec<String> = (0..spec.nodes).map(|_| chance.node_id()).collect();
    let named = if spec.nodes <= NAMED_TARGETS { nodes.as_slice() } else { &[] };
    let begun = spec.started + chance.between(20, 120);
    let ended = begun + chance.between(10_000, 80_000);
    // With the default max-errors an execution time-out fails the command too; a delivery
    // time-out of all does not.
    let end = match (spec.fail, spec.time_out) {
        (0, 0) => "Success",
        (0, late) if late >= spec.nodes => "TimedOut",
        _ => "Failed",
    };
    let message = |status, at| {
        inner::text(&CommandMessage {
            command_id: &spec.command_id,
            document_name: &spec.document,
            instance_ids: named,
            requested_date_time: Moment::millis(spec.started),
            expires_after: Moment::millis(spec.started + EXPIRY),
            output_s3_bucket_name: "",
            output_s3_key_prefix: "",
            status,
            event_time: Moment::nanos(at),
            watchbell_probe: spec.probe.as_deref(),
        })
    };
    in_order(vec![(begun, message("InProgress", begun)), (ended, message(end, ended))])
}

fn ends(spec: &RunSpec) -> Vec<(&'static str, &'static str)> {
    let mut left = spec.nodes;
    let mut ends = Vec::new();
    let mut take = |wanted: u32, end: (&'static str, &'static str)| {
        let count = wanted.min(left);
        left -= count;
        ends.extend((0..count).map(|_| end));
    };
    take(spec.fail, ("Failed", "Failed"));
    take(spec.time_out, ("TimedOut", "ExecutionTimedOut"));
    take(spec.not_run, ("Failed", "Terminated"));
    take(u32::MAX, ("Success", "Success"));
    ends
}

fn in_order(mut messages: Vec<(Timestamp, String)>) -> Vec<String> {
    messages.sort_by_key(|(at, _)| *at);
    messages.into_iter().map(|(_, text)| text).collect()
}
