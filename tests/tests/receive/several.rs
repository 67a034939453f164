//! More than one subscription, a paused one, and one that an administrator made: what is read, by whom, and what is not.

use std::time::Duration;

use aws_config::Region;
use aws_sdk_sqs::config::Credentials;
use serde_json::{Value, json};
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::control;
use watchbell_engine::store::{Act, CredentialSource, Reader, SubscriptionRecord};
use watchbell_engine::view::{CommandRow, HistoryQuery};
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::record::record;
use watchbell_tests::harness::stand_in_config;

use crate::stage::{Stage, Watch, make_queue};

const OTHER_ACCOUNT: &str = "222222222222";

/// Two messages of a run of one node that failed just now.
fn run(id: &str, topic: &TopicArn) -> Vec<String> {
    simulate::patch_run(&RunSpec {
        command_id: id.into(),
        document: "AWS-RunPatchBaseline".into(),
        nodes: 1,
        fail: 1,
        time_out: 0,
        not_run: 0,
        level: Level::Invocation,
        probe: None,
        topic: topic.clone(),
        started: watchbell_engine::clock::now() - jiff::SignedDuration::from_secs(95),
        seed: 7,
    })
}

fn history(stage: &Stage) -> Vec<CommandRow> {
    Reader::open(&stage.dir()).unwrap().history(&HistoryQuery::default()).unwrap().rows
}

fn states(line: &Value) -> Vec<&str> {
    line["subscriptions"].as_array().into_iter().flatten().filter_map(|one| one["state"].as_str()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_topics_of_two_regions_and_accounts_are_heard_at_once_into_one_history() {
    let ministack = Ministack::start(Auth::Open).await.unwrap();
    let stage = Stage::set(&ministack.url, &ministack.url).await;
    let there = stand_in_config(&ministack.url)
        .await
        .into_builder()
        .region(Region::new("eu-west-1"))
        .credentials_provider(aws_sdk_sqs::config::SharedCredentialsProvider::new(Credentials::new(
            OTHER_ACCOUNT,
            "test",
            None,
            None,
            "stand-in",
        )))
        .build();
    let (sqs, sns) = (aws_sdk_sqs::Client::new(&there), aws_sdk_sns::Client::new(&there));
    let topic = sns.create_topic().name("ssm-emea").send().await.unwrap();
    let topic: TopicArn = topic.topic_arn().unwrap().parse().unwrap();
    assert_eq!((topic.region(), topic.account()), ("eu-west-1", OTHER_ACCOUNT), "it is of another place and account");
    let queue = make_queue(&sqs, &topic).await;
    let arn = format!("arn:aws:sqs:eu-west-1:{OTHER_ACCOUNT}:personal");
    sns.subscribe().topic_arn(topic.as_str()).protocol("sqs").endpoint(arn).send().await.unwrap();
    let profile = stage.folder.path().join(".aws/credentials");
    std::fs::create_dir_all(profile.parent().unwrap()).unwrap();
    let key = format!("[emea]\naws_access_key_id = {OTHER_ACCOUNT}\naws_secret_access_key = test\n");
    std::fs::write(profile, key).unwrap();
    let emea = SubscriptionRecord {
        credentials: CredentialSource::Profile { name: Some("emea".into()) },
        ..record(&topic, &queue, &ministack.url)
    };
    control::perform(&stage.dir(), Act::PutSubscription(Box::new(emea))).await.unwrap();

    let mut watch = Watch::begin(&mut stage.command(&[]));
    watch.until("both are heard", |line| states(line) == ["ok", "ok"]).await;
    let (here, far) = ("0d4bd167-8513-4d6e-9a69-72f784dc7d32", "6e2a6f9c-1f0d-4c1e-8b53-9a1c2f0e7d11");
    stage.publish(&run(here, &stage.topic)).await;
    for message in run(far, &topic) {
        sns.publish().topic_arn(topic.as_str()).message(message).send().await.unwrap();
    }
    for id in [here, far] {
        let of = |line: &Value| line["event"] == "changed" && line.to_string().contains(id);
        if !watch.said.iter().any(of) {
            watch.until("each of them comes into the history", of).await;
        }
    }
    assert_eq!(watch.end().await.0, Some(0), "one engine has both, and ends well");
    let mut rows: Vec<_> =
        history(&stage).into_iter().map(|row| (row.command_id, row.topic_arn.unwrap_or_default())).collect();
    rows.sort();
    let wanted = [(here.to_owned(), stage.topic.to_string()), (far.to_owned(), topic.to_string())];
    assert_eq!(rows, wanted, "one history, and each command is of its own topic");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_paused_subscription_is_not_read_until_it_goes_on() {
    let ministack = Ministack::start(Auth::Open).await.unwrap();
    let gate = Gate::before(&ministack.url).await.unwrap();
    let stage = Stage::set(&ministack.url, &gate.url).await;
    let reads = || gate.seen().iter().filter(|action| *action == "ReceiveMessage").count();
    let dir = stage.dir();
    let pause = async |paused| {
        let act = Act::PauseSubscription { topic_arn: stage.topic.clone(), paused };
        control::perform(&dir, act).await.unwrap();
    };
    pause(true).await;
    let mut command = stage.command(&[]);
    // The socket lies there, and this test asks over it.
    if let Some(runtime) = std::env::var_os("XDG_RUNTIME_DIR") {
        command.env("XDG_RUNTIME_DIR", runtime);
    }
    let mut watch = Watch::begin(&mut command);
    watch.state("paused").await;
    stage.publish(&stage.run_of(1)).await;
    // Longer than an engine takes that does read.
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(reads(), 0, "paused at the start, it is not read: {:?}", gate.seen());
    assert_eq!(stage.left().await, (2, 0), "what came waits in the queue");

    pause(false).await;
    watch.until("it goes on, and what waited comes", |line| line["event"] == "received").await;
    watch.state("ok").await;
    pause(true).await;
    watch.state("paused").await;
    let before = reads();
    assert!(before > 0, "the gate counts");
    stage.publish(&["of nobody".to_owned()]).await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    assert_eq!(reads(), before, "paused while it runs, it is read no more");
    assert_eq!(watch.end().await.0, Some(0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_of_an_administrator_with_raw_delivery_is_adopted_and_its_messages_are_stored() {
    let ministack = Ministack::start(Auth::Enforced).await.unwrap();
    let stage = Stage::set(&ministack.url, &ministack.url).await;
    let act = Act::RemoveSubscription { topic_arn: stage.topic.clone() };
    control::perform(&stage.dir(), act).await.unwrap();
    let held = stage.sns.list_subscriptions_by_topic().topic_arn(stage.topic.as_str()).send().await.unwrap();
    let subscription = held.subscriptions()[0].subscription_arn().unwrap();
    let raw = stage.sns.set_subscription_attributes().subscription_arn(subscription);
    raw.attribute_name("RawMessageDelivery").attribute_value("true").send().await.unwrap();
    let two = json!({"Version": "2012-10-17", "Statement": [
        // The stand-in names the batch by itself; AWS asks for `DeleteMessage` there.
        {"Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:DeleteMessageBatch"], "Resource": "*"},
    ]});
    let (id, secret) = ministack.user("reader", &two).await.unwrap();

    let mut adopt =
        stage.ctl(&["subscribe", "--topic-arn", stage.topic.as_str(), "--queue-url", &stage.queue, "--yes"]);
    adopt.env("AWS_ACCESS_KEY_ID", &id).env("AWS_SECRET_ACCESS_KEY", &secret).env("AWS_ENDPOINT_URL", &ministack.url);
    let adopted = adopt.output().await.unwrap();
    assert!(adopted.status.success(), "two rights are enough: {}", String::from_utf8_lossy(&adopted.stdout));
    let records = Reader::open(&stage.dir()).unwrap().subscriptions().unwrap();
    assert!(records[0].adopted, "it is the administrator's queue: {:?}", records[0]);

    stage.publish(&stage.run_of(1)).await;
    let mut watch = stage.command(&["--once"]);
    watch.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret).env("AWS_ENDPOINT_URL", &ministack.url);
    let ran = tokio::time::timeout(Duration::from_mins(1), watch.output()).await.unwrap().unwrap();
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    assert!(ran.status.success(), "it drains: {said}");
    let drained: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&drained["stored"], &drained["quarantined"]), (&json!(2), &json!(0)), "bare messages are read: {said}");
    let rows = history(&stage);
    let of: Vec<_> = rows.iter().map(|row| (row.topic_arn.as_deref(), row.counts.failed)).collect();
    assert_eq!(of, [(Some(stage.topic.as_str()), 1)], "a message without an envelope is of the subscribed topic");
    assert_eq!(stage.left().await, (0, 0), "and is deleted once it is stored");
}
