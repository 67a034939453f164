//! When storing fails: receiving stops, nothing is deleted, and it goes on by itself.

use super::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_a_full_disk_receiving_stops_and_nothing_is_deleted_until_there_is_space() {
    let house = House::new().await;
    house.store.fill_disk(true).await;
    house.stand_in.send(messages(0..40));
    let task = house.receive(false).await;
    until("the full disk is told", || house.state().0 == SubscriptionState::Blind).await;
    assert!(house.state().1.contains("disk is full"), "in words: {}", house.state().1);
    // A poll that was under way when storing failed still counts; after it none begins.
    let polls = || house.stand_in.calls("ReceiveMessage").len();
    let rests = async {
        let mut seen = None;
        while seen != Some(polls()) {
            seen = Some(polls());
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    };
    assert!(tokio::time::timeout(Duration::from_secs(10), rests).await.is_ok(), "who cannot store must not receive");
    assert_eq!(house.stand_in.calls("DeleteMessageBatch").len(), 0, "nothing unsaved is deleted");
    assert_eq!(house.stored(), 0, "nothing is half stored");

    house.store.fill_disk(false).await;
    until("everything is stored and deleted", || house.stand_in.deleted().len() == 40).await;
    assert_eq!(house.stored(), 40, "with space again nothing is missing");
    until("and the board says so", || house.state().0 == SubscriptionState::Ok).await;
    house.cancel.cancel();
    ended(task).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_committed_too_late_is_not_deleted_and_its_copy_is() {
    let mut house = House::new().await;
    house.limits.commit_within = Duration::from_millis(200);
    house.store.fill_disk(true).await;
    house.stand_in.send(messages(0..5));
    let task = house.receive(false).await;
    until("storing fails", || house.state().0 == SubscriptionState::Blind).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    house.store.fill_disk(false).await;
    until("it is stored in the end", || house.stored() == 5).await;
    tokio::time::sleep(Duration::from_millis(200)).await;
    assert_eq!(house.stand_in.deleted(), Vec::<String>::new(), "another reader may hold a newer handle by now");
    house.stand_in.send(messages(0..5));
    until("the copies are deleted", || house.stand_in.deleted().len() == 5).await;
    assert_eq!(house.stored(), 5, "and join what is there");
    house.cancel.cancel();
    ended(task).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_that_cannot_store_ends_and_says_why() {
    let house = House::new().await;
    house.store.fill_disk(true).await;
    house.stand_in.send(messages(0..5));
    let task = house.receive(true).await;
    assert_eq!(ended(task).await, Ended::Unstored, "a script must not wait for ever for a full disk");
    let problems = house.board.problems();
    assert_eq!(problems.len(), 1, "and hears why");
    assert_eq!(problems[0].code, crate::error::Code::Storage, "as a matter of storage");
    assert_eq!(house.stand_in.deleted(), Vec::<String>::new(), "nothing is deleted");
}
