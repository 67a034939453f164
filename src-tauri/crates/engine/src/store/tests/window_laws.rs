//! Invariant 2 for windows: any order of messages, of any batches, ends in the same runs and the same ties.

use proptest::prelude::*;

use super::windows::{definition, event, execution, monday, window_id};
use super::*;
use crate::store::Act;

/// Runs and ties as text, without what depends on the clock of arrival.
fn runs_and_ties(dir: &DataDir) -> Vec<String> {
    let db = Connection::open(dir.database()).unwrap();
    let runs = "SELECT key || ' ' || source || ' ' || coalesce(status, '-') || ' ' || coalesce(name, '-') || ' ' ||
        starts || ' ' || closes || ' ' || coalesce(cutoff, '-') FROM window_run ORDER BY key";
    let ties = "SELECT c.command_id || ' ' || r.key || ' ' || w.guess FROM command_window w
        JOIN command c ON c.id = w.command JOIN window_run r ON r.id = w.run ORDER BY 1";
    [texts(&db, runs), texts(&db, ties)].concat()
}

fn a_body() -> impl Strategy<Value = String> {
    let status = || prop::sample::select(vec!["PENDING", "IN_PROGRESS", "SUCCESS", "TIMED_OUT", "SKIPPED_OVERLAPPING"]);
    let minutes = || prop::sample::select(vec![-90_i64, -5, 0, 2, 4, 30, 200, 300]);
    let run = (0..3_u32, status(), minutes(), prop::option::of(1..200_i64))
        .prop_map(|(window, status, start, end)| execution(window, status, start * 60, end.map(|m| (start + m) * 60)));
    let task = (0..3_u32, minutes()).prop_map(|(window, start)| {
        let detail = json!({
            "start-time": at(start * 60).to_string(), "window-id": window_id(window), "status": "SUCCESS",
            "window-execution-id": format!("{window:08x}{}", &super::windows::EXECUTION[8..]),
            "task-execution-id": "6417e808-7f35-4d1a-843f-123456789012",
        });
        event("Maintenance Window Task Execution State-change Notification", start * 60 + 9, &detail)
    });
    let command = (0..5_u32, 0..3_u32, minutes(), any::<bool>()).prop_map(|(command, number, sent, probe)| {
        let told = node(command, number, "Failed", 20_000).replace(&at(0).to_string(), &at(sent * 60 + 5).to_string());
        let mark = if probe { "\\\"watchbellProbe\\\":\\\"p-1\\\",\\\"eventTime\\\"" } else { "\\\"eventTime\\\"" };
        told.replace("\\\"eventTime\\\"", mark)
    });
    prop_oneof![2 => run, 1 => task, 2 => command]
}

fn deliveries() -> impl Strategy<Value = (Vec<String>, Vec<String>, usize)> {
    prop::collection::vec(a_body(), 1..14).prop_flat_map(|bodies| {
        let again = prop::sample::subsequence(bodies.clone(), 0..=bodies.len());
        let mixed = again.prop_flat_map({
            let bodies = bodies.clone();
            move |again| Just([bodies.clone(), again].concat()).prop_shuffle()
        });
        (Just(bodies), mixed, 1..6_usize)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_of_messages_ends_in_the_same_runs_and_ties(
        (bodies, mixed, cut) in deliveries(),
        typed in any::<bool>(),
        described in any::<bool>(),
        read_after in prop::option::of(prop::sample::select(vec![100_i64, 299, 300, 7200])),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let end = |bodies: &[String], cut: usize| {
            let house = House::new();
            runtime.block_on(async {
                if typed {
                    house.store.act_at(Act::PutTypedWindow(Box::new(monday())), at(-86_400)).await.unwrap();
                }
                if described {
                    house.tell(&[definition(1)], &[], at(-86_400)).await;
                }
                for call in bodies.chunks(cut) {
                    house.hear(call).await;
                }
                if let Some(read_at) = read_after.filter(|_| described) {
                    house.tell(&[definition(1)], &[], at(read_at)).await;
                }
                house.store.close().await;
            });
            assert_whole(&house.dir);
            runs_and_ties(&house.dir)
        };
        prop_assert_eq!(end(&bodies, bodies.len()), end(&mixed, cut), "windows are a function of the set of messages");
    }
}

#[tokio::test]
async fn news_of_another_window_at_a_run_s_end_does_not_take_its_name() {
    let house = House::new();
    house.store.act_at(Act::PutTypedWindow(Box::new(monday())), at(-86_400)).await.unwrap();
    let long = [execution(0, "PENDING", 0, None), execution(0, "TIMED_OUT", 0, Some(5 * 3600))];
    let other = execution(2, "PENDING", 5 * 3600, None);
    house.hear(&long).await;
    house.hear(&[other]).await;
    let first = runs_and_ties(&house.dir).remove(0);
    assert!(first.contains("Monday patch"), "a name hangs on the start alone: {first}");
}
