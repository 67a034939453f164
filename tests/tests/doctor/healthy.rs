//! A desktop on which all is well, and a message through the topic.

use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::{check, ends, hears, subscribed, watching};
use crate::world::World;

#[tokio::test]
async fn where_all_is_well_nothing_fails_and_a_test_message_arrives() {
    let world = World::new(Auth::Enforced).await;
    let (terminal, ..) = subscribed(&world, &world.aws.url).await;
    let server = NotificationServer::start(&terminal.session.bus, &[]).await.unwrap();
    let _engine = watching(&terminal).await;
    hears(&terminal).await;
    let ran = terminal.run(&["doctor", "--publish", "--yes"]).await.unwrap();
    assert_eq!((ran.code, &ran.document()["ok"]), (0, &true.into()), "{}", ran.document());
    let open: Vec<&str> = ran.document()["checks"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|check| check["state"] != "ok")
        .map(|check| check["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        open,
        ["keychain", "heard"],
        "the keychain is not needed, and nothing real was heard: {}",
        ran.document()
    );
    ends(&ran, "test_message", "ok", &["delivered"]);
    ends(&ran, "engine", "ok", &["watchbellctl watch"]);
    ends(
        &ran,
        "heard",
        "skipped",
        &["send-command", "--service-role-arn", &world.topic, "register-task-with-maintenance-window"],
    );
    assert!(server.all().iter().any(|one| one.summary.contains("can ring")), "and a test alert was shown");
    let history = terminal.run(&["history"]).await.unwrap();
    assert_eq!(history.lines.len(), 1, "the message is in the history: {history:?}");

    world.publish(REAL).await;
    let heard = async { while check(&terminal.run(&["doctor"]).await.unwrap(), "heard")["state"] != "ok" {} };
    tokio::time::timeout(std::time::Duration::from_secs(30), heard).await.expect("what is real is heard");
}

const REAL: &str = r#"{"commandId":"2f9c0c1e-1111-4222-8333-444455556666","documentName":"AWS-RunShellScript","instanceId":"i-0123456789abcdef0","requestedDateTime":"2026-11-25T00:00:00Z","status":"Success","eventTime":"2026-11-25T00:00:01Z"}"#;

#[tokio::test]
async fn nothing_is_published_without_a_yes() {
    let world = World::new(Auth::Open).await;
    let (terminal, ..) = subscribed(&world, &world.aws.url).await;
    world.sns.subscribe().topic_arn(&world.topic).protocol("email").endpoint("bob@example.com").send().await.unwrap();
    let ran = terminal.run(&["doctor", "--publish"]).await.unwrap();
    assert_eq!(ran.code, 2, "there is nobody to ask: {ran:?}");
    let ran = terminal.run(&["doctor", "--publish", "--yes"]).await.unwrap();
    ends(&ran, "test_message", "skipped", &["no engine is running"]);
    let _engine = watching(&terminal).await;
    let (code, shown) = terminal.typed(&["doctor", "--publish"], "n\n").await.unwrap();
    assert_eq!(code, 1, "the notifications failed here: {shown}");
    assert!(shown.contains("2 messages go to") && shown.contains("Publish them?"), "who else is told before: {shown}");
    assert!(shown.contains("not sent: Nothing was sent"), "and a no is a no: {shown}");
    let history = terminal.run(&["history"]).await.unwrap();
    assert_eq!(history.lines.len(), 0, "nothing came: {history:?}");
}

#[tokio::test]
async fn the_report_reads_as_reviewed_and_goes_into_a_ticket() {
    let world = World::new(Auth::Enforced).await;
    let (terminal, url, _) = subscribed(&world, &world.aws.url).await;
    let spoil = world.sqs.set_queue_attributes().queue_url(&url).attributes("VisibilityTimeout".into(), "30");
    spoil.send().await.unwrap();
    let mut command = terminal.bare(&["doctor", "--endpoint-url", &terminal.endpoint]).unwrap();
    let output = command.output().await.unwrap();
    assert_eq!(output.status.code(), Some(1), "something failed");
    let queue = url.rsplit('/').next().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let text = text.replace(queue, "QUEUE").replace(terminal.session.folder().to_str().unwrap(), "SESSION");
    insta::with_settings!({filters => vec![
        (r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", "[time]"),
        (r"127\.0\.0\.1:\d+", "127.0.0.1:[port]"),
        (r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f-]{22}", "[id]"),
        (r"just now|\d+ s ago", "[age]"),
        (r"Watchbell \d+\.\d+\.\d+ on \w+", "Watchbell [version]"),
    ]}, { insta::assert_snapshot!(text); });
}

#[tokio::test]
async fn without_a_subscription_what_can_be_is_looked_at_and_the_way_on_is_told() {
    let world = World::new(Auth::Open).await;
    let mut terminal = Terminal::start(&world.aws.url).await.unwrap();
    let ran = terminal.run(&["doctor", "--topic-arn", &world.topic]).await.unwrap();
    ends(&ran, "topic", "ok", &[]);
    ends(&ran, "identity", "ok", &[]);
    ends(&ran, "subscription", "skipped", &["watchbellctl subscribe --topic-arn", &world.topic]);
    ends(&ran, "queue", "skipped", &["nothing is subscribed"]);
    terminal.session.set("AWS_REGION", "us-east-1");
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "identity", "ok", &["root"]);
    ends(&ran, "subscription", "skipped", &["watchbellctl subscribe"]);
}
