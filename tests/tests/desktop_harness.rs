//! The harness itself: what it starts is private, and gone afterwards.

use std::path::Path;
use std::time::Duration;

use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::webdriver::WebDriver;
use watchbell_tests::harness::xvfb::Screen;

#[tokio::test]
async fn a_screen_shows_and_is_gone_afterwards() {
    let screen = Screen::start(320, 200).await.unwrap();
    let pid = screen.pid().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("screen.png");
    screen.picture(&picture).await.unwrap();
    assert!(std::fs::metadata(&picture).unwrap().len() > 0, "a screen can be looked at");
    screen.end().await.unwrap();
    assert!(!Path::new(&format!("/proc/{pid}")).exists(), "no X server is left behind");
}

#[tokio::test]
async fn a_program_in_a_session_sees_nothing_of_the_person() {
    let session = Session::without_screen().await.unwrap();
    let out = session.command("env").stdout(std::process::Stdio::piped()).output().await.unwrap();
    let text = String::from_utf8(out.stdout).unwrap();
    let value = |name: &str| text.lines().find_map(|line| line.strip_prefix(&format!("{name}=")));
    assert_eq!(value("DBUS_SESSION_BUS_ADDRESS"), Some(session.bus.address.as_str()), "the bus is the session's own");
    assert_eq!(value("DISPLAY"), None, "a session without a screen draws nowhere");
    let own = session.folder().display().to_string();
    for name in ["HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_STATE_HOME"] {
        assert!(value(name).unwrap().starts_with(&own), "{name} lies in the session's folder");
    }
}

#[tokio::test]
async fn a_tray_host_hears_an_icon_register() {
    let session = Session::without_screen().await.unwrap();
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    assert!(host.next(Duration::from_millis(50)).await.is_none(), "no icon is there before one registers");
    let app = session.bus.connect().await.unwrap();
    let watcher = zbus::Proxy::new(
        &app,
        "org.kde.StatusNotifierWatcher",
        "/StatusNotifierWatcher",
        "org.kde.StatusNotifierWatcher",
    )
    .await
    .unwrap();
    watcher.call::<_, _, ()>("RegisterStatusNotifierItem", &("/org/ayatana/NotificationItem/bell",)).await.unwrap();
    let item = host.next(Duration::from_secs(5)).await.expect("the host hears the registration");
    assert_eq!(item.path, "/org/ayatana/NotificationItem/bell", "libayatana registers by path");
    assert_eq!(item.name, app.unique_name().unwrap().as_str(), "and is found at the sender's name");
    let seen: Vec<String> = watcher.get_property("RegisteredStatusNotifierItems").await.unwrap();
    assert_eq!(seen.len(), 1, "other hosts can list it");
}

#[tokio::test]
async fn the_driver_of_the_window_becomes_ready() {
    let session = Session::start().await.unwrap();
    WebDriver::start(&session).await.unwrap();
}
