//! The way to AWS: dead, silent, with a wrong secret or a wrong clock. Each is named within 5 s.

use std::time::Duration;

use tokio::net::TcpListener;
use watchbell_engine::clock;
use watchbell_tests::harness::free_port;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::desk::{depend, ends, subscribed};
use crate::world::World;

const NAMED_WITHIN: Duration = Duration::from_secs(5);

async fn in_time(terminal: &Terminal) -> Ran {
    let began = clock::monotonic();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    let took = clock::monotonic().duration_since(began);
    assert!(took < NAMED_WITHIN, "it is named within 5 s, not {took:?}: {}", ran.document());
    ran
}

#[tokio::test]
async fn a_dead_endpoint_is_named_at_the_step_that_fails() {
    let world = World::new(Auth::Open).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    terminal.endpoint = format!("http://127.0.0.1:{}", free_port().unwrap());
    let ran = in_time(&terminal).await;
    for service in ["sts", "sns", "sqs"] {
        ends(&ran, service, "failed", &["connect: ", "refused", "--endpoint-url"]);
    }
    depend(&ran, &["clock", "identity"], "\"sts\"");
    depend(&ran, &["topic", "subscription"], "\"sns\"");
    depend(&ran, &["queue", "receive"], "\"sqs\"");

    terminal.endpoint = "http://no-such-host.invalid:4566".to_owned();
    let ran = in_time(&terminal).await;
    ends(&ran, "sqs", "failed", &["DNS: ", "no-such-host.invalid", "DNS"]);
}

#[tokio::test]
async fn one_that_takes_calls_and_never_answers_is_named() {
    let world = World::new(Auth::Open).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    // Taken by the kernel, and never read.
    let hole = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    terminal.endpoint = format!("http://{}", hole.local_addr().unwrap());
    let ran = in_time(&terminal).await;
    ends(&ran, "identity", "failed", &["could not reach AWS for sts:GetCallerIdentity", "did not answer in time"]);
    ends(&ran, "queue", "failed", &["did not answer in time"]);
}

#[tokio::test]
async fn a_dead_proxy_is_named_without_its_password() {
    let world = World::new(Auth::Open).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    let port = free_port().unwrap();
    terminal.session.set("HTTP_PROXY", format!("http://ann:hunter2secret@127.0.0.1:{port}"));
    let ran = in_time(&terminal).await;
    ends(&ran, "proxy", "ok", &[&format!("HTTP_PROXY=http://127.0.0.1:{port}")]);
    ends(&ran, "sts", "failed", &["connect: the proxy 127.0.0.1", "HTTP_PROXY"]);
    assert!(!ran.document().to_string().contains("hunter2secret"), "the proxy's password is left out");
}

#[tokio::test]
async fn a_wrong_secret_is_named_and_nothing_is_asked_with_it() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    let (id, _) = world.all_but(&[]).await;
    terminal.credentials(&id, "not-the-secret-of-this-key");
    let ran = in_time(&terminal).await;
    ends(&ran, "identity", "failed", &["the secret for this access key is wrong"]);
    ends(&ran, "clock", "ok", &[]);
    depend(&ran, &["topic", "queue", "subscription", "permissions", "region"], "\"identity\"");
    assert!(!ran.document().to_string().contains(&id), "the key's id is shortened: {}", ran.document());
}

#[tokio::test]
async fn a_profile_without_credentials_is_named_and_the_clock_is_told_all_the_same() {
    let world = World::new(Auth::Enforced).await;
    let (first, ..) = subscribed(&world, &world.aws.url).await;
    drop(first);
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let ran = terminal.run(&["doctor", "--topic-arn", &world.topic]).await.unwrap();
    ends(&ran, "identity", "failed", &["signed out of AWS", "--profile"]);
    ends(&ran, "clock", "ok", &["agrees"]);
}

#[tokio::test]
async fn a_wrong_clock_is_named_with_how_far_it_is_off() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, ..) = subscribed(&world, &gate.url).await;
    gate.dated("Mon, 02 Feb 2026 10:00:00 GMT");
    let ran = in_time(&terminal).await;
    ends(&ran, "clock", "failed", &["ahead of AWS's", "timedatectl set-ntp true"]);
    ends(&ran, "identity", "ok", &[]);
}
