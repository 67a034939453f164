//! A window manager and a hand on it: what windows there are, which is minimised, and closing one as a person does.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::process::Child;

use super::session::Session;

const READY_WITHIN: Duration = Duration::from_mins(1);
const STEP: Duration = Duration::from_millis(50);

/// A running openbox on a session's screen.
pub struct WindowManager<'a> {
    session: &'a Session,
    child: Child,
}

impl<'a> WindowManager<'a> {
    /// Starts it and waits until it manages the screen.
    ///
    /// # Errors
    /// When openbox or wmctrl is not installed, or the session has no screen.
    pub async fn start(session: &'a Session) -> anyhow::Result<Self> {
        let log = session.path("openbox.log");
        let child = session.command("openbox").stderr(std::fs::File::create(&log)?).spawn();
        let mut manager = Self { session, child: child.context("starting openbox")? };
        let ready = async {
            while manager.output("wmctrl", &["-m"]).await.is_err() {
                if let Some(ended) = manager.child.try_wait()? {
                    bail!("openbox ended with {ended}");
                }
                tokio::time::sleep(STEP).await;
            }
            Ok(())
        };
        let waited = tokio::time::timeout(READY_WITHIN, ready).await;
        let told = || format!("openbox did not become ready: {}", std::fs::read_to_string(&log).unwrap_or_default());
        waited.with_context(told)?.with_context(told)?;
        Ok(manager)
    }

    /// The ids of the app's windows, minimised or not.
    ///
    /// # Errors
    /// When the screen is gone.
    pub async fn windows(&self) -> anyhow::Result<Vec<String>> {
        // It fails where no window was ever shown.
        let all = self.output("wmctrl", &["-l"]).await.unwrap_or_default();
        Ok(all
            .lines()
            .filter(|line| line.ends_with(" Watchbell"))
            .filter_map(|line| line.split(' ').next())
            .map(str::to_owned)
            .collect())
    }

    /// Whether that window is minimised (`WM_STATE` is iconic, ICCCM §4.1.3.1).
    ///
    /// # Errors
    /// When it is gone.
    pub async fn is_minimised(&self, window: &str) -> anyhow::Result<bool> {
        Ok(self.output("xprop", &["-id", window, "WM_STATE"]).await?.contains("Iconic"))
    }

    /// Closes it, as its frame's button does.
    ///
    /// # Errors
    /// When it is gone.
    pub async fn close(&self, window: &str) -> anyhow::Result<()> {
        self.output("wmctrl", &["-i", "-c", window]).await.map(drop)
    }

    /// Presses keys, as `xdotool key` names them, in the window that has the focus.
    ///
    /// # Errors
    /// When the screen is gone.
    pub async fn keys(&self, keys: &[&str]) -> anyhow::Result<()> {
        self.output("xdotool", &[&["key", "--delay", "60"], keys].concat()).await.map(drop)
    }

    async fn output(&self, program: &str, arguments: &[&str]) -> anyhow::Result<String> {
        let mut command = self.session.command(program);
        let out = command.args(arguments).stdout(Stdio::piped()).output().await;
        let out = out.with_context(|| format!("starting {program}"))?;
        if !out.status.success() {
            bail!("{program} {arguments:?} ended with {}", out.status);
        }
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    }
}
