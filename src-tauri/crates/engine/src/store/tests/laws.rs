//! Once in history: any order, any duplicates, any batches end in the same tables (invariant 2).

use proptest::prelude::*;
use proptest::sample::Index;

use super::*;

fn a_body() -> impl Strategy<Value = String> {
    let status = prop_oneof![
        Just("Pending"),
        Just("InProgress"),
        Just("Success"),
        Just("Failed"),
        Just("TimedOut"),
        Just("Cancelled"),
        Just("Sleeping")
    ];
    let detail = prop_oneof![Just(None), Just(Some("Terminated")), Just(Some("Undeliverable")), Just(Some("Failed"))];
    let document = prop_oneof![Just("AWS-RunPatchBaseline"), Just("AWS-RunShellScript")];
    let shape = (0..3_u32, 0..4_u32, 0..4_i64, any::<bool>(), any::<bool>());
    (status, detail, document, shape).prop_map(|(status, detail, document, (command, node, time, wrapped, probe))| {
        let mut inner = json!({
            "commandId": command_id(command), "documentName": document, "status": status,
            "requestedDateTime": at(-i64::from(node)).to_string(), "eventTime": at(time).to_string(),
        });
        if node == 0 {
            inner["instanceIds"] = json!([node_id(1), node_id(2)]);
        } else {
            inner["instanceId"] = json!(node_id(node));
        }
        if let Some(detail) = detail {
            inner["detailedStatus"] = json!(detail);
        }
        if probe {
            inner["watchbellProbe"] = json!("p-1");
        }
        let inner = inner.to_string();
        if wrapped { wrap(&inner) } else { inner }
    })
}

/// Each body at least once, in any order, with copies, cut into calls.
fn deliveries() -> impl Strategy<Value = (Vec<String>, Vec<Vec<String>>)> {
    prop::collection::vec(prop_oneof![9 => a_body(), 1 => "[a-z{}\"]{0,8}"], 1..24)
        .prop_flat_map(|bodies| {
            let copies = prop::collection::vec(any::<Index>(), 0..12);
            (Just(bodies), copies, prop::collection::vec(1..9_usize, 24))
        })
        .prop_flat_map(|(bodies, copies, cuts)| {
            let mut sent = bodies.clone();
            sent.extend(copies.iter().map(|copy| copy.get(&bodies).clone()));
            (Just(bodies), Just(sent).prop_shuffle(), Just(cuts))
        })
        .prop_map(|(bodies, mut sent, cuts)| {
            let mut calls = Vec::new();
            for cut in cuts.into_iter().cycle() {
                if sent.is_empty() {
                    break;
                }
                calls.push(sent.drain(..cut.min(sent.len())).collect());
            }
            (bodies, calls)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_order_any_copies_and_any_batches_end_in_the_pure_join((bodies, calls) in deliveries()) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let house = House::new();
        let mut total = IngestReport::default();
        runtime.block_on(async {
            for call in &calls {
                let report = house.hear(call).await;
                total.stored += report.stored;
                total.duplicates += report.duplicates;
                total.quarantined += report.quarantined;
            }
            house.store.close().await;
        });
        let distinct: std::collections::BTreeSet<&str> = bodies.iter().map(String::as_str).collect();
        let understood = distinct.iter().filter(|body| matches!(parse(body, &[topic()]), Parsed::Event(_))).count();
        let sent: usize = calls.iter().map(Vec::len).sum();
        prop_assert_eq!(total.stored as usize, understood, "each understood message is new exactly once");
        prop_assert_eq!(total.quarantined as usize, distinct.len() - understood, "each other one is quarantined once");
        prop_assert_eq!(total.duplicates as usize, sent - distinct.len(), "every further copy is a duplicate");
        prop_assert_eq!(stored(&house.dir), fold(distinct.iter().copied()), "history is a function of the set of messages");
        assert_whole(&house.dir);
    }
}

#[tokio::test]
async fn copies_are_counted_and_not_kept() {
    let house = House::new();
    let (event, garbage) = (node(1, 1, "Failed", 1), "not json".to_owned());
    house.hear(&[event.clone(), event.clone(), garbage.clone()]).await;
    let again = house.hear(&[garbage, event]).await;
    assert_eq!((again.stored, again.quarantined, again.duplicates), (0, 0, 2), "all of it was there already");
    assert!(again.changed.is_empty() && !again.alerts, "a redelivered message changes nothing and must not ring twice");
    let db = Connection::open(house.dir.database()).unwrap();
    let copies =
        |table: &str| -> u32 { db.query_row(&format!("SELECT copies FROM {table}"), [], |row| row.get(0)).unwrap() };
    assert_eq!((copies("raw_event"), copies("quarantine")), (3, 2), "each copy is counted on the one row");
}

#[tokio::test]
async fn a_meaning_told_under_two_message_ids_is_one_event_of_the_command() {
    let house = House::new();
    let told = node(1, 1, "Failed", 1);
    let told_again = told.replace("\"MessageId\" : \"", "\"MessageId\" : \"f");
    assert_ne!(told, told_again);
    let report = house.hear(&[told, told_again]).await;
    assert_eq!(report.stored, 2, "both bodies are kept");
    let events = Store::reader(&house.dir).unwrap().events(&command_id(1), None, 10).unwrap();
    assert_eq!(events.rows.len(), 1, "one per distinct (level, node, status, detail, event time)");
}

#[tokio::test]
async fn callers_that_wait_together_each_get_their_own_report() {
    let house = House::new();
    let calls = (0..40).map(|number| {
        let bodies = [node(number, 1, "Failed", 1), node(number, 2, "Success", 1), format!("garbage {number}")];
        let house = &house;
        async move { house.hear(&bodies).await }
    });
    let reports = futures_util::future::join_all(calls).await;
    for (number, report) in (0_u32..).zip(reports) {
        assert_eq!((report.stored, report.quarantined), (2, 1), "a caller hears of its own messages");
        assert_eq!(report.changed.len(), 1);
        assert_eq!(report.changed[0].command_id, command_id(number), "and of its own commands");
        assert_eq!(report.changed[0].counts.failed, 1, "as they stand after the commit");
    }
    assert!(house.store.revision().borrow().0 < 40, "what waits together is committed together");
    assert_whole(&house.dir);
}

#[tokio::test]
async fn a_call_beyond_one_transaction_is_stored_whole() {
    let house = House::new();
    let bodies: Vec<String> = (0..1_203).map(|number| node(number % 3, number, "Failed", 1)).collect();
    let report = house.hear(&bodies).await;
    assert_eq!((report.stored, report.changed_commands), (1_203, 3), "one report over all of its transactions");
    assert_eq!(report.changed[0].counts.failed, 401, "with the last state of each command");
    assert_whole(&house.dir);
}
