//! One app for each data folder: a second start shows the first one's window and is gone.

use watchbell_tests::harness::app::App;
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::windows::WindowManager;

use crate::desk::{DATA, mark, session, status, until, until_running};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_start_shows_the_first_ones_window_and_ends() {
    let (session, _alerts) = session().await;
    let manager = WindowManager::start(&session).await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let mut first = App::start(&session, DATA, &["--hidden"]).unwrap();
    mark(&mut host).await;
    until_running(&first.dir).await;

    let mut quiet = App::start(&session, DATA, &["--hidden"]).unwrap();
    assert_eq!(quiet.ended().await.unwrap().code(), Some(0), "the second has nothing to do: {}", quiet.said());
    assert!(manager.windows().await.unwrap().is_empty(), "started hidden it shows nothing");

    let mut second = App::start(&session, DATA, &[]).unwrap();
    assert_eq!(second.ended().await.unwrap().code(), Some(0), "the second is gone: {}", second.said());
    until("the first one's window shows", async || manager.windows().await.unwrap().len() == 1).await;
    assert!(first.runs().unwrap(), "the first goes on");

    let mut again = App::start(&session, DATA, &[]).unwrap();
    assert_eq!(again.ended().await.unwrap().code(), Some(0), "however often: {}", again.said());
    assert_eq!(manager.windows().await.unwrap().len(), 1, "there is one window");

    let mut other = App::start(&session, "elsewhere", &["--hidden"]).unwrap();
    mark(&mut host).await;
    until("another data folder is another app", async || status(&other.dir).await.is_some()).await;
    assert!(other.runs().unwrap() && first.runs().unwrap(), "both run");
    other.end().await.unwrap();
    first.end().await.unwrap();
}
