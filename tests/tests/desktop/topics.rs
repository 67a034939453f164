//! Choosing a topic in the real window: made in another region, made elsewhere meanwhile, pasted wrong; and a queue that was given.

use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::{Cloud, sign_in};
use crate::desk::{DATA, session};
use crate::onboarding::picture;
use crate::page::{ENTER, click, fill, press, until_words};

const TAB: char = '\u{e004}';

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_topic_is_made_found_anew_and_refused_in_words_and_a_given_queue_is_used() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let config = stand_in_config(&aws.url).await;
    let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let given = sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default().remove(0);
    let (mut session, _alerts) = session().await;
    sign_in(&mut session, "test", "test");
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    until_words(page, "The environment").await;
    click(page, "summary", "Begin in another region").await;
    fill(page, "#first-region", "frankfurt").await;
    click(page, "button", "Continue").await;
    until_words(page, "\"frankfurt\" is not a region").await;
    fill(page, "#first-region", "us-east-1").await;
    click(page, "button", "Continue").await;
    until_words(page, "ssm-notify").await;

    for (text, says) in [
        ("arn:aws:sns:us-east-1: 123456789012:t", "is not 12 digits"),
        ("arn:aws:sqs:us-east-1:123456789012:t", "an ARN of the service \"sqs\""),
        ("arn:aws-cn:sns:cn-north-1:123456789012:t", "the partition aws-cn, and you are signed in to aws"),
        ("arn:aws:sns:us-east-1:123456789012:t.fifo", "t.fifo is a FIFO topic"),
        ("arn:aws:sns", "is cut short"),
    ] {
        fill(page, "#topic", text).await;
        press(page, &[ENTER]).await;
        until_words(page, says).await;
    }
    picture(&session, "2-refused").await;
    fill(page, "#topic", "x").await;
    fill(page, "#topic", "s").await;
    until_words(page, "ssm-notify").await;

    fill(page, "#region", "frankfurt").await;
    press(page, &[TAB]).await;
    until_words(page, "\"frankfurt\" is not a region").await;
    fill(page, "#region", "eu-west-1").await;
    press(page, &[TAB]).await;
    until_words(page, "in eu-west-1").await;
    click(page, "summary", "Make a new topic").await;
    fill(page, "#new-topic", "made-here").await;
    click(page, "button", "Make the topic").await;
    until_words(page, "made-here").await;
    click(page, "button", "Continue").await;
    until_words(page, "arn:aws:sns:eu-west-1:000000000000:made-here").await;
    click(page, "button", "Back").await;

    until_words(page, "Which topic do your commands notify?").await;
    fill(page, "#region", "us-east-1").await;
    press(page, &[TAB]).await;
    until_words(page, "ssm-notify").await;
    sns.create_topic().name("made-elsewhere").send().await.unwrap();
    click(page, "button", "Refresh the list").await;
    until_words(page, "made-elsewhere").await;
    picture(&session, "2-refreshed").await;

    fill(page, "#topic", cloud.topic.as_str()).await;
    click(page, "button", "Continue").await;
    until_words(page, "What Watchbell will do").await;
    click(page, "summary", "I was given a queue").await;
    fill(page, "#queue-url", "nonsense").await;
    press(page, &[ENTER]).await;
    until_words(page, "is not the URL of a queue").await;
    fill(page, "#queue-url", &given).await;
    picture(&session, "3-given").await;
    click(page, "button", "Look at this queue").await;
    until_words(page, "Watchbell only reads the queue").await;
    click(page, "footer button", "Use this queue").await;
    until_words(page, "Subscribed to ssm-notify").await;
    app.end().await.unwrap();
}
