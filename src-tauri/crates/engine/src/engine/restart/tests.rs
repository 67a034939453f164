//! Restarts over real clients and a queue that fails as the test says: pauses, new connections, panics, healing.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use tokio::task::JoinHandle;

use super::super::clients::Clients;
use super::super::supervise::receive;
use super::*;
use crate::receive::tests::stand_in::Fault;
use crate::receive::tests::{House, line, topic, until};

const FIRST: Duration = Duration::from_millis(40);
const LONGEST: Duration = Duration::from_millis(400);

fn restarts(topic: &str, board: &Board, cancel: &CancellationToken) -> (Restarts, watch::Sender<()>) {
    let (nudge, nudges) = watch::channel(());
    let restarts = Restarts {
        topic: topic.to_owned(),
        way_back: None,
        board: board.clone(),
        once: false,
        pace: Pace::new(FIRST, LONGEST),
        cancel: cancel.clone(),
        nudges,
    };
    (restarts, nudge)
}

/// As the supervisor listens, with pauses that a test can wait for.
async fn listen(house: &House, once: bool) -> (JoinHandle<()>, watch::Sender<()>) {
    let shared = house.shared(once).await;
    // The access is there already: a test has no keychain.
    let granted = watch::channel(Some(house.stand_in.access())).0;
    let clients = Arc::new(Clients::new(house.record.clone(), None, granted, &house.store));
    let cancel = house.cancel.clone();
    let (restarts, nudge) = restarts(topic().as_str(), &house.board, &cancel);
    let restarts = Restarts { once, ..restarts };
    #[allow(clippy::disallowed_methods, reason = "a test owns its tasks")]
    let task = tokio::spawn(restarts.run(move || {
        let (clients, shared, cancel) = (Arc::clone(&clients), shared.clone(), cancel.clone());
        async move { receive(&clients, shared, &cancel).await }
    }));
    (task, nudge)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_black_hole_is_told_in_words_and_left_by_a_new_connection() {
    let house = House::new().await;
    let (task, _nudge) = listen(&house, false).await;
    until("it hears", || house.state().0 == SubscriptionState::Ok).await;
    // Whatever comes over the connections of now goes nowhere; new ones are well, as after a change of network.
    let old = house.stand_in.calls("ReceiveMessage").last().unwrap().connection;
    house.stand_in.script(move |call| (call.connection <= old).then_some(Fault::Hang));
    until("the hung poll is told", || house.state().0 == SubscriptionState::Blind).await;
    assert!(house.state().1.contains("did not come back"), "in words: {}", house.state().1);
    until("it hears again by itself", || house.state().0 == SubscriptionState::Ok).await;
    let polls = house.stand_in.calls("ReceiveMessage");
    let hung = polls.iter().filter(|call| call.connection <= old).count();
    assert!(polls.last().unwrap().connection > old, "over a new connection");
    assert!(hung < polls.len(), "the dead one is not used again");
    house.cancel.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_endpoint_is_asked_ever_more_rarely_over_all_restarts_and_heals() {
    for fault in [Fault::Cut, Fault::Error(500, "InternalFailure"), Fault::Error(503, "ServiceUnavailable")] {
        let house = House::new().await;
        let said = fault.clone();
        house.stand_in.script(move |_| Some(said.clone()));
        let (task, _nudge) = listen(&house, false).await;
        tokio::time::sleep(Duration::from_secs(2)).await;
        let polls = house.stand_in.calls("ReceiveMessage").len();
        assert!(polls >= 3, "{fault:?}: it goes on trying: {polls}");
        // At a pause of 200 ms on average there are about 13; a back-off that began anew every few tries would make 60.
        assert!(polls <= 40, "{fault:?}: no tight loop: {polls} tries in 2 s");
        house.stand_in.send(["late".to_owned()]);
        house.stand_in.well();
        until("it heals by itself", || house.stand_in.deleted().len() == 1).await;
        until("and says so", || house.state().0 == SubscriptionState::Ok).await;
        house.cancel.cancel();
        task.await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_refused_account_is_asked_at_the_longest_pause_and_at_once_when_somebody_mended_it() {
    let house = House::new().await;
    house.stand_in.script(|_| Some(Fault::Error(400, "QueueDoesNotExist")));
    let (task, nudge) = listen(&house, false).await;
    until("the queue is told missing at once", || house.state().0 == SubscriptionState::QueueMissing).await;
    until("it is asked again", || house.stand_in.calls("ReceiveMessage").len() >= 7).await;
    let polls = house.stand_in.calls("ReceiveMessage");
    let last = polls[6].at - polls[5].at;
    assert!(
        last >= LONGEST.mul_f64(0.8),
        "who waits for a person asks at the longest pause, not at half of it: {last:?}"
    );
    assert_eq!(house.stand_in.calls("CreateQueue").len(), 0, "nothing that was deleted is made again");
    house.stand_in.well();
    nudge.send_replace(());
    let began = crate::clock::monotonic();
    until("it hears again", || house.state().0 == SubscriptionState::Ok).await;
    assert!(began.elapsed() < Duration::from_secs(5), "whoever mended it does not wait for the pause");
    house.cancel.cancel();
    task.await.unwrap();
}

#[test]
fn the_longest_pause_is_a_minute() {
    let mut pace = Pace::default();
    let pauses: Vec<Duration> = (0..12).map(|_| pace.pause(false)).collect();
    assert!(pauses[0] <= Duration::from_secs(1), "the first try comes soon");
    assert!(pauses[8..].iter().all(|pause| *pause >= Duration::from_secs(48)), "then once a minute: {pauses:?}");
    assert!(pauses.iter().all(|pause| *pause <= Duration::from_mins(1)), "and no more rarely");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sleep_ends_a_pause_and_makes_new_clients() {
    let house = House::new().await;
    house.stand_in.script(|_| Some(Fault::Hang));
    let (task, _nudge) = listen(&house, false).await;
    until("a poll hangs", || house.stand_in.calls("ReceiveMessage").len() == 1).await;
    house.stand_in.well();
    house.board.woke();
    until("it hears", || house.state().0 == SubscriptionState::Ok).await;
    let polls = house.stand_in.calls("ReceiveMessage");
    assert!(polls[1].connection > polls[0].connection, "a connection of before the sleep is not trusted");
    house.cancel.cancel();
    task.await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drain_that_aws_does_not_answer_ends_with_the_reason() {
    let house = House::new().await;
    house.stand_in.script(|_| Some(Fault::Error(503, "ServiceUnavailable")));
    let (task, _nudge) = listen(&house, true).await;
    tokio::time::timeout(Duration::from_secs(20), task).await.expect("a drain ends").unwrap();
    let problems = house.board.problems();
    assert_eq!(problems.len(), 1, "a queue that was never read must not count as drained");
    assert_eq!(problems[0].code, Code::AwsUnreachable, "its exit code is that of an AWS out of reach");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_in_one_is_shown_and_restarted_and_the_others_never_notice() {
    let board = Board::default();
    let topics = ["broken", "well"].map(|name| format!("arn:aws:sns:us-east-1:123456789012:{name}"));
    for topic in &topics {
        board.add(line(&topic.parse().unwrap()));
    }
    let cancel = CancellationToken::new();
    let runs = [Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0))];
    let mut tasks = Vec::new();
    for (topic, count) in topics.iter().zip(&runs) {
        let (restarts, nudge) = restarts(topic, &board, &cancel);
        let (board, topic, count, cancel) = (board.clone(), topic.clone(), Arc::clone(count), cancel.clone());
        let run = move || {
            let (board, topic, cancel) = (board.clone(), topic.clone(), cancel.clone());
            let nth = count.fetch_add(1, Ordering::SeqCst);
            async move {
                assert!(nth >= 3 || topic.ends_with(":well"), "a fault of ours, on purpose");
                board.completed(&topic, 0);
                cancel.cancelled().await;
                Ended::Cancelled
            }
        };
        #[allow(clippy::disallowed_methods, reason = "a test owns its tasks")]
        tasks.push((tokio::spawn(restarts.run(run)), nudge));
    }
    let state = |at: usize| board.lines()[at].clone();
    until("the panic is shown", || state(0).reason.is_some_and(|words| words.contains("receiving broke"))).await;
    until("the other hears", || state(1).state == SubscriptionState::Ok).await;
    until("it is started again until it works", || state(0).state == SubscriptionState::Ok).await;
    assert_eq!(runs[0].load(Ordering::SeqCst), 4, "once after each panic");
    assert_eq!(runs[1].load(Ordering::SeqCst), 1, "the other ran on all the while");
    assert_eq!((state(1).state, state(1).reason), (SubscriptionState::Ok, None), "and nothing was said of it");
    cancel.cancel();
    for (task, _nudge) in tasks {
        task.await.unwrap();
    }
}
