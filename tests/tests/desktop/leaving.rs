//! Leaving in the real window: queues that another machine left behind, a subscription whose credentials are gone, and a change that comes
//! too late.

use watchbell_core::plan::{Person, TAG_HOST, TAG_LAST_SEEN, queue_arn, tags};
use watchbell_engine::clock;
use watchbell_engine::control;
use watchbell_engine::setup::Me;
use watchbell_engine::store::{Act, CredentialSource, Reader};
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::tray::TrayHost;

use crate::cloud::{Cloud, sign_in};
use crate::desk::{DATA, session, until, until_running};
use crate::onboarding::picture;
use crate::page::{click, until_no_words, until_words};

/// A queue that this person made on another machine, subscribed to the topic.
async fn left_over(aws: &Ministack, cloud: &Cloud, name: &str, last_seen: Option<&str>) -> String {
    let config = stand_in_config(&aws.url).await;
    let (sns, sqs) = (aws_sdk_sns::Client::new(&config), aws_sdk_sqs::Client::new(&config));
    let me = Me::here();
    let person = Person { host: "old-laptop", machine: None, ..me.person() };
    let mut told = tags(&person, &cloud.topic, clock::now(), clock::now());
    if let Some(last_seen) = last_seen {
        told.insert(TAG_LAST_SEEN, last_seen.to_owned());
    }
    assert_eq!(told[TAG_HOST], "old-laptop");
    let mut made = sqs.create_queue().queue_name(name);
    for (name, value) in told {
        made = made.tags(name, value);
    }
    let url = made.send().await.unwrap().queue_url.unwrap();
    let queue = queue_arn(&cloud.topic, cloud.topic.region(), cloud.topic.account(), name).unwrap();
    sns.subscribe().topic_arn(cloud.topic.as_str()).protocol("sqs").endpoint(queue.as_str()).send().await.unwrap();
    url
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn queues_left_over_are_found_and_removed_with_and_without_a_subscription() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let (mut session, _alerts) = session().await;
    let credentials = sign_in(&mut session, "test", "test");
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let old = left_over(&aws, &cloud, "watchbell-me-old-00000000", Some("2026-01-01T00:00:00Z")).await;
    let read = left_over(&aws, &cloud, "watchbell-me-read-00000000", None).await;
    let sqs = aws_sdk_sqs::Client::new(&stand_in_config(&aws.url).await);
    let has = async |url: &String| sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default().contains(url);

    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &aws.url]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    cloud.subscribe(&app.dir, None, credentials).await;
    click(page, "nav button", "Settings").await;
    click(page, "button", "Look for queues left over").await;
    until_words(page, "Made on old-laptop").await;
    click(page, "li button", "Remove").await;
    until_words(page, "If Watchbell still runs there").await;
    picture(&session, "9-leftovers").await;
    assert!(has(&old).await, "the first press removes nothing");
    click(page, "li button", "Yes, remove it").await;
    until_words(page, "Removed the queue").await;
    until_words(page, "Removed the subscription").await;
    assert!(!has(&old).await && has(&read).await, "the one that was pressed, and no other");

    // Its queue has no tags here, as if somebody had taken them off.
    click(page, ".acts button", "Leave").await;
    click(page, "dialog button", "Leave").await;
    until_words(page, "the record in the data folder decided").await;
    until_words(page, "None yet: nothing is heard.").await;
    click(page, ".receipt button", "Close").await;
    until_words(page, "Profile").await;
    until_no_words(page, "watchbell-me-read-00000000").await;
    picture(&session, "9-leftovers-alone").await;
    click(page, "form button", "Look for queues left over").await;
    until_words(page, "watchbell-me-read-00000000").await;
    click(page, "li button", "Remove").await;
    until_words(page, "most likely hearing by it").await;
    click(page, "li button", "Yes, remove it").await;
    until_words(page, "Removed the queue").await;
    assert!(!has(&read).await, "after the stronger question it goes, too");
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_subscription_whose_secret_is_gone_is_forgotten_and_no_late_change_brings_it_back() {
    let aws = Ministack::start(Auth::Open).await.unwrap();
    let cloud = Cloud::on(&aws.url).await;
    let (mut session, _alerts) = session().await;
    let environment = sign_in(&mut session, "test", "test");
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let mut gate = Gate::before(&aws.url).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &["--endpoint-url", &gate.url]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    let held = || Reader::open(&app.dir).unwrap().subscriptions().unwrap();

    // There is no keychain, so there is no secret.
    cloud.subscribe(&app.dir, Some(&gate.url), CredentialSource::AccessKey { id: "AKIAIOSFODNN7EXAMPLE".into() }).await;
    click(page, "nav button", "Settings").await;
    until_words(page, "access key AKIAIOSFODNN7EXAMPLE").await;
    click(page, ".acts button", "Leave").await;
    click(page, "dialog button", "Leave").await;
    until_words(page, "Not everything could be removed").await;
    assert_eq!(held().len(), 1, "it stays listed");
    click(page, ".receipt button", "Forget it here").await;
    until_words(page, "Nothing is removed in AWS").await;
    picture(&session, "9-forget").await;
    click(page, ".receipt button", "Yes, forget it here").await;
    until_words(page, "Forgotten here").await;
    until_words(page, "aws sqs delete-queue --region us-east-1").await;
    picture(&session, "9-forgotten").await;
    assert_eq!(held(), [], "it is not listed any more");
    assert!(!gate.seen().iter().any(|call| call == "Unsubscribe" || call == "DeleteQueue"), "and AWS was not called");

    // A filter is being changed while a terminal leaves.
    cloud.subscribe(&app.dir, Some(&gate.url), environment).await;
    until_no_words(page, "None yet").await;
    gate.hold("SetSubscriptionAttributes");
    click(page, "[role=radio]", "Failures only").await;
    gate.holds().await.unwrap();
    control::perform(&app.dir, Act::RemoveSubscription { topic_arn: cloud.topic.clone() }).await.unwrap();
    gate.open();
    gate.pass("SetSubscriptionAttributes");
    until_words(page, "None yet: nothing is heard.").await;
    until("the change has ended", async || {
        gate.seen().iter().filter(|one| *one == "SetSubscriptionAttributes").count() > 2
    })
    .await;
    assert_eq!(held(), [], "what was left meanwhile is not brought back");
    app.end().await.unwrap();
}
