//! SNS's request to confirm a subscription: shown, and confirmed by the API alone, for the topic that was subscribed and while one waits.

use serde_json::{Value, json};
use tokio::net::TcpListener;
use watchbell_tests::harness::gate::Gate;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::{becomes, ended, ends, seen, subscribed, watching};
use crate::world::World;

const CONFIRM: &str = "ConfirmSubscription";
const LOOKED: &str = "ListQueueTags";

fn request(topic: &str, change: &[(&str, Value)]) -> String {
    let mut body = json!({ "Type": "SubscriptionConfirmation", "MessageId": "m", "TopicArn": topic, "Token": "good-token",
        "Message": "You have chosen to subscribe to the topic.", "SubscribeURL": "https://sns.us-east-1.amazonaws.com/?Action=x",
        "Timestamp": "2026-11-25T00:00:00.000Z" });
    for (name, value) in change {
        body[*name] = value.clone();
    }
    body.to_string()
}

/// The subscription waits to be confirmed, as the gate tells it.
fn pending(gate: &Gate) {
    gate.answer(
        "GetSubscriptionAttributes",
        200,
        "<GetSubscriptionAttributesResponse><GetSubscriptionAttributesResult><Attributes><entry><key>PendingConfirmation</key>\
         <value>true</value></entry></Attributes></GetSubscriptionAttributesResult></GetSubscriptionAttributesResponse>",
    );
}

/// Runs an engine until it has looked once.
async fn looked(gate: &Gate, terminal: &Terminal) {
    let looks = gate.seen().iter().filter(|one| *one == LOOKED).count();
    let engine = watching(terminal).await;
    seen(gate, LOOKED, looks + 1).await;
    ended(engine).await;
}

/// Nobody ever connected to where the link in the message leads.
async fn not_followed(link: &TcpListener) {
    let followed = tokio::time::timeout(std::time::Duration::from_millis(1), link.accept()).await;
    assert!(followed.is_err(), "no link was ever followed");
}

fn confirmations(gate: &Gate) -> usize {
    gate.seen().iter().filter(|one| *one == CONFIRM).count()
}

/// Runs an engine until it has asked to confirm; SNS takes the one good token and gives the subscription this ARN.
async fn confirmed_once(gate: &Gate, terminal: &Terminal, arn: &str) {
    let told = format!(
        "<ConfirmSubscriptionResponse><ConfirmSubscriptionResult><SubscriptionArn>{arn}</SubscriptionArn></ConfirmSubscriptionResult></ConfirmSubscriptionResponse>"
    );
    gate.answer(CONFIRM, 400, "<ErrorResponse><Error><Code>InvalidParameter</Code></Error></ErrorResponse>");
    gate.answer_when(CONFIRM, "Token=good-token", 200, told);
    let engine = watching(terminal).await;
    seen(gate, CONFIRM, 1).await;
    ended(engine).await;
}

#[tokio::test]
async fn hostile_requests_confirm_nothing_while_a_subscription_waits() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, url, _) = subscribed(&world, &gate.url).await;
    let link = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let elsewhere = json!(format!("http://{}/confirm", link.local_addr().unwrap()));
    let send = async |body: String| {
        world.sqs.send_message().queue_url(&url).message_body(body).send().await.unwrap();
    };
    for hostile in [
        request("arn:aws:sns:us-east-1:000000000000:other", &[("SubscribeURL", elsewhere.clone())]),
        request(&world.topic, &[("Token", Value::Null), ("SubscribeURL", elsewhere.clone())]),
        request(&world.topic, &[("Token", json!(" \n")), ("SubscribeURL", elsewhere.clone())]),
        request(&world.topic, &[("Type", json!("UnsubscribeConfirmation")), ("SubscribeURL", elsewhere.clone())]),
    ] {
        send(hostile).await;
    }
    pending(&gate);
    looked(&gate, &terminal).await;
    assert_eq!(confirmations(&gate), 0, "none of these confirms anything: {:?}", gate.seen());
    let listed = terminal.run(&["quarantine"]).await.unwrap();
    assert_eq!(listed.lines.len(), 4, "each is shown: {listed:?}");
    let said = listed.lines.iter().map(|line| line["reason"].as_str().unwrap()).collect::<String>();
    assert!(said.contains("asks to confirm") && said.contains("has ended"), "in words: {said}");
    not_followed(&link).await;
}

#[tokio::test]
async fn a_good_request_is_confirmed_by_the_api_and_only_while_a_subscription_waits() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, url, arn) = subscribed(&world, &gate.url).await;
    let link = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let elsewhere = json!(format!("http://{}/confirm", link.local_addr().unwrap()));
    let good = request(&world.topic, &[("SubscribeURL", elsewhere)]);
    world.sqs.send_message().queue_url(&url).message_body(good).send().await.unwrap();
    looked(&gate, &terminal).await;
    assert_eq!(terminal.run(&["quarantine"]).await.unwrap().lines.len(), 1, "it is shown");
    assert_eq!(confirmations(&gate), 0, "what is confirmed already is left alone: {:?}", gate.seen());

    pending(&gate);
    confirmed_once(&gate, &terminal, &arn).await;
    let logs = std::fs::read_dir(terminal.data().join("logs")).unwrap();
    let text: String = logs.map(|file| std::fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert!(text.contains("the subscription was confirmed"), "with the token of the good one: {text}");
    assert!(!text.contains("good-token"), "and the token is in no log");
    not_followed(&link).await;
}

#[tokio::test]
async fn a_confirmation_that_is_denied_names_the_action() {
    let world = World::new(Auth::Enforced).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (mut terminal, url, _) = subscribed(&world, &gate.url).await;
    let (id, secret) = world.all_but(&["sns:ConfirmSubscription"]).await;
    terminal.credentials(&id, &secret);
    world.sqs.send_message().queue_url(&url).message_body(request(&world.topic, &[])).send().await.unwrap();
    pending(&gate);
    let engine = watching(&terminal).await;
    seen(&gate, CONFIRM, 1).await;
    let named = async {
        loop {
            let status = terminal.run(&["status"]).await.unwrap();
            let line = status.document()["subscriptions"][0].to_string();
            if line.contains("sns:ConfirmSubscription") {
                return line;
            }
        }
    };
    let line = tokio::time::timeout(std::time::Duration::from_secs(20), named).await.expect("it is told");
    assert!(line.contains("waits for a confirmation") && line.contains("could not be confirmed"), "{line}");
    ended(engine).await;
}

const LIST: &str = "ListSubscriptionsByTopic";

/// The list has a subscription of this queue that waits, as SNS lists one: without an ARN.
fn lists_pending(gate: &Gate, topic: &str, queue: &str) {
    gate.answer(
        LIST,
        200,
        format!(
            "<ListSubscriptionsByTopicResponse><ListSubscriptionsByTopicResult><Subscriptions><member>\
             <SubscriptionArn>PendingConfirmation</SubscriptionArn><Owner>111111111111</Owner><Protocol>sqs</Protocol>\
             <Endpoint>{queue}</Endpoint><TopicArn>{topic}</TopicArn></member></Subscriptions>\
             </ListSubscriptionsByTopicResult></ListSubscriptionsByTopicResponse>"
        ),
    );
}

/// The queue of [`adopted`].
const ADOPTED: &str = "arn:aws:sqs:us-east-1:000000000000:on-call";

/// A queue that an administrator made, adopted, and its URL. The topic's owner subscribes it.
async fn adopted(world: &World, gate: &Gate) -> (Terminal, String) {
    let terminal = Terminal::start(&gate.url).await.unwrap();
    let url = world.sqs.create_queue().queue_name("on-call").send().await.unwrap().queue_url.unwrap();
    let statement = json!({ "Effect": "Allow", "Principal": { "Service": "sns.amazonaws.com" }, "Action": "sqs:SendMessage",
        "Resource": ADOPTED, "Condition": { "ArnLike": { "aws:SourceArn": "arn:aws:sns:*:000000000000:*" } } });
    let policy = json!({ "Version": "2012-10-17", "Statement": [statement] }).to_string();
    world.sqs.set_queue_attributes().queue_url(&url).attributes("Policy".into(), policy).send().await.unwrap();
    let made = terminal.run(&["subscribe", "--topic-arn", &world.topic, "--queue-url", &url, "--yes"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");
    assert!(made.document()["subscription_arn"].is_null(), "no subscription is known: {}", made.document());
    (terminal, url)
}

#[tokio::test]
async fn an_adopted_queue_that_waits_is_told_before_any_request_has_come() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, _) = adopted(&world, &gate).await;
    lists_pending(&gate, &world.topic, ADOPTED);
    let engine = watching(&terminal).await;
    let line = becomes(&terminal, "subscription_missing").await.to_string();
    assert!(line.contains("waits for a confirmation"), "{line}");
    ended(engine).await;
}

/// The way that it really goes. The stand-in lets no queue wait, so the gate tells that one does; everything else is the stand-in's.
#[tokio::test]
async fn an_adopted_queue_is_confirmed_when_the_list_alone_says_that_it_waits() {
    let world = World::new(Auth::Open).await;
    let gate = Gate::before(&world.aws.url).await.unwrap();
    let (terminal, url) = adopted(&world, &gate).await;
    lists_pending(&gate, &world.topic, ADOPTED);
    world.sqs.send_message().queue_url(&url).message_body(request(&world.topic, &[])).send().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "subscription", "ok", &["one waits to be confirmed"]);
    ends(&ran, "confirmed", "failed", &["waits for a confirmation", "sns:ConfirmSubscription"]);
    ends(&ran, "filter", "skipped", &["\"confirmed\""]);

    // Somebody else's waits, and the request lies in our queue all the same.
    lists_pending(&gate, &world.topic, "arn:aws:sqs:us-east-1:111111111111:on-call");
    let engine = watching(&terminal).await;
    let stored = async { while terminal.run(&["quarantine"]).await.unwrap().lines.is_empty() {} };
    tokio::time::timeout(std::time::Duration::from_secs(20), stored).await.expect("the request is stored");
    ended(engine).await;
    let lists = gate.seen().iter().filter(|one| *one == LIST).count();
    let engine = watching(&terminal).await;
    seen(&gate, LIST, lists + 2).await;
    ended(engine).await;
    assert_eq!(confirmations(&gate), 0, "another queue's is not ours to confirm: {:?}", gate.seen());

    lists_pending(&gate, &world.topic, ADOPTED);
    let subscribe = world.sns.subscribe().topic_arn(&world.topic).protocol("sqs").endpoint(ADOPTED);
    let arn = subscribe.return_subscription_arn(true).send().await.unwrap().subscription_arn.unwrap();
    confirmed_once(&gate, &terminal, &arn).await;

    gate.pass(LIST);
    let _engine = watching(&terminal).await;
    becomes(&terminal, "ok").await;
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "subscription", "ok", &[&arn]);
    ends(&ran, "confirmed", "ok", &[]);
    assert_eq!(confirmations(&gate), 1, "it was confirmed once: {:?}", gate.seen());
}
