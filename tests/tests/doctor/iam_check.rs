//! `iam --check` against an account: what was printed is present once applied, and what lacks is named.

use serde_json::{Value, json};
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::{Ran, Terminal};

use crate::world::World;

const ROLE: &str = "iam.create_role(RoleName=name, AssumeRolePolicyDocument=policy)";
const ROLE_POLICY: &str = "iam.put_role_policy(RoleName=name, PolicyName='p', PolicyDocument=policy)";
const ATTACHED: &str = "arn = iam.create_policy(PolicyName='attached', PolicyDocument=policy)['Policy']['Arn']
iam.attach_user_policy(UserName=name, PolicyArn=arn)";

/// Document, statement and state of each line.
fn lines(ran: &Ran) -> Vec<(String, String, String)> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let documents = ran.document()["documents"].as_array().unwrap_or_else(|| panic!("{ran:?}"));
    let lines = |one: &Value| {
        let place = text(&one["place"]);
        let of = move |line: &Value| (place.clone(), text(&line["sid"]), text(&line["state"]));
        one["statements"].as_array().unwrap().iter().map(of).collect::<Vec<_>>()
    };
    documents.iter().flat_map(lines).collect()
}

#[tokio::test]
async fn what_was_printed_is_missing_until_it_is_applied_and_present_then() {
    let world = World::new(Auth::Enforced).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let name = "ann";
    let little = json!({ "Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*" });
    world.aws.user(name, &json!({ "Version": "2012-10-17", "Statement": [little] })).await.unwrap();
    let check = ["iam", "--topic-arn", &world.topic, "--user", name, "--check"];

    let ran = terminal.run(&check).await.unwrap();
    assert_eq!((ran.code, &ran.document()["ok"]), (1, &false.into()), "{ran:?}");
    let there: Vec<_> = lines(&ran).into_iter().filter(|(.., state)| state != "missing").collect();
    let topic = ("SNS, SQS and KMS".to_owned(), "TopicExists".to_owned(), "present".to_owned());
    assert_eq!(there, [topic], "nothing is there but the topic: {ran:?}");
    assert!(ran.document().to_string().contains("the role ssm-sns-publish does not exist"), "{ran:?}");

    let printed = terminal.run(&check[..5]).await.unwrap();
    for document in printed.document()["documents"].as_array().unwrap() {
        let policy = &document["policy"];
        let (lines, name) = match (document["kind"].as_str().unwrap(), &document["task"]) {
            ("trust", _) => (ROLE, "ssm-sns-publish"),
            ("role_permission", _) => continue,
            (_, Value::Null) => (ATTACHED, name),
            _ => ("iam.put_user_policy(UserName=name, PolicyName='pass', PolicyDocument=policy)", name),
        };
        world.aws.iam(lines, name, policy).await.unwrap();
    }
    let ran = terminal.run(&check).await.unwrap();
    let lacking: Vec<_> = lines(&ran).into_iter().filter(|(.., state)| state != "present").collect();
    let missing = ("the role ssm-sns-publish".to_owned(), "Publish".to_owned(), "missing".to_owned());
    assert_eq!(lacking, [missing], "the one that was left out: {ran:?}");
    let fix = ran.document()["documents"][0]["statements"][0]["fix"].as_str().unwrap();
    assert!(fix.contains("\"Action\":\"sns:Publish\""), "the statement to add: {fix}");

    // By its meaning, not by its letters.
    let wider =
        json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "SNS:*", "Resource": "*" } });
    world.aws.iam(ROLE_POLICY, "ssm-sns-publish", &wider).await.unwrap();
    let ran = terminal.run(&check).await.unwrap();
    assert_eq!((ran.code, &ran.document()["ok"]), (0, &true.into()), "{ran:?}");

    let deny = json!({ "Version": "2012-10-17", "Statement": [wider["Statement"], { "Effect": "Deny", "Action": "sns:Pub*", "Resource": "*" }] });
    world.aws.iam(ROLE_POLICY, "ssm-sns-publish", &deny).await.unwrap();
    let ran = terminal.run(&check).await.unwrap();
    assert_eq!(lines(&ran)[0].2, "denied", "a denial outweighs: {ran:?}");

    // A guard whose condition is not seen from here is no yes, and no no.
    let guard = json!({ "Sid": "Guard", "Effect": "Deny", "Action": "*", "Resource": "*",
        "Condition": { "StringNotEquals": { "aws:RequestedRegion": "us-east-1" } } });
    let guarded = json!({ "Version": "2012-10-17", "Statement": [wider["Statement"], guard] });
    world.aws.iam(ROLE_POLICY, "ssm-sns-publish", &guarded).await.unwrap();
    let ran = terminal.run(&check).await.unwrap();
    assert_eq!((ran.code, &ran.document()["ok"]), (1, &false.into()), "{ran:?}");
    assert_eq!(lines(&ran)[0].2, "cannot_look", "{ran:?}");
    let line = &ran.document()["documents"][0]["statements"][0];
    let why = "cannot tell: the statement Guard denies it where aws:RequestedRegion fits";
    assert_eq!(line["reason"], why, "{line}");
    assert!(line["fix"].as_str().unwrap().contains("send a command"), "and how to find out: {line}");
}

#[tokio::test]
async fn a_trust_in_awss_confused_deputy_form_is_not_weakened_by_what_is_printed() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let trust = |account: &str| {
        json!({ "Version": "2012-10-17", "Statement": [{ "Sid": "Trust", "Effect": "Allow", "Action": "sts:AssumeRole",
            "Principal": { "Service": "ssm.amazonaws.com" },
            "Condition": { "StringEquals": { "aws:SourceAccount": account } } }] })
    };
    world.aws.iam(ROLE, "ssm-sns-publish", &trust("000000000000")).await.unwrap();
    world.aws.iam(ROLE, "for-others", &trust("210987654321")).await.unwrap();
    let of = async |more: &[&str]| {
        let ran = terminal.run(&[&["iam", "--topic-arn", &world.topic, "--check"], more].concat()).await.unwrap();
        let mut documents = ran.document()["documents"].as_array().unwrap().clone().into_iter();
        let trust = documents.find(|one| one["statements"][0]["sid"] == "TrustSystemsManager");
        trust.unwrap_or_else(|| panic!("the trust is compared: {ran:?}"))["statements"][0].clone()
    };
    let line = of(&[]).await;
    assert_eq!(line["state"], "cannot_look", "{line}");
    let said = line.to_string();
    assert!(said.contains("aws:SourceAccount") && said.contains("--confine-trust"), "why, and how to go on: {line}");
    assert!(!said.contains("add: "), "nothing is to be added, it would weaken the role: {line}");
    assert_eq!(of(&["--confine-trust"]).await["state"], "present");
    assert_eq!(of(&["--sns-role", "for-others"]).await["state"], "missing", "trusted is another account");
}

#[tokio::test]
async fn a_topic_that_is_gone_or_hidden_is_no_yes() {
    let world = World::new(Auth::Enforced).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let of_topic = |ran: &Ran| {
        let documents = ran.document()["documents"].as_array().unwrap();
        documents.last().unwrap()["statements"][0].clone()
    };
    let gone = "arn:aws:sns:us-east-1:000000000000:gone";
    let ran = terminal.run(&["iam", "--topic-arn", gone, "--check"]).await.unwrap();
    let line = of_topic(&ran);
    assert_eq!((ran.code, &line["sid"], &line["state"]), (1, &json!("TopicExists"), &json!("missing")), "{ran:?}");
    assert!(line["reason"].as_str().unwrap().contains("does not exist"), "{line}");

    let (id, secret) = world.all_but(&["sns:GetTopicAttributes"]).await;
    terminal.credentials(&id, &secret);
    let line = of_topic(&terminal.run(&["iam", "--topic-arn", &world.topic, "--check"]).await.unwrap());
    assert_eq!(line["state"], "cannot_look", "{line}");
    assert!(line.to_string().contains("denied sns:GetTopicAttributes"), "{line}");
}

#[tokio::test]
async fn nothing_is_said_of_an_account_whose_credentials_these_are_not() {
    let world = World::new(Auth::Open).await;
    let terminal = Terminal::start(&world.aws.url).await.unwrap();
    let trust = json!({ "Version": "2012-10-17", "Statement": [] });
    // A role of that name here is none of the person's there.
    world.aws.iam(ROLE, "ann", &trust).await.unwrap();
    let far = "arn:aws:iam::210987654321:role/ann";
    let line = ["iam", "--topic-arn", &world.topic, "--queue-account", "210987654321", "--user", far, "--check"];
    let ran = terminal.run(&line).await.unwrap();
    let of_person: Vec<_> =
        lines(&ran).into_iter().filter(|(place, ..)| place == "the role ann of account 210987654321").collect();
    assert!(!of_person.is_empty() && of_person.iter().all(|(.., state)| state == "cannot_look"), "{ran:?}");
    assert!(ran.document().to_string().contains("compare with credentials of account 210987654321"), "{ran:?}");
}

#[tokio::test]
async fn what_may_not_be_read_is_said_with_the_action_to_ask_for() {
    let world = World::new(Auth::Enforced).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let trust = json!({ "Version": "2012-10-17", "Statement": [] });
    world.aws.iam(ROLE, "ssm-sns-publish", &trust).await.unwrap();
    for (action, sid) in [("iam:GetRole", "TrustSystemsManager"), ("iam:ListRolePolicies", "Publish")] {
        let (id, secret) = world.all_but(&[action]).await;
        terminal.credentials(&id, &secret);
        let ran = terminal.run(&["iam", "--topic-arn", &world.topic, "--check"]).await.unwrap();
        assert_eq!(ran.code, 1, "what could not be looked at is no yes: {ran:?}");
        let states: Vec<_> =
            lines(&ran).into_iter().filter(|(_, name, _)| name == sid).map(|(.., state)| state).collect();
        assert_eq!(states, ["cannot_look"], "{action}: {ran:?}");
        assert!(ran.document().to_string().contains(&format!("denied {action}")), "{action} is named: {ran:?}");
    }
    let ran = terminal.run(&["iam", "--topic-arn", &world.topic, "--check"]).await.unwrap();
    let anyone = lines(&ran).into_iter().filter(|(_, sid, _)| sid == "ReadOwnQueue").map(|(.., state)| state);
    assert_eq!(anyone.collect::<Vec<_>>(), ["cannot_look"], "nobody was named: {ran:?}");
}
