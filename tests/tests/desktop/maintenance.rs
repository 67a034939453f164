//! Maintenance windows in the real app: one that is typed in through the page, and the report whose press opens its page.

use jiff::{SignedDuration, Timestamp, Unit};
use serde_json::{Value, json};
use watchbell_core::schedule::TypedWindow;
use watchbell_core::simulate;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Store};
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::windows::WindowManager;

use crate::desk::{DATA, Run, SOON, ctl, hear, id, mark, now, session, status, topic, until, until_running};
use crate::page::{ask, click, fill, follow_new_window, until_open, until_words, words};

const PATCH: &str = "AWS-RunPatchBaseline";
const EXECUTION: &str = "b60fb56e-776c-4e5c-84ee-123456789012";

/// A time as SSM's `at()` takes it, in UTC and to the second.
fn at(instant: Timestamp) -> String {
    format!("at({})", instant.round(Unit::Second).unwrap().strftime("%Y-%m-%dT%H:%M:%S"))
}

/// The run whose page is open.
async fn heading(page: &fantoccini::Client) -> String {
    let script = "return document.querySelector('#run-page h1')?.innerText ?? ''";
    page.execute(script, Vec::new()).await.ok().and_then(|text| text.as_str().map(str::to_owned)).unwrap_or_default()
}

async fn until_run(page: &fantoccini::Client, name: &str) {
    until(&format!("the window shows the run of {name}"), async || heading(page).await == name).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_is_typed_into_the_page_and_everything_else_knows_it() {
    let (session, _alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    until_words(page, "Set up Watchbell").await;
    click(page, "nav button", "Windows").await;
    until_words(page, "No maintenance window is known yet").await;
    click(page, "button", "Type a window in").await;
    fill(page, "#window-name", "Sunday patch").await;
    fill(page, "#window-zone", "UTC").await;
    fill(page, "#window-schedule", "cron(0 25 ? * SUN *)").await;
    until("the wrong hour is marked", async || {
        ask(page, "return document.querySelector('mark')?.innerText ?? null").await == json!("25")
    })
    .await;
    until_words(page, "Correct what is marked to see them.").await;
    click(page, "dialog[open] button", "Save").await;
    let windows = ctl(&session, &["windows"]).await;
    assert_eq!(windows["typed"], json!([]), "what SSM would refuse is not saved");

    let opened = now() - SignedDuration::from_mins(20);
    fill(page, "#window-schedule", "cron(0 2 ? * SUN *)").await;
    let next = "return document.querySelectorAll('dialog[open] ol li').length";
    until("the next runs are shown", async || ask(page, next).await == json!(5)).await;
    fill(page, "#window-schedule", &at(opened)).await;
    until_words(page, "It is open now until").await;
    click(page, "dialog[open] button", "Save").await;
    until_words(page, "Open now").await;

    let windows = ctl(&session, &["windows"]).await;
    assert_eq!(windows["typed"][0]["name"], "Sunday patch", "the terminal knows it: {windows}");
    assert_eq!(windows["runs"][0]["state"], "running", "and that it is open: {windows}");
    until_words(page, "nothing sent yet").await;
    hear(&app.dir, &Run { id: &id(1), document: PATCH, nodes: 5, fail: 2, time_out: 0 }.messages()).await;
    until_words(page, "5 of 5 heard from done, 2 failed").await;
    click(page, "ol button.run", "Sunday patch").await;
    until_run(page, "Sunday patch").await;
    until_words(page, "1 command is told by the time alone").await;
    click(page, "#run-page li button", PATCH).await;
    until_open(page, PATCH).await;
    until_words(page, "told by the time alone").await;

    click(page, "#snooze", "Snooze").await;
    until_words(page, "30 min").await;
    click(page, "[role=menuitem]", "Sunday patch").await;
    until_words(page, "Snoozed until").await;
    let until_end = status(&app.dir).await.unwrap().snoozed_until.unwrap();
    let end = (opened + SignedDuration::from_hours(4)).round(Unit::Second).unwrap();
    assert_eq!(until_end, end, "the snooze ends with the window");
    app.end().await.unwrap();
}

/// What EventBridge says of an execution, as it lies in the queue.
fn execution(window: u32, status: &str, start: Timestamp, end: Option<Timestamp>) -> String {
    let time = end.unwrap_or(start);
    let mut detail = json!({
        "start-time": start.to_string(), "window-id": format!("mw-{window:017x}"),
        "window-execution-id": format!("{window:08x}{}", &EXECUTION[8..]), "status": status,
    });
    if let Some(end) = end {
        detail["end-time"] = json!(end.to_string());
    }
    let inner = json!({
        "version": "0", "id": format!("{window}{status}"), "source": "aws.ssm",
        "detail-type": "Maintenance Window Execution State-change Notification", "account": topic().account(),
        "time": time.to_string(), "region": topic().region(), "resources": [], "detail": detail,
    });
    simulate::envelope(&inner.to_string(), &topic(), &uuid::Uuid::new_v4().to_string(), time)
}

/// Windows that ended a while ago, each with a command that went well, as the app of before heard of them.
async fn windows_that_ended(dir: &DataDir) {
    let store = Store::open(dir).unwrap();
    let heard = now() - SignedDuration::from_mins(4);
    for (window, hours, name) in [(1, 3, "Sunday patch"), (2, 9, "Nightly"), (3, 15, "Certificates")] {
        let start = now() - SignedDuration::from_hours(hours);
        let typed: TypedWindow = serde_json::from_value(json!({
            "name": name,
            "schedule": at(start), "duration_hours": 2, "cutoff_hours": 1,
        }))
        .unwrap();
        store.act_at(Act::PutTypedWindow(Box::new(typed)), start - SignedDuration::from_hours(1)).await.unwrap();
        let end = start + SignedDuration::from_mins(90);
        let sent = start + SignedDuration::from_secs(10);
        let command = Run { id: &id(window), document: PATCH, nodes: 3, fail: 0, time_out: 0 };
        let mut bodies = vec![execution(window, "IN_PROGRESS", start, None)];
        bodies.extend(
            command
                .messages_from(sent)
                .iter()
                .map(|inner| simulate::envelope(inner, &topic(), &uuid::Uuid::new_v4().to_string(), heard)),
        );
        bodies.push(execution(window, "SUCCESS", start, Some(end)));
        store.act_at(Act::Inject { bodies, topic: topic() }, heard).await.unwrap();
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_on_a_windows_report_opens_its_page() {
    let (session, mut alerts) = session().await;
    let manager = WindowManager::start(&session).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path(DATA))).unwrap();
    windows_that_ended(&dir).await;
    let reported = async {
        mark(&mut host).await;
        let mut told = Vec::new();
        while told.len() < 3 {
            told.push(alerts.next(SOON).await.expect("each is told of"));
        }
        let of = |name: &str| told.iter().find(|alert| alert.summary.starts_with(name)).expect("it is told of");
        let sunday = of("Sunday patch");
        assert_eq!(sunday.summary, "Sunday patch ended: 1 command, 3 nodes, none failed", "a report says how many");
        assert!(manager.windows().await.unwrap().is_empty(), "started hidden there is no window yet");
        alerts.press(sunday.id).await.unwrap();
        (of("Nightly").id, of("Certificates").id)
    };
    let (app, (nightly, certificates)) = tokio::join!(DrivenApp::start(&session, DATA, &["--hidden"]), reported);
    let app = app.unwrap();
    until_run(&app.page, "Sunday patch").await;
    until_words(&app.page, "Told at its end").await;
    assert!(words(&app.page).await.contains("3 of 3 heard from done"), "the page is the report: its nodes");

    click(&app.page, "nav button", "Settings").await;
    until_words(&app.page, "Read windows from SSM").await;
    alerts.press(nightly).await.unwrap();
    until_run(&app.page, "Nightly").await;

    let [window] = manager.windows().await.unwrap().try_into().expect("there is one window");
    manager.close(&window).await.unwrap();
    until("the window is destroyed", async || manager.windows().await.unwrap().is_empty()).await;
    alerts.press(certificates).await.unwrap();
    until("the window is made anew", async || manager.windows().await.unwrap().len() == 1).await;
    follow_new_window(&app.page).await;
    until_run(&app.page, "Certificates").await;
    app.end().await.unwrap();
    let known: Value = ctl(&session, &["windows"]).await;
    assert_eq!(known["runs"].as_array().unwrap().len(), 3, "the history keeps them: {known}");
}
