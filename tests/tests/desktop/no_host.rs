//! A desktop without a tray: the app says so and never hides to nowhere.

use std::time::Duration;

use watchbell_engine::control;
use watchbell_tests::harness::app::{App, DrivenApp};
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::windows::WindowManager;

use crate::desk::{DATA, SOON, fail, id, mark, session, until, until_headline, until_running, until_within};
use crate::page::{follow_new_window, until_no_words, until_rows, until_words};

const NO_TRAY: &str = "This desktop shows no tray icons";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_tray_closing_minimises_and_a_tray_that_comes_or_goes_is_noticed() {
    let (session, mut alerts) = session().await;
    let manager = WindowManager::start(&session).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    until_words(&app.page, NO_TRAY).await;
    until_words(&app.page, "Closing this window minimises it").await;
    let [window] = manager.windows().await.unwrap().try_into().expect("there is one window");
    manager.close(&window).await.unwrap();
    until("the window is minimised", async || manager.is_minimised(&window).await.unwrap_or(false)).await;
    assert_eq!(
        manager.windows().await.unwrap(),
        std::slice::from_ref(&window),
        "it is the same window, and it is not gone"
    );
    let told = alerts.next(SOON).await.expect("an alert tells where the app went");
    assert!(told.body.contains("no tray icons"), "in words: {}", told.body);
    // Its listener is there a moment after the alert: no person presses sooner.
    tokio::time::sleep(std::time::Duration::from_secs(1)).await;
    alerts.press(told.id).await.unwrap();
    until("a press brings the window back", async || !manager.is_minimised(&window).await.unwrap_or(true)).await;
    manager.close(&window).await.unwrap();
    until("it is minimised again", async || manager.is_minimised(&window).await.unwrap_or(false)).await;
    assert_eq!(alerts.next(Duration::from_secs(2)).await, None, "what was told once is not told again");

    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let item = mark(&mut host).await;
    until_no_words(&app.page, NO_TRAY).await;
    item.click_words("Open").await.unwrap();
    until("Open brings the window back", async || !manager.is_minimised(&window).await.unwrap_or(true)).await;
    host.die().await.unwrap();
    until_words(&app.page, NO_TRAY).await;

    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let item = mark(&mut host).await;
    until_no_words(&app.page, NO_TRAY).await;
    until_running(&app.dir).await;
    fail(&app.dir, &id(1), "AWS-RunShellScript").await;
    until_headline(&item, |line| line == "1 command failing").await;
    manager.close(&window).await.unwrap();
    until("with a tray the window goes", async || manager.windows().await.unwrap().is_empty()).await;
    host.die().await.unwrap();
    // A panel that restarts is given 8 s to come back.
    until_within(SOON * 2, "a window is left in sight", async || manager.windows().await.unwrap().len() == 1).await;
    control::open(&app.dir, None).await.unwrap();
    follow_new_window(&app.page).await;
    until_rows(&app.page, 1).await;
    until_words(&app.page, NO_TRAY).await;
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn started_hidden_without_a_tray_the_app_can_be_found() {
    let (session, mut alerts) = session().await;
    let manager = WindowManager::start(&session).await.unwrap();
    let app = App::start(&session, DATA, &["--hidden"]).unwrap();
    until_within(SOON * 2, "a window is left in sight", async || manager.windows().await.unwrap().len() == 1).await;
    let window = manager.windows().await.unwrap().remove(0);
    until("it keeps out of the way", async || manager.is_minimised(&window).await.unwrap_or(false)).await;
    let told = alerts.next(SOON).await.expect("an alert tells that the app is there");
    assert!(told.summary.contains("Watchbell goes on listening"), "in words: {}", told.summary);
    assert!(told.hints.contains(&"suppress-sound".to_owned()), "and quietly: {:?}", told.hints);
    alerts.press(told.id).await.unwrap();
    until("a press opens the window", async || !manager.is_minimised(&window).await.unwrap_or(true)).await;
    app.end().await.unwrap();
}
