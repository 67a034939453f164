//! How polls grow, shrink, hang and end.

use super::stand_in::Fault;
use super::*;
use crate::error::Code;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pollers_grow_while_batches_come_back_full_and_are_gone_after() {
    let house = House::new().await;
    house.stand_in.send(messages(0..600));
    house.stand_in.script(|call| (call.action == "ReceiveMessage").then_some(Fault::After(Duration::from_millis(20))));
    let task = house.receive(false).await;
    until("the queue is drained", || house.stand_in.deleted().len() == 600).await;
    let most = house.stand_in.most.load(Ordering::SeqCst);
    assert!(most > 1, "a full queue is read by several");
    assert!(most <= MOST_POLLERS, "and never by more than {MOST_POLLERS} at once: {most}");
    assert_eq!(house.stored(), 600, "nothing is lost between them");
    tokio::time::sleep(Duration::from_millis(300)).await;
    house.stand_in.most.store(0, Ordering::SeqCst);
    tokio::time::sleep(Duration::from_millis(500)).await;
    assert_eq!(house.stand_in.most.load(Ordering::SeqCst), 1, "an empty queue is read by one");
    house.cancel.cancel();
    ended(task).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poll_that_never_comes_back_ends_in_words() {
    let house = House::new().await;
    house.stand_in.script(|_| Some(Fault::Hang));
    let task = house.receive(false).await;
    let Ended::Refused { refusal, heard } = ended(task).await else { panic!("a hung poll is a failure") };
    assert_eq!((refusal.state, refusal.transient, heard), (SubscriptionState::Blind, true, false), "that may heal");
    assert!(refusal.problem.message.contains("did not come back"), "{}", refusal.problem.message);
    assert!(!refusal.problem.hint.is_empty(), "with what to do");
}

#[test]
fn a_hung_poll_is_given_up_in_time() {
    let limits = Limits::default();
    assert!(limits.receive_within > Duration::from_secs(25), "an empty long poll of 20 s must not look hung");
    // A poll that began just before the network went, the next one's connecting, and the board's telling.
    assert!(
        limits.receive_within < crate::health::DEAF_AFTER,
        "a hung poll is told by itself before the watchdog must"
    );
    assert!(crate::health::DEAF_AFTER <= Duration::from_secs(80), "and either way within 90 s");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_refusal_ends_with_its_state_and_its_words() {
    let cases = [
        (
            Fault::Error(400, "AWS.SimpleQueueService.NonExistentQueue"),
            SubscriptionState::QueueMissing,
            Code::AwsRefused,
        ),
        (Fault::Error(400, "QueueDoesNotExist"), SubscriptionState::QueueMissing, Code::AwsRefused),
        (Fault::Error(403, "AccessDenied"), SubscriptionState::Denied, Code::AwsRefused),
        (Fault::Error(403, "SignatureDoesNotMatch"), SubscriptionState::SignedOut, Code::AwsRefused),
        (Fault::Error(400, "ExpiredToken"), SubscriptionState::SignedOut, Code::AwsRefused),
        (Fault::Error(503, "ServiceUnavailable"), SubscriptionState::Connecting, Code::AwsUnreachable),
        (Fault::Error(400, "ThrottlingException"), SubscriptionState::Connecting, Code::AwsUnreachable),
        (Fault::Cut, SubscriptionState::Blind, Code::AwsUnreachable),
    ];
    for (fault, state, code) in cases {
        let house = House::new().await;
        let said = fault.clone();
        house.stand_in.script(move |_| Some(said.clone()));
        let Ended::Refused { refusal, .. } = ended(house.receive(false).await).await else {
            panic!("{fault:?} ends it")
        };
        assert_eq!((refusal.state, refusal.problem.code), (state, code), "{fault:?}: {}", refusal.problem.message);
        assert!(!refusal.problem.hint.is_empty(), "{fault:?} comes with what to do");
        let polls = house.stand_in.calls("ReceiveMessage").len();
        assert_eq!(polls, 1, "{fault:?}: who was refused asks again only after a pause");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_a_sleep_a_hung_poll_is_given_up_at_once() {
    let mut house = House::new().await;
    house.limits.receive_within = Duration::from_secs(30);
    house.stand_in.script(|_| Some(Fault::Hang));
    let task = house.receive(false).await;
    until("a poll hangs", || house.stand_in.calls("ReceiveMessage").len() == 1).await;
    let began = crate::clock::monotonic();
    house.board.woke();
    assert_eq!(ended(task).await, Ended::Woken, "the time-out of a poll from before the sleep says nothing");
    assert!(began.elapsed() < Duration::from_secs(5), "nobody waits for it");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn how_long_the_oldest_of_the_last_batch_waited_is_told_by_the_clock_of_aws() {
    let house = House::new().await;
    let waited = || house.board.lines()[0].last_batch_waited_seconds;
    let sqs = crate::aws::skew::measured(&house.stand_in.client().await, &house.store);
    let task = house.receive(false).await;
    house.stand_in.send(messages(0..1));
    until("a message came", || house.stored() == 1).await;
    assert_eq!(waited(), None, "where SQS does not say, it is not known");

    house.stand_in.waited(40);
    house.stand_in.send(messages(1..2));
    until("its wait is told", || waited().is_some_and(|seconds| (40..45).contains(&seconds))).await;

    // AWS's clock is eight minutes ahead, and so is what it says of the sending.
    house.stand_in.dates(8 * 60);
    sqs.receive_message().queue_url(&house.record.queue_url).send().await.unwrap();
    house.stand_in.waited(3);
    house.stand_in.send(messages(2..3));
    until("the wait is told anew", || waited().is_some_and(|seconds| (1..9).contains(&seconds))).await;
    let polls = house.stand_in.calls("ReceiveMessage").len();
    until("the queue was empty again", || house.stand_in.calls("ReceiveMessage").len() > polls + 1).await;
    assert!(waited().is_some_and(|seconds| (1..9).contains(&seconds)), "an empty poll changes nothing of it");

    // Sent after it came: noise of two clocks, and no message of the year 1970.
    house.stand_in.waited(-5);
    house.stand_in.send(messages(3..4));
    until("it has not waited", || waited() == Some(0)).await;
    house.cancel.cancel();
    ended(task).await;
}
