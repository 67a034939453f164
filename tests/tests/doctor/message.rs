//! The test message is sent to nobody where it is known that it would not arrive here.

use serde_json::json;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;

use crate::desk::{ends, hears, remembered, subscribed, watching};
use crate::world::World;

fn published(gate: &Gate) -> usize {
    gate.seen().iter().filter(|one| one.starts_with("Publish")).count()
}

#[tokio::test]
async fn what_is_known_not_to_arrive_is_not_sent_to_the_others() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, url, arn) = subscribed(&world, &gate.url).await;
    let _engine = watching(&terminal).await;
    hears(&terminal).await;
    let queue = async |name: &str, value: &str| {
        let set = world.sqs.set_queue_attributes().queue_url(&url).attributes(name.into(), value);
        set.send().await.unwrap();
    };
    let subscription = async |name: &str, value: &str| {
        let set = world.sns.set_subscription_attributes().subscription_arn(&arn).attribute_name(name);
        set.attribute_value(value).send().await.unwrap();
    };
    let doctor = async || terminal.run(&["doctor", "--publish", "--yes"]).await.unwrap();

    ends(&doctor().await, "test_message", "ok", &["delivered"]);
    assert_eq!(published(&gate), 1, "the gate sees what is published: {:?}", gate.seen());

    queue("KmsMasterKeyId", "alias/aws/sqs").await;
    ends(&doctor().await, "test_message", "skipped", &["not sent: \"queue key\" failed", "mend that first"]);
    queue("KmsMasterKeyId", "").await;

    subscription("FilterPolicyScope", "MessageBody").await;
    subscription("FilterPolicy", r#"{"status":["Success"]}"#).await;
    ends(&doctor().await, "test_message", "skipped", &["not sent: \"filter\" failed"]);
    subscription("FilterPolicy", "{}").await;

    gate.answer(
        "GetSubscriptionAttributes",
        200,
        "<GetSubscriptionAttributesResponse><GetSubscriptionAttributesResult><Attributes><entry><key>PendingConfirmation</key>\
         <value>true</value></entry></Attributes></GetSubscriptionAttributesResult></GetSubscriptionAttributesResponse>",
    );
    ends(&doctor().await, "test_message", "skipped", &["not sent: \"confirmed\" failed"]);
    gate.pass("GetSubscriptionAttributes");

    world.sns.unsubscribe().subscription_arn(&arn).send().await.unwrap();
    ends(&doctor().await, "test_message", "skipped", &["not sent: \"subscription\" failed"]);

    queue("Policy", r#"{"Version":"2012-10-17","Statement":[]}"#).await;
    ends(&doctor().await, "test_message", "skipped", &["not sent: \"queue policy\" failed"]);

    world.sqs.delete_queue().queue_url(&url).send().await.unwrap();
    ends(&doctor().await, "test_message", "skipped", &["not sent: \"queue\" failed"]);
    assert_eq!(published(&gate), 1, "nobody got another one: {:?}", gate.seen());
}

#[tokio::test]
async fn nothing_is_sent_for_a_subscription_that_is_paused() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, ..) = subscribed(&world, &gate.url).await;
    remembered(&terminal, |record| record["paused"] = json!(true));
    let _engine = watching(&terminal).await;
    let ran = terminal.run(&["doctor", "--publish", "--yes"]).await.unwrap();
    ends(&ran, "test_message", "skipped", &["the subscription is paused", "resume it first"]);
    assert_eq!(published(&gate), 0, "nobody got one: {:?}", gate.seen());
}
