//! The personal queue and its subscription over the wire, against ministack: made once, corrected, taken back, adopted, left.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod adopted;
mod ownership;
mod patience;
mod refused;
mod scope;
mod setup;
mod verify;

use std::collections::BTreeMap;

use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::{Filter, Person, filter_policy, same_json};
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::check::check;
use watchbell_engine::aws::leave::{LeaveReport, leave as leave_unless};
use watchbell_engine::aws::subscribe::{StepState, SubscribeFailed, SubscribeRequest, Subscribed, apply, plan};
use watchbell_engine::error::Code;
use watchbell_engine::store::SubscriptionRecord;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::stand_in_config;

struct World {
    aws: Ministack,
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
    topic: String,
}

impl World {
    async fn new(auth: Auth) -> Self {
        let aws = Ministack::start(auth).await.unwrap();
        let config = stand_in_config(&aws.url).await;
        let sns = aws_sdk_sns::Client::new(&config);
        let topic = sns.create_topic().name("ssm-notify").send().await.unwrap().topic_arn.unwrap();
        Self { aws, sqs: aws_sdk_sqs::Client::new(&config), sns, topic }
    }

    fn access(&self, id: &str, secret: &str) -> Access {
        let identity = Identity::AccessKey { id: id.to_owned(), secret: secret.to_owned().into() };
        Access::new(identity, None, Some(self.aws.url.clone()))
    }

    fn root(&self) -> Access {
        self.access("test", "test")
    }

    /// A person who may do everything but this.
    async fn all_but(&self, action: &str) -> Access {
        self.with(&json!([
            { "Effect": "Allow", "Action": "*", "Resource": "*" },
            { "Effect": "Deny", "Action": action, "Resource": "*" },
        ]))
        .await
    }

    async fn with(&self, statements: &Value) -> Access {
        let name = format!("u{}", uuid::Uuid::new_v4().simple());
        let policy = json!({ "Version": "2012-10-17", "Statement": statements });
        let (id, secret) = self.aws.user(&name, &policy).await.unwrap();
        self.access(&id, &secret)
    }

    fn request(&self, filter: Filter) -> SubscribeRequest {
        SubscribeRequest {
            topic: self.topic.parse().unwrap(),
            queue_region: "us-east-1".to_owned(),
            filter,
            adopt_queue_url: None,
            stored: None,
            take_over: false,
            user: "ann".to_owned(),
            host: "laptop".to_owned(),
            machine: Some("1a2b3c4d".to_owned()),
        }
    }

    /// From a data folder that has this subscription already.
    fn again(&self, first: &Subscribed, filter: Filter) -> SubscribeRequest {
        SubscribeRequest { stored: Some(first.queue_arn.clone()), ..self.request(filter) }
    }

    async fn tags(&self, url: &str) -> BTreeMap<String, String> {
        let told = self.sqs.list_queue_tags().queue_url(url).send().await.unwrap();
        told.tags.unwrap_or_default().into_iter().collect()
    }

    async fn tag(&self, url: &str, name: &str, value: &str) {
        self.sqs.tag_queue().queue_url(url).tags(name, value).send().await.unwrap();
    }

    async fn queues(&self) -> Vec<String> {
        self.sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default()
    }

    async fn subscriptions(&self) -> Vec<String> {
        let told = self.sns.list_subscriptions_by_topic().topic_arn(&self.topic).send().await.unwrap();
        told.subscriptions.unwrap_or_default().into_iter().filter_map(|held| held.subscription_arn).collect()
    }

    async fn filter(&self, arn: &str) -> String {
        let told = self.sns.get_subscription_attributes().subscription_arn(arn).send().await.unwrap();
        told.attributes.unwrap_or_default().remove("FilterPolicy").unwrap_or_default()
    }

    async fn heard(&self, url: &str) -> usize {
        let told = self.sqs.receive_message().queue_url(url).wait_time_seconds(1).send().await.unwrap();
        told.messages.unwrap_or_default().len()
    }

    async fn publish(&self, message: &str) {
        self.sns.publish().topic_arn(&self.topic).message(message).send().await.unwrap();
    }

    async fn set(&self, subscription: &str, name: &str, value: &str) {
        let asked = self.sns.set_subscription_attributes().subscription_arn(subscription);
        asked.attribute_name(name).attribute_value(value).send().await.unwrap();
    }

    async fn set_policy(&self, url: &str, policy: &Value) {
        let asked = self.sqs.set_queue_attributes().queue_url(url);
        asked.attributes("Policy".into(), policy.to_string()).send().await.unwrap();
    }

    async fn policy(&self, url: &str) -> Value {
        let told =
            self.sqs.get_queue_attributes().queue_url(url).attribute_names("Policy".into()).send().await.unwrap();
        let held = told.attributes.unwrap_or_default();
        held.get(&"Policy".into()).map_or(Value::Null, |text| serde_json::from_str(text).unwrap())
    }
}

async fn subscribe(access: &Access, request: &SubscribeRequest) -> Result<Subscribed, SubscribeFailed> {
    apply(access, request, &mut |_| (), &CancellationToken::new()).await
}

async fn leave(access: &Access, record: &SubscriptionRecord) -> LeaveReport {
    let ann = Person { user: "ann", host: "laptop", machine: Some("1a2b3c4d"), caller: None };
    leave_unless(access, record, &ann, &CancellationToken::new()).await
}

fn states(subscribed: &[watchbell_engine::aws::subscribe::Step]) -> BTreeMap<&'static str, StepState> {
    subscribed.iter().map(|step| (step.name, step.state)).collect()
}

fn record(subscribed: &Subscribed) -> SubscriptionRecord {
    SubscriptionRecord {
        queue_arn: Some(subscribed.queue_arn.clone()),
        subscription_arn: subscribed.subscription_arn.clone(),
        adopted: subscribed.adopted,
        raw: subscribed.raw,
        ..SubscriptionRecord::of(subscribed.topic_arn.clone(), subscribed.queue_url.clone(), "us-east-1")
    }
}

#[tokio::test]
async fn the_second_run_writes_nothing_and_the_queue_hears() {
    let world = World::new(Auth::Enforced).await;
    let request = world.request(Filter::All);

    let planned = plan(&world.root(), &request).await.unwrap();
    assert_eq!(states(&planned.steps)["queue"], StepState::Planned, "a dry run plans");
    assert_eq!(world.queues().await, Vec::<String>::new(), "a dry run makes nothing");

    let mut told = Vec::new();
    let first =
        apply(&world.root(), &request, &mut |step| told.push(step.clone()), &CancellationToken::new()).await.unwrap();
    assert_eq!(told, first.steps, "the listener hears of every step");
    for step in ["queue", "policy", "tags", "subscription", "verify"] {
        assert_eq!(states(&first.steps)[step], StepState::Done, "{step} was done");
    }
    world.publish(r#"{"status":"Failed"}"#).await;
    assert_eq!(world.heard(&first.queue_url).await, 1, "the policy lets the topic deliver");

    let request = world.again(&first, Filter::All);
    let second = subscribe(&world.root(), &request).await.unwrap();
    assert!(second.steps.iter().all(|step| step.state == StepState::Unchanged), "nothing again: {:?}", second.steps);
    assert_eq!(second.subscription_arn, first.subscription_arn, "the same subscription is found");
    let replanned = plan(&world.root(), &request).await.unwrap();
    assert!(
        replanned.steps.iter().all(|step| step.state == StepState::Unchanged),
        "and planned: {:?}",
        replanned.steps
    );

    assert_eq!(
        world.tags(&first.queue_url).await["watchbell:topic"],
        world.topic,
        "the queue says for which topic it is"
    );
}

#[tokio::test]
async fn another_filter_is_put_on_and_taken_off() {
    let world = World::new(Auth::Open).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let arn = first.subscription_arn.clone().unwrap();

    let again = subscribe(&world.root(), &world.again(&first, Filter::Alerts)).await.unwrap();
    assert_eq!(states(&again.steps)["subscription"], StepState::Done, "the filter was written");
    assert_eq!(again.subscription_arn.as_deref(), Some(arn.as_str()), "on the same subscription");
    let wished = filter_policy(Filter::Alerts).unwrap().to_string();
    assert!(same_json(&world.filter(&arn).await, &wished), "the filter is on");
    world.publish(r#"{"status":"Success"}"#).await;
    world.publish(r#"{"status":"TimedOut"}"#).await;
    assert_eq!(world.heard(&again.queue_url).await, 1, "only what fails is heard");

    subscribe(&world.root(), &world.again(&first, Filter::All)).await.unwrap();
    assert!(same_json(&world.filter(&arn).await, ""), "the filter is off again");
}

#[tokio::test]
async fn a_denied_step_leaves_nothing_behind() {
    let world = World::new(Auth::Enforced).await;
    let cases = [
        ("sqs:GetQueueUrl", "queue"),
        ("sqs:CreateQueue", "queue"),
        ("sqs:SetQueueAttributes", "policy"),
        ("sns:Subscribe", "subscription"),
    ];
    for (action, step) in cases {
        let person = world.all_but(action).await;
        let failed = subscribe(&person, &world.request(Filter::All)).await.unwrap_err();
        assert_eq!(failed.problem.code, Code::AwsRefused, "{action}: {failed:?}");
        assert!(failed.problem.message.contains(action), "the denied action is named: {}", failed.problem.message);
        assert_eq!(states(&failed.steps)[step], StepState::Failed, "{action} fails {step}: {:?}", failed.steps);
        assert!(failed.steps.iter().all(|step| step.state != StepState::Done), "all is undone: {:?}", failed.steps);
        assert_eq!(world.queues().await, Vec::<String>::new(), "{action}: no queue stays");
        assert_eq!(world.subscriptions().await, Vec::<String>::new(), "{action}: no subscription stays");
    }
}

#[tokio::test]
async fn what_was_there_before_survives_a_failed_run() {
    let world = World::new(Auth::Enforced).await;
    let first = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let foreign = json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Admin", "Effect": "Allow",
        "Principal": { "AWS": "arn:aws:iam::000000000000:root" }, "Action": "sqs:GetQueueUrl", "Resource": first.queue_arn.as_str() }] });
    world.set_policy(&first.queue_url, &foreign).await;

    let person = world.all_but("sns:SetSubscriptionAttributes").await;
    let failed = subscribe(&person, &world.again(&first, Filter::Alerts)).await.unwrap_err();
    assert_eq!(states(&failed.steps)["policy"], StepState::Undone, "the policy is put back: {:?}", failed.steps);
    assert_eq!(world.policy(&first.queue_url).await, foreign, "as it was");
    assert_eq!(world.subscriptions().await.len(), 1, "a subscription of an earlier run stays");

    let mended = subscribe(&world.root(), &world.again(&first, Filter::All)).await.unwrap();
    let policy = world.policy(&mended.queue_url).await;
    assert_eq!(policy["Statement"][0], foreign["Statement"][0], "a statement that is not ours is kept");
    assert_eq!(policy["Statement"].as_array().unwrap().len(), 2, "beside ours");
}

#[tokio::test]
async fn what_cannot_be_looked_at_is_a_risk_and_no_verification() {
    let world = World::new(Auth::Enforced).await;
    let person = world.all_but("sns:GetSubscriptionAttributes").await;
    let subscribed = subscribe(&person, &world.request(Filter::All)).await.unwrap();
    assert!(!states(&subscribed.steps).contains_key("verify"), "not verified: {:?}", subscribed.steps);
    assert!(subscribed.risks.iter().any(|risk| risk.contains("cannot check")), "but said: {:?}", subscribed.risks);
}

#[tokio::test]
async fn an_administrators_queue_needs_two_permissions_and_is_never_touched() {
    let world = World::new(Auth::Enforced).await;
    let url = world.sqs.create_queue().queue_name("from-admin").send().await.unwrap().queue_url.unwrap();
    let mut request = world.request(Filter::All);
    request.adopt_queue_url = Some(url.clone());

    let reader = world
        .with(&json!([{ "Effect": "Allow", "Action": ["sqs:ReceiveMessage", "sqs:DeleteMessage"], "Resource": "*" }]))
        .await;
    let adopted = subscribe(&reader, &request).await.unwrap();
    assert!(adopted.adopted && adopted.subscription_arn.is_none(), "nothing was subscribed");
    assert_eq!(adopted.risks.len(), 2, "what may not be looked at is said: {:?}", adopted.risks);
    assert_eq!(world.policy(&url).await, Value::Null, "the queue is as it was");

    for action in ["sqs:ReceiveMessage", "sqs:DeleteMessage"] {
        let failed = subscribe(&world.all_but(action).await, &request).await.unwrap_err();
        assert!(failed.problem.message.contains(action), "{action} is needed and named: {}", failed.problem.message);
    }
    let checked = check(&reader, &record(&adopted)).await.unwrap();
    assert_eq!(checked.state, SubscriptionState::Unchecked, "cannot check is never ok");

    let report = leave(&world.root(), &record(&adopted)).await;
    assert_eq!((report.removed.len(), report.kept.len()), (0, 1), "an adopted queue is kept");
    assert_eq!(world.queues().await, [url], "and it is still there");
}

#[tokio::test]
async fn leaving_removes_both_and_says_what_it_could_not() {
    let world = World::new(Auth::Enforced).await;
    let subscribed = subscribe(&world.root(), &world.request(Filter::All)).await.unwrap();
    let record = record(&subscribed);

    let denied = leave(&world.all_but("sns:Unsubscribe").await, &record).await;
    assert_eq!(denied.could_not.len(), 1, "the subscription stays: {denied:?}");
    assert!(denied.could_not[0].problem.message.contains("sns:Unsubscribe"), "the permission is named");
    assert_eq!(world.queues().await, Vec::<String>::new(), "the queue goes all the same");

    let report = leave(&world.root(), &record).await;
    assert_eq!((report.removed.len(), report.could_not.len()), (2, 0), "what was gone already counts: {report:?}");
    assert_eq!(world.subscriptions().await, Vec::<String>::new(), "no subscription stays");
}

#[tokio::test]
async fn the_check_sees_what_an_empty_poll_cannot() {
    let world = World::new(Auth::Enforced).await;
    let root = world.root();
    let subscribed = subscribe(&root, &world.request(Filter::All)).await.unwrap();
    let record = record(&subscribed);
    world.publish("x").await;
    let checked = check(&root, &record).await.unwrap();
    assert_eq!((checked.state, checked.backlog), (SubscriptionState::Ok, Some(1)), "all in place, one message waits");

    let blindfold = world.all_but("sns:GetSubscriptionAttributes").await;
    let checked = check(&blindfold, &record).await.unwrap();
    assert_eq!(checked.state, SubscriptionState::Unchecked, "without the right to look it is not ok");
    assert!(checked.problem.unwrap().message.starts_with("cannot check"), "and says so");

    let arn = subscribed.subscription_arn.as_deref().unwrap();
    let found = async |what: &str, state: SubscriptionState, said: &str| {
        let checked = check(&root, &record).await.unwrap();
        assert_eq!(checked.state, state, "{what}: {checked:?}");
        let problem = checked.problem.unwrap_or_else(|| panic!("{what} is told"));
        assert!(problem.message.contains(said), "{what} has words of its own: {}", problem.message);
        assert!(problem.hint.contains("watchbellctl"), "{what} has a way out: {}", problem.hint);
    };
    let missing = SubscriptionState::SubscriptionMissing;
    world.set(arn, "FilterPolicy", r#"{"a":["b"]}"#).await;
    found("another filter", missing, "hearing less than agreed").await;
    world.set(arn, "FilterPolicy", "{}").await;
    world.set(arn, "RawMessageDelivery", "true").await;
    found("raw delivery", SubscriptionState::Unchecked, "raw delivery").await;
    world.set(arn, "RawMessageDelivery", "false").await;
    let checked = check(&root, &record).await.unwrap();
    assert_eq!(checked.state, SubscriptionState::Ok, "as agreed again: {checked:?}");

    let policy = world.policy(&subscribed.queue_url).await;
    let shut = json!({ "Version": "2012-10-17", "Statement": [] });
    world.set_policy(&subscribed.queue_url, &shut).await;
    found("a policy without the topic", missing, "no longer lets the topic deliver").await;
    let mended = subscribe(&root, &world.again(&subscribed, Filter::All)).await.unwrap();
    assert_eq!(states(&mended.steps)["policy"], StepState::Done, "the way out that the hint names works");
    assert_eq!(world.policy(&subscribed.queue_url).await["Statement"], policy["Statement"], "as it was");

    world.sns.unsubscribe().subscription_arn(arn).send().await.unwrap();
    found("a deleted subscription", missing, "the subscription was deleted").await;
    world.sns.delete_topic().topic_arn(&world.topic).send().await.unwrap();
    found("a deleted topic", missing, "the topic was deleted").await;

    world.sqs.delete_queue().queue_url(&subscribed.queue_url).send().await.unwrap();
    let checked = check(&root, &record).await.unwrap();
    assert_eq!(checked.state, SubscriptionState::QueueMissing, "the queue is gone: {checked:?}");
}

#[tokio::test]
async fn wrong_secret_and_missing_topic_are_said_before_anything_is_made() {
    let world = World::new(Auth::Enforced).await;
    let (id, _) = world
        .aws
        .user(
            "bob",
            &json!({ "Version": "2012-10-17", "Statement": [{ "Effect": "Allow", "Action": "*", "Resource": "*" }] }),
        )
        .await
        .unwrap();
    let failed = subscribe(&world.access(&id, "wrong"), &world.request(Filter::All)).await.unwrap_err();
    assert!(failed.problem.message.contains("secret"), "a wrong secret is called so: {}", failed.problem.message);

    let mut request = world.request(Filter::All);
    request.topic = "arn:aws:sns:us-east-1:000000000000:gone".parse().unwrap();
    let failed = subscribe(&world.root(), &request).await.unwrap_err();
    assert_eq!(states(&failed.steps)["topic"], StepState::Failed, "{failed:?}");
    assert_eq!(world.queues().await, Vec::<String>::new(), "nothing was made");

    let unreachable = Access::new(
        Identity::AccessKey { id: "test".to_owned(), secret: "test".to_owned().into() },
        None,
        Some("http://127.0.0.1:1".to_owned()),
    );
    let failed = subscribe(&unreachable, &request).await.unwrap_err();
    assert_eq!(failed.problem.code, Code::AwsUnreachable, "{failed:?}");
}
