//! Runs of maintenance windows: any order and any duplicates end in the same state, and time chooses one run.

use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;
use watchbell_core::window::{ExecutionState, LEAD, RunStatus, Said, Span, choose, is_run_of};

fn at(seconds: i64) -> Timestamp {
    Timestamp::new(1_795_000_000 + seconds, 0).unwrap()
}

fn any_said() -> impl Strategy<Value = Said> {
    let status = prop::sample::select(vec![
        "PENDING",
        "IN_PROGRESS",
        "CANCELLING",
        "SUCCESS",
        "FAILED",
        "TIMED_OUT",
        "CANCELLED",
        "SKIPPED_OVERLAPPING",
        "ZETA",
        "ALPHA",
    ]);
    let time = || prop::option::of(0_i64..5);
    (any::<bool>(), status, 0_i64..4, time(), time()).prop_map(|(of_execution, status, when, start, end)| Said {
        of_execution,
        status: RunStatus::parse(status),
        at: at(when),
        start: start.map(at),
        end: end.map(at),
    })
}

fn fold(said: &[Said]) -> Option<ExecutionState> {
    let (first, rest) = said.split_first()?;
    let mut state = ExecutionState::new(first);
    for one in rest {
        state.apply(one);
    }
    Some(state)
}

fn shuffled() -> impl Strategy<Value = (Vec<Said>, Vec<Said>)> {
    prop::collection::vec(any_said(), 1..10).prop_flat_map(|said| {
        let again = prop::sample::subsequence(said.clone(), 0..=said.len());
        let mixed = again.prop_flat_map({
            let said = said.clone();
            move |again| Just([said.clone(), again].concat()).prop_shuffle()
        });
        (Just(said), mixed)
    })
}

fn any_spans() -> impl Strategy<Value = Vec<Span<u32>>> {
    prop::collection::vec((0_i64..100, 0_i64..60), 0..8).prop_map(|spans| {
        let span = |(key, (start, length))| Span { start: at(start), end: at(start + length), key };
        (0..).zip(spans).map(span).collect()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn any_order_with_any_duplicates_ends_in_the_same_execution((said, mixed) in shuffled()) {
        prop_assert_eq!(fold(&said), fold(&mixed));
    }

    #[test]
    fn what_was_said_twice_changes_nothing_the_second_time(said in prop::collection::vec(any_said(), 1..10)) {
        let mut state = fold(&said).unwrap();
        for one in &said {
            prop_assert!(!state.apply(one), "a redelivered message must not change a run");
        }
    }

    #[test]
    fn an_end_is_never_taken_back(said in prop::collection::vec(any_said(), 1..10), later in any_said()) {
        let before = fold(&said).unwrap();
        let mut after = before.clone();
        after.apply(&later);
        prop_assert!(!before.is_over() || after.is_over(), "late news of the start must not reopen a run");
        prop_assert!(after.start() <= before.start() || before.started.is_none(), "a start only moves back");
    }

    #[test]
    fn a_command_belongs_to_the_run_that_started_last(spans in any_spans(), order in any::<u64>(), when in -20_i64..180) {
        let chosen = choose(at(when), &spans);
        let mut turned = spans.clone();
        turned.rotate_left(usize::try_from(order).unwrap_or(0) % spans.len().max(1));
        prop_assert_eq!(chosen, choose(at(when), &turned), "the order of the runs does not matter");
        let holds = |span: &&Span<u32>| span.start - LEAD <= at(when) && at(when) <= span.end;
        prop_assert_eq!(chosen.is_some(), spans.iter().any(|span| holds(&span)), "a run that holds the time is found");
        if let Some(chosen) = chosen {
            prop_assert!(spans.iter().filter(holds).all(|span| span.start <= chosen.start), "none of them started later");
        }
    }
}

#[test]
fn tasks_prove_that_a_run_has_begun_and_never_how_it_ends() {
    let task =
        Said { of_execution: false, status: RunStatus::TimedOut, at: at(9), start: Some(at(5)), end: Some(at(9)) };
    let state = ExecutionState::new(&task);
    assert_eq!((state.status(), state.is_over()), (RunStatus::InProgress, false), "a task's end is not the run's end");
    assert_eq!((state.start(), state.ended), (at(5), None), "it began when its first task did, or before");
}

#[test]
fn an_execution_is_the_typed_run_that_it_follows_closely() {
    for (seconds, is) in [(-11, false), (-10, true), (0, true), (300, true), (301, false)] {
        let began = at(0) + SignedDuration::from_secs(seconds);
        assert_eq!(is_run_of(began, at(0)), is, "an execution {seconds} s after a typed start");
    }
}
