//! The tray: the state in words, the failing few, what a click does, and that it is left alone while nothing changes.

use std::time::Duration;

use watchbell_engine::lock::EngineLock;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::Reader;
use watchbell_engine::view::HistoryQuery;
use watchbell_tests::harness::app::{App, DrivenApp};
use watchbell_tests::harness::fauxqs::Fauxqs;
use watchbell_tests::harness::line::Line;
use watchbell_tests::harness::tray::{MenuLine, TrayHost};

use crate::cloud::{Cloud, sign_in};
use crate::desk::{
    DATA, Run, clickable, fail, hear, id, mark, picture, session, status, until, until_headline, until_running,
};
use crate::page::{until_open, until_words, words};

/// What a panel that shows this menu names when that line is pressed.
fn place(menu: &[MenuLine], words: &str) -> i32 {
    let line = menu.iter().find(|line| line.label.contains(words));
    line.unwrap_or_else(|| panic!("no line says {words:?}: {menu:?}")).id
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_click_on_a_failing_command_opens_it_and_quit_ends_the_app() {
    let (session, _alerts) = session().await;
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let dir = DataDir::resolve(Some(&session.path(DATA))).unwrap();
    let in_the_tray = async {
        let item = mark(&mut host).await;
        until_headline(&item, |line| line == "No topic subscribed yet").await;
        let menu = item.menu().await.unwrap();
        assert_eq!(
            clickable(&menu),
            ["Snooze", "30 minutes", "1 hour", "4 hours", "Open Watchbell", "Quit"],
            "with nothing failing there is nothing to acknowledge"
        );
        let quiet = menu;
        let calm = picture(&item).await;
        assert!(!calm.is_empty(), "the mark is a picture");
        until_running(&dir).await;
        let fails = async |n| {
            let document = format!("Acme_Patch&Reboot-{n}");
            hear(&dir, &Run { id: &id(n), document: &document, nodes: 4, fail: 2, time_out: 1 }.messages()).await;
        };
        for n in 0..5 {
            fails(n).await;
        }
        until_headline(&item, |line| line == "5 commands failing").await;
        let opened = item.menu().await.unwrap();
        fails(5).await;
        until_headline(&item, |line| line == "6 commands failing").await;
        assert_ne!(picture(&item).await, calm, "the mark's shape says that something fails");
        let menu = item.menu().await.unwrap();
        let listed: Vec<_> = clickable(&menu).into_iter().filter(|line| line.contains("Acme_Patch&Reboot")).collect();
        assert_eq!(listed.len(), 5, "a menu lists five failing commands at most: {menu:?}");
        assert!(
            listed.iter().all(|line| line.contains("2 failed, 1 timed out of 4 heard from")),
            "each line has the command's counts: {listed:?}"
        );
        for stays in ["Acknowledge all", "1 hour", "Open Watchbell", "Quit"] {
            assert_eq!(place(&menu, stays), place(&quiet, stays), "an open menu keeps {stays:?}, whatever is heard");
        }
        item.click(place(&opened, "Acme_Patch&Reboot-3")).await.unwrap();
        item
    };
    let (app, item) = tokio::join!(DrivenApp::start(&session, DATA, &["--hidden"]), in_the_tray);
    let app = app.unwrap();
    until_open(&app.page, "Acme_Patch&Reboot-3").await;
    item.click_words("Acme_Patch&Reboot-5").await.unwrap();
    until_open(&app.page, "Acme_Patch&Reboot-5").await;
    item.click_words("Acknowledge all").await.unwrap();
    until_headline(&item, |line| line == "No topic subscribed yet").await;
    until_words(&app.page, "Acknowledged").await;
    let feed = words(&app.page).await;
    assert!(feed.contains("Acme_Patch&Reboot-0"), "what was acknowledged leaves the tray and not the history: {feed}");
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn quit_ends_the_app_in_order_with_code_0() {
    let (session, _alerts) = session().await;
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let mut app = App::start(&session, DATA, &["--hidden"]).unwrap();
    let item = mark(&mut host).await;
    until_running(&app.dir).await;
    fail(&app.dir, &id(1), "AWS-RunShellScript").await;
    item.click_words("Quit").await.unwrap();
    let ended = app.ended().await.unwrap();
    assert_eq!(ended.code(), Some(0), "quitting is no failure: {}", app.said());
    assert!(app.said().contains("in_order=true"), "every step of the end was taken: {}", app.said());
    assert!(!app.said().contains("panicked"), "the end is quiet: {}", app.said());
    assert_eq!(EngineLock::holder(&app.dir), None, "the data folder is free for the next one");
    assert!(item.menu().await.is_err(), "the mark is gone from the tray");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn deafness_comes_before_failure_and_heals_by_itself() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let cloud = Cloud::on(&fauxqs.url).await;
    let (mut session, _alerts) = session().await;
    let credentials = sign_in(&mut session, "test", "test");
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let mut line = Line::cut_off_from(&fauxqs.url).unwrap();
    let app = DrivenApp::start(&session, DATA, &[]).await.unwrap();
    let item = mark(&mut host).await;
    until_running(&app.dir).await;
    fail(&app.dir, &id(1), "AWS-RunPatchBaseline").await;
    until_headline(&item, |line| line == "1 command failing").await;
    let failing = picture(&item).await;

    cloud.subscribe(&app.dir, Some(&line.url), credentials).await;
    let told = until_headline(&item, |line| line.starts_with("Cannot hear ssm-notify")).await;
    assert!(told.ends_with("; 1 command failing"), "an old failure is named after deafness: {told}");
    assert_ne!(picture(&item).await, failing, "deafness has a mark of its own");
    let menu = item.menu().await.unwrap();
    let explained: String =
        menu.iter().skip(1).take_while(|line| !line.enabled).map(|line| line.label.clone() + " ").collect();
    assert!(explained.contains("Could not reach AWS for sqs:ReceiveMessage"), "the tray says why: {explained}");
    assert!(explained.contains("Check the network, VPN, proxy"), "and what to do: {explained}");
    assert!(
        menu.iter().all(|line| line.label.chars().count() <= 90),
        "a menu is as wide as its longest line, and must fit a screen: {menu:?}"
    );
    until_words(&app.page, "Cannot hear ssm-notify").await;
    until_words(&app.page, "Check the network, VPN, proxy").await;
    let blind = status(&app.dir).await.unwrap();
    assert!(blind.subscriptions[0].hint.as_deref().is_some_and(|hint| hint.contains("network")), "status has the fix");

    line.mend().await.unwrap();
    until_headline(&item, |line| line == "1 command failing").await;
    until_words(&app.page, "heard").await;
    assert_eq!(picture(&item).await, failing, "with hearing back the mark is of the failure again");
    cloud.publish(&Run { id: &id(2), document: "AWS-UpdateSSMAgent", nodes: 1, fail: 0, time_out: 0 }.messages()).await;
    until_words(&app.page, "AWS-UpdateSSMAgent").await;

    line.cut().await;
    let again = until_headline(&item, |line| line.starts_with("Cannot hear ssm-notify since ")).await;
    assert!(again.ends_with("; 1 command failing"), "and says since when it cannot hear: {again}");
    app.end().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_tray_is_not_redrawn_while_its_words_stay_the_same() {
    let fauxqs = Fauxqs::start().await.unwrap();
    let cloud = Cloud::on(&fauxqs.url).await;
    let (mut session, _alerts) = session().await;
    let credentials = sign_in(&mut session, "test", "test");
    let mut host = TrayHost::start(&session.bus).await.unwrap();
    let app = App::start(&session, DATA, &["--hidden"]).unwrap();
    let item = mark(&mut host).await;
    until_running(&app.dir).await;
    cloud.subscribe(&app.dir, None, credentials).await;
    until_headline(&item, |line| line == "Nothing failing on ssm-notify").await;
    // Signals of the last change may still be on their way.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let polls = async {
        for n in 0..5 {
            let run = Run { id: &id(n), document: "AWS-UpdateSSMAgent", nodes: 1, fail: 0, time_out: 0 };
            cloud.publish(&run.messages()).await;
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    let (redraws, ()) = tokio::join!(item.redraws(Duration::from_secs(7)), polls);
    until("the polls brought the five commands", async || {
        let heard = Reader::open(&app.dir).unwrap().history(&HistoryQuery::default()).unwrap();
        heard.rows.len() == 5
    })
    .await;
    assert_eq!(redraws.unwrap(), 0, "polls that change no word of the tray redraw nothing: it would flicker");
    fail(&app.dir, &id(9), "AWS-RunShellScript").await;
    until_headline(&item, |line| line == "1 command failing").await;
    app.end().await.unwrap();
}
