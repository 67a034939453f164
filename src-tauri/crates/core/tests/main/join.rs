//! Invariant 2: any permutation of the events, with any duplicates, ends in the same history.

use std::collections::BTreeMap;

use jiff::Timestamp;
use proptest::prelude::*;
use watchbell_core::command::{CommandState, Counts};
use watchbell_core::digest::BodyDigest;
use watchbell_core::event::CommandEvent;
use watchbell_core::join::{LevelState, join_level};
use watchbell_core::status::{Bucket, Level, Status, bucket};

/// The store in miniature: one command and its nodes.
#[derive(Clone, Debug, Default, PartialEq)]
struct History {
    command: Option<CommandState>,
    nodes: BTreeMap<String, Option<LevelState>>,
}

impl History {
    fn of<'a>(events: impl IntoIterator<Item = &'a (CommandEvent, BodyDigest)>) -> History {
        let mut history = History::default();
        for (event, digest) in events {
            history.hear(event, digest);
        }
        history
    }

    fn hear(&mut self, event: &CommandEvent, digest: &BodyDigest) -> watchbell_core::command::Change {
        let command = self.command.get_or_insert_with(|| CommandState::new(event.command_id.clone(), event));
        let node = event.node_id.as_ref().map(|id| self.nodes.entry(id.clone()).or_default());
        command.apply(event, digest, node)
    }
}

fn event(node: Option<&str>, status: &str, detail: Option<&str>, at: i64) -> CommandEvent {
    CommandEvent {
        command_id: "c".to_owned(),
        document: None,
        level: if node.is_some() { Level::Invocation } else { Level::Command },
        node_id: node.map(str::to_owned),
        status: Status::parse(status),
        detail: detail.map(str::to_owned),
        event_time: Timestamp::new(1_790_000_000, 0).unwrap() + jiff::SignedDuration::from_nanos(at),
        requested_at: None,
        expires_after: None,
        instance_ids: Vec::new(),
        s3_bucket: None,
        s3_prefix: None,
        topic_arn: None,
        message_id: None,
        sent_at: None,
        probe: None,
        parameters: None,
    }
}

fn any_status() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["Pending", "InProgress", "Success", "Failed", "TimedOut", "Cancelled", "Zeta", "Alpha"])
}

type Heard = (CommandEvent, BodyDigest);

fn any_event() -> impl Strategy<Value = Heard> {
    let said = (
        prop::option::of(prop::sample::select(vec!["i-1", "i-2", "i-3"])),
        any_status(),
        prop::option::of(prop::sample::select(vec!["Terminated", "Undeliverable", "ExecutionTimedOut"])),
        0_i64..4,
    );
    let fields = (
        prop::option::of("[ab]"),
        prop::option::of(0_i64..3),
        prop::collection::vec("[xy]", 0..3),
        prop::option::of("[pq]"),
        prop::option::weighted(0.3, Just("probe".to_owned())),
        0_u8..4,
    );
    (said, fields).prop_map(|((node, status, detail, at), (document, requested, targets, s3, probe, body))| {
        let mut event = event(node, status, detail, at);
        event.document = document;
        event.requested_at = requested.map(|s| Timestamp::new(1_780_000_000 + s, 0).unwrap());
        event.expires_after = event.requested_at;
        event.instance_ids = targets;
        event.s3_bucket.clone_from(&s3);
        event.s3_prefix = s3;
        event.probe = probe;
        // The digest stands for the body, so it is a function of all that the event says.
        let digest = BodyDigest::of(&format!("{event:?}{body}"));
        (event, digest)
    })
}

/// Events, and the same events in another order with some of them twice.
fn shuffled() -> impl Strategy<Value = (Vec<Heard>, Vec<Heard>)> {
    prop::collection::vec(any_event(), 1..12).prop_flat_map(|events| {
        let again = prop::sample::subsequence(events.clone(), 0..=events.len());
        let mixed = again.prop_flat_map({
            let events = events.clone();
            move |again| Just([events.clone(), again].concat()).prop_shuffle()
        });
        (Just(events), mixed)
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_order_with_any_duplicates_ends_in_the_same_history((events, mixed) in shuffled()) {
        prop_assert_eq!(History::of(&events), History::of(&mixed));
    }

    #[test]
    fn the_counts_agree_with_the_nodes(events in prop::collection::vec(any_event(), 1..20)) {
        let history = History::of(&events);
        let mut counts = Counts::default();
        for held in history.nodes.values().flatten() {
            counts.add(bucket(&held.status, held.detail.as_deref()));
        }
        prop_assert_eq!(history.command.unwrap().counts, counts);
    }

    #[test]
    fn hearing_it_again_changes_nothing(events in prop::collection::vec(any_event(), 1..12)) {
        let mut history = History::of(&events);
        let before = history.clone();
        for (event, digest) in &events {
            let change = history.hear(event, digest);
            prop_assert!(!change.changed && !change.newly_failing && !change.ceased_failing, "a redelivered message must not ring twice");
        }
        prop_assert_eq!(history, before);
    }

    #[test]
    fn what_an_event_did_is_told_as_it_was(events in prop::collection::vec(any_event(), 1..20)) {
        let mut history = History::default();
        for (event, digest) in &events {
            let failing = |history: &History| {
                let command = history.command.as_ref();
                (command.map_or(0, |c| c.counts.failing()),
                 command.and_then(|c| c.command_level.as_ref()).is_some_and(|l| l.status.is_failing()))
            };
            let before = history.clone();
            let change = history.hear(event, digest);
            let (was, is) = (failing(&before), failing(&history));
            prop_assert_eq!(change.newly_failing, is > was);
            prop_assert_eq!(change.ceased_failing, is < was);
            prop_assert_eq!(change.changed, before != history, "nothing is stored in vain, and nothing left out");
        }
    }

    #[test]
    fn the_order_of_states_is_total(a in any_event(), b in any_event(), c in any_event()) {
        let [a, b, c] = [a, b, c].map(|(event, _)| LevelState::of(&event));
        prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        prop_assert_eq!(a == b, a.cmp(&b).is_eq(), "equal in the order means equal");
        if a <= b && b <= c {
            prop_assert!(a <= c);
        }
        let join = |states: &[&LevelState]| {
            let mut held = None;
            for state in states {
                join_level(&mut held, (*state).clone());
            }
            held
        };
        prop_assert_eq!(join(&[&a, &b, &c]), join(&[&c, &b, &a, &b]));
    }

    #[test]
    fn command_fields_survive_the_store(events in prop::collection::vec(any_event(), 1..8)) {
        let fields = History::of(&events).command.unwrap().fields;
        let text = serde_json::to_string(&fields).unwrap();
        prop_assert_eq!(serde_json::from_str::<watchbell_core::join::CommandFields>(&text).unwrap(), fields);
    }
}

#[test]
fn the_greater_state_is_the_one_of_invariant_2() {
    let state = |status, detail, at| LevelState::of(&event(None, status, detail, at));
    let rising = [
        state("Pending", None, 9),
        state("InProgress", None, 1),
        state("InProgress", None, 8),
        state("Alpha", None, 1),
        state("Zeta", None, 1),
        state("Alpha", None, 2),
        state("Failed", None, 0),
        state("Success", None, 1),
        state("Cancelled", None, 1),
        state("TimedOut", None, 1),
        state("Failed", None, 1),
        state("Failed", Some("Failed"), 1),
        state("Failed", Some("Terminated"), 1),
        state("Success", None, 2),
    ];
    assert!(rising.is_sorted_by(|a, b| a < b), "terminal > unknown > in progress > pending, then time, then severity");
}

#[test]
fn a_later_word_corrects_a_failure() {
    let digest = BodyDigest::of("");
    let mut history = History::default();
    let first = history.hear(&event(Some("i-1"), "Failed", None, 1), &digest);
    assert!(first.newly_failing && first.node_before.is_none() && first.node_after == Some(Bucket::Failed));
    let second = history.hear(&event(Some("i-1"), "Success", None, 2), &digest);
    assert!(second.ceased_failing && second.node_before == Some(Bucket::Failed));
    assert_eq!(history.command.unwrap().state(), Status::Success);
}

#[test]
fn the_state_is_the_worst_of_both_levels() {
    let state = |said: &[(Option<&str>, &str, Option<&str>)]| {
        let events: Vec<_> = said.iter().map(|(n, s, d)| (event(*n, s, *d, 1), BodyDigest::of(s))).collect();
        History::of(&events).command.unwrap().state()
    };
    assert_eq!(state(&[(None, "Failed", None), (Some("i-1"), "TimedOut", None)]), Status::Failed);
    assert_eq!(state(&[(None, "Success", None), (Some("i-1"), "TimedOut", None)]), Status::TimedOut);
    assert_eq!(state(&[(None, "Cancelled", None), (Some("i-1"), "Success", None)]), Status::Cancelled);
    assert_eq!(state(&[(Some("i-1"), "Failed", Some("Terminated"))]), Status::Failed, "not run counts as failed");
    assert_eq!(state(&[(None, "Odd", None), (Some("i-1"), "InProgress", None)]), Status::Other("Odd".to_owned()));
    assert_eq!(state(&[(None, "Cancelled", None), (Some("i-1"), "Odd", None)]), Status::Cancelled);
    assert_eq!(state(&[(None, "Success", None), (Some("i-1"), "InProgress", None)]), Status::InProgress);
    assert_eq!(state(&[(None, "Success", None), (Some("i-1"), "Success", None)]), Status::Success);
}

#[test]
fn the_total_is_known_only_from_named_nodes() {
    let mut named = event(None, "InProgress", None, 1);
    let nobody = CommandState::new("c".to_owned(), &named);
    assert_eq!(nobody.target_count(), None);
    named.instance_ids = vec!["i-1".to_owned(), "i-2".to_owned()];
    let later = event(None, "Success", None, 2);
    let history = History::of(&[(named, BodyDigest::of("a")), (later, BodyDigest::of("b"))]);
    assert_eq!(history.command.unwrap().target_count(), Some(2), "an empty list does not erase the named nodes");
}

#[test]
fn one_real_event_makes_a_command_real() {
    let mut probe = event(None, "Failed", None, 1);
    probe.probe = Some("p".to_owned());
    let probe = (probe, BodyDigest::of("a"));
    let real = (event(None, "Failed", None, 1), BodyDigest::of("b"));
    assert!(History::of([&probe]).command.unwrap().simulated);
    assert!(!History::of([&probe, &real]).command.unwrap().simulated, "a stray probe must not silence a real command");
    assert!(!History::of([&real, &probe]).command.unwrap().simulated);
}
