//! What comes late: by AWS's clock, in one digest that closes when the queues were empty twice.

use jiff::SignedDuration;

use super::*;
use crate::aws::skew;
use crate::clock;

/// A node of a command of its own failed so long ago.
fn failed(command: usize, ago: SignedDuration) -> String {
    let at = clock::now() - ago;
    serde_json::json!({
        "commandId": format!("{command:08x}-91d2-4ce4-8b8c-ed5f02b60904"), "documentName": "AWS-RunPatchBaseline",
        "instanceId": "i-0c4e0f1a2b3c4d591", "status": "Failed", "detailedStatus": "Failed", "eventTime": at.to_string(),
    })
    .to_string()
}

/// Whether a digest is open: the stored word of the policy.
fn digest(house: &House) -> Option<String> {
    let db = Connection::open(house.dir.database()).unwrap();
    let state: String = db.query_row("SELECT state FROM hall", [], |row| row.get(0)).unwrap();
    let state: serde_json::Value = serde_json::from_str(&state).unwrap();
    state["digest"]["stage"].as_str().map(str::to_owned)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_empty_polls_after_a_message_close_the_digest() {
    let house = House::new().await;
    house.stand_in.send([failed(1, SignedDuration::from_hours(8))]);
    let task = house.receive(false).await;
    until("the late failure is in a digest", || digest(&house).is_some()).await;
    until("two empty polls close it", || digest(&house).as_deref() == Some("closed")).await;
    house.stand_in.send([failed(2, SignedDuration::from_hours(8))]);
    until("what is late after that opens another", || digest(&house).as_deref() == Some("open")).await;
    until("which is closed in its turn", || digest(&house).as_deref() == Some("closed")).await;
    house.cancel.cancel();
    ended(task).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_digest_waits_for_every_queue_that_is_heard() {
    let house = House::new().await;
    let other: TopicArn = "arn:aws:sns:us-east-1:123456789012:other".parse().unwrap();
    house.board.add(line(&other));
    house.board.completed(other.as_str(), 10);
    house.stand_in.send([failed(1, SignedDuration::from_hours(8))]);
    let task = house.receive(false).await;
    until("the late failure is in a digest", || digest(&house).is_some()).await;
    until("the queue was empty many times", || house.stand_in.calls("ReceiveMessage").len() > 6).await;
    assert_eq!(digest(&house).as_deref(), Some("open"), "another queue is still being caught up with");
    house.board.completed(other.as_str(), 0);
    house.board.completed(other.as_str(), 0);
    until("then it closes", || digest(&house).as_deref() == Some("closed")).await;
    house.cancel.cancel();
    ended(task).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn late_is_told_by_the_clock_of_aws() {
    let house = House::new().await;
    let sqs = skew::measured(&house.stand_in.client().await, &house.store);
    house.stand_in.dates(8 * 60);
    let poll = || sqs.receive_message().queue_url(&house.record.queue_url).send();
    poll().await.unwrap();
    let task = house.receive(false).await;
    // By our clock it is three minutes old, by that of AWS, which wrote its time, eleven.
    house.stand_in.send([failed(1, SignedDuration::from_mins(3))]);
    until("it is late", || digest(&house).is_some()).await;
    house.stand_in.dates(0);
    poll().await.unwrap();
    house.stand_in.send([failed(2, SignedDuration::from_mins(3))]);
    until("it is stored", || house.stored() == 2).await;
    let alerts = house.store.alerts_due(clock::now()).await.unwrap().pending;
    let rings = alerts.iter().any(|alert| alert.key.command_id().is_some_and(|id| id.starts_with("00000002")));
    assert!(rings, "with clocks that agree again the same age rings live: {alerts:?}");
    house.cancel.cancel();
    ended(task).await;
}
