//! Closing the window destroys it; the app lives on in the tray and loses nothing.

use watchbell_tests::harness::app::{App, DrivenApp, page_processes};
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::windows::WindowManager;

use crate::desk::{DATA, fail, headline, id, mark, session, status, until, until_headline, until_running};
use crate::page::{follow_new_window, until_rows};

// The driver keeps a page alive for itself, so what is left of a window is looked at without it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_closed_window_is_destroyed_and_the_app_lives_on() {
    let (session, _alerts) = session().await;
    let manager = WindowManager::start(&session).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let mut app = App::start(&session, DATA, &[]).unwrap();
    let pid = app.pid().unwrap();
    let item = mark(&mut host).await;
    until_running(&app.dir).await;
    fail(&app.dir, &id(1), "AWS-RunShellScript").await;
    until_headline(&item, |line| line == "1 command failing").await;
    for turn in 1..=2 {
        until("the window shows", async || manager.windows().await.unwrap().len() == 1).await;
        until("its page is drawn", async || !page_processes(pid).unwrap().is_empty()).await;
        let window = manager.windows().await.unwrap().remove(0);
        manager.close(&window).await.unwrap();
        until("the window is gone", async || manager.windows().await.unwrap().is_empty()).await;
        until("nothing draws pages any more", async || page_processes(pid).unwrap().is_empty()).await;
        assert!(app.runs().unwrap(), "closing the window does not end the app (turn {turn})");
        assert_eq!(headline(&item).await, "1 command failing", "the mark is still in the tray");
        assert_eq!(status(&app.dir).await.unwrap().unacknowledged, 1, "the engine still answers");
        item.click_words("Open").await.unwrap();
    }
    until("the window is there again", async || manager.windows().await.unwrap().len() == 1).await;
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_window_made_anew_shows_the_same_history() {
    let (session, _alerts) = session().await;
    let manager = WindowManager::start(&session).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let item = mark(&mut host).await;
    until_running(&app.dir).await;
    for n in 1..=3 {
        fail(&app.dir, &id(n), "AWS-RunShellScript").await;
    }
    let without_age = |rows: Vec<String>| -> Vec<String> {
        rows.into_iter()
            .map(|row| row.rsplit_once(" heard from").map_or(row.clone(), |(told, _)| told.into()))
            .collect()
    };
    let before = without_age(until_rows(&app.page, 3).await);
    let window = manager.windows().await.unwrap().remove(0);
    manager.close(&window).await.unwrap();
    until("the window is gone", async || manager.windows().await.unwrap().is_empty()).await;
    item.click_words("Open").await.unwrap();
    until("the window is there again", async || manager.windows().await.unwrap().len() == 1).await;
    follow_new_window(&app.page).await;
    assert_eq!(
        without_age(until_rows(&app.page, 3).await),
        before,
        "a window holds nothing, so nothing is lost with it"
    );
    app.end().await.unwrap();
}
