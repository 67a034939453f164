//! The rooms that decide when Watchbell rings, each used once in the real window: rules, quiet hours, snooze.

use serde_json::json;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::tray::TrayHost;

use crate::desk::{DATA, SOON, ctl, fail, id, session, status, until, until_running};
use crate::page::{ask, click, fill, until_no_words, until_rows, until_words};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rule_is_made_tried_and_saved_in_its_room() {
    let (session, mut alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    fail(&app.dir, &id(1), "Nightly-Report").await;
    alerts.next(SOON).await.expect("without rules a failure rings");
    click(page, "nav button", "Rules").await;
    until_words(page, "No rules yet").await;
    click(page, "button", "Add a rule").await;
    fill(page, "[data-rule] input[id$=name]", "Reports").await;
    fill(page, "[data-rule] input[id$=document]", "Nightly-{").await;
    until_words(page, "1 mistake").await;
    fill(page, "[data-rule] input[id$=document]", "Nightly-*").await;
    until_no_words(page, "1 mistake").await;
    click(page, "[data-rule] [role=radio]", "Mute").await;
    click(page, "button", "Try").await;
    until_words(page, "No alert instead of 1").await;
    assert_eq!(ctl(&session, &["rules"]).await["rules"], json!([]), "a try changes nothing");
    click(page, "button", "Save").await;
    let saved = async || ctl(&session, &["rules"]).await["rules"][0]["name"] == "Reports";
    until("the rule is in force", saved).await;
    fail(&app.dir, &id(2), "Nightly-Report").await;
    fail(&app.dir, &id(3), "Acme-Rotate").await;
    let rang = alerts.next(SOON).await.expect("what no rule fits rings");
    assert!(rang.summary.contains("Acme-Rotate"), "and what is muted does not: {}", rang.summary);
    click(page, "nav button", "Feed").await;
    let listed = until_rows(page, 3).await;
    assert!(listed.iter().any(|row| row.contains("muted")), "the feed says which is muted: {listed:?}");
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quiet_hours_and_snooze_are_set_in_the_window() {
    let (session, _alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    click(page, "nav button", "Settings").await;
    until_words(page, "There are none: alerts ring at any hour.").await;
    click(page, "button", "Add quiet hours").await;
    let spans = async || ctl(&session, &["quiet"]).await["quiet"]["spans"].clone();
    until("the nights are kept", async || spans().await.as_array().is_some_and(|all| all.len() == 1)).await;
    // In the hours that are edited the line that says so comes and goes above: a pointer may miss what it moves, a press does not.
    for (day, left) in [("Mon", 4), ("Tue", 3), ("Wed", 2), ("Thu", 1), ("Fri", 1)] {
        let press = format!(
            "[...document.querySelectorAll('[aria-label=\"Begins on\"] button')].find((button) => button.title.startsWith('{day}')).click()"
        );
        ask(page, &press).await;
        until("the rest is kept", async || spans().await[0]["days"].as_array().is_some_and(|days| days.len() == left))
            .await;
    }
    until_words(page, "The quiet hours before this change stay in force.").await;
    assert_eq!(
        spans().await[0]["days"].as_array().unwrap().len(),
        1,
        "the last that could be kept stays: {}",
        spans().await
    );
    click(page, "[role=group] button", "Sun").await;
    until("Sunday is kept", async || spans().await[0]["days"] == json!(["sun"])).await;
    click(page, "[role=switch]", "Read windows from SSM").await;
    let settings = async || std::fs::read_to_string(app.dir.settings()).unwrap_or_default();
    until("SSM is not to be asked", async || settings().await.contains("\"read_windows\": false")).await;
    click(page, "[role=switch]", "Sound").await;
    until("another switch is kept", async || settings().await.contains("\"sound\": false")).await;
    assert!(settings().await.contains("\"read_windows\": false"), "and leaves the first as it is");

    click(page, "#snooze", "Snooze").await;
    let offered =
        ask(page, "return [...document.querySelectorAll('[role=menuitem]')].map((one) => one.innerText)").await;
    assert!(!offered.to_string().contains("ends"), "no window is open, so none is offered: {offered}");
    click(page, "[role=menuitem]", "1 h").await;
    until_words(page, "Snoozed until").await;
    assert!(status(&app.dir).await.unwrap().snoozed_until.is_some(), "the engine holds alerts back");
    click(page, "button", "Wake now").await;
    until("it is awake", async || status(&app.dir).await.is_some_and(|now| now.snoozed_until.is_none())).await;
    until_no_words(page, "Snoozed until").await;
    app.end().await.unwrap();
}
