//! Nobody answers: whoever waits at the screen hears it within 5 s at every step of the set-up. An AWS that is slow is heard.

use std::pin::Pin;
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use watchbell_core::arn::TopicArn;
use watchbell_core::plan::Filter;
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::identity::Role;
use watchbell_engine::aws::publish::others;
use watchbell_engine::aws::subscribe::{SubscribeRequest, apply, plan};
use watchbell_engine::aws::topics::{create, topics};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup::publish_probe;
use watchbell_engine::store::SubscriptionRecord;
use watchbell_tests::harness::black_hole::{Dropping, Silent};

const WITHIN: Duration = Duration::from_secs(5);
const REGION: &str = "us-east-1";

#[allow(clippy::disallowed_methods, reason = "a test has a clock")]
fn now() -> Instant {
    Instant::now()
}

fn access(url: &str, role: Option<Role>) -> Access {
    let identity = Identity::AccessKey { id: "test".into(), secret: "test".to_owned().into() };
    Access::with_role(identity, role, Some(url.to_owned()))
}

fn topic() -> TopicArn {
    "arn:aws:sns:us-east-1:000000000000:ssm-notify".parse().unwrap()
}

fn request(adopt: Option<&str>) -> SubscribeRequest {
    SubscribeRequest {
        topic: topic(),
        queue_region: REGION.to_owned(),
        filter: Filter::All,
        adopt_queue_url: adopt.map(str::to_owned),
        stored: None,
        take_over: false,
        user: "ann".to_owned(),
        host: "laptop".to_owned(),
        machine: Some("1a2b3c4d".to_owned()),
    }
}

type Named<'a> = Pin<Box<dyn Future<Output = (&'static str, Problem, Duration)> + 'a>>;

/// What it failed with, and after how long.
fn named<'a, T: 'a>(step: &'static str, act: impl Future<Output = Result<T, Problem>> + 'a) -> Named<'a> {
    Box::pin(async move {
        let begun = now();
        let failed = act.await.err().unwrap_or_else(|| panic!("{step}: nobody answered, and it went well"));
        (step, failed, begun.elapsed())
    })
}

async fn all_of(url: &str) -> Vec<(&'static str, Problem, Duration)> {
    let cancel = CancellationToken::new();
    let plain = || access(url, None);
    let assumed = || access(url, Some(Role::of("arn:aws:iam::000000000000:role/r")));
    let adopted = format!("{url}/000000000000/made");
    let apply_of = async |adopt: Option<&str>| {
        let told = apply(&plain(), &request(adopt), &mut |_| (), &cancel).await;
        told.map_err(Problem::from)
    };
    let temp = tempfile::tempdir().unwrap();
    let dir = DataDir::resolve(Some(temp.path())).unwrap();
    let topic = topic();
    let begun = now();
    // Each in a box: together they would not fit onto a test's stack.
    let acts = [
        named("sign in", async { plain().caller_soon(REGION).await }),
        named("sign in with a role", async { assumed().caller_soon(REGION).await }),
        named("topics", async { topics(&plain(), REGION).await }),
        named("topics with a role", async { topics(&assumed(), REGION).await }),
        named("a new topic", async { create(&plain(), REGION, "x").await }),
        named("plan", async { plan(&plain(), &request(None)).await }),
        named("plan of an administrator's queue", async { plan(&plain(), &request(Some(&adopted))).await }),
        named("apply", apply_of(None)),
        named("apply of an administrator's queue", apply_of(Some(&adopted))),
        named("who else hears a test", async { others(&plain(), &topic, None).await }),
        named("a test message", async {
            publish_probe(&dir, &plain(), &SubscriptionRecord::of(topic.clone(), "", REGION)).await
        }),
    ];
    let told = futures_util::future::join_all(acts).await;
    #[allow(clippy::print_stdout, reason = "a number to read beside the limit")]
    {
        println!("{url}: all named within {:.2} s", begun.elapsed().as_secs_f64());
    }
    told
}

fn judge(told: Vec<(&str, Problem, Duration)>) {
    for (step, problem, took) in told {
        assert_eq!(problem.code, Code::AwsUnreachable, "{step}: it is the network: {problem}");
        assert!(problem.hint.contains("network"), "{step}: and the way out is told: {problem}");
        assert!(took < WITHIN, "{step}: named after {took:?}");
    }
}

#[tokio::test]
async fn a_silent_endpoint_is_named_in_time_at_every_step() {
    let silent = Silent::start().await.unwrap();
    judge(all_of(&silent.url).await);
}

#[tokio::test]
async fn an_address_that_drops_is_named_in_time_at_every_step() {
    let dropping = Dropping::start().await.unwrap();
    judge(all_of(&dropping.url).await);
}

/// Answers every request, each after so long.
async fn slow(after: Duration, body: &'static str) -> (String, JoinSet<()>) {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let mut serving = JoinSet::new();
    serving.spawn(async move {
        let mut calls = JoinSet::new();
        while let Ok((mut client, _)) = listener.accept().await {
            calls.spawn(async move {
                let mut buffer = [0; 8192];
                // One read holds a whole request this small, or its head, which is enough to know that one came.
                while client.read(&mut buffer).await.is_ok_and(|read| read > 0) {
                    tokio::time::sleep(after).await;
                    let answer = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\n\r\n{body}", body.len());
                    if client.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                }
            });
        }
    });
    (url, serving)
}

#[tokio::test]
async fn an_aws_that_takes_three_seconds_for_each_call_is_heard() {
    const ANSWER: &str = "<GetCallerIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><GetCallerIdentityResult>\
        <Arn>arn:aws:iam::123456789012:user/ann</Arn><Account>123456789012</Account></GetCallerIdentityResult>\
        </GetCallerIdentityResponse>";
    let (url, _serving) = slow(Duration::from_secs(3), ANSWER).await;
    let begun = now();
    let caller = access(&url, None).caller_soon(REGION).await.unwrap();
    assert_eq!(caller.account, "123456789012");
    assert!(begun.elapsed() >= Duration::from_secs(3), "it was slow: {:?}", begun.elapsed());
}
