//! The rights of a sign-in that the person's own AWS tools hold (`aws sso login`): used as they are, and their end seen coming.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use secrecy::ExposeSecret;
use serde_json::Value;
use watchbell_engine::clock;
use watchbell_engine::keychain::{Patience, SecretStore, identity_center_item};
use watchbell_tests::harness::identity_center::{ACCOUNTS, Manners};

use crate::center::{CHOSEN, REGION, Scene, Watching};

/// The name of the tools' cache for the session `acme`: its SHA-1.
const CACHE: &str = "293abb6b76d7791c0732cc517d38c4b5c734b87f.json";

/// What `aws sso login` leaves behind that registered without a refresh token.
async fn log_in(scene: &Scene, ends: Timestamp) {
    let aws = scene.terminal.session.path("home").join(".aws");
    std::fs::create_dir_all(aws.join("sso/cache")).unwrap();
    let (start, account) = (scene.center.start_url(), ACCOUNTS[0].0);
    let config = format!(
        "[profile acme]\nregion = {REGION}\nsso_session = acme\nsso_account_id = {account}\nsso_role_name = OnCall\n\
         [sso-session acme]\nsso_start_url = {start}\nsso_region = {REGION}\nsso_registration_scopes = sso:account:access\n"
    );
    std::fs::write(aws.join("config"), config).unwrap();
    let item = identity_center_item("access-token", &start, REGION);
    let item = scene.store().get(&item, Patience::Background).await.unwrap();
    let token = serde_json::from_str::<Value>(item.expose_secret()).unwrap()["secret"].clone();
    let cached = serde_json::json!({
        "startUrl": start, "region": REGION, "accessToken": token, "expiresAt": ends.to_string(),
    });
    std::fs::write(aws.join("sso/cache").join(CACHE), cached.to_string()).unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_an_aws_sso_login_is_seen_coming() {
    // The role's credentials end before the sign-in does, as they do at AWS.
    let manners = Manners { role_seconds: 900, ..Manners::default() };
    let scene = Scene::new(manners).await;
    assert_eq!(scene.subscribe(&CHOSEN).await.code, 0, "a token that the stand-in knows");
    let ends = clock::now() + SignedDuration::from_mins(25);
    log_in(&scene, ends).await;
    let topic = scene.world.sns.create_topic().name("tools").send().await.unwrap().topic_arn.unwrap();
    let made = scene.terminal.run(&["subscribe", "--topic-arn", &topic, "--yes", "--profile", "acme"]).await.unwrap();
    assert_eq!(made.code, 0, "{made:?}");

    let watching = Watching::start(&scene);
    let known = async {
        loop {
            let told = scene.terminal.run(&["status"]).await.unwrap();
            let lines = told.document()["subscriptions"].as_array().unwrap().clone();
            let line = lines.into_iter().find(|line| line["topic_arn"] == *topic);
            if let Some(line) = line.filter(|line| line["state"] == "ok" && line["expires_at"].is_string()) {
                return line;
            }
        }
    };
    let line = tokio::time::timeout(Duration::from_secs(30), known).await.expect("its end is known");
    assert_eq!(line["renews"], false, "only the person can put it off: {line}");
    let told: Timestamp = line["expires_at"].as_str().unwrap().parse().unwrap();
    assert!(told.duration_since(ends).abs() < SignedDuration::from_secs(1), "{told} is the sign-in's end, {ends}");
    watching.end().await;
}
