//! The keys of an encrypted topic and an encrypted queue: their policies are read, by `doctor` and `iam --check`, and what may not be read is told.

use serde_json::{Value, json};
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::desk::{ends, subscribed};
use crate::world::World;

const NOTHING: &str = "no policy is needed";

/// A key with the policy that KMS itself gives: everything is left to IAM.
async fn key(world: &World) -> String {
    let made = world.aws.iam("print(kms.create_key()['KeyMetadata']['Arn'])", NOTHING, &Value::Null).await.unwrap();
    made.trim().to_owned()
}

/// These statements, beside one that lets the account look after the key, and not use it.
async fn policy(world: &World, key: &str, statements: &[Value]) {
    let look = json!({ "Sid": "Look", "Effect": "Allow", "Principal": { "AWS": "arn:aws:iam::000000000000:root" },
        "Action": ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:PutKeyPolicy"], "Resource": "*" });
    let statements = [&[look], statements].concat();
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let put = "kms.put_key_policy(KeyId=name, PolicyName='default', Policy=policy)";
    world.aws.iam(put, key, &policy).await.unwrap();
}

async fn encrypt_topic(world: &World, key: &str) {
    let set = world.sns.set_topic_attributes().topic_arn(&world.topic).attribute_name("KmsMasterKeyId");
    set.attribute_value(key).send().await.unwrap();
}

async fn encrypt_queue(world: &World, url: &str, key: &str) {
    let set = world.sqs.set_queue_attributes().queue_url(url).attributes("KmsMasterKeyId".into(), key);
    set.send().await.unwrap();
}

fn statement(effect: &str, principal: &Value, condition: &Value) -> Value {
    json!({ "Sid": "Use", "Effect": effect, "Principal": principal,
        "Action": ["kms:GenerateDataKey*", "kms:Decrypt"], "Resource": "*", "Condition": condition })
}

fn role(name: &str) -> Value {
    json!({ "AWS": format!("arn:aws:iam::000000000000:role/{name}") })
}

/// What a report or a comparison says to add to the key's policy.
fn statement_in(text: &str) -> Value {
    let from = text.find('{').unwrap_or_else(|| panic!("a statement is told: {text}"));
    let mut read = serde_json::Deserializer::from_str(&text[from..]).into_iter::<Value>();
    read.next().unwrap().unwrap_or_else(|error| panic!("it can be pasted: {error}: {text}"))
}

#[tokio::test]
async fn the_topics_key_lets_the_publishing_role_in_or_is_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, ..) = subscribed(&world, &world.aws.url).await;
    let key = key(&world).await;
    let doctor = async |more: &[&str]| terminal.run(&[&["doctor"], more].concat()).await.unwrap();
    encrypt_topic(&world, &key).await;
    let ran = doctor(&[]).await;
    ends(&ran, "topic_key", "skipped", &[&key, "leaves it to IAM", &format!("--kms-key {key} --check")]);

    let when = json!({ "StringEquals": { "kms:ViaService": "sns.us-east-1.amazonaws.com", "kms:CallerAccount": "000000000000" } });
    policy(&world, &key, &[statement("Allow", &role("ssm-sns-publish"), &when)]).await;
    ends(&doctor(&[]).await, "topic_key", "ok", &[&key, "lets in the role ssm-sns-publish"]);

    policy(&world, &key, &[statement("Allow", &role("notify"), &json!({}))]).await;
    ends(
        &doctor(&[]).await,
        "topic_key",
        "skipped",
        &["role/notify", "not the role ssm-sns-publish", "--sns-role NAME"],
    );
    ends(&doctor(&["--sns-role", "notify"]).await, "topic_key", "ok", &["lets in the role notify"]);
    let ran = doctor(&["--sns-role", "other"]).await;
    ends(&ran, "topic_key", "failed", &["does not let the role other", "kms:Decrypt", "lost without an error"]);

    // What it says to add is enough.
    policy(&world, &key, &[]).await;
    let ran = doctor(&[]).await;
    ends(&ran, "topic_key", "failed", &["does not let the role ssm-sns-publish"]);
    let fix = crate::desk::check(&ran, "topic_key")["fix"].as_str().unwrap().to_owned();
    policy(&world, &key, &[statement_in(&fix)]).await;
    ends(&doctor(&[]).await, "topic_key", "ok", &["lets in the role ssm-sns-publish"]);

    let everybody = statement("Allow", &json!("*"), &json!({}));
    policy(&world, &key, &[everybody.clone(), statement("Deny", &role("ssm-sns-publish"), &json!({}))]).await;
    ends(
        &doctor(&[]).await,
        "topic_key",
        "failed",
        &["the statement Use", "denies kms:GenerateDataKey and kms:Decrypt"],
    );
    let org = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } });
    policy(&world, &key, &[statement("Allow", &json!("*"), &org)]).await;
    ends(&doctor(&[]).await, "topic_key", "skipped", &["cannot tell", "aws:PrincipalOrgID"]);
}

#[tokio::test]
async fn a_key_is_known_by_its_alias_and_one_that_cannot_be_used_is_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, ..) = subscribed(&world, &world.aws.url).await;
    let key = key(&world).await;
    let doctor = async || terminal.run(&["doctor"]).await.unwrap();
    world.aws.iam("kms.create_alias(AliasName='alias/own', TargetKeyId=name)", &key, &Value::Null).await.unwrap();
    encrypt_topic(&world, "alias/own").await;
    ends(&doctor().await, "topic_key", "skipped", &[&key, "leaves it to IAM"]);
    world.aws.iam("kms.disable_key(KeyId=name)", &key, &Value::Null).await.unwrap();
    ends(&doctor().await, "topic_key", "failed", &["it is disabled", &format!("enable-key --key-id {key}")]);
    world.aws.iam("kms.schedule_key_deletion(KeyId=name)", &key, &Value::Null).await.unwrap();
    ends(&doctor().await, "topic_key", "failed", &["about to be deleted", "cancel-key-deletion"]);
    encrypt_topic(&world, "alias/none").await;
    ends(&doctor().await, "topic_key", "failed", &["alias/none", "does not exist", "lost without an error"]);
    encrypt_topic(&world, "alias/aws/sns").await;
    ends(&doctor().await, "topic_key", "ok", &["alias/aws/sns", "nobody can change", "EventBridge"]);
}

#[tokio::test]
async fn the_queues_key_lets_sns_in_or_is_named() {
    let world = World::new(Auth::Open).await;
    let (terminal, url, _) = subscribed(&world, &world.aws.url).await;
    let doctor = async || terminal.run(&["doctor"]).await.unwrap();
    encrypt_queue(&world, &url, "alias/aws/sqs").await;
    ends(&doctor().await, "queue_key", "failed", &["SNS may not use", "SqsManagedSseEnabled=true"]);

    let key = key(&world).await;
    encrypt_queue(&world, &url, &key).await;
    let ran = doctor().await;
    ends(&ran, "queue_key", "failed", &["deaf", &key, "sns.amazonaws.com", "kms:Decrypt on it"]);
    let fix = crate::desk::check(&ran, "queue_key")["fix"].as_str().unwrap().to_owned();
    policy(&world, &key, &[statement_in(&fix)]).await;
    ends(&doctor().await, "queue_key", "ok", &[&key, "lets SNS deliver"]);

    let sns = json!({ "Service": "sns.amazonaws.com" });
    let other = json!({ "ArnEquals": { "aws:SourceArn": "arn:aws:sns:us-east-1:000000000000:other" } });
    policy(&world, &key, &[statement("Allow", &sns, &other)]).await;
    ends(&doctor().await, "queue_key", "failed", &["does not let SNS use it"]);
    policy(&world, &key, &[statement("Allow", &sns, &json!({})), statement("Deny", &json!("*"), &json!({}))]).await;
    ends(&doctor().await, "queue_key", "failed", &["deaf: the statement Use", "denies it to SNS"]);
    let vpc = json!({ "StringEquals": { "aws:SourceVpc": "vpc-1" } });
    policy(&world, &key, &[statement("Allow", &sns, &vpc)]).await;
    ends(&doctor().await, "queue_key", "skipped", &["cannot tell", "aws:SourceVpc", "--publish"]);
}

#[tokio::test]
async fn what_may_not_be_read_of_a_key_is_said_and_never_ok() {
    let world = World::new(Auth::Enforced).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    let key = key(&world).await;
    policy(&world, &key, &[statement("Allow", &role("ssm-sns-publish"), &json!({}))]).await;
    encrypt_topic(&world, &key).await;
    for action in ["kms:GetKeyPolicy", "kms:DescribeKey"] {
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        let ran = terminal.run(&["doctor"]).await.unwrap();
        let statement = format!("\"Action\":\"{action}\"");
        ends(&ran, "topic_key", "skipped", &["cannot look", &format!("denied {action} on {key}"), &statement]);
        let ran = terminal.run(&["iam", "--topic-arn", &world.topic, "--kms-key", &key, "--check"]).await.unwrap();
        let line = of_key(&ran);
        assert_eq!(line["state"], "cannot_look", "{action}: {line}");
        assert!(line.to_string().contains(&format!("denied {action} on {key}")), "{action}: {line}");
    }
    let (id, secret) = world.all_but(&[]).await;
    terminal.credentials(&id, &secret);
    ends(&terminal.run(&["doctor"]).await.unwrap(), "topic_key", "ok", &["lets in the role ssm-sns-publish"]);

    // What is seen to be wrong is wrong, whether the key is enabled or not.
    policy(&world, &key, &[]).await;
    let (id, secret) = world.all_but(&["kms:DescribeKey"]).await;
    terminal.credentials(&id, &secret);
    ends(&terminal.run(&["doctor"]).await.unwrap(), "topic_key", "failed", &["does not let the role"]);
}

/// The line of the topic's key's policy in a comparison.
fn of_key(ran: &Ran) -> &Value {
    line(ran, "LetSnsRoleUseTopicKey")
}

/// A line of a comparison.
fn line<'a>(ran: &'a Ran, sid: &str) -> &'a Value {
    let documents = ran.document()["documents"].as_array().unwrap_or_else(|| panic!("{ran:?}"));
    let mut lines = documents.iter().flat_map(|one| one["statements"].as_array().unwrap());
    lines.find(|line| line["sid"] == sid).unwrap_or_else(|| panic!("{sid} is compared: {ran:?}"))
}

#[tokio::test]
async fn the_administrators_comparison_reads_the_keys_policy() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let (first, second) = (key(&world).await, key(&world).await);
    world.aws.iam("kms.create_alias(AliasName='alias/own', TargetKeyId=name)", &first, &Value::Null).await.unwrap();
    encrypt_topic(&world, "alias/own").await;
    let check = async |key: &str| {
        terminal.run(&["iam", "--topic-arn", &world.topic, "--kms-key", key, "--check"]).await.unwrap()
    };

    let ran = terminal.run(&["iam", "--topic-arn", &world.topic, "--check"]).await.unwrap();
    let unnamed = line(&ran, "TopicKey");
    assert_eq!((ran.code, &unnamed["state"]), (1, &json!("cannot_look")), "{unnamed}");
    let said = unnamed.to_string();
    assert!(said.contains(&format!("alias/own ({first})")) && said.contains("--kms-key"), "which key it is: {said}");
    let ran = check(&second).await;
    let other = line(&ran, "TopicKey");
    assert_eq!(other["state"], "cannot_look", "{other}");
    let both = format!("encrypted with the key alias/own ({first}), and not with {second}");
    assert!(other["reason"].as_str().unwrap().contains(&both), "{other}");

    let ran = check(&first).await;
    let policy_line = of_key(&ran);
    assert_eq!(policy_line["state"], "present", "{policy_line}");
    assert!(policy_line["reason"].as_str().unwrap().contains("leaves it to IAM"), "and who decides: {policy_line}");
    assert_eq!(line(&ran, "TopicKey")["state"], "present", "it is that key: {ran:?}");

    policy(&world, &first, &[]).await;
    let ran = check(&first).await;
    let lacking = of_key(&ran);
    let actions = json!(["kms:GenerateDataKey", "kms:Decrypt"]);
    assert_eq!((&lacking["state"], &lacking["actions"]), (&json!("missing"), &actions));
    policy(&world, &first, &[statement_in(lacking["fix"].as_str().unwrap())]).await;
    assert_eq!(of_key(&check(&first).await)["state"], "present", "what it says to add is enough");
    policy(&world, &first, &[statement("Deny", &json!("*"), &json!({}))]).await;
    assert_eq!(of_key(&check(&first).await)["state"], "denied");
    let org = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } });
    policy(&world, &first, &[statement("Allow", &json!("*"), &org)]).await;
    let ran = check(&first).await;
    assert_eq!(of_key(&ran)["state"], "cannot_look", "{ran:?}");
    world.aws.iam("kms.disable_key(KeyId=name)", &first, &Value::Null).await.unwrap();
    let ran = check(&first).await;
    assert!(of_key(&ran)["reason"].as_str().unwrap().contains("disabled"), "{ran:?}");
}

#[tokio::test]
async fn the_comparison_minds_the_key_of_an_administrators_queue() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let url = world.sqs.create_queue().queue_name("on-call").send().await.unwrap().queue_url.unwrap();
    let key = key(&world).await;
    encrypt_queue(&world, &url, &key).await;
    let arn = "arn:aws:sqs:us-east-1:000000000000:on-call";
    let asked = ["iam", "--topic-arn", &world.topic, "--queue-arn", arn, "--check"];
    let check = async |more: &[&str]| terminal.run(&[&asked[..], more].concat()).await.unwrap();
    let named = ["--queue-kms-key", key.as_str()];

    let ran = check(&[]).await;
    let unnamed = line(&ran, "QueueKey");
    assert_eq!((ran.code, &unnamed["state"]), (1, &json!("missing")), "{unnamed}");
    let said = unnamed["reason"].as_str().unwrap();
    assert!(said.contains(&key) && said.contains("does not let SNS use it"), "{said}");
    assert_eq!(line(&check(&named).await, "LetSnsUseQueueKey")["state"], "missing", "and by its name");

    policy(&world, &key, &[statement_in(unnamed["fix"].as_str().unwrap())]).await;
    let ran = check(&[]).await;
    let unnamed = line(&ran, "QueueKey");
    assert_eq!(unnamed["state"], "cannot_look", "the reader's half was not compared: {unnamed}");
    assert!(unnamed["fix"].as_str().unwrap().contains("--queue-kms-key"), "{unnamed}");
    let ran = check(&named).await;
    for sid in ["LetSnsUseQueueKey", "QueueKey"] {
        assert_eq!(line(&ran, sid)["state"], "present", "what it says to add is enough: {ran:?}");
    }
    let other = self::key(&world).await;
    let ran = check(&["--queue-kms-key", &other]).await;
    assert_eq!(line(&ran, "QueueKey")["state"], "cannot_look", "{ran:?}");

    encrypt_queue(&world, &url, "alias/aws/sqs").await;
    let ran = check(&[]).await;
    assert_eq!((ran.code, &line(&ran, "QueueKey")["state"]), (1, &json!("missing")), "SNS may not use it: {ran:?}");
}
