//! Events of windows that tell of no run, and histories from before windows were read.

use watchbell_core::window::RunStatus;

use super::windows::{event, execution, run_key, window_id};
use super::*;

#[tokio::test]
async fn other_events_of_windows_are_kept_and_no_run() {
    let house = House::new();
    let detail = json!({"window-id": window_id(1), "status": "DISABLED"});
    let body = event("Maintenance Window State-change Notification", 5, &detail);
    let first = house.hear(std::slice::from_ref(&body)).await;
    let again = house.hear(&[body]).await;
    assert_eq!((first.stored, again.duplicates), (1, 1), "each message is kept once");
    assert_eq!(Store::reader(&house.dir).unwrap().windows(at(-60), at(60)).unwrap(), [], "it is about no run");
}

#[test]
fn a_history_of_the_first_format_gets_its_windows() {
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::resolve(Some(temp.path())).unwrap();
    std::fs::create_dir_all(dir.root()).unwrap();
    let db = Connection::open(dir.database()).unwrap();
    db.execute_batch(&crate::store::table::FIRST.concat()).unwrap();
    db.pragma_update(None, "user_version", 1).unwrap();
    drop(db);
    drop(Store::open_at(&dir, at(0)).unwrap());
    let reader = Store::reader(&dir).unwrap();
    assert_eq!(reader.windows(at(0), at(1)).unwrap(), [], "an older history is brought up to date and read");
}

#[tokio::test]
async fn events_that_an_earlier_version_could_not_read_leave_the_quarantine() {
    let mut house = House::new();
    house.hear(&["garbage about a Maintenance Window ".to_owned()]).await;
    let body = execution(1, "SUCCESS", 0, Some(60));
    house.store.close().await;
    let db = Connection::open(house.dir.database()).unwrap();
    db.execute(
        "INSERT INTO quarantine (digest, kind, reason, topic_arn, sqs_message_id, received_at, body)
         VALUES (?1, 'unknown_event', 'not read yet', ?2, 'm', 7, ?3)",
        rusqlite::params![BodyDigest::of(&body).as_bytes(), topic().as_str(), body],
    )
    .unwrap();
    drop(db);
    house.restart(at(100)).await;
    let reader = Store::reader(&house.dir).unwrap();
    assert_eq!(reader.quarantined().unwrap(), 1, "what is still not understood stays");
    assert_eq!(house.report(&run_key(1)).window.status, Some(RunStatus::Success), "the run is known now");
    let again = house.hear(&[body]).await;
    assert_eq!(again.duplicates, 1, "a copy of it is a copy");
}
