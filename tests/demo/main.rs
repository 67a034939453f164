//! `make demo`: the whole way on this machine, from a topic to the person's eyes, ending in a summary that must add up.
//!
//! **Invariants:** everything binds loopback; history and settings lie in `target/demo`; without a screen everything that was
//! started is ended. The exit code is 0 only when every number adds up in time.

mod ctl;
mod desk;
mod ledger;
mod pictures;
mod stage;
mod story;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::Child;
use watchbell_engine::clock;
use watchbell_engine::lock::EngineLock;
use watchbell_engine::paths::DataDir;

use ctl::{ask, built, get};
use desk::Desk;
use pictures::Pictures;
use stage::Stage;

/// The whole demonstration, pictures included.
const WITHIN: Duration = Duration::from_mins(2);
/// From the last message published until everything adds up.
const ADDS_UP_WITHIN: Duration = Duration::from_secs(45);
/// Long for the app's ordered end.
const ENDS_WITHIN: Duration = Duration::from_secs(25);
const LOOK_EVERY: Duration = Duration::from_millis(300);

fn say(line: &str) {
    // A reader that went away (`make demo | head`) is no reason to leave things running.
    let _ = writeln!(std::io::stdout(), "{line}");
}

#[tokio::main]
async fn main() -> ExitCode {
    let played = tokio::select! {
        played = tokio::time::timeout(WITHIN, play()) => played.unwrap_or_else(|_| {
            Err(anyhow::anyhow!("the demonstration did not end within {} s", WITHIN.as_secs()))
        }),
        _ = tokio::signal::ctrl_c() => Err(anyhow::anyhow!("interrupted; everything that was started is ended")),
    };
    match played {
        Ok(Played { adds_up, left_open }) => {
            if let Some(open) = left_open {
                open.stay().await;
            }
            if adds_up { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
        Err(error) => {
            say(&format!("make demo failed: {error:#}"));
            ExitCode::FAILURE
        }
    }
}

struct Played {
    adds_up: bool,
    left_open: Option<LeftOpen>,
}

async fn play() -> anyhow::Result<Played> {
    let place = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../target/demo");
    let data = clean(&place)?;
    let stage = Stage::set().await?;
    say(&format!("stand-in for AWS on {}, topic {}", stage.ministack.url, stage.topic));
    let desk = Desk::find(&place, &data, &stage.ministack.url).await?;

    let made = get(&desk, &["subscribe", "--topic-arn", stage.topic.as_str(), "--yes"]).await?;
    let queue_url = made["queue_url"].as_str().context("subscribe named no queue")?.to_owned();
    say(&format!("personal queue {queue_url}, subscribed and verified"));

    let app = start_app(&desk).await?;
    say("the desktop app hears");
    let story = story::story(&stage.topic, clock::now());
    stage.publish(&story.messages).await?;
    say(&format!(
        "{} messages published: a patch run on {} nodes and a package install",
        story.messages.len(),
        story::NODES
    ));

    let published = clock::monotonic();
    let mut checks = ledger::read(&desk, &stage, &story, &queue_url, &data).await;
    while published.elapsed() < ADDS_UP_WITHIN
        && !checks.as_ref().is_ok_and(|checks| checks.iter().all(ledger::Check::passed))
    {
        tokio::time::sleep(LOOK_EVERY).await;
        checks = ledger::read(&desk, &stage, &story, &queue_url, &data).await;
    }
    let mut checks = checks?;
    if desk.session.is_none() {
        let (table, adds_up) = ledger::table(&checks);
        say(&table);
        return Ok(Played { adds_up, left_open: Some(LeftOpen { app, stage, desk }) });
    }
    let took = take_pictures(&desk, &place, &data, app).await;
    checks.push(ledger::Check::new(
        "pictures",
        "taken",
        took.map_or_else(|error| format!("{error:#}"), |()| "taken".into()),
    ));
    let (table, adds_up) = ledger::table(&checks);
    say(&table);
    say(&format!("pictures in {}", place.canonicalize()?.display()));
    Ok(Played { adds_up, left_open: None })
}

/// A data folder with nothing in it; never one that an app of an earlier demonstration still uses.
fn clean(place: &Path) -> anyhow::Result<PathBuf> {
    let data = place.join("data");
    if data.exists() {
        let dir = DataDir::resolve(Some(&data))?;
        if let Err(held) = EngineLock::take(&dir, "make demo") {
            bail!("an earlier demonstration is still open ({held}): quit it from its tray first");
        }
        std::fs::remove_dir_all(&data).context("clearing the last demonstration's data")?;
    }
    std::fs::create_dir_all(place)?;
    for old in ["feed.png", "command.png", "alert.png", "tray.png", "dark.png"] {
        match std::fs::remove_file(place.join(old)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(DataDir::resolve(Some(&data))?.root().to_owned())
}

/// Starts the app and waits until it hears.
async fn start_app(desk: &Desk) -> anyhow::Result<Child> {
    let mut command = desk.command(built("watchbell")?);
    if desk.session.is_none() {
        command.kill_on_drop(false);
    }
    let mut app = command.spawn().context("starting watchbell")?;
    for _ in 0..100 {
        if let Some(status) = app.try_wait()? {
            bail!("watchbell ended at once: {status}");
        }
        let (answers, _) = ask(desk, &["status"]).await?;
        if answers.first().is_some_and(|status| status["subscriptions"][0]["state"] == "ok") {
            return Ok(app);
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
    let (answers, _) = ask(desk, &["status"]).await?;
    bail!("watchbell does not hear its queue: {answers:?}")
}

/// The window with the feed, the alert, a command opened by pressing the alert, the tray; then a command in the dark.
async fn take_pictures(desk: &Desk, place: &Path, data: &Path, app: Child) -> anyhow::Result<()> {
    let pictures = Pictures::new(desk, place);
    pictures.window("feed.png").await?;
    pictures.alerts("alert.png").await?;
    pictures.press_alert().await?;
    pictures.window("command.png").await?;
    pictures.close_alerts().await?;
    pictures.tray("tray.png").await?;
    end(app).await?;
    pictures.window_gone().await?;
    tokio::fs::write(data.join("settings.json"), r#"{"theme":"dark"}"#).await?;
    let app = start_app(desk).await?;
    pictures.open_first().await?;
    pictures.window("dark.png").await?;
    end(app).await
}

/// Asks the app to end, and waits until it has.
async fn end(mut app: Child) -> anyhow::Result<()> {
    if let Some(pid) = app.id().and_then(|pid| rustix::process::Pid::from_raw(pid.cast_signed())) {
        rustix::process::kill_process(pid, rustix::process::Signal::TERM)?;
    }
    let status =
        tokio::time::timeout(ENDS_WITHIN, app.wait()).await.context("watchbell did not end when asked to")??;
    anyhow::ensure!(status.success(), "watchbell ended with {status}");
    Ok(())
}

/// What stays for the person: the app, and the stand-in that it hears from.
struct LeftOpen {
    app: Child,
    stage: Stage,
    desk: Desk,
}

impl LeftOpen {
    /// In a terminal, until the person quits the app or presses Ctrl-C. A script is not kept waiting: both stay.
    async fn stay(mut self) {
        if std::io::stdin().is_terminal() {
            say("The app stays open. Quit it from its tray, or press Ctrl-C here, to end the demonstration.");
            tokio::select! {
                _ = self.app.wait() => {}
                _ = tokio::signal::ctrl_c() => {
                    if let Err(error) = end(self.app).await {
                        say(&format!("{error:#}"));
                    }
                }
            }
            return;
        }
        say(&format!(
            "The app stays open (process {}); the stand-in it hears from is process {}.",
            self.app.id().unwrap_or_default(),
            self.stage.ministack.pid().unwrap_or_default()
        ));
        // Not dropped, for dropping kills.
        std::mem::forget((self.stage, self.desk));
    }
}
