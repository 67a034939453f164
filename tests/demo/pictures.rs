//! Pictures of a private screen: the window, the alert and the tray as a person would see them.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::Command;

use crate::desk::{Desk, SCREEN};

/// What an animation takes at most; after a change the screen is looked at no sooner.
const SETTLED: Duration = Duration::from_millis(900);
/// The corner of the alerts: width and height in pixels, from the right edge under the panel.
const ALERTS: (u32, u32) = (420, 330);
/// The corner of the tray and its menu.
const TRAY: (u32, u32) = (860, 260);

/// A hand and an eye on the private screen.
pub(crate) struct Pictures<'a> {
    desk: &'a Desk,
    folder: &'a Path,
}

impl<'a> Pictures<'a> {
    /// Pictures go into `folder`.
    pub(crate) fn new(desk: &'a Desk, folder: &'a Path) -> Self {
        Self { desk, folder }
    }

    /// The app's window, once it shows.
    pub(crate) async fn window(&self, name: &str) -> anyhow::Result<()> {
        let id = self.find_window().await?;
        // On top, so that no other window is in the picture.
        self.run("xdotool", &["windowactivate", "--sync", &id]).await?;
        tokio::time::sleep(SETTLED).await;
        self.import(&["-window", &id], name).await
    }

    /// The alerts on the screen.
    pub(crate) async fn alerts(&self, name: &str) -> anyhow::Result<()> {
        self.corner(ALERTS, name).await
    }

    /// The tray with its menu open.
    pub(crate) async fn tray(&self, name: &str) -> anyhow::Result<()> {
        let (x, y) = self.tray_place().await?;
        self.click(x, y).await?;
        tokio::time::sleep(SETTLED).await;
        self.corner(TRAY, name).await?;
        self.run("xdotool", &["key", "Escape"]).await?;
        tokio::time::sleep(SETTLED).await;
        Ok(())
    }

    /// Presses the alert that is on top.
    pub(crate) async fn press_alert(&self) -> anyhow::Result<()> {
        self.click(SCREEN.0 - 200, 90).await?;
        tokio::time::sleep(SETTLED).await;
        Ok(())
    }

    /// Takes every alert off the screen.
    pub(crate) async fn close_alerts(&self) -> anyhow::Result<()> {
        let x = (SCREEN.0 - 200).to_string();
        self.run("xdotool", &["mousemove", &x, "90", "click", "3"]).await
    }

    /// Opens the first command of the feed.
    pub(crate) async fn open_first(&self) -> anyhow::Result<()> {
        let id = self.find_window().await?;
        tokio::time::sleep(SETTLED).await;
        self.run("xdotool", &["mousemove", "--window", &id, "330", "141", "click", "1"]).await
    }

    /// Waits until no window of the app is there.
    pub(crate) async fn window_gone(&self) -> anyhow::Result<()> {
        for _ in 0..100 {
            if self.windows().await?.is_empty() {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("the window did not close within 5 s")
    }

    async fn tray_place(&self) -> anyhow::Result<(u32, u32)> {
        let out = self.output("xdotool", &["search", "--onlyvisible", "--class", "wrapper-2.0"]).await?;
        for id in out.split_whitespace() {
            let shape = self.output("xdotool", &["getwindowgeometry", "--shell", id]).await?;
            let value = |key: &str| shape.lines().find_map(|l| l.strip_prefix(key)?.strip_prefix('=')?.parse().ok());
            if let (Some(x), Some(y), Some(width)) = (value("X"), value("Y"), value("WIDTH")) {
                let (x, y, width): (u32, u32, u32) = (x, y, width);
                return Ok((x + width / 2, y + 14));
            }
        }
        // The clock is the last thing in the panel, the tray the last but one.
        Ok((SCREEN.0 - 70, 14))
    }

    async fn windows(&self) -> anyhow::Result<Vec<String>> {
        let out = self.output("xdotool", &["search", "--onlyvisible", "--name", "^Watchbell$"]).await?;
        Ok(out.split_whitespace().map(str::to_owned).collect())
    }

    async fn find_window(&self) -> anyhow::Result<String> {
        for _ in 0..200 {
            if let Some(id) = self.windows().await?.pop() {
                return Ok(id);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("no window of the app within 10 s")
    }

    async fn click(&self, x: u32, y: u32) -> anyhow::Result<()> {
        self.run("xdotool", &["mousemove", &x.to_string(), &y.to_string(), "click", "1"]).await
    }

    async fn corner(&self, (width, height): (u32, u32), name: &str) -> anyhow::Result<()> {
        let crop = format!("{width}x{height}+{}+0", SCREEN.0 - width);
        self.import(&["-window", "root", "-crop", &crop, "+repage"], name).await
    }

    async fn import(&self, arguments: &[&str], name: &str) -> anyhow::Result<()> {
        let path = self.folder.join(name);
        let mut command = self.desk.command("import");
        command.args(arguments).arg(&path);
        ended(command, "import").await
    }

    async fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<()> {
        let mut command = self.desk.command(program);
        command.args(arguments);
        ended(command, program).await
    }

    async fn output(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.desk.command(program);
        // A search that finds nothing ends with 1 and prints nothing.
        let out = command.args(arguments).stdout(std::process::Stdio::piped()).output().await;
        Ok(String::from_utf8(out.with_context(|| format!("starting {program}"))?.stdout)?)
    }
}

async fn ended(mut command: Command, program: &str) -> anyhow::Result<()> {
    let status = command.status().await.with_context(|| format!("starting {program}"))?;
    anyhow::ensure!(status.success(), "{program} ended with {status}");
    Ok(())
}
