//! A press on an alert opens the window at the command, wherever the window is.

use watchbell_engine::paths::DataDir;
use watchbell_tests::harness::app::DrivenApp;
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::windows::WindowManager;

use crate::desk::{DATA, SOON, fail, id, mark, session, until, until_running};
use crate::page::{click, follow_new_window, until_open, until_rows, until_words};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_press_opens_the_command_in_a_window_that_is_not_there_is_elsewhere_or_was_closed() {
    let (session, mut alerts) = session().await;
    let manager = WindowManager::start(&session).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path(DATA))).unwrap();
    let pressed = async {
        mark(&mut host).await;
        until_running(&dir).await;
        fail(&dir, &id(1), "First-Document").await;
        let alert = alerts.next(SOON).await.expect("the failure rings");
        assert!(manager.windows().await.unwrap().is_empty(), "started hidden there is no window yet");
        alerts.press(alert.id).await.unwrap();
    };
    let (app, ()) = tokio::join!(DrivenApp::start(&session, DATA, &["--hidden"]), pressed);
    let app = app.unwrap();
    until_open(&app.page, "First-Document").await;

    click(&app.page, "nav button", "Settings").await;
    until_words(&app.page, "Failures leave the tray after").await;
    fail(&dir, &id(2), "Second-Document").await;
    let alert = alerts.next(SOON).await.expect("the second failure rings");
    alerts.press(alert.id).await.unwrap();
    until_open(&app.page, "Second-Document").await;

    let [window] = manager.windows().await.unwrap().try_into().expect("there is one window");
    manager.close(&window).await.unwrap();
    until("the window is destroyed", async || manager.windows().await.unwrap().is_empty()).await;
    fail(&dir, &id(3), "Third-Document").await;
    let alert = alerts.next(SOON).await.expect("the third failure rings with the window closed");
    alerts.press(alert.id).await.unwrap();
    until("the window is made anew", async || manager.windows().await.unwrap().len() == 1).await;
    follow_new_window(&app.page).await;
    until_open(&app.page, "Third-Document").await;
    let listed = until_rows(&app.page, 3).await;
    assert!(listed.iter().any(|row| row.contains("First-Document")), "the history is intact: {listed:?}");
    app.end().await.unwrap();
}
