//! The app itself, `watchbell` as it was built, in a private session: started as a person starts it, or by the driver of its window.
//!
//! **Invariant:** what is started here is gone when its value drops, and what it said on stderr is kept until then, so that
//! no panic goes unseen.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::ExitStatus;
use std::time::Duration;

use anyhow::{Context, bail, ensure};
use fantoccini::Client;
use rustix::process::{Pid, Signal, kill_process};
use tokio::process::{Child, Command};
use watchbell_engine::paths::DataDir;

use super::session::Session;
use super::webdriver::WebDriver;

/// The engine's ordered end may take 21 s.
const ENDS_WITHIN: Duration = Duration::from_secs(25);
const STEP: Duration = Duration::from_millis(50);

/// A program of this workspace, built beside the tests.
///
/// # Errors
/// When it was not built.
pub fn built(name: &str) -> anyhow::Result<PathBuf> {
    let tests = std::env::current_exe()?;
    let path = tests.ancestors().nth(2).context("the tests lie in no target folder")?.join(name);
    ensure!(path.exists(), "{} is missing: `make test` builds it first", path.display());
    Ok(path)
}

/// A running app.
pub struct App {
    /// Its data folder.
    pub dir: DataDir,
    child: Child,
    stderr: PathBuf,
}

impl App {
    /// Starts it on this data folder inside the session.
    ///
    /// # Errors
    /// When it was not built, or cannot be started.
    pub fn start(session: &Session, data: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        Self::of(session.command(built("watchbell")?), session, data, arguments)
    }

    /// As [`App::start`], through another program or with another environment: `command` ends where the arguments begin.
    ///
    /// # Errors
    /// When it cannot be started.
    pub fn of(mut command: Command, session: &Session, data: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        let dir = data_dir(session, data)?;
        let stderr = fresh(session, "stderr");
        command.args(arguments).env("WATCHBELL_DATA_DIR", dir.root()).stderr(File::create(&stderr)?);
        let child = command.spawn().context("starting watchbell")?;
        Ok(Self { dir, child, stderr })
    }

    /// Its process id. It stays the same for as long as it runs.
    ///
    /// # Errors
    /// When it has ended.
    pub fn pid(&self) -> anyhow::Result<u32> {
        self.child.id().context("watchbell has ended")
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// When that cannot be found out.
    pub fn runs(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Waits until it has ended by itself.
    ///
    /// # Errors
    /// When it still runs after 25 s.
    pub async fn ended(&mut self) -> anyhow::Result<ExitStatus> {
        Ok(tokio::time::timeout(ENDS_WITHIN, self.child.wait()).await.context("watchbell did not end")??)
    }

    /// Asks it to end, as the system does, and waits until it has.
    ///
    /// # Errors
    /// When it does not end, or not with 0, or panicked before.
    pub async fn end(mut self) -> anyhow::Result<()> {
        terminate(self.pid()?)?;
        let status = self.ended().await?;
        ensure!(status.code() == Some(0), "watchbell ended with {status}: {}", self.said());
        ensure!(!self.said().contains("panicked"), "watchbell panicked: {}", self.said());
        Ok(())
    }

    /// Everything that it said: stderr and its log.
    pub fn said(&self) -> String {
        said(&self.stderr, &self.dir)
    }
}

/// The app, started by WebKit's driver, with a hand in its window.
pub struct DrivenApp {
    /// Its data folder.
    pub dir: DataDir,
    /// Its window.
    pub page: Client,
    pid: u32,
    stderr: PathBuf,
    _driver: WebDriver,
}

impl DrivenApp {
    /// Starts it and takes its first window. With `--hidden` this waits until there is one.
    ///
    /// # Errors
    /// When it was not built, does not start, or shows no window.
    pub async fn start(session: &Session, data: &str, arguments: &[&str]) -> anyhow::Result<Self> {
        Self::start_through(session, Path::new("env"), data, arguments).await
    }

    /// As [`DrivenApp::start`], through a program that becomes the app, which is named to it before the arguments.
    ///
    /// # Errors
    /// As [`DrivenApp::start`].
    pub async fn start_through(
        session: &Session,
        through: &Path,
        data: &str,
        arguments: &[&str],
    ) -> anyhow::Result<Self> {
        let dir = data_dir(session, data)?;
        let (stderr, pid) = (fresh(session, "stderr"), fresh(session, "pid"));
        // The driver starts a program and keeps its process to itself; this tells us which, and keeps what it says.
        let start = fresh(session, "start");
        let script = format!(
            "#!/bin/sh\necho $$ > '{}'\nexport WATCHBELL_DATA_DIR='{}'\nexec '{}' '{}' \"$@\" 2> '{}'\n",
            pid.display(),
            dir.root().display(),
            through.display(),
            built("watchbell")?.display(),
            stderr.display()
        );
        tokio::fs::write(&start, script).await?;
        tokio::fs::set_permissions(&start, std::fs::Permissions::from_mode(0o700)).await?;
        let driver = WebDriver::start(session).await?;
        let opened = driver.open(&start, arguments).await;
        let number = tokio::fs::read_to_string(&pid).await.unwrap_or_default().trim().parse();
        match (opened, number) {
            (Ok(page), Ok(pid)) => Ok(Self { dir, page, pid, stderr, _driver: driver }),
            (Err(error), number) => {
                if let Ok(pid) = number {
                    kill(pid);
                }
                Err(error.context(said(&stderr, &dir)))
            }
            (Ok(_), Err(error)) => Err(error).context("the driver did not start the app"),
        }
    }

    /// Its process id.
    pub fn pid(&self) -> u32 {
        self.pid
    }

    /// Whether it still runs.
    pub fn runs(&self) -> bool {
        runs(self.pid)
    }

    /// Asks it to end, as the system does, and waits until it has. How it ended is the driver's secret; [`App`] tells.
    ///
    /// # Errors
    /// When it does not end, or panicked before.
    pub async fn end(self) -> anyhow::Result<()> {
        terminate(self.pid)?;
        let gone = async {
            while runs(self.pid) {
                tokio::time::sleep(STEP).await;
            }
        };
        tokio::time::timeout(ENDS_WITHIN, gone).await.context("watchbell did not end")?;
        ensure!(!self.said().contains("panicked"), "watchbell panicked: {}", self.said());
        Ok(())
    }

    /// Everything that it said: stderr and its log.
    pub fn said(&self) -> String {
        said(&self.stderr, &self.dir)
    }
}

impl Drop for DrivenApp {
    fn drop(&mut self) {
        kill(self.pid);
    }
}

/// The processes of WebKit that draw pages for this app.
///
/// # Errors
/// When `/proc` cannot be read.
pub fn page_processes(of: u32) -> anyhow::Result<Vec<u32>> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc")? {
        let Ok(pid) = entry?.file_name().to_string_lossy().parse::<u32>() else { continue };
        // `pid (name) state parent …`; the name is cut after 15 letters and may hold anything but its end.
        let Ok(stat) = std::fs::read_to_string(format!("/proc/{pid}/stat")) else { continue };
        let Some((name, rest)) = stat.rsplit_once(") ") else { continue };
        let mut fields = rest.split(' ');
        let (state, parent) = (fields.next(), fields.next().and_then(|parent| parent.parse::<u32>().ok()));
        if parent == Some(of) && state != Some("Z") && name.contains("(WebKitWebProc") {
            found.push(pid);
        }
    }
    Ok(found)
}

fn data_dir(session: &Session, name: &str) -> anyhow::Result<DataDir> {
    DataDir::resolve(Some(&session.path(name))).map_err(|problem| anyhow::anyhow!("{}", problem.message))
}

/// A file of this session that is not there yet.
fn fresh(session: &Session, kind: &str) -> PathBuf {
    (0_u16..1000).map(|n| session.path(&format!("{kind}-{n}"))).find(|path| !path.exists()).unwrap_or_default()
}

fn said(stderr: &Path, dir: &DataDir) -> String {
    let logs = std::fs::read_dir(dir.logs()).into_iter().flatten().flatten().map(|entry| entry.path());
    std::iter::once(stderr.to_owned())
        .chain(logs)
        .map(|path| String::from_utf8_lossy(&std::fs::read(path).unwrap_or_default()).into_owned())
        .collect()
}

fn runs(pid: u32) -> bool {
    // A zombie has ended; the driver has not asked yet.
    std::fs::read_to_string(format!("/proc/{pid}/stat"))
        .is_ok_and(|stat| stat.rsplit_once(") ").is_some_and(|(_, rest)| !rest.starts_with('Z')))
}

fn terminate(pid: u32) -> anyhow::Result<()> {
    let Some(pid) = Pid::from_raw(pid.cast_signed()) else { bail!("no process has the id {pid}") };
    Ok(kill_process(pid, Signal::TERM)?)
}

fn kill(pid: u32) {
    if runs(pid)
        && let Some(pid) = Pid::from_raw(pid.cast_signed())
    {
        let _ = kill_process(pid, Signal::KILL);
    }
}
