//! Trouble under the store: nothing is lost, nothing is half applied, and it goes on when the cause is gone.

use super::*;
use crate::error::{Code, Problem};
use crate::store::{batch, ingest};
use crate::view::HistoryQuery;

#[tokio::test]
async fn a_database_of_a_newer_version_is_left_alone_and_named() {
    let house = House::new();
    house.hear(&[node(1, 1, "Failed", 1)]).await;
    house.store.close().await;
    let db = Connection::open(house.dir.database()).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    drop(db);
    let newer = StoreError::NewerVersion { found: 99, known: crate::store::schema::KNOWN };
    assert_eq!(Store::open(&house.dir).unwrap_err(), newer, "an old program must not write a new format");
    assert_eq!(Store::reader(&house.dir).unwrap_err(), newer, "nor guess at it");
    let problem = Problem::from(newer);
    assert_eq!(problem.code, Code::Storage);
    assert!(problem.message.contains("99") && problem.hint.contains("newest Watchbell"), "it says what to do");
}

#[tokio::test]
async fn what_is_no_database_is_named_as_damaged() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::resolve(Some(temp.path())).unwrap();
    std::fs::write(dir.database(), "this is no database at all, but a letter to a friend. ".repeat(100)).unwrap();
    assert!(matches!(Store::open(&dir), Err(StoreError::Corrupt(_))), "damage is told apart from a full disk");
}

#[tokio::test]
async fn a_full_disk_refuses_whole_calls_and_heals_by_itself() {
    let house = House::new();
    let limit = |pages: i64| {
        house.store.on_writer(move |writer| {
            writer.connection()?.pragma_update(None, "max_page_count", pages).map_err(StoreError::from)
        })
    };
    limit(80).await.unwrap();
    let (mut accepted, mut refused) = (Vec::new(), Vec::new());
    for number in 0..60 {
        let bodies: Vec<String> = (0..10).map(|one| node(number, one, "Failed", 1)).collect();
        match house.store.ingest(bodies.iter().map(|body| incoming(body, at(1))).collect()).await {
            Ok(report) => {
                assert_eq!(report.stored, 10);
                accepted.extend(bodies);
            }
            Err(error) => {
                assert_eq!(error, StoreError::Full, "a full disk is called a full disk");
                refused.push(bodies);
            }
        }
    }
    assert!(!accepted.is_empty() && !refused.is_empty(), "the disk must have filled midway for this to show anything");
    accepted.sort();
    let mut held = kept(&house.dir);
    held.sort();
    assert_eq!(held, accepted, "exactly what was reported as stored is stored");
    assert_whole(&house.dir);
    limit(1_000_000).await.unwrap();
    let copies = house.hear(&refused.concat()).await;
    assert_eq!(copies.stored as usize, refused.concat().len(), "with space again, the copies are taken in");
    assert_whole(&house.dir);
}

#[tokio::test]
async fn one_bad_row_is_found_and_quarantined_and_the_others_are_stored() {
    let house = House::new();
    let db = Connection::open(house.dir.database()).unwrap();
    db.execute_batch(
        "CREATE TRIGGER refuse BEFORE INSERT ON raw_event WHEN NEW.status = 'poison'
         BEGIN SELECT RAISE(ABORT, 'no such thing here'); END",
    )
    .unwrap();
    let mut bodies: Vec<String> = (0..37).map(|number| node(number % 4, number, "Failed", 1)).collect();
    bodies.insert(17, node(2, 99, "poison", 1));
    let report = house.hear(&bodies).await;
    assert_eq!((report.stored, report.quarantined), (37, 1), "one bad row must not hold up the others");
    let kept = Store::reader(&house.dir).unwrap().quarantine(None, 10).unwrap();
    assert_eq!(kept.rows.len(), 1);
    assert_eq!((kept.rows[0].kind.as_str(), kept.rows[0].body.as_str()), ("refused_by_store", bodies[17].as_str()));
    assert!(kept.rows[0].reason.contains("no such thing here"), "the reason is told: {}", kept.rows[0].reason);
    assert_whole(&house.dir);
}

#[cfg(unix)]
#[tokio::test]
async fn a_database_that_was_taken_away_is_noticed_before_anything_is_called_stored() {
    let house = House::new();
    house.hear(&[node(1, 1, "Failed", 1)]).await;
    std::fs::rename(house.dir.database(), house.dir.root().join("elsewhere.db")).unwrap();
    let body = node(1, 2, "Failed", 2);
    let lost = house.store.ingest(vec![incoming(&body, at(2))]).await;
    assert!(matches!(lost, Err(StoreError::Io(_))), "what goes to a file without a name is not stored: {lost:?}");
    assert_eq!(house.hear(&[body]).await.stored, 1, "the next call goes to a new file");
    assert_eq!(kept(&house.dir).len(), 1);
    assert_whole(&house.dir);
}

#[tokio::test]
async fn a_fault_in_one_request_does_not_silence_the_next() {
    let house = House::new();
    let broken = house.store.on_writer::<()>(|writer| {
        writer.transact(|db, _| {
            db.execute("DELETE FROM subscription", [])?;
            panic!("a fault of ours")
        })
    });
    assert_eq!(broken.await, Err(StoreError::Panicked), "its caller hears that it failed");
    assert_eq!(house.hear(&[node(1, 1, "Failed", 1)]).await.stored, 1, "the writer lives on");
}

#[tokio::test]
async fn a_message_that_meets_a_fault_of_ours_is_quarantined_and_holds_up_no_other() {
    let house = House::new();
    let bodies: Vec<String> = (0..9).map(|number| node(number % 2, number, "Failed", 1)).collect();
    let poison = bodies[4].clone();
    let read: Vec<_> = bodies.iter().map(|body| ingest::read(incoming(body, at(1)), true)).collect();
    let stored = house.store.on_writer(move |writer| {
        let stumbling = move |db: &Connection, rules: &crate::store::Rules, heard: &[&ingest::Heard]| {
            assert!(heard.iter().all(|one| one.body != poison), "a fault of ours");
            batch::store(db, rules, heard)
        };
        ingest::store(writer, &read.iter().collect::<Vec<_>>(), &stumbling)
    });
    assert_eq!(stored.await.unwrap().len(), 9, "each of them is dealt with");
    let quarantine = Store::reader(&house.dir).unwrap().quarantine(None, 10).unwrap();
    let kept_apart: Vec<_> = quarantine.rows.iter().map(|row| row.body.as_str()).collect();
    assert_eq!(kept_apart, [bodies[4].as_str()], "the one is kept in sight");
    assert!(quarantine.rows[0].reason.contains("a fault in Watchbell"), "{}", quarantine.rows[0].reason);
    assert_eq!(kept(&house.dir).len(), 8, "and the others are in the history");
    assert_whole(&house.dir);
}

#[tokio::test]
async fn after_the_end_every_call_says_closed() {
    let house = House::new();
    house.store.close().await;
    house.store.close().await;
    let late = house.store.ingest(vec![incoming("x", at(1))]).await;
    assert_eq!(late, Err(StoreError::Closed), "a message that comes late is not called stored");
}

#[tokio::test]
async fn no_history_yet_reads_as_an_empty_one_and_is_found_when_it_comes() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::resolve(Some(temp.path())).unwrap();
    let reader = Store::reader(&dir).unwrap();
    assert!(reader.history(&HistoryQuery::default()).unwrap().rows.is_empty(), "nothing yet is no error");
    assert_eq!((reader.quarantined().unwrap(), reader.detail("x").unwrap()), (0, None));
    let store = Store::open(&dir).unwrap();
    store.ingest(vec![incoming(&node(1, 1, "Failed", 1), at(1))]).await.unwrap();
    assert_eq!(reader.history(&HistoryQuery::default()).unwrap().rows.len(), 1, "a reader sees what came after it");
}

#[tokio::test]
async fn strange_bodies_are_kept_whole() {
    let house = House::new();
    let big = format!("{{\"x\":\"{}\"}}", "é".repeat((1 << 19) - 4));
    let bodies =
        [String::new(), "\0".into(), "a\0b".into(), "\u{202e}<b>".into(), big, "[".repeat(100_000), "null".into()];
    let report = house.hear(&bodies).await;
    assert_eq!(report.quarantined as usize, bodies.len(), "whatever comes is kept");
    let rows = Store::reader(&house.dir).unwrap().quarantine(None, 50).unwrap().rows;
    let held: std::collections::BTreeSet<&str> = rows.iter().map(|row| row.body.as_str()).collect();
    for body in &bodies {
        assert!(held.contains(body.as_str()), "a body of {} bytes must be kept as it came", body.len());
    }
}
