//! A queue that somebody else made: what looking at it costs, and who else hears the topic.

use watchbell_core::plan::Filter;
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::publish::others;
use watchbell_engine::aws::subscribe::{SubscribeRequest, plan};
use watchbell_engine::store::SubscriptionRecord;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;

use super::{World, record, subscribe};

#[tokio::test]
async fn looking_costs_a_waiting_message_none_of_its_receives() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let identity = Identity::AccessKey { id: "test".into(), secret: "test".to_owned().into() };
    let access = Access::new(identity, None, Some(gate.url.clone()));
    let dead = world.sqs.create_queue().queue_name("dead").send().await.unwrap().queue_url.unwrap();
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"1"}"#;
    let made = world.sqs.create_queue().queue_name("from-admin").attributes("RedrivePolicy".into(), policy);
    let url = made.send().await.unwrap().queue_url.unwrap();
    world.sqs.send_message().queue_url(&url).message_body("waits").send().await.unwrap();

    let request = SubscribeRequest { adopt_queue_url: Some(url.clone()), ..world.request(Filter::All) };
    plan(&access, &request).await.unwrap();
    let adopted = subscribe(&access, &request).await.unwrap();
    assert!(adopted.risks.iter().any(|risk| risk.contains("redrive policy")), "the risk is said: {:?}", adopted.risks);
    assert!(!gate.seen().contains(&"ReceiveMessage".to_owned()), "none was received: {:?}", gate.seen());
    assert_eq!(world.heard(&url).await, 1, "the message is there for its one receive");
    assert_eq!(world.heard(&dead).await, 0, "and not among the dead letters");
}

#[tokio::test]
async fn ours_is_taken_off_the_others_only_where_it_is_among_them() {
    let world = World::new(Auth::Open).await;
    let root = world.root();
    let ours = record(&subscribe(&root, &world.request(Filter::All)).await.unwrap());
    let topic = ours.topic_arn.clone();
    let colleague = "arn:aws:sqs:us-east-1:000000000000:colleague";
    world.sns.subscribe().topic_arn(&world.topic).protocol("sqs").endpoint(colleague).send().await.unwrap();
    let count = async |record: Option<&SubscriptionRecord>| others(&root, &topic, record).await.unwrap();
    assert_eq!(count(Some(&ours)).await, Some(1), "the colleague");
    assert_eq!(count(None).await, Some(2), "who is not subscribed counts everybody");
    let found = SubscriptionRecord { subscription_arn: None, ..ours.clone() };
    assert_eq!(count(Some(&found)).await, Some(1), "ours is found by its queue");

    let url = world.sqs.create_queue().queue_name("from-admin").send().await.unwrap().queue_url.unwrap();
    let request = SubscribeRequest { adopt_queue_url: Some(url), ..world.request(Filter::All) };
    let unfed = record(&subscribe(&root, &request).await.unwrap());
    assert_eq!(count(Some(&unfed)).await, Some(2), "a queue that nothing feeds is none of them");

    world.sns.unsubscribe().subscription_arn(ours.subscription_arn.as_deref().unwrap()).send().await.unwrap();
    assert_eq!(count(Some(&ours)).await, Some(1), "ours was deleted, so the one that is left is somebody's");
}
