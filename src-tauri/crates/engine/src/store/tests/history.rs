//! Lists: every filter, and pages that neither repeat nor hide.

use proptest::prelude::*;
use watchbell_core::status::{Bucket, Status};

use super::*;
use crate::store::{Act, CredentialSource, Reader, RoleTerms, StoreError, SubscriptionRecord};
use crate::view::HistoryQuery;

fn ids(reader: &Reader, query: &HistoryQuery) -> Vec<String> {
    reader.history(query).unwrap().rows.into_iter().map(|row| row.command_id).collect()
}

fn all_pages(reader: &Reader, limit: u32, mut between: impl FnMut()) -> Vec<String> {
    let mut query = HistoryQuery { limit, ..HistoryQuery::default() };
    let mut seen = Vec::new();
    loop {
        let page = reader.history(&query).unwrap();
        assert!(page.rows.len() <= limit as usize, "a page is no longer than asked for");
        seen.extend(page.rows.into_iter().map(|row| row.command_id));
        let Some(next) = page.next else { return seen };
        query.after = Some(next);
        between();
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pages_show_every_command_once_newest_first_while_others_come_in(
        times in prop::collection::vec(0..6_i64, 1..30), limit in 1..7_u32, late in prop::collection::vec(0..9_i64, 0..30)
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let house = House::new();
        let bodies: Vec<String> = (0..).zip(&times).map(|(number, time)| node(number, 1, "Success", *time)).collect();
        runtime.block_on(house.hear(&bodies));
        let reader = Store::reader(&house.dir).unwrap();
        let mut newest_first: Vec<(i64, u32)> = times.iter().copied().zip(0..).collect();
        newest_first.sort_by_key(|&(time, number)| std::cmp::Reverse((time, number)));
        let expected: Vec<String> = newest_first.into_iter().map(|(_, number)| command_id(number)).collect();
        let mut late = (1_000..).zip(late);
        let seen = all_pages(&reader, limit, || {
            if let Some((number, time)) = late.next() {
                runtime.block_on(house.hear(&[node(number, 1, "Success", time)]));
            }
        });
        let seen: Vec<String> = seen.into_iter().filter(|id| expected.contains(id)).collect();
        prop_assert_eq!(seen, expected, "rows that come in meanwhile neither repeat nor hide others");
    }
}

#[tokio::test]
async fn each_filter_narrows_and_together_they_all_hold() {
    let house = House::new();
    house
        .hear(&[
            node(1, 0xabc, "Failed", 10),
            node(2, 0xdef, "Success", 20),
            whole(3, "TimedOut", 30),
            node(4, 0xabc, "InProgress", 40),
        ])
        .await;
    let reader = Store::reader(&house.dir).unwrap();
    let find = |narrow: &dyn Fn(&mut HistoryQuery)| {
        let mut query = HistoryQuery::default();
        narrow(&mut query);
        ids(&reader, &query)
    };
    let expect = |numbers: &[u32]| numbers.iter().map(|number| command_id(*number)).collect::<Vec<_>>();
    let line = |line: &str| find(&|query| query.search = Some(line.to_owned()));

    assert_eq!(find(&|_| {}), expect(&[4, 3, 2, 1]), "newest updated first");
    assert_eq!(find(&|query| query.status = vec![Status::Failed, Status::TimedOut]), expect(&[3, 1]));
    assert_eq!(find(&|query| query.since = Some(at(20))), expect(&[4, 3, 2]));
    assert_eq!(find(&|query| query.until = Some(at(20))), expect(&[2, 1]));
    assert_eq!(find(&|query| query.document = Some("aws-runsh*".into())), expect(&[3]), "not minding case");
    assert_eq!(find(&|query| query.document = Some("AWS-Run".into())), expect(&[]), "without * it is the whole name");
    assert_eq!(find(&|query| query.node = Some(node_id(0xabc))), expect(&[4, 1]));
    assert_eq!(find(&|query| query.node = Some("i-*DEF".into())), expect(&[2]));
    assert_eq!(find(&|query| query.unacknowledged_only = true), expect(&[3, 1]));
    assert_eq!(find(&|query| query.text = vec!["patchbase".into()]), expect(&[4, 2, 1]), "a part of the document");
    assert_eq!(
        find(&|query| query.text = vec!["patch".into(), "00000002".into()]),
        expect(&[2]),
        "all words must occur"
    );
    assert_eq!(find(&|query| query.text = vec![node_id(0xdef)[2..].into()]), expect(&[2]), "a node without its i-");
    assert_eq!(find(&|query| query.text = vec!["ws".into()]), expect(&[4, 3, 2, 1]), "a word too short for trigrams");
    assert_eq!(line("status:failed patch"), expect(&[1]));
    assert_eq!(line("topic:patches status:timed_out"), expect(&[3]));
    assert_eq!(line("topic:patch"), expect(&[]), "a topic's whole name");
    for hostile in ["\"", "' OR 1=1 --", "\" OR command_id:*", "%", "NEAR(a b)", "*", "\0", "🦀🦀🦀"] {
        let found = find(&|query| query.text = vec![hostile.into()]);
        assert!(found.is_empty() || hostile == "\0", "{hostile:?} is text, found {found:?}");
    }
}

#[tokio::test]
async fn a_search_or_a_cursor_that_makes_no_sense_is_refused_in_words() {
    let house = House::new();
    let reader = Store::reader(&house.dir).unwrap();
    let search = HistoryQuery { search: Some("since:yesteryear".into()), ..HistoryQuery::default() };
    assert!(matches!(reader.history(&search), Err(StoreError::Search(_))));
    let cursor = HistoryQuery { after: Some("page 2".into()), ..HistoryQuery::default() };
    assert_eq!(reader.history(&cursor).unwrap_err(), StoreError::Cursor("page 2".into()));
}

#[tokio::test]
async fn the_pages_of_a_command_show_the_worst_nodes_first_and_its_events_in_their_order() {
    let house = House::new();
    let mut bodies: Vec<String> = (0..25).map(|number| node(1, number, "InProgress", i64::from(number))).collect();
    bodies.extend((0..20).map(|number| node(1, number, "Success", 100)));
    bodies.push(node(1, 7, "Failed", 101));
    bodies.push(node(1, 3, "TimedOut", 101));
    house.hear(&bodies).await;
    let reader = Store::reader(&house.dir).unwrap();
    let (mut after, mut nodes) = (None, Vec::new());
    loop {
        let page = reader.invocations(&command_id(1), None, after.as_deref(), 4).unwrap();
        nodes.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let detail = reader.detail(&command_id(1)).unwrap().unwrap();
    assert_eq!(nodes, detail.invocations, "the pages together are the whole");
    assert_eq!(nodes.len(), 25);
    assert_eq!((&nodes[0].status, &nodes[1].status), (&Status::Failed, &Status::TimedOut), "the worst first");
    assert_eq!(nodes[2].status, Status::InProgress, "what runs before what is done");
    let running = reader.invocations(&command_id(1), Some(Bucket::InProgress), None, 100).unwrap();
    assert_eq!(running.rows.len(), 5);
    let (mut after, mut events) = (None, Vec::new());
    loop {
        let page = reader.events(&command_id(1), after.as_deref(), 4).unwrap();
        events.extend(page.rows);
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    assert_eq!(events, detail.events);
    assert!(
        events.is_sorted_by_key(|event| event.event_time) && events.len() == bodies.len(),
        "oldest first, all of them"
    );
}

#[tokio::test]
async fn quarantine_pages_newest_first() {
    let house = House::new();
    let bodies: Vec<String> = (0..7).map(|number| format!("garbage {number}")).collect();
    house.hear(&bodies).await;
    let reader = Store::reader(&house.dir).unwrap();
    let first = reader.quarantine(None, 5).unwrap();
    let rest = reader.quarantine(first.next.as_deref(), 5).unwrap();
    let seen: Vec<&str> = first.rows.iter().chain(&rest.rows).map(|row| row.body.as_str()).collect();
    let expected: Vec<&str> = bodies.iter().rev().map(String::as_str).collect();
    assert_eq!((seen, rest.next), (expected, None));
    assert_eq!(reader.quarantined().unwrap(), 7);
}

#[tokio::test]
async fn an_old_failure_leaves_the_count_after_some_days_and_stays_in_the_history() {
    let house = House::new();
    house.hear(&[node(1, 1, "Failed", 0)]).await;
    let reader = Store::reader(&house.dir).unwrap();
    let week = 7 * 86_400;
    assert_eq!(reader.unacknowledged(at(week), 7).unwrap(), 1);
    assert_eq!(reader.failing(at(week), 7, 5).unwrap().len(), 1);
    assert_eq!(reader.unacknowledged(at(week + 1), 7).unwrap(), 0);
    assert_eq!(ids(&reader, &HistoryQuery { unacknowledged_only: true, ..HistoryQuery::default() }).len(), 1);
}

#[tokio::test]
async fn subscriptions_are_remembered_paused_and_forgotten() {
    let house = House::new();
    let record = SubscriptionRecord {
        topic_arn: topic(),
        queue_url: "https://sqs.eu-central-1.amazonaws.com/123456789012/watchbell-ann-desk-01234567".into(),
        queue_arn: Some("arn:aws:sqs:eu-central-1:123456789012:watchbell-ann-desk-01234567".parse().unwrap()),
        queue_region: "eu-central-1".into(),
        subscription_arn: Some(format!("{}:83e2289d-27e6-42f3-a496-0704d76f136f", topic())),
        endpoint_url: None,
        credentials: CredentialSource::AccessKey { id: "AKIAIOSFODNN7EXAMPLE".into() },
        role_arn: None,
        role_terms: RoleTerms::default(),
        filter: watchbell_core::plan::Filter::All,
        adopted: false,
        raw: false,
        created_at: at(0),
        paused: false,
        leaving: false,
    };
    let act = |act: Act| {
        // Over the socket an act travels as JSON.
        let sent: Act = serde_json::from_str(&serde_json::to_string(&act).unwrap()).unwrap();
        assert_eq!(sent, act);
        house.store.act(sent)
    };
    act(Act::PutSubscription(Box::new(record.clone()))).await.unwrap();
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.subscriptions().unwrap(), std::slice::from_ref(&record));
    act(Act::PauseSubscription { topic_arn: topic(), paused: true }).await.unwrap();
    assert!(reader.subscriptions().unwrap()[0].paused);
    let filter = watchbell_core::plan::Filter::Alerts;
    act(Act::FilterSubscription { topic_arn: topic(), filter }).await.unwrap();
    act(Act::LeaveSubscription { topic_arn: topic(), leaving: true }).await.unwrap();
    let changed = SubscriptionRecord { paused: true, filter, leaving: true, ..record };
    assert_eq!(reader.subscriptions().unwrap(), [changed], "each act changes what it names and nothing else");
    assert_eq!(act(Act::RemoveSubscription { topic_arn: topic() }).await.unwrap().changed, 1);
    assert_eq!(act(Act::RemoveSubscription { topic_arn: topic() }).await.unwrap().changed, 0, "it was gone already");
    let filtered = act(Act::FilterSubscription { topic_arn: topic(), filter }).await.unwrap();
    assert_eq!((filtered.changed, reader.subscriptions().unwrap()), (0, vec![]), "a change brings nothing back");
    assert_eq!(reader.subscriptions().unwrap(), []);
}
