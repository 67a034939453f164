//! What the window may do is what its capability file and its content policy list: everything it does itself is on the lists, and
//! what is not on them is refused.

use serde_json::json;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::tray::TrayHost;

use crate::desk::{DATA, Run, hear, id, session, until, until_running};
use crate::page::{ESCAPE, ask, click, press, until_rows, until_words};

/// Keeps what the content policy refuses.
const LISTEN: &str = "window.refused = [];
addEventListener('securitypolicyviolation', (event) => window.refused.push(event.violatedDirective + ' ' + event.sample + event.blockedURI));";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_needs_no_exception_from_its_own_policy() {
    let (session, _alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    ask(page, LISTEN).await;
    hear(&app.dir, &Run { id: &id(1), document: "AWS-RunPatchBaseline", nodes: 40, fail: 3, time_out: 1 }.messages())
        .await;
    until_rows(page, 1).await;
    click(page, "[role=option]", "AWS-RunPatchBaseline").await;
    until_words(page, "Command id").await;
    for (room, says) in [
        ("Windows", "windows"),
        ("Rules", "No rules yet"),
        ("Quarantine", "Quarantine"),
        ("Doctor", "Doctor"),
        ("IAM", "IAM"),
        ("Settings", "Quiet hours"),
        ("Feed", "AWS-RunPatchBaseline"),
    ] {
        click(page, "nav button", room).await;
        until_words(page, says).await;
    }
    click(page, "#snooze", "Snooze").await;
    until_words(page, "1 h").await;
    press(page, &[ESCAPE]).await;
    click(page, "nav button", "Rules").await;
    click(page, "button", "Add a rule").await;
    until_words(page, "Mute").await;
    assert_eq!(ask(page, "return window.refused").await, json!([]), "the window stays within its policy");

    ask(
        page,
        "const style = document.createElement('style'); style.textContent = 'body { display: none }'; document.head.append(style);
         new Image().src = 'data:image/gif;base64,R0lGODlhAQABAAAAACw='; return null",
    )
    .await;
    let refused = async || ask(page, "return window.refused").await.as_array().map_or(0, Vec::len);
    until("what is not listed is refused", async || refused().await >= 2).await;
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_the_capability_file_does_not_list_is_refused() {
    let (session, _alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    let tries = "window.said = {};
        for (const [name, args] of [
          ['plugin:opener|open_url', { url: 'https://example.com/' }], ['plugin:opener|open_path', { path: '/' }],
          ['plugin:autostart|enable', {}], ['plugin:window|destroy', {}], ['plugin:event|emit', { event: 'open', payload: null }],
          ['plugin:app|version', {}], ['no_such_command', {}], ['settings', {}]])
          window.__TAURI_INTERNALS__.invoke(name, args).then(() => (window.said[name] = 'done'), (why) => (window.said[name] = String(why)));
        return null";
    ask(page, tries).await;
    let said = async || ask(page, "return window.said").await;
    until("each try is answered", async || said().await.as_object().is_some_and(|all| all.len() == 8)).await;
    let said = said().await;
    assert_eq!(said["settings"], "done", "a listed command is answered: {said}");
    for (name, answer) in said.as_object().unwrap().iter().filter(|(name, _)| *name != "settings") {
        assert!(
            answer.as_str().is_some_and(|text| text.contains("not allowed") || text.contains("not found")),
            "{name}: {answer}"
        );
    }
    app.end().await.unwrap();
}
