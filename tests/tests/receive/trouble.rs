//! What stands in the way of hearing is named at once, and hearing goes on when it is gone.

use std::time::Duration;

use serde_json::{Value, json};
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::free_port;
use watchbell_tests::harness::microburst::Microburst;
use watchbell_tests::harness::ministack::{Auth, Ministack};

use crate::stage::{Stage, Watch, make_queue};

fn allow(actions: &[&str]) -> Value {
    json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]})
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_denied_permission_and_a_deleted_queue_are_named_at_once_and_heal() {
    let ministack = Ministack::start(Auth::Enforced).await.unwrap();
    let stage = Stage::set(&ministack.url, &ministack.url).await;
    let full = allow(&["sqs:*", "sns:*"]);
    let (id, secret) = ministack.user("engineer", &allow(&["sns:*", "sqs:GetQueueAttributes"])).await.unwrap();
    let mut command = stage.command(&[]);
    command.env("AWS_ACCESS_KEY_ID", id).env("AWS_SECRET_ACCESS_KEY", secret);
    let mut watch = Watch::begin(&mut command);

    let reason = watch.state("denied").await;
    assert!(reason.contains("sqs:ReceiveMessage"), "the missing action is named: {reason}");
    assert!(watch.said.iter().all(|line| line["subscriptions"][0]["state"] != "ok"), "and it was never called ok");
    ministack.change_policy("engineer", &full).await.unwrap();
    watch.state("ok").await;

    stage.sqs.delete_queue().queue_url(&stage.queue).send().await.unwrap();
    let reason = watch.state("queue_missing").await;
    assert!(reason.contains("does not exist"), "in words: {reason}");
    tokio::time::sleep(Duration::from_secs(3)).await;
    let queues = stage.sqs.list_queues().send().await.unwrap();
    assert_eq!(queues.queue_urls(), [] as [&str; 0], "nothing that was deleted is made again without a yes");
    make_queue(&stage.sqs, &stage.topic).await;
    watch.state("ok").await;

    stage.publish(&stage.run_of(2)).await;
    watch.until("it hears again", |line| line["event"] == "received").await;
    let (code, ..) = watch.end().await;
    assert_eq!(code, Some(0), "and ends well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_wrong_secret_is_signed_out_until_the_profile_is_mended() {
    let ministack = Ministack::start(Auth::Enforced).await.unwrap();
    let stage = Stage::set(&ministack.url, &ministack.url).await;
    let (id, secret) = ministack.user("engineer", &allow(&["sqs:*", "sns:*"])).await.unwrap();
    let profile = stage.folder.path().join(".aws/credentials");
    std::fs::create_dir_all(profile.parent().unwrap()).unwrap();
    let write = |secret: &str| {
        let text = format!("[default]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n");
        std::fs::write(&profile, text).unwrap();
    };
    write("mistyped");
    let mut command = stage.command(&[]);
    command.env_remove("AWS_ACCESS_KEY_ID").env_remove("AWS_SECRET_ACCESS_KEY");
    let mut watch = Watch::begin(&mut command);
    let reason = watch.state("signed_out").await;
    assert!(reason.contains("secret"), "in words: {reason}");
    write(&secret);
    watch.state("ok").await;
    assert_eq!(watch.end().await.0, Some(0), "without a restart");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_endpoint_that_cannot_be_reached_is_blind_and_heals_and_health_is_told_only_when_it_changes() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let port = free_port().unwrap();
    let stage = Stage::set(&fauxqs.url, &format!("http://127.0.0.1:{port}")).await;
    let mut watch = Watch::begin(&mut stage.command(&[]));
    let reason = watch.state("blind").await;
    assert!(reason.contains("could not reach AWS"), "in words: {reason}");
    tokio::time::sleep(Duration::from_secs(2)).await;

    let proxy = Microburst::start_on(port, &fauxqs.url).await.unwrap();
    watch.state("ok").await;
    for message in stage.run_of(4) {
        stage.publish(&[message]).await;
        watch.until("a poll brings it", |line| line["event"] == "received").await;
    }
    // Throttled on and off: each answer is another poll, and none is news but the first and the last.
    let throttled = json!([{"service": "sqs", "operation": "ReceiveMessage", "error": {"code": "x", "status": 503}}]);
    proxy.rules(&throttled).await.unwrap();
    stage.publish(&["ends the poll under way".to_owned()]).await;
    watch.state("connecting").await;
    tokio::time::sleep(Duration::from_secs(4)).await;
    proxy.rules(&json!([])).await.unwrap();
    watch.state("ok").await;
    let (code, _, said) = watch.end().await;
    assert_eq!(code, Some(0), "an outage is no failure of the run");
    let healths: Vec<_> = said.iter().filter(|line| line["event"] == "health").collect();
    for pair in healths.windows(2) {
        let of = |line: &Value| {
            (line["health"].clone(), line["subscriptions"][0]["state"].clone(), {
                line["subscriptions"][0]["reason"].clone()
            })
        };
        assert_ne!(of(pair[0]), of(pair[1]), "a script gets no line for a poll that changed nothing");
    }
    assert!(healths.len() <= 8, "some ten polls are no ten lines: {healths:?}");
}
