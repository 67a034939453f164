//! What is kept of the listening itself.

use jiff::SignedDuration;
use watchbell_core::listening::{Gap, Silence};

use super::*;
use crate::clock;
use crate::store::Reader;
use crate::view::GapRow;

fn gaps(house: &House) -> Vec<GapRow> {
    Reader::open(&house.dir).unwrap().gaps(Timestamp::MIN, Timestamp::MAX).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_run_tells_the_next_one_when_it_listened_last() {
    let house = House::new().await;
    let ear = Ear::open(&house.record, &house.store, &house.board).await;
    ear.ended(Silence::Quit).await;
    assert_eq!(house.store.last_heard(&topic()).await.unwrap(), None, "who never heard has nothing to tell");
    ear.completed().await;
    ear.ended(Silence::Quit).await;
    let (at, then) = house.store.last_heard(&topic()).await.unwrap().expect("the end is kept");
    assert!(clock::now().duration_since(at) < SignedDuration::from_secs(30), "with its time");
    assert_eq!(then, Silence::Quit, "and its reason");
    assert_eq!(gaps(&house), [], "no gap is drawn before there is one");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_first_poll_after_a_night_off_draws_the_gap() {
    let house = House::new().await;
    let evening = clock::now() - SignedDuration::from_hours(14);
    house.store.put_heard(&topic(), evening, Silence::Quit, Vec::new()).await.unwrap();
    let task = house.receive(true).await;
    assert_eq!(ended(task).await, Ended::Drained);
    let drawn = gaps(&house);
    assert_eq!(drawn.len(), 1, "one gap, and none for the polls that followed");
    assert_eq!((drawn[0].reason, drawn[0].may_have_lost), (Silence::Quit, Some(false)), "Watchbell did not run");
    assert!(drawn[0].from.duration_since(evening).abs() < SignedDuration::from_secs(1), "from the last poll of before");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_adopted_queue_says_nothing_of_what_was_lost() {
    let mut house = House::new().await;
    house.record.adopted = true;
    let long_ago = clock::now() - SignedDuration::from_hours(24 * 30);
    house.store.put_heard(&topic(), long_ago, Silence::Paused, Vec::new()).await.unwrap();
    let ear = Ear::open(&house.record, &house.store, &house.board).await;
    ear.completed().await;
    let told = serde_json::to_value(&gaps(&house)[0]).unwrap();
    assert!(told.get("may_have_lost").is_none(), "absent means unknown: {told}");
    assert_eq!(told["reason"], "paused", "it was paused");
}

#[tokio::test]
async fn gaps_are_found_by_the_time_that_they_touch_and_forgotten_with_nothing() {
    let house = House::new().await;
    let at = |hour: i64| Timestamp::UNIX_EPOCH + SignedDuration::from_hours(hour);
    let gap = |from, to| Gap { from: at(from), to: at(to), reason: Silence::Sleep, may_have_lost: Some(false) };
    house.store.put_heard(&topic(), at(30), Silence::Quit, vec![gap(1, 5), gap(20, 30)]).await.unwrap();
    let reader = Reader::open(&house.dir).unwrap();
    let ends = |since, until| -> Vec<Timestamp> {
        reader.gaps(at(since), at(until)).unwrap().iter().map(|gap| gap.to).collect()
    };
    assert_eq!(ends(0, 40), [at(30), at(5)], "the one that ended last comes first");
    assert_eq!(ends(3, 4), [at(5)], "a gap is found by any time inside it");
    assert_eq!(ends(6, 19), [], "and not by a time of listening");
    house.store.act(Act::RemoveSubscription { topic_arn: topic() }).await.unwrap();
    house.store.put_heard(&topic(), at(31), Silence::Paused, Vec::new()).await.unwrap();
    assert_eq!(house.store.last_heard(&topic()).await.unwrap(), None, "a subscription made anew begins without a gap");
    assert_eq!(ends(0, 40).len(), 2, "what was not heard stays in the history");
}
