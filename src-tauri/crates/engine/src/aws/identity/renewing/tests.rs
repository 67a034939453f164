#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex as Plain};
use std::time::SystemTime;

use super::*;

/// Answers in turn; counts how often it was asked.
#[derive(Debug, Default, Clone)]
struct Source {
    answers: Arc<Plain<VecDeque<Option<SignedDuration>>>>,
    asked: Arc<AtomicUsize>,
    /// How long a refusal takes.
    refuses_after: Duration,
}

impl ProvideCredentials for Source {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(async {
            let at = self.asked.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            let answer = self.answers.lock().unwrap().pop_front().flatten();
            if let Some(lasts) = answer {
                let end = SystemTime::from(clock::now() + lasts);
                Ok(Credentials::new(format!("ASIA{at}"), "s", None, Some(end), "test"))
            } else {
                tokio::time::sleep(self.refuses_after).await;
                Err(CredentialsError::provider_error("refused"))
            }
        })
    }
}

fn renewing(answers: &[Option<SignedDuration>]) -> (Renewing, Source, Limit) {
    refusing_after(Duration::ZERO, answers)
}

fn refusing_after(refuses_after: Duration, answers: &[Option<SignedDuration>]) -> (Renewing, Source, Limit) {
    let answers = Arc::new(Plain::new(answers.iter().copied().collect()));
    let source = Source { answers, refuses_after, ..Source::default() };
    let limit = Limit::default();
    (
        Renewing::new(SharedCredentialsProvider::new(source.clone()), Duration::from_secs(5), limit.clone()),
        source,
        limit,
    )
}

const LONG: SignedDuration = SignedDuration::from_hours(1);

#[tokio::test]
async fn callers_at_once_share_one_renewal() {
    let (held, source, _) = renewing(&[Some(LONG)]);
    let all = futures_util::future::join_all((0..20).map(|_| held.provide_credentials())).await;
    assert!(all.into_iter().all(|one| one.unwrap().access_key_id() == "ASIA0"), "all have the same");
    assert_eq!(source.asked.load(Ordering::SeqCst), 1, "and it was asked for once");
}

#[tokio::test]
async fn what_cannot_be_renewed_is_used_to_its_end_and_said_to_end() {
    // Within the last third from the first moment, as after a clock that jumped.
    let (held, source, _) = renewing(&[Some(SignedDuration::from_secs(4)), None, None]);
    held.provide_credentials().await.unwrap();
    let ending = held.ending();
    assert!(ending.borrow().unwrap().renews, "so far nothing is known against it");
    held.held.lock().await.as_mut().unwrap().times.as_mut().unwrap().renew = clock::now();
    assert_eq!(held.provide_credentials().await.unwrap().access_key_id(), "ASIA0", "no dead zone before the end");
    assert!(!ending.borrow().unwrap().renews, "and it is seen that it ends");
    held.provide_credentials().await.unwrap();
    assert_eq!(source.asked.load(Ordering::SeqCst), 2, "a failed renewal is not tried with every call");
    let times = held.held.lock().await.as_ref().unwrap().times.unwrap();
    assert!(times.renew < times.end, "but before what is in hand ends, however soon that is");
    let times = Times { renew: clock::now(), end: clock::now() };
    held.held.lock().await.as_mut().unwrap().times = Some(times);
    assert!(held.provide_credentials().await.is_err(), "after the end the reason comes out");
}

#[tokio::test]
async fn a_renewal_that_takes_its_time_to_fail_gives_nothing_that_ended_meanwhile() {
    let (held, ..) = refusing_after(Duration::from_millis(2_500), &[Some(SignedDuration::from_secs(3)), None]);
    held.provide_credentials().await.unwrap();
    held.held.lock().await.as_mut().unwrap().times.as_mut().unwrap().renew = clock::now();
    assert!(held.provide_credentials().await.is_err(), "AWS would refuse what it is signed with");
}

#[tokio::test]
async fn a_limit_is_the_end_when_it_is_later_and_means_that_nothing_renews() {
    let (held, _, limit) = renewing(&[Some(LONG)]);
    let late = clock::now() + LONG * 2;
    limit.set(Some(late));
    held.provide_credentials().await.unwrap();
    assert_eq!(*held.ending().borrow(), Some(Ending { at: late, renews: false }));
}

#[test]
fn renewal_begins_five_minutes_before_the_end_or_with_the_last_third() {
    let now = clock::now();
    assert_eq!(ahead(now, now + LONG), AHEAD);
    assert_eq!(ahead(now, now + SignedDuration::from_secs(30)), SignedDuration::from_secs(10));
    assert_eq!(ahead(now, now - LONG), SignedDuration::ZERO, "what has ended is renewed at once");
}
