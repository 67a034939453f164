//! A desktop that lacks something: the tray's library, the session bus, a notification server, a screen. The app says so in
//! words and never panics.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::Duration;

use tokio::process::Command;
use watchbell_tests::harness::app::{App, DrivenApp, built};
use watchbell_tests::harness::notifications::NotificationServer;
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::tray::TrayHost;
use watchbell_tests::harness::windows::WindowManager;

use crate::desk::{DATA, SOON, fail, id, session, status, until, until_running};
use crate::page::{click, until_no_words, until_open, until_rows, until_words};

const LIBRARY: &str = "libayatana-appindicator3.so.1";

/// What must be done to the machine's libraries, in words of the shell; `$lib` is the folder of the tray's.
enum Library {
    /// A copy of the folder without it.
    Absent,
    /// A file of its name that is no library.
    Broken,
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_the_trays_library_the_window_works_and_says_so() {
    for library in [Library::Absent, Library::Broken] {
        let (session, mut alerts) = session().await;
        let manager = WindowManager::start(&session).await.unwrap();
        let mut host = TrayHost::start(&session.bus).await.unwrap();
        let wrapped = in_a_namespace(&session, &library).await;
        let app = DrivenApp::start_through(&session, &wrapped, DATA, &[]).await.unwrap();
        until_words(&app.page, "libayatana-appindicator3").await;
        until_words(&app.page, "there is no tray icon").await;
        assert!(host.next(Duration::from_secs(1)).await.is_none(), "no mark is in the tray");
        until_running(&app.dir).await;
        fail(&app.dir, &id(1), "AWS-RunShellScript").await;
        let alert = alerts.next(SOON).await.expect("it rings as always");
        until_rows(&app.page, 1).await;
        alerts.press(alert.id).await.unwrap();
        until_open(&app.page, "AWS-RunShellScript").await;
        let window = manager.windows().await.unwrap().remove(0);
        manager.close(&window).await.unwrap();
        until("closing minimises", async || manager.is_minimised(&window).await.unwrap_or(false)).await;
        click_quit(&app).await;
    }
}

/// Without a tray the way out is in the settings.
async fn click_quit(app: &DrivenApp) {
    click(&app.page, "nav button", "Settings").await;
    let _ = app
        .page
        .execute(
            "[...document.querySelectorAll('button')].find((one) => one.innerText === 'Quit Watchbell').click()",
            Vec::new(),
        )
        .await;
    until("Quit in the settings ends the app", async || !app.runs()).await;
    assert!(!app.said().contains("panicked"), "nothing panicked: {}", app.said());
    assert!(app.said().contains("in_order=true"), "the end was orderly: {}", app.said());
}

/// A program that starts the app in a mount namespace in which the library is not to be had.
async fn in_a_namespace(session: &Session, library: &Library) -> PathBuf {
    let found = library_folder().await;
    let folder = found.display();
    let (real, changed) = (session.path("real-libraries"), session.path("changed-libraries"));
    std::fs::create_dir_all(&real).unwrap();
    std::fs::create_dir_all(&changed).unwrap();
    let (real, changed) = (real.display(), changed.display());
    let change = match library {
        Library::Absent => format!(
            "mount --bind '{folder}' '{real}'; test -e '{changed}'/libc.so.6 || ln -s '{real}'/* '{changed}'/; \
             rm -f '{changed}'/lib*appindicator3.so*; mount --bind '{changed}' '{folder}'"
        ),
        Library::Broken => {
            format!(
                ": > '{real}/empty'; for file in '{folder}'/lib*appindicator3.so*; do mount --bind '{real}/empty' \"$file\"; done"
            )
        }
    };
    // In a user namespace the bus must still see the person's own id.
    let script = format!(
        "#!/bin/sh\nif unshare --mount true 2> /dev/null; then\n  exec unshare --mount sh -ec '{}; exec \"$@\"' sh \"$@\"\nfi\n\
         exec unshare --user --map-root-user --mount sh -ec '{}; exec unshare --user --map-user={} --map-group={} \"$@\"' sh \"$@\"\n",
        change.replace('\'', "'\\''"),
        change.replace('\'', "'\\''"),
        rustix::process::getuid().as_raw(),
        rustix::process::getgid().as_raw(),
    );
    let path = session.path("in-a-namespace");
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o700)).unwrap();
    let lists =
        format!("ls {folder}/{LIBRARY} > /dev/null 2>&1 && test -s {folder}/{LIBRARY} && echo there || echo gone");
    let out =
        session.command(&path).args(["sh", "-c", &lists]).stdout(Stdio::piped()).stderr(Stdio::piped()).output().await;
    let out = out.unwrap();
    assert_eq!(
        String::from_utf8_lossy(&out.stdout).trim(),
        "gone",
        "this test needs mount namespaces (root, or unprivileged user namespaces): {}",
        String::from_utf8_lossy(&out.stderr)
    );
    path
}

async fn library_folder() -> PathBuf {
    for program in ["ldconfig", "/sbin/ldconfig"] {
        let Ok(out) = Command::new(program).arg("-p").output().await else { continue };
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        let line =
            text.lines().find(|line| line.trim_start().starts_with(LIBRARY)).and_then(|line| line.split(" => ").nth(1));
        if let Some(folder) = line.and_then(|path| Path::new(path.trim()).parent()) {
            return folder.canonicalize().unwrap();
        }
    }
    panic!("{LIBRARY} is not installed, so that it cannot be taken away: run `make setup`");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_session_bus_the_app_says_so_and_goes_on() {
    let mut session = Session::start().await.unwrap();
    session.set("DBUS_SESSION_BUS_ADDRESS", format!("unix:path={}", session.path("no-bus").display()));
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    until_words(&app.page, "there is no session bus").await;
    until_words(&app.page, "Start Watchbell inside the desktop session").await;
    until_words(&app.page, "This desktop shows no tray icons").await;
    until_running(&app.dir).await;
    fail(&app.dir, &id(1), "AWS-RunShellScript").await;
    until_rows(&app.page, 1).await;
    assert!(app.said().contains("no session bus"), "stderr says so too: {}", app.said());
    app.end().await.unwrap();

    let mut app = App::of(
        {
            let mut command = session.command(built("watchbell").unwrap());
            command.env_remove("DBUS_SESSION_BUS_ADDRESS");
            command
        },
        &session,
        DATA,
        &["--hidden"],
    )
    .unwrap();
    until("it runs without the variable too", async || status(&app.dir).await.is_some()).await;
    assert!(app.runs().unwrap(), "it goes on: {}", app.said());
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_notification_server_the_window_says_so_until_one_comes() {
    let session = Session::start().await.unwrap();
    let _host = TrayHost::start(&session.bus).await.unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    until_words(&app.page, "No alert can be shown: no notification server runs").await;
    until_words(&app.page, "Install or start one").await;
    until_running(&app.dir).await;
    fail(&app.dir, &id(1), "AWS-RunShellScript").await;
    until_rows(&app.page, 1).await;
    let mut alerts = NotificationServer::start(&session.bus, &["actions", "body"]).await.unwrap();
    let alert = alerts.next(SOON).await.expect("the alert that waited is shown");
    assert!(alert.summary.contains("AWS-RunShellScript"), "it is that failure's: {}", alert.summary);
    until_no_words(&app.page, "No alert can be shown").await;
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_screen_the_app_says_what_to_do_and_ends() {
    let session = Session::without_screen().await.unwrap();
    for display in [None, Some(":987654")] {
        let mut command = session.command(built("watchbell").unwrap());
        if let Some(display) = display {
            command.env("DISPLAY", display);
        }
        let mut app = App::of(command, &session, DATA, &[]).unwrap();
        assert_eq!(app.ended().await.unwrap().code(), Some(1), "no window can be shown: {}", app.said());
        let said = app.said();
        assert!(said.contains("there is no screen"), "it says what is missing: {said}");
        assert!(said.contains("watchbellctl watch"), "and what works without: {said}");
        assert!(!said.contains("panicked"), "a missing screen is no crash: {said}");
    }
}
