//! Simulated messages against the wire's shape and against our own parser.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

use super::{LONGEST_RUN, RunSpec, envelope, node_ids, patch_run};
use crate::arn::TopicArn;
use crate::event::CommandEvent;
use crate::parse::{Parsed, parse};
use crate::status::{Bucket, Level};
use std::collections::BTreeSet;

fn topic() -> TopicArn {
    "arn:aws:sns:eu-west-1:123456789012:ssm-notify".parse().unwrap()
}

fn spec(level: Level, nodes: u32) -> RunSpec {
    RunSpec {
        command_id: "03e5b2dc-91d2-4ce4-8b8c-ed5f02b60904".into(),
        document: "AWS-RunPatchBaseline".into(),
        nodes,
        fail: 7,
        time_out: 5,
        not_run: 2,
        level,
        probe: None,
        topic: topic(),
        started: "2026-10-01T09:39:03.939519552Z".parse().unwrap(),
        seed: 7,
    }
}

fn read(body: &str) -> Box<CommandEvent> {
    match parse(body, &[topic()]) {
        Parsed::Event(event) => event,
        other => panic!("a simulated message must be understood: {other:?}\n{body}"),
    }
}

#[test]
fn the_run_of_the_demonstration_adds_up() {
    let events: Vec<_> = patch_run(&spec(Level::Invocation, 200)).iter().map(|body| read(body)).collect();
    let count = |wanted| events.iter().filter(|event| event.bucket() == wanted).count();
    let counts = [Bucket::InProgress, Bucket::Success, Bucket::Failed, Bucket::TimedOut, Bucket::NotRun].map(count);
    assert_eq!(counts, [200, 186, 7, 5, 2], "200 begin; 186 succeed, 7 fail, 5 time out, 2 never run");
    let nodes: BTreeSet<_> = events.iter().filter_map(|event| event.node_id.clone()).collect();
    assert_eq!(nodes, node_ids(&spec(Level::Invocation, 200)).into_iter().collect(), "each node is one of the run's");
    assert_eq!(nodes.len(), 200, "no two nodes have one id");
    let last = events.iter().map(|event| event.event_time).max().unwrap();
    assert!(last <= spec(Level::Invocation, 200).started + LONGEST_RUN, "a run begun long enough ago is over by now");
    assert!(events.is_sorted_by_key(|event| event.event_time), "the messages are in the order of their events");
}

#[test]
fn the_same_seed_gives_the_same_messages() {
    let spec = spec(Level::Invocation, 20);
    assert_eq!(patch_run(&spec), patch_run(&spec), "a run can be repeated to the byte");
    assert_ne!(patch_run(&spec), patch_run(&RunSpec { seed: 8, ..spec }), "another seed is another run");
}

#[test]
fn messages_have_the_shape_of_the_wire() {
    let small = RunSpec { fail: 1, time_out: 1, not_run: 0, nodes: 2, ..spec(Level::Invocation, 2) };
    let mut shapes = patch_run(&small);
    shapes.extend(patch_run(&RunSpec { level: Level::Command, ..small.clone() }));
    shapes.extend(patch_run(&RunSpec { level: Level::Command, nodes: 51, probe: Some("p-1".into()), ..small }));
    shapes.push(envelope(
        &shapes[0],
        &topic(),
        "bf936ece-e8ab-5cae-bf03-0df6c49d2ee9",
        "2026-10-01T09:39:04Z".parse().unwrap(),
    ));
    insta::assert_snapshot!(shapes.join("\n"));
}

#[test]
fn an_envelope_reads_as_the_message_inside() {
    let inner = &patch_run(&spec(Level::Command, 200))[1];
    let event = read(&envelope(inner, &topic(), "m-1", "2026-10-01T09:39:04.1Z".parse().unwrap()));
    assert_eq!(event.topic_arn, Some(topic()), "it came through the topic");
    assert_eq!(event.message_id.as_deref(), Some("m-1"), "with the id of the publish");
    assert!(event.status.is_failing(), "with failures among its nodes the command failed");
}

#[test]
fn every_message_of_a_probe_carries_it() {
    for level in [Level::Command, Level::Invocation] {
        for body in patch_run(&RunSpec { probe: Some("p-1".into()), ..spec(level, 10) }) {
            assert_eq!(read(&body).probe.as_deref(), Some("p-1"), "one message without it would ring colleagues");
        }
    }
}

#[test]
fn more_trouble_than_nodes_is_cut_to_the_nodes() {
    let events: Vec<_> = patch_run(&spec(Level::Invocation, 9)).iter().map(|body| read(body)).collect();
    assert_eq!(events.len(), 18, "two messages a node, whatever was asked for");
    assert!(patch_run(&spec(Level::Invocation, 0)).is_empty(), "no node, no message");
}
