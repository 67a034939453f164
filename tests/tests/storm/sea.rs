//! Messages of many commands at once: the same ones each time, but for their times.

use jiff::{SignedDuration, Timestamp};
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;

use crate::desk::topic;

/// So many commands of so many nodes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Sea {
    pub(crate) commands: u32,
    pub(crate) nodes: u32,
    pub(crate) fail: u32,
    pub(crate) time_out: u32,
    /// How long ago they began; a run takes up to 90 s.
    pub(crate) began: SignedDuration,
}

/// Twenty commands, 10,000 messages of 5,000 invocations, a fifth of which fail, just now.
pub(crate) const STORM: Sea =
    Sea { commands: 20, nodes: 250, fail: 40, time_out: 10, began: SignedDuration::from_secs(95) };

pub(crate) fn command_id(number: u32) -> String {
    format!("{number:08x}-91d2-4ce4-8b8c-ed5f02b60904")
}

impl Sea {
    /// The inner messages, command by command.
    pub(crate) fn messages(&self, now: Timestamp) -> Vec<String> {
        let of_command = |number| {
            simulate::patch_run(&RunSpec {
                command_id: command_id(number),
                document: format!("Fleet-{number:02}"),
                nodes: self.nodes,
                fail: self.fail,
                time_out: self.time_out,
                not_run: 0,
                level: Level::Invocation,
                probe: None,
                topic: topic(),
                started: now - self.began,
                seed: u64::from(number),
            })
        };
        (1..=self.commands).flat_map(of_command).collect()
    }

    /// In envelopes, in any order, with every twentieth coming once more.
    pub(crate) fn bodies(&self, now: Timestamp) -> Vec<String> {
        let wrap = |(n, inner): (usize, &String)| {
            simulate::envelope(inner, &topic(), &format!("95df01b4-ee98-5cb9-9903-{n:012x}"), now)
        };
        let messages = self.messages(now);
        let mut bodies: Vec<String> = messages.iter().enumerate().map(wrap).collect();
        let again: Vec<String> = bodies.iter().step_by(20).cloned().collect();
        bodies.extend(again);
        fastrand::Rng::with_seed(7).shuffle(&mut bodies);
        bodies
    }
}
