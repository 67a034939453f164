//! An access key with its secret in a real keychain: no secret is in a report, and a dead keychain is named in time.

use std::time::Duration;

use serde_json::json;
use watchbell_engine::clock;
use watchbell_tests::harness::keyring::Keyring;
use watchbell_tests::harness::ministack::Auth;
use watchbell_tests::harness::terminal::Terminal;

use crate::desk::{check, depend, ends, remembered, subscribed};
use crate::world::World;

#[tokio::test]
async fn no_secret_is_in_a_report_and_a_dead_keychain_is_named() {
    let world = World::new(Auth::Enforced).await;
    let (id, secret) = world.all_but(&[]).await;
    let terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let keyring = Keyring::start(&terminal.session.bus, &terminal.session.path("home")).await.unwrap();
    let line = ["subscribe", "--topic-arn", &world.topic, "--access-key-id", &id, "--yes"];
    let made = terminal.run_with(&line, &format!("{secret}\n")).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");

    let mut texts = Vec::new();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "keychain", "ok", &[]);
    ends(&ran, "identity", "ok", &["user/", "the access key AKIA…"]);
    texts.push(ran.document().to_string());
    let output = terminal.bare(&["doctor", "--endpoint-url", &terminal.endpoint]).unwrap().output().await.unwrap();
    texts.push(String::from_utf8(output.stdout).unwrap());
    texts.push(String::from_utf8(output.stderr).unwrap());

    keyring.lock(&terminal.session.bus).await.unwrap();
    let began = clock::monotonic();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    assert!(clock::monotonic().duration_since(began) < Duration::from_secs(5), "in time: {}", ran.document());
    ends(&ran, "keychain", "failed", &["the keychain is locked", "Unlock"]);
    ends(&ran, "identity", "failed", &["the keychain is locked"]);
    ends(&ran, "sts", "ok", &[]);
    depend(&ran, &["topic", "queue", "subscription"], "\"identity\"");
    texts.push(ran.document().to_string());

    keyring.stop().await.unwrap();
    let ran = terminal.run(&["doctor"]).await.unwrap();
    ends(&ran, "keychain", "failed", &["no keychain is running"]);
    texts.push(ran.document().to_string());
    for text in texts {
        assert!(!text.contains(&secret), "the secret is nowhere: {text}");
        assert!(!text.contains(&id), "the key's id is shortened: {text}");
    }
}

/// No keychain runs on this desktop. Whether that matters hangs on what the subscription keeps in one.
#[tokio::test]
async fn a_dead_keychain_fails_for_whatever_lies_in_it() {
    let world = World::new(Auth::Open).await;
    let (mut terminal, ..) = subscribed(&world, &world.aws.url).await;
    let config = terminal.session.path("aws-config");
    let role = "role_arn = arn:aws:iam::000000000000:role/r\nmfa_serial = arn:aws:iam::000000000000:mfa/ann\n";
    let key = "aws_access_key_id = test\naws_secret_access_key = test\n";
    std::fs::write(&config, format!("[profile base]\n{key}[profile device]\n{role}source_profile = base\n")).unwrap();
    terminal.session.set("AWS_CONFIG_FILE", config);
    let doctor = async || terminal.run(&["doctor"]).await.unwrap();
    ends(&doctor().await, "keychain", "skipped", &["no subscription here keeps a secret in it"]);

    let place = json!({ "start_url": "https://acme.awsapps.com/start", "region": "us-east-1",
        "account_id": "000000000000", "role_name": "ops" });
    let profile = |name: &str| json!({ "profile": { "name": name } });
    for (what, credentials, serial) in [
        ("the tokens of IAM Identity Center", json!({ "identity_center": place }), json!(null)),
        ("the session of a profile's device", profile("device"), json!(null)),
        ("the session of a device", profile("base"), json!("arn:aws:iam::000000000000:mfa/ann")),
    ] {
        remembered(&terminal, |record| {
            record["credentials"] = credentials;
            record["role_arn"] = if serial.is_null() { json!(null) } else { json!("arn:aws:iam::000000000000:role/r") };
            record["mfa_serial"] = serial;
        });
        let ran = doctor().await;
        assert_eq!(check(&ran, "keychain")["state"], "failed", "{what}: {}", check(&ran, "keychain"));
    }
    remembered(&terminal, |record| {
        record["credentials"] = profile("base");
        record["role_arn"] = json!(null);
        record["mfa_serial"] = json!(null);
    });
    ends(&doctor().await, "keychain", "skipped", &["no subscription here keeps a secret in it"]);
}

#[tokio::test]
async fn what_a_credential_process_says_on_its_stderr_is_in_no_report() {
    let world = World::new(Auth::Open).await;
    let mut terminal = Terminal::without_credentials(&world.aws.url).await.unwrap();
    let config = terminal.session.path("aws-config");
    let process = "credential_process = sh -c 'echo the token is ghp_16C7e42F292c6912E7710c838347Ae178B4a >&2; echo the password is hunter2 >&2; exit 3'";
    std::fs::write(&config, format!("[default]\n{process}\n")).unwrap();
    terminal.session.set("AWS_CONFIG_FILE", config);
    let ran = terminal.run(&["doctor", "--topic-arn", &world.topic]).await.unwrap();
    ends(&ran, "identity", "failed", &["exited with code", "Stderr: [left out]", "run that command by hand"]);
    let line = ["doctor", "--topic-arn", &world.topic, "--endpoint-url", &terminal.endpoint];
    let output = terminal.bare(&line).unwrap().output().await.unwrap();
    for text in [ran.document().to_string(), String::from_utf8(output.stdout).unwrap()] {
        assert!(!text.contains("ghp_") && !text.contains("16C7e42F") && !text.contains("hunter2"), "{text}");
    }
}
