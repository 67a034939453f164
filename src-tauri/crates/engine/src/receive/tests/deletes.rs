//! What is deleted, and when.

use std::collections::{BTreeMap, BTreeSet};

use super::stand_in::{Call, Fault, handle};
use super::*;

fn is_delete(call: &Call) -> bool {
    call.action == "DeleteMessageBatch"
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn refused_entries_are_tried_again_and_nothing_is_deleted_twice_or_before_its_commit() {
    let house = House::new().await;
    house.stand_in.send(messages(0..10));
    let mut first = true;
    let dir = house.dir.clone();
    house.stand_in.script(move |call| {
        if !is_delete(call) {
            return None;
        }
        assert_eq!(stored(&dir), 10, "at the moment of the delete every message of it is committed");
        // Of the first delete one is refused by AWS's fault and one by ours.
        std::mem::take(&mut first).then(|| Fault::Refuse(BTreeMap::from([(handle(3), false), (handle(5), true)])))
    });
    let task = house.receive(true).await;
    assert_eq!(ended(task).await, Ended::Drained);

    let asked: Vec<Vec<String>> = house.stand_in.calls("DeleteMessageBatch").iter().map(Call::handles).collect();
    assert_eq!(asked[0], (0..10).map(handle).collect::<Vec<_>>(), "the whole batch first");
    assert_eq!(asked[1..], [vec![handle(3)]], "then what AWS refused by its own fault, and nothing else");
    let deleted = house.stand_in.deleted();
    assert_eq!(deleted.iter().collect::<BTreeSet<_>>().len(), deleted.len(), "no message is deleted twice");
    assert_eq!(house.state().0, SubscriptionState::Ok, "a refused entry is no deafness: its copy will come");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_delete_that_aws_cannot_do_now_is_done_later() {
    let house = House::new().await;
    house.stand_in.send(messages(0..7));
    let mut faults = vec![Fault::Cut, Fault::Error(503, "ServiceUnavailable"), Fault::Error(500, "InternalFailure")];
    house.stand_in.script(move |call| is_delete(call).then(|| faults.pop()).flatten());
    let task = house.receive(true).await;
    assert_eq!(ended(task).await, Ended::Drained);
    assert_eq!(house.stand_in.deleted().len(), 7, "a stumble of AWS leaves nothing in the queue");
    assert_eq!(house.stand_in.calls("DeleteMessageBatch").len(), 4, "each try follows on a failure");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_permission_to_delete_that_is_missing_is_told_and_heals() {
    let house = House::new().await;
    house.stand_in.send(messages(0..2));
    house.stand_in.script(|call| is_delete(call).then_some(Fault::Error(403, "AccessDenied")));
    let task = house.receive(false).await;
    until("the missing permission is told", || house.state().0 == SubscriptionState::Denied).await;
    let polls = house.stand_in.calls("ReceiveMessage").len();
    until("receiving goes on", || house.stand_in.calls("ReceiveMessage").len() > polls + 2).await;
    let (state, reason) = house.state();
    assert_eq!(state, SubscriptionState::Denied, "polls that complete must not hide it");
    assert!(reason.contains("sqs:DeleteMessage"), "the action is named: {reason}");
    assert_eq!(house.stand_in.calls("DeleteMessageBatch").len(), 1, "a denied delete is not repeated at once");
    house.stand_in.well();
    house.stand_in.send(messages(0..2));
    until("the copies are deleted", || house.stand_in.deleted().len() == 2).await;
    until("and it is well again", || house.state().0 == SubscriptionState::Ok).await;
    house.cancel.cancel();
    assert_eq!(ended(task).await, Ended::Cancelled);
    assert_eq!(house.stored(), 2, "copies join");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_poll_brings_at_the_end_is_stored_and_deleted_in_order() {
    let house = House::new().await;
    let mut polls = 0;
    house.stand_in.script(move |call| {
        polls += usize::from(call.action == "ReceiveMessage");
        (polls >= 2).then_some(Fault::After(Duration::from_millis(150)))
    });
    let task = house.receive(false).await;
    until("a long poll is under way", || house.stand_in.calls("ReceiveMessage").len() == 2).await;
    house.stand_in.send(messages(0..10));
    house.cancel.cancel();
    assert_eq!(ended(task).await, Ended::Cancelled);
    assert_eq!(house.stored(), 10, "what a poll brings while Watchbell ends is not dropped");
    assert_eq!(house.stand_in.deleted().len(), 10, "and is deleted after its commit, though that takes a moment");
    assert_eq!(house.stand_in.calls("ReceiveMessage").len(), 2, "no further poll begins");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_does_not_wait_for_a_poll_that_brings_nothing() {
    let house = House::new().await;
    house.stand_in.script(|_| Some(Fault::Hang));
    let task = house.receive(false).await;
    until("a poll hangs", || house.stand_in.calls("ReceiveMessage").len() == 1).await;
    let began = crate::clock::monotonic();
    house.cancel.cancel();
    ended(task).await;
    assert!(began.elapsed() < Duration::from_secs(3), "a hung poll must not hold up the end");
}
