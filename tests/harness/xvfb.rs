//! A screen that nobody sees, for windows, alerts and trays.
//!
//! **Invariant:** the X server chooses a display of its own that is free, listens on no network, and is killed when dropped:
//! the person's own screen is never drawn on.

use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

/// Long for a loaded machine; it takes 0.2 s on a quiet one.
const READY_WITHIN: Duration = Duration::from_secs(20);

/// A running Xvfb.
pub struct Screen {
    /// For `DISPLAY`, as `:7`.
    pub display: String,
    child: Child,
}

impl Screen {
    /// Starts a screen of this size in pixels, 24 bits deep.
    ///
    /// # Errors
    /// When Xvfb is not installed or does not become ready.
    pub async fn start(width: u32, height: u32) -> anyhow::Result<Self> {
        let mut child = Command::new("Xvfb")
            // When the last client leaves, an X server starts anew and throws out whoever is just coming.
            .args(["-displayfd", "1", "-noreset", "-nolisten", "tcp", "-screen", "0"])
            .arg(format!("{width}x{height}x24"))
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting Xvfb")?;
        let stdout = child.stdout.take().context("Xvfb has no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let number = tokio::time::timeout(READY_WITHIN, lines.next_line())
            .await
            .context("Xvfb did not become ready")??
            .context("Xvfb ended before it named its display")?;
        Ok(Self { display: format!(":{}", number.trim()), child })
    }

    /// The X server's process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Writes what the screen shows now as a PNG.
    ///
    /// # Errors
    /// When `ImageMagick` is not installed or cannot write there.
    pub async fn picture(&self, path: &Path) -> anyhow::Result<()> {
        let ended = Command::new("import")
            .args(["-display", &self.display, "-window", "root"])
            .arg(path)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .status()
            .await
            .context("starting ImageMagick's import")?;
        if !ended.success() {
            bail!("no picture of the screen at {}: import ended with {ended}", path.display());
        }
        Ok(())
    }

    /// Ends the X server and waits until it is gone.
    ///
    /// # Errors
    /// When it cannot be killed.
    pub async fn end(mut self) -> anyhow::Result<()> {
        Ok(self.child.kill().await?)
    }
}
