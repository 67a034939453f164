//! The desktop user's policy as `watchbellctl iam` prints it, enforced by a stand-in for IAM: it carries everything that Watchbell does,
//! not one of its actions is there for nothing, and what it does not name is denied.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "helpers of tests")]

mod provided;
mod rendered;

use std::path::PathBuf;

use serde_json::{Value, json};
use tokio::process::Command;
use watchbell_tests::harness::ministack::{Auth, Ministack};
use watchbell_tests::harness::stand_in_config;
use watchbell_tests::harness::terminal::{Ran, Terminal};

/// The stand-in, seen with its root's eyes.
struct World {
    aws: Ministack,
    sqs: aws_sdk_sqs::Client,
    sns: aws_sdk_sns::Client,
}

impl World {
    async fn new() -> Self {
        let aws = Ministack::start(Auth::Enforced).await.unwrap();
        let config = stand_in_config(&aws.url).await;
        Self { aws, sqs: aws_sdk_sqs::Client::new(&config), sns: aws_sdk_sns::Client::new(&config) }
    }

    async fn topic(&self, name: &str) -> String {
        self.sns.create_topic().name(name).send().await.unwrap().topic_arn.unwrap()
    }

    /// A terminal of a person with this policy, and their access key.
    async fn person(&self, policy: &Value) -> (Terminal, (String, String)) {
        let mut terminal = Terminal::start(&self.aws.url).await.unwrap();
        let name = format!("u{}", uuid::Uuid::new_v4().simple());
        let (id, secret) = self.aws.user(&name, policy).await.unwrap();
        terminal.credentials(&id, &secret);
        (terminal, (id, secret))
    }

    async fn subscriptions(&self, topic: &str) -> usize {
        let told = self.sns.list_subscriptions_by_topic().topic_arn(topic).send().await.unwrap();
        told.subscriptions.unwrap_or_default().len()
    }

    async fn queues(&self) -> Vec<String> {
        self.sqs.list_queues().send().await.unwrap().queue_urls.unwrap_or_default()
    }

    /// Something to mend at every step: an attribute, the policy, a tag. The filter is the person's wish.
    async fn spoil(&self, url: &str) {
        let empty = r#"{"Version":"2012-10-17","Statement":[]}"#;
        let spoil = self.sqs.set_queue_attributes().queue_url(url).attributes("VisibilityTimeout".into(), "30");
        spoil.attributes("Policy".into(), empty).send().await.unwrap();
        self.sqs.untag_queue().queue_url(url).tag_keys("watchbell:created").send().await.unwrap();
    }

    /// A queue of the same person's from another machine.
    async fn left_over(&self, url: &str) -> String {
        let tags = self.sqs.list_queue_tags().queue_url(url).send().await.unwrap().tags.unwrap();
        let old =
            self.sqs.create_queue().queue_name("watchbell-me-old-00000000").send().await.unwrap().queue_url.unwrap();
        let owner = self.sqs.tag_queue().queue_url(&old).tags("watchbell:owner", &tags["watchbell:owner"]);
        owner.tags("watchbell:host", "old-laptop").send().await.unwrap();
        old
    }
}

/// The policy as printed.
async fn printed(topic: &str, more: &[&str]) -> Value {
    let terminal = Terminal::without_credentials("http://127.0.0.1:1").await.unwrap();
    let ran = terminal.run(&[&["iam", "--topic-arn", topic][..], more].concat()).await.unwrap();
    assert_eq!(ran.code, 0, "printing needs no AWS and no credentials: {ran:?}");
    let documents = ran.document()["documents"].as_array().unwrap().clone();
    let desktop = documents.into_iter().find(|one| one["kind"] == "person_permission" && one["task"].is_null());
    desktop.expect("the desktop's rights are among the documents")["policy"].clone()
}

/// What the stand-in needs beside AWS, in the test alone: it checks a batch as an action of its own, and knows neither
/// `sns:Protocol` nor `sns:Endpoint`, so that no condition on them ever holds there. So it is never seen here that another endpoint is refused:
/// the core's own evaluation of the printed policy shows that (`core::iam::compare`), and no evaluation of AWS's.
fn for_stand_in(mut policy: Value) -> Value {
    for statement in policy["Statement"].as_array_mut().unwrap() {
        if actions(statement).contains(&"sqs:DeleteMessage".to_owned()) {
            let more = [actions(statement), vec!["sqs:DeleteMessageBatch".to_owned()]].concat();
            statement["Action"] = json!(more);
        }
        if actions(statement) == ["sns:Subscribe"] {
            let condition = statement.as_object_mut().unwrap().remove("Condition").expect("subscribing is conditional");
            assert_eq!(condition["StringEquals"]["sns:Protocol"], "sqs", "queues only");
            let endpoint = condition["StringLike"]["sns:Endpoint"].as_str().unwrap();
            assert!(endpoint.ends_with(":watchbell-*"), "and one's own only: {endpoint}");
        }
    }
    policy
}

fn actions(statement: &Value) -> Vec<String> {
    match &statement["Action"] {
        Value::Array(many) => many.iter().map(|one| one.as_str().unwrap().to_owned()).collect(),
        one => vec![one.as_str().unwrap().to_owned()],
    }
}

fn all_actions(policy: &Value) -> Vec<String> {
    policy["Statement"].as_array().unwrap().iter().flat_map(actions).collect()
}

/// The policy without these actions, and without the batch that stands for the single one.
fn without(policy: &Value, taken: &[&str]) -> Value {
    let mut policy = policy.clone();
    let statements = policy["Statement"].as_array_mut().unwrap();
    for statement in statements.iter_mut() {
        let left: Vec<_> = actions(statement)
            .into_iter()
            .filter(|action| !taken.contains(&action.strip_suffix("Batch").unwrap_or(action)))
            .collect();
        statement["Action"] = json!(left);
    }
    statements.retain(|statement| !actions(statement).is_empty());
    policy
}

fn done(ran: &Ran, what: &str) {
    assert_eq!(ran.code, 0, "{what} needs no more than the policy: {ran:?}");
    let risks = &ran.document()["risks"];
    assert!(risks.is_null() || *risks == json!([]), "{what}: and everything could be looked at: {ran:?}");
}

#[tokio::test]
async fn the_printed_policy_carries_subscribe_watch_leftovers_and_unsubscribe() {
    let world = World::new().await;
    let topic = world.topic("ssm-notify").await;
    let (terminal, _) = world.person(&for_stand_in(printed(&topic, &[]).await)).await;
    let subscribe = ["subscribe", "--topic-arn", &topic, "--yes"];

    let made = terminal.run(&subscribe).await.unwrap();
    done(&made, "subscribing");
    let url = made.document()["queue_url"].as_str().unwrap();
    let old = world.left_over(url).await;
    world.spoil(url).await;
    done(&terminal.run(&[&subscribe[..], &["--filter", "alerts"]].concat()).await.unwrap(), "mending");

    world.sns.publish().topic_arn(&topic).message(r#"{"status":"Failed"}"#).send().await.unwrap();
    let watched = terminal.run(&["watch", "--once"]).await.unwrap();
    done(&watched, "watching");
    assert_eq!(watched.document()["received"], 1, "what the topic sent was received: {watched:?}");
    let held = world.sqs.get_queue_attributes().queue_url(url).attribute_names("All".into()).send().await.unwrap();
    let held = held.attributes.unwrap();
    for count in ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"] {
        assert_eq!(held[&count.into()], "0", "and deleted");
    }

    let listed = terminal.run(&["subscriptions"]).await.unwrap();
    done(&listed, "listing");
    assert_eq!(listed.document()["leftovers"][0]["queue_url"], old.as_str(), "what is left over is found: {listed:?}");
    assert!(
        listed.document()["not_looked"].as_array().is_none_or(Vec::is_empty),
        "nothing was passed over: {listed:?}"
    );

    done(&terminal.run(&["unsubscribe", "--yes"]).await.unwrap(), "unsubscribing");
    assert_eq!((world.queues().await, world.subscriptions(&topic).await), (vec![old], 0), "both are gone");
}

/// Everything that Watchbell does, by a person with this policy, until something is said to be denied for want of `action`.
async fn is_named(world: &World, topic: &str, policy: &Value, action: &str) -> Result<(), String> {
    let (terminal, _) = world.person(policy).await;
    let mut said = String::new();
    let mut names = |ran: &Ran| {
        said.extend(ran.lines.iter().map(|line| format!("{line}\n")));
        if said.contains(&format!("denied {action}")) { Ok(()) } else { Err(said.clone()) }
    };
    let subscribe = ["subscribe", "--topic-arn", topic, "--yes"];
    let made = terminal.run(&subscribe).await.unwrap();
    if names(&made).is_ok() {
        return Ok(());
    }
    let url = made.document()["queue_url"].as_str().expect("what was not denied was done");
    for wish in [&[][..], &["--filter", "alerts"]] {
        world.spoil(url).await;
        if names(&terminal.run(&[&subscribe[..], wish].concat()).await.unwrap()).is_ok() {
            return Ok(());
        }
    }
    // Sent past the topic, since what a denied mending undid may not let it deliver.
    world.sqs.send_message().queue_url(url).message_body(r#"{"status":"Failed"}"#).send().await.unwrap();
    for line in [&["subscriptions"][..], &["watch", "--once"], &["unsubscribe", "--yes"]] {
        if names(&terminal.run(line).await.unwrap()).is_ok() {
            return Ok(());
        }
    }
    Err(said)
}

#[tokio::test]
async fn no_action_of_the_printed_policy_is_there_for_nothing() {
    let world = World::new().await;
    let known = all_actions(&printed(&world.topic("all").await, &[]).await);
    assert_eq!(known.len(), 17, "each is taken away below: {known:?}");
    for (number, action) in known.iter().enumerate() {
        let topic = world.topic(&format!("without-{number}")).await;
        let policy = for_stand_in(printed(&topic, &[]).await);
        // Tags are taken off only when a run that put them on fails afterwards.
        let taken = match action.as_str() {
            "sqs:UntagQueue" => vec!["sqs:UntagQueue", "sns:SetSubscriptionAttributes"],
            other => vec![other],
        };
        let named = is_named(&world, &topic, &without(&policy, &taken), action).await;
        assert_eq!(named, Ok(()), "without {action} some step fails and names it");
    }
}

/// Calls by this key, and the code with which each was refused; "done" when it was not.
async fn refusals(world: &World, (id, secret): &(String, String), calls: &[(&str, &str, Value)]) -> Vec<String> {
    const CALL: &str = "import sys, json, boto3
from botocore.exceptions import ClientError
url, key, secret, calls = sys.argv[1:]
for service, method, arguments in json.loads(calls):
    client = boto3.client(service, endpoint_url=url, region_name='us-east-1', aws_access_key_id=key, aws_secret_access_key=secret)
    try:
        getattr(client, method)(**arguments)
        print('done')
    except ClientError as refused:
        print(refused.response['Error']['Code'])";
    let python = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/py/bin/python3");
    let calls = json!(calls).to_string();
    let ran = Command::new(python).args(["-c", CALL, &world.aws.url, id, secret, &calls]).output().await.unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).unwrap().lines().map(str::to_owned).collect()
}

fn is_denial(code: &str) -> bool {
    ["AccessDenied", "AccessDeniedException", "AuthorizationError"].contains(&code)
}

#[tokio::test]
async fn what_the_printed_policy_does_not_name_is_denied() {
    let world = World::new().await;
    let (topic, other) = (world.topic("ssm-notify").await, world.topic("payments").await);
    let (terminal, key) = world.person(&for_stand_in(printed(&topic, &[]).await)).await;
    let made = terminal.run(&["subscribe", "--topic-arn", &topic, "--yes"]).await.unwrap();
    done(&made, "subscribing");
    let own = made.document()["queue_url"].as_str().unwrap();
    let foreign = world.sqs.create_queue().queue_name("payments").send().await.unwrap().queue_url.unwrap();
    let arn = made.document()["queue_arn"].as_str().unwrap();
    let role = "arn:aws:iam::000000000000:role/ssm-sns-publish";
    let calls = [
        ("sns", "publish", json!({ "TopicArn": topic, "Message": "x" })),
        ("sns", "delete_topic", json!({ "TopicArn": topic })),
        (
            "sns",
            "set_topic_attributes",
            json!({ "TopicArn": topic, "AttributeName": "Policy", "AttributeValue": "{}" }),
        ),
        ("sns", "subscribe", json!({ "TopicArn": other, "Protocol": "sqs", "Endpoint": arn })),
        ("sns", "get_topic_attributes", json!({ "TopicArn": other })),
        ("sns", "create_topic", json!({ "Name": "new" })),
        ("sqs", "receive_message", json!({ "QueueUrl": foreign })),
        ("sqs", "delete_queue", json!({ "QueueUrl": foreign })),
        ("sqs", "get_queue_attributes", json!({ "QueueUrl": foreign, "AttributeNames": ["All"] })),
        ("sqs", "create_queue", json!({ "QueueName": "payments-too" })),
        ("sqs", "send_message", json!({ "QueueUrl": own, "MessageBody": "x" })),
        ("sqs", "purge_queue", json!({ "QueueUrl": own })),
        ("iam", "list_users", json!({})),
        ("iam", "create_access_key", json!({})),
        ("iam", "get_role", json!({ "RoleName": "ssm-sns-publish" })),
        ("sts", "assume_role", json!({ "RoleArn": role, "RoleSessionName": "ann" })),
        ("ssm", "list_commands", json!({})),
        (
            "ssm",
            "send_command",
            json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-0c4e0f1a2b3c4d591"] }),
        ),
    ];
    for ((service, method, _), code) in calls.iter().zip(refusals(&world, &key, &calls).await) {
        assert!(is_denial(&code), "{service} {method} is not the desktop's: {code}");
    }
    let allowed = [("sqs", "get_queue_attributes", json!({ "QueueUrl": own })), ("sqs", "list_queues", json!({}))];
    assert_eq!(refusals(&world, &key, &allowed).await, ["done", "done"], "it is the policy that denies, not the key");
}

#[tokio::test]
async fn the_right_to_read_commands_is_asked_for_and_given_alone() {
    let world = World::new().await;
    let topic = world.topic("ssm-notify").await;
    let (_, key) = world.person(&for_stand_in(printed(&topic, &["--read-commands"]).await)).await;
    let send = json!({ "DocumentName": "AWS-RunShellScript", "InstanceIds": ["i-0c4e0f1a2b3c4d591"] });
    let calls = [("ssm", "list_commands", json!({})), ("ssm", "send_command", send)];
    let codes = refusals(&world, &key, &calls).await;
    assert_eq!(codes, ["done", "AccessDeniedException"], "commands may be read and not sent");
}
