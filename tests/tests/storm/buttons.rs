//! What the buttons of an alert do.

use std::time::Duration;

use jiff::SignedDuration;
use watchbell_engine::control;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Act;
use watchbell_engine::view::EngineState;
use watchbell_tests::harness::notifications::{NotificationServer, Notify};
use watchbell_tests::harness::session::Session;
use watchbell_tests::harness::tray::TrayHost;

use crate::desk::{CAN, Desk, last_words, new, now, program, topic};
use crate::sea::{STORM, Sea, command_id};

const SQUALL: Sea = Sea { commands: 9, nodes: 4, fail: 2, time_out: 0, ..STORM };

fn labels(notify: &Notify) -> Vec<&str> {
    notify.actions.iter().skip(1).step_by(2).map(String::as_str).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn acknowledge_and_snooze_do_what_they_say() {
    let (bus, folder) = Desk::bus().await;
    let server = NotificationServer::start(&bus, &CAN).await.unwrap();
    let desk = Desk::start((bus, folder)).await;
    desk.feed(&SQUALL.bodies(now())).await;
    desk.until("the rest is told of", async || {
        last_words(&server.all()).iter().any(|last| last.summary == "4 more commands are failing")
    })
    .await;
    let notifies = server.all();
    let (rest, own): (Vec<&Notify>, Vec<&Notify>) =
        new(&notifies).into_iter().partition(|notify| notify.summary.contains("more command"));
    assert_eq!(labels(own[0]), ["Open", "Acknowledge", "Snooze 1 h"], "a terminal has no clipboard to copy into");

    assert_eq!(desk.status().await.unacknowledged, 9);
    server.press_button(own[0].id, "acknowledge").await.unwrap();
    desk.until("its command is acknowledged", async || desk.status().await.unacknowledged == 8).await;
    server.press_button(rest[0].id, "acknowledge").await.unwrap();
    desk.until("all members of the alert for the rest are", async || desk.status().await.unacknowledged == 4).await;

    server.press_button(own[1].id, "snooze").await.unwrap();
    desk.until("it is snoozed", async || desk.status().await.snoozed_until.is_some()).await;
    let left = desk.status().await.snoozed_until.unwrap().duration_since(now());
    assert!(left > SignedDuration::from_mins(58) && left <= SignedDuration::from_hours(1), "for an hour: {left}");
    let before = server.all().len();
    let more = Sea { commands: 12, ..SQUALL };
    desk.feed(&more.bodies(now())).await;
    desk.until("three more fail", async || desk.rows().len() == 12).await;
    tokio::time::sleep(Duration::from_secs(3)).await;
    let rang: Vec<_> = server.all().split_off(before).into_iter().filter(|notify| !notify.silent).collect();
    assert_eq!(rang, [], "nothing rings while it is snoozed");
    assert_eq!(desk.decisions(&command_id(12))[0].outcome, "snoozed", "and the reason is stored");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_desktop_app_copies_the_id_of_a_command() {
    let session = Session::start().await.unwrap();
    let mut server = NotificationServer::start(&session.bus, &CAN).await.unwrap();
    let mut tray = TrayHost::start(&session.bus).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path("watchbell"))).unwrap();
    let _app = session
        .command(program("watchbell"))
        .arg("--hidden")
        .env("WATCHBELL_DATA_DIR", dir.root())
        .spawn()
        .expect("watchbell is built beside the tests");
    tray.next(Duration::from_mins(1)).await.expect("the app lives in the tray");
    for _ in 0..300 {
        if control::status(&dir).await.is_ok_and(|status| status.engine == EngineState::Running) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    // The socket's folder follows XDG_RUNTIME_DIR, which the session has its own of; the lock names it.
    let bodies = Sea { commands: 1, ..SQUALL }.bodies(now());
    control::perform(&dir, Act::Inject { bodies, topic: topic() }).await.unwrap();
    let alert = server.next(Duration::from_mins(1)).await.expect("the failure rings");
    assert_eq!(labels(&alert), ["Open", "Acknowledge", "Snooze 1 h", "Copy command id"], "a desktop can copy");
    tokio::time::sleep(Duration::from_millis(300)).await;
    server.press_button(alert.id, "copy").await.unwrap();
    let mut held = String::new();
    for _ in 0..100 {
        let output = session.command(program("clipboard")).stdout(std::process::Stdio::piped()).output().await.unwrap();
        held = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        if held == command_id(1) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the command's id is in the clipboard, not {held:?}");
}
