//! The window: what it lists, what it opens, how it is worked by keys, and its colours.

use serde_json::json;
use watchbell_engine::store::CredentialSource;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::windows::WindowManager;

use crate::cloud::{Cloud, sign_in};
use crate::desk::{DATA, Run, hear, hear_bodies, id, session, until, until_running};
use crate::page::{
    DOWN, ENTER, ESCAPE, ask, click, open_document, press, rows, until_open, until_rows, until_words, words,
};

const PATCH: &str = "AWS-RunPatchBaseline";
const AGENT: &str = "AWS-UpdateSSMAgent";
const SHELL: &str = "AWS-RunShellScript";

/// One command failed, one succeeded, one still runs.
async fn three_commands(app: &DrivenApp) {
    until_running(&app.dir).await;
    hear(&app.dir, &Run { id: &id(1), document: PATCH, nodes: 5, fail: 2, time_out: 1 }.messages()).await;
    hear(&app.dir, &Run { id: &id(2), document: AGENT, nodes: 3, fail: 0, time_out: 0 }.messages()).await;
    let mut running = Run { id: &id(3), document: SHELL, nodes: 4, fail: 0, time_out: 0 }.messages();
    running.retain(|message| message.contains("\"InProgress\""));
    hear(&app.dir, &running).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_lists_filters_and_opens_commands() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let cloud = Cloud::on(&fauxqs.url).await;
    let (mut session, _alerts) = session().await;
    let credentials: CredentialSource = sign_in(&mut session, "test", "test");
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_words(page, "Set up Watchbell").await;
    cloud.subscribe(&app.dir, None, credentials).await;
    until_words(page, "ssm-notify\nheard").await;
    three_commands(&app).await;
    let listed = until_rows(page, 3).await;
    let row = |document: &str| listed.iter().find(|row| row.contains(document)).unwrap_or_else(|| panic!("{listed:?}"));
    assert!(row(PATCH).contains("2 failed, 1 timed out of 5 heard from"), "status and counts: {listed:?}");
    assert!(row(AGENT).contains("3 of 3 heard from succeeded"), "success in words: {listed:?}");
    assert!(row(SHELL).contains("running"), "what runs is told: {listed:?}");
    assert!(listed.iter().all(|row| row.ends_with("ago") || row.ends_with("just now")), "and when: {listed:?}");
    let counted = ask(page, "return document.querySelector('button.feed').innerText.replace(/\\s+/g, ' ')").await;
    assert!(counted.as_str().unwrap().contains('1'), "the side says how many are not acknowledged: {counted}");

    for (filter, document) in [("Failing", PATCH), ("Running", SHELL), ("Succeeded", AGENT)] {
        click(page, ".segment", filter).await;
        let left = until_rows(page, 1).await;
        assert!(left[0].contains(document), "{filter} shows {document} and nothing else: {left:?}");
    }
    click(page, ".segment", "Cancelled").await;
    until_words(page, "No command matches").await;
    click(page, "button", "Show all commands").await;
    until_rows(page, 3).await;

    click(page, "[role=option]", PATCH).await;
    until_open(page, PATCH).await;
    let nodes = "return document.querySelectorAll('[aria-label=\"Nodes, failing first\"] .node').length";
    until("the command's nodes are listed", async || ask(page, nodes).await == json!(5)).await;
    let first = ask(page, "return document.querySelector('.node').innerText").await;
    assert!(first.as_str().unwrap().contains("failed"), "the failing nodes come first: {first}");
    click(page, ".chip", "timed out").await;
    until("one node timed out", async || ask(page, nodes).await == json!(1)).await;
    click(page, "[role=tab]", "Events").await;
    let events = "return document.querySelectorAll('[aria-label=Events] .event').length";
    until("every event is listed", async || ask(page, events).await == json!(10)).await;
    click(page, "[role=tab]", "Why it rang").await;
    until_words(page, "Rang").await;
    click(page, "button", "Acknowledge").await;
    until_words(page, "Acknowledged").await;
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quarantine_and_settings_are_rooms_that_work() {
    let (session, mut alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    hear_bodies(&app.dir, vec!["<b id='made'>hello</b>, is this on?".into()]).await;
    click(page, "nav button", "Quarantine").await;
    click(page, "button.head", "JSON").await;
    until_words(page, "<b id='made'>hello</b>, is this on?").await;
    assert_eq!(ask(page, "return document.getElementById('made')").await, json!(null), "a body is text, never a page");

    click(page, "nav button", "Settings").await;
    until_words(page, "Failures leave the tray after").await;
    until_words(page, &app.dir.root().display().to_string()).await;
    click(page, "button", "Show a test alert").await;
    let alert = alerts.next(crate::desk::SOON).await.expect("the test alert is shown");
    assert_eq!(alert.summary, "Watchbell can ring", "it is the test alert");
    until_words(page, "Shown").await;
    click(page, "[role=switch]", "Sound").await;
    let stored = async || std::fs::read_to_string(app.dir.settings()).unwrap_or_default();
    until("the change is stored", async || stored().await.contains("\"sound\": false")).await;
    click(page, "[role=radio]", "Dark").await;
    until("the dark is drawn at once", async || theme(page).await == "dark").await;
    click(page, "[role=radio]", "Light").await;
    until("the choice stands", async || theme(page).await == "light").await;
    click(page, "button", "Run a simulation").await;
    click(page, "nav button", "Feed").await;
    let simulated = until_rows(page, 1).await;
    assert!(simulated[0].contains("simulated"), "a simulated run says so: {simulated:?}");
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_window_is_worked_by_keys_alone() {
    let (session, _alerts) = session().await;
    let _manager = WindowManager::start(&session).await.unwrap();
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    three_commands(&app).await;
    let listed = until_rows(page, 3).await;
    let at = async || {
        let script = "const list = document.querySelector('[role=listbox]'); const at = list?.getAttribute('aria-activedescendant'); return at ? document.getElementById(at).innerText.replace(/\\s+/g, ' ').trim() : null";
        ask(page, script).await.as_str().map(str::to_owned)
    };
    press(page, &['j']).await;
    until("j goes to the first command", async || at().await.as_deref() == Some(&listed[0])).await;
    press(page, &['j', DOWN]).await;
    until("arrows go on like j", async || at().await.as_deref() == Some(&listed[2])).await;
    press(page, &['k']).await;
    until("k goes back", async || at().await.as_deref() == Some(&listed[1])).await;
    press(page, &[ENTER]).await;
    until("Enter opens the command", async || open_document(page).await.is_some()).await;
    press(page, &[ESCAPE]).await;
    until("Escape closes it", async || open_document(page).await.is_none()).await;
    press(page, &['/']).await;
    let focused = "return document.activeElement?.getAttribute('aria-label')";
    until("the search has the focus", async || ask(page, focused).await == json!("Search commands")).await;
    press(page, &"status:success".chars().collect::<Vec<_>>()).await;
    let found = until_rows(page, 1).await;
    assert!(found[0].contains(AGENT), "typing searches: {found:?}");
    press(page, &[ESCAPE]).await;
    until_rows(page, 3).await;
    app.end().await.unwrap();
}

async fn theme(page: &fantoccini::Client) -> String {
    ask(page, "return document.documentElement.dataset.theme ?? ''").await.as_str().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_colours_follow_the_desktop() {
    for (gtk, wanted) in [("Adwaita", "light"), ("Adwaita:dark", "dark")] {
        let (mut session, _alerts) = session().await;
        session.set("GTK_THEME", gtk);
        let _host = TrayHost::start(&session.bus).await.unwrap();
        let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
        until_words(&app.page, "Watchbell").await;
        assert_eq!(theme(&app.page).await, wanted, "under {gtk} the window is {wanted}");
        let script = "return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3).reduce((sum, one) => sum + Number(one), 0)";
        let light = ask(&app.page, script).await.as_f64().unwrap() > 380.0;
        assert_eq!(light, wanted == "light", "and is drawn so");
        app.end().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_while_the_window_is_open_shows_by_itself() {
    let (session, _alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    until_running(&app.dir).await;
    until_words(&app.page, "Set up Watchbell").await;
    for n in 1..=3 {
        hear(&app.dir, &Run { id: &id(n), document: PATCH, nodes: 2, fail: 1, time_out: 0 }.messages()).await;
        let shown = until_rows(&app.page, usize::try_from(n).unwrap()).await;
        assert!(shown[0].contains("1 failed"), "the window follows the history without being asked: {shown:?}");
    }
    assert!(!words(&app.page).await.contains("The history changed"), "at the top of the list nothing is held back");
    assert_eq!(rows(&app.page).await.len(), 3, "each command has one row");
    app.end().await.unwrap();
}
