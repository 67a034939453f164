//! What the wizard leans on: a plan that lists exactly the calls of its run, topics listed and made, a filter changed on its own,
//! and a queue of another machine removed by its tags.

use std::collections::BTreeSet;

use serde_json::json;
use tokio_util::sync::CancellationToken;
use watchbell_core::plan::{Filter, Person, filter_policy, same_json};
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::leftover::find;
use watchbell_engine::aws::refilter::refilter;
use watchbell_engine::aws::subscribe::{SubscribeRequest, explain, plan};
use watchbell_engine::aws::topics::{create, topics};
use watchbell_engine::error::Code;
use watchbell_engine::store::SubscriptionRecord;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;

use super::{World, record, subscribe};

/// The writing calls among those that came, in order.
fn writes(seen: &[String]) -> Vec<String> {
    const WRITING: [&str; 7] = [
        "CreateQueue",
        "SetQueueAttributes",
        "TagQueue",
        "UntagQueue",
        "Subscribe",
        "SetSubscriptionAttributes",
        "DeleteQueue",
    ];
    seen.iter().filter(|action| WRITING.contains(&action.as_str())).cloned().collect()
}

async fn planned_and_done(gate: &Gate, access: &Access, request: &SubscribeRequest) -> (Vec<String>, Vec<String>) {
    let before = gate.seen().len();
    let plan = plan(access, request).await.unwrap();
    let looked = gate.seen();
    assert_eq!(writes(&looked[before..]), Vec::<String>::new(), "a plan writes nothing");
    let explained = explain(&plan, request);
    let planned = explained.calls.iter().filter(|call| call.writes);
    let planned = planned.map(|call| call.action.split(':').next_back().unwrap().to_owned()).collect();
    subscribe(access, request).await.unwrap();
    let seen = gate.seen();
    let listed: BTreeSet<_> = explained.calls.iter().filter_map(|call| call.action.split(':').next_back()).collect();
    let made: BTreeSet<_> = seen[looked.len()..].iter().map(String::as_str).collect();
    assert_eq!(made, listed, "every call of the run is in the plan, and no other");
    (planned, writes(&seen[looked.len()..]))
}

#[tokio::test]
async fn the_plan_lists_exactly_the_calls_of_its_run() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let identity = Identity::AccessKey { id: "test".into(), secret: "test".to_owned().into() };
    let access = Access::new(identity, None, Some(gate.url.clone()));

    let (planned, done) = planned_and_done(&gate, &access, &world.request(Filter::All)).await;
    assert_eq!(planned, done, "for a new queue");
    assert_eq!(done, ["CreateQueue", "SetQueueAttributes", "Subscribe"], "and these are they");

    let first = subscribe(&access, &world.request_here(&access).await).await.unwrap();
    let (planned, done) = planned_and_done(&gate, &access, &world.again(&first, Filter::All)).await;
    assert_eq!((planned, done), (vec![], vec![]), "where all is there nothing is planned and nothing done");

    world.set_policy(&first.queue_url, &json!({ "Version": "2012-10-17", "Statement": [] })).await;
    let (planned, done) = planned_and_done(&gate, &access, &world.again(&first, Filter::All)).await;
    assert_eq!((planned, done), (vec!["SetQueueAttributes".into()], vec!["SetQueueAttributes".into()]), "a repair");

    // Of another machine with the same names: its queue is looked at, and one beside it is made.
    let other = SubscribeRequest { machine: Some("99999999".into()), ..world.request(Filter::All) };
    let (planned, done) = planned_and_done(&gate, &access, &other).await;
    assert_eq!((&planned, done.len()), (&done, 3), "for a queue beside somebody else's");

    let dead = world.sqs.create_queue().queue_name("dead").send().await.unwrap();
    assert!(dead.queue_url.is_some());
    let policy = r#"{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:000000000000:dead","maxReceiveCount":"3"}"#;
    let made = world.sqs.create_queue().queue_name("counting").attributes("RedrivePolicy".into(), policy);
    let counting = made.send().await.unwrap().queue_url.unwrap();
    for (url, what) in [(first.queue_url, "an adopted queue that is fed"), (counting, "one that counts and is not fed")]
    {
        let adopt = SubscribeRequest { adopt_queue_url: Some(url), ..world.request(Filter::All) };
        assert_eq!(planned_and_done(&gate, &access, &adopt).await, (vec![], vec![]), "{what}: nothing is written");
    }
}

impl World {
    /// The request of the data folder that made the queue of this test.
    async fn request_here(&self, access: &Access) -> SubscribeRequest {
        let told = plan(access, &self.request(Filter::All)).await.unwrap();
        SubscribeRequest { stored: Some(told.queue_arn), ..self.request(Filter::All) }
    }
}

#[tokio::test]
async fn topics_are_listed_over_pages_without_fifo_ones_and_made() {
    let world = World::new(Auth::Enforced).await;
    for n in 0..130 {
        world.sns.create_topic().name(format!("topic-{n:03}")).send().await.unwrap();
    }
    world.sns.create_topic().name("ordered.fifo").attributes("FifoTopic", "true").send().await.unwrap();
    let found = topics(&world.root(), "us-east-1").await.unwrap();
    assert_eq!((found.topics.len(), found.fifo, found.more), (131, 1, false), "every page, and the FIFO one counted");
    assert_eq!(found.topics[0].name(), "ssm-notify", "by name");

    let made = create(&world.root(), "us-east-1", " notify-me ").await.unwrap();
    assert_eq!(made.name(), "notify-me");
    assert_eq!(create(&world.root(), "us-east-1", "notify-me").await.unwrap(), made, "one that is there is used");
    let malformed = create(&world.root(), "us-east-1", "a b").await.unwrap_err();
    assert_eq!(malformed.code, Code::Usage, "a name that is none is not sent: {malformed:?}");

    let blind = topics(&world.all_but("sns:ListTopics").await, "us-east-1").await.unwrap_err();
    assert!(blind.message.contains("sns:ListTopics"), "the missing right is named: {blind:?}");
    let barred = create(&world.all_but("sns:CreateTopic").await, "us-east-1", "other").await.unwrap_err();
    assert!(barred.message.contains("sns:CreateTopic"), "the missing right is named: {barred:?}");
}

#[tokio::test]
async fn a_filter_is_changed_alone_and_put_back_when_half_of_it_is_refused() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let identity = Identity::AccessKey { id: "test".into(), secret: "test".to_owned().into() };
    let access = Access::new(identity, None, Some(gate.url.clone()));
    let first = subscribe(&access, &world.request(Filter::All)).await.unwrap();
    let held = record(&first);
    let arn = first.subscription_arn.clone().unwrap();
    let alerts = filter_policy(Filter::Alerts).unwrap().to_string();
    // What else is wrong is not this call's to mend.
    world.set_policy(&first.queue_url, &json!({ "Version": "2012-10-17", "Statement": [] })).await;
    let before = gate.seen().len();
    assert!(refilter(&access, &held, Filter::Alerts).await.unwrap(), "something was written");
    assert!(same_json(&world.filter(&arn).await, &alerts), "the filter is on");
    assert!(writes(&gate.seen()[before..]).iter().all(|call| call == "SetSubscriptionAttributes"), "and nothing else");
    assert!(!refilter(&access, &held, Filter::Alerts).await.unwrap(), "a second time nothing is");
    refilter(&access, &held, Filter::All).await.unwrap();
    assert!(same_json(&world.filter(&arn).await, ""), "the filter is off");

    let refused = "<ErrorResponse><Error><Type>Sender</Type><Code>FilterPolicyLimitExceeded</Code>\
        <Message>Number of filter policies exceeds limit</Message></Error></ErrorResponse>";
    gate.answer_when("SetSubscriptionAttributes", "AttributeName=FilterPolicy&", 403, refused);
    let problem = refilter(&access, &held, Filter::Alerts).await.unwrap_err();
    assert_eq!(problem.code, Code::AwsRefused, "{problem:?}");
    gate.pass("SetSubscriptionAttributes");
    assert!(same_json(&world.filter(&arn).await, ""), "what was written before is put back or does nothing");

    let adopted = SubscriptionRecord { adopted: true, ..held };
    let refused = refilter(&access, &adopted, Filter::All).await.unwrap_err();
    assert_eq!(refused.code, Code::No, "an administrator's subscription is his");
}

#[tokio::test]
async fn a_queue_left_behind_goes_with_its_subscription_and_nobody_elses_does() {
    let world = World::new(Auth::Open).await;
    let elsewhere = SubscribeRequest { host: "old-laptop".into(), machine: None, ..world.request(Filter::All) };
    let left = subscribe(&world.root(), &elsewhere).await.unwrap();
    let ann = Person { user: "ann", host: "laptop", machine: Some("1a2b3c4d"), caller: None };
    let bob = Person { user: "bob", ..ann };
    let refused = find(&world.root(), "us-east-1", &bob, &left.queue_url).await.unwrap_err();
    assert_eq!(refused.code, Code::No, "somebody else's is left alone: {refused:?}");
    assert_eq!(world.queues().await.len(), 1, "and is still there");

    let bare = world.sqs.create_queue().queue_name("watchbell-nobody").send().await.unwrap().queue_url.unwrap();
    let refused = find(&world.root(), "us-east-1", &ann, &bare).await.unwrap_err();
    assert_eq!(refused.code, Code::No, "one without tags is nobody's: {refused:?}");

    let found = find(&world.root(), "us-east-1", &ann, &left.queue_url).await.unwrap();
    let gone = found.remove(&world.root(), &ann, &CancellationToken::new()).await;
    assert_eq!((gone.removed.len(), gone.could_not.len()), (2, 0), "subscription and queue: {gone:?}");
    assert_eq!(world.queues().await, [bare], "the other one stays");
    assert_eq!(world.subscriptions().await, Vec::<String>::new(), "no subscription stays");
}
