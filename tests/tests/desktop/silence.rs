//! An AWS that takes what is asked and never answers: each step of the set-up in the real window says so in time, and goes on once it
//! answers again.

use std::time::{Duration, Instant};

use fantoccini::Client;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::Cloud;
use crate::desk::{DATA, session};
use crate::page::{click, fill, until_words};

/// 5 s, and what the page's driver takes on a loaded machine to click and to look.
const WITHIN: Duration = Duration::from_secs(7);

/// From a press to the words.
async fn says(page: &Client, step: &str, act: impl Future<Output = ()>, words: &str) {
    #[allow(clippy::disallowed_methods, reason = "a test has a clock")]
    let begun = Instant::now();
    act.await;
    until_words(page, words).await;
    let took = begun.elapsed();
    #[allow(clippy::print_stdout, reason = "a number to read beside the limit")]
    {
        println!("{step}: named after {:.1} s", took.as_secs_f64());
    }
    assert!(took < WITHIN, "{step}: named after {took:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_step_says_in_time_that_nobody_answers_and_goes_on_when_somebody_does() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let gate = Gate::before(&aws.url).await.unwrap();
    let (mut session, _alerts) = session().await;
    crate::cloud::sign_in(&mut session, "test", "test");
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &gate.url]).await.unwrap();
    let page = &app.page;
    until_words(page, "The environment").await;
    let go_on = || click(page, "footer button", "Continue");

    gate.hold("GetCallerIdentity");
    says(page, "sign in", go_on(), "ould not reach AWS for sts:GetCallerIdentity").await;
    gate.pass("GetCallerIdentity");
    gate.hold("ListTopics");
    says(page, "topics", go_on(), "The topics could not be listed").await;
    gate.pass("ListTopics");
    fill(page, "#topic", cloud.topic.as_str()).await;
    gate.hold("GetTopicAttributes");
    says(page, "plan", go_on(), "ould not reach AWS for sns:GetTopicAttributes").await;
    gate.pass("GetTopicAttributes");
    go_on().await;
    until_words(page, "What Watchbell will do").await;
    gate.hold("GetCallerIdentity");
    let set_up = click(page, "footer button", "Set up");
    says(page, "apply", set_up, "ould not reach AWS for sts:GetCallerIdentity").await;
    gate.pass("GetCallerIdentity");
    click(page, "footer button", "Try again").await;
    until_words(page, "Subscribed to ssm-notify").await;
    gate.hold("GetTopicAttributes");
    let ask = click(page, "button", "Send a test message");
    says(page, "check", ask, "ould not reach AWS for sns:GetTopicAttributes").await;
    gate.pass("GetTopicAttributes");
    click(page, "button", "Send a test message").await;
    until_words(page, "other subscription").await;
    app.end().await.unwrap();
}
