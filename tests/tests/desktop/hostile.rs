//! Messages are strangers' text: nothing in them becomes a page, and the page speaks to nobody but the app.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use tokio::net::TcpListener;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::tray::TrayHost;

use crate::desk::{DATA, Run, hear, hear_bodies, id, session, until_running};
use crate::page::{ask, click, until_rows, until_words, words};

const SCRIPT: &str = r#"<script id="made">document.title='run'</script>"#;
const IMAGE: &str = r#"<img class="made" src=x onerror="document.title='run';alert('run')">"#;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn hostile_names_are_shown_as_text_and_run_nothing() {
    let (session, _alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    let reversed = "\u{202e}gnp.exe\u{0}\u{1b}[31m\u{7}AWS-Run";
    let long = "A-name-that-goes-on-".repeat(100);
    let names = [SCRIPT, IMAGE, reversed, long.as_str(), "javascript:alert('run')"];
    for (n, document) in (0_u32..).zip(names) {
        hear(&app.dir, &Run { id: &id(n), document, nodes: 2, fail: 1, time_out: 0 }.messages()).await;
    }
    // Longer than anything that AWS sends: kept whole, and not taken for a command.
    let endless = "A-name-without-end-".repeat(10_000 / 19 + 1);
    hear(&app.dir, &Run { id: &id(99), document: &endless, nodes: 1, fail: 1, time_out: 0 }.messages()).await;
    hear_bodies(&app.dir, vec![format!("{SCRIPT}{IMAGE}\u{0}\u{1b}[31m")]).await;
    let listed = until_rows(page, names.len()).await.join("\n");
    for told in [SCRIPT, IMAGE, "javascript:alert('run')"] {
        assert!(listed.contains(told), "a name is shown as it is written: {told}");
    }
    for unseen in ['\u{202e}', '\u{0}', '\u{1b}', '\u{7}'] {
        assert!(!listed.contains(unseen), "no name may hide or turn the words around it: {unseen:?}");
    }
    for row in ["<img", "<script", "gnp.exe", "A-name-that-goes-on"] {
        click(page, "[role=option]", row).await;
        until_words(page, "Command id").await;
    }
    click(page, "[role=tab]", "Events").await;
    click(page, "nav button", "Quarantine").await;
    click(page, "button.head", "JSON").await;
    until_words(page, SCRIPT).await;
    click(page, "button.head", "longer than 2048 characters").await;
    until_words(page, &endless[..5000]).await;
    assert_eq!(
        ask(page, "return document.querySelectorAll('#made, .made').length").await,
        json!(0),
        "no element came of it"
    );
    assert_eq!(ask(page, "return document.title").await, json!("Watchbell"), "no script of a message ran");
    assert!(page.get_alert_text().await.is_err(), "no dialog is open");
    let wide = "return document.documentElement.scrollWidth - innerWidth";
    assert_eq!(ask(page, wide).await, json!(0), "the longest name does not push the window wide");
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_page_speaks_to_no_other_origin() {
    let stranger = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}/", stranger.local_addr().unwrap());
    let knocks = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&knocks);
    #[allow(clippy::disallowed_methods, reason = "ends with the test's runtime")]
    tokio::spawn(async move {
        while stranger.accept().await.is_ok() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let (session, _alerts) = session().await;
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let page = &app.page;
    until_running(&app.dir).await;
    hear(&app.dir, &Run { id: &id(1), document: IMAGE, nodes: 2, fail: 1, time_out: 0 }.messages()).await;
    until_rows(page, 1).await;
    for room in ["Quarantine", "Settings", "Feed"] {
        click(page, "nav button", room).await;
    }
    let asked = ask(page, "return performance.getEntriesByType('resource').map((one) => one.name)").await;
    let foreign: Vec<_> =
        asked.as_array().unwrap().iter().filter_map(|name| name.as_str()).filter(|name| !ours(name)).collect();
    assert_eq!(foreign, Vec::<&str>::new(), "everything that was loaded is the app's own");

    let tries = format!(
        "new Image().src = '{url}'; fetch('{url}').catch(() => 0); navigator.sendBeacon?.('{url}'); \
         try {{ new WebSocket('{}') }} catch {{}} \
         const frame = document.createElement('iframe'); frame.src = '{url}'; document.body.append(frame); \
         const script = document.createElement('script'); script.src = '{url}'; document.body.append(script); \
         const style = document.createElement('link'); style.rel = 'stylesheet'; style.href = '{url}'; document.head.append(style); \
         window.open('{url}'); location.href = '{url}';",
        url.replace("http", "ws")
    );
    let _ = page.execute(&tries, Vec::new()).await;
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    assert_eq!(knocks.load(Ordering::SeqCst), 0, "whatever runs in the page, it reaches no other origin");
    assert!(words(page).await.contains("Quarantine"), "and the window still shows the app");
    assert_eq!(page.windows().await.unwrap().len(), 1, "no other window opened");
    app.end().await.unwrap();
}

fn ours(name: &str) -> bool {
    ["tauri://localhost/", "ipc://localhost/", "http://ipc.localhost/"].iter().any(|origin| name.starts_with(origin))
}
