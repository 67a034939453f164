//! A desktop of one's own: home, runtime folder, bus and, where wanted, a screen.
//!
//! **Invariant:** a program started here inherits nothing of the person's session but `PATH`: no bus, no display, no home, no AWS
//! credentials. What it writes lies in one temporary folder that goes with the session.

use std::ffi::{OsStr, OsString};
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::Context;
use tempfile::TempDir;
use tokio::process::Command;

use super::bus::Bus;
use super::xvfb::Screen;

/// A private session. Its parts end in the order of the fields: screen, bus, folder.
pub struct Session {
    /// The screen, if the session has one.
    pub screen: Option<Screen>,
    /// The bus.
    pub bus: Bus,
    folder: TempDir,
    variables: Vec<(OsString, OsString)>,
}

/// The size of the screen in pixels, where none is named.
const SCREEN: (u32, u32) = (1280, 900);

impl Session {
    /// A session with a bus and a screen.
    ///
    /// # Errors
    /// When Xvfb or dbus-daemon is not installed, or does not start.
    pub async fn start() -> anyhow::Result<Self> {
        Self::with_screen(SCREEN.0, SCREEN.1).await
    }

    /// A session with a bus and a screen of this size in pixels.
    ///
    /// # Errors
    /// As [`Session::start`].
    pub async fn with_screen(width: u32, height: u32) -> anyhow::Result<Self> {
        let screen = Screen::start(width, height).await?;
        Self::with(Some(screen)).await
    }

    /// A session with a bus and no screen.
    ///
    /// # Errors
    /// When dbus-daemon is not installed, or does not start.
    pub async fn without_screen() -> anyhow::Result<Self> {
        Self::with(None).await
    }

    async fn with(screen: Option<Screen>) -> anyhow::Result<Self> {
        // Socket paths are at most 108 bytes: the folder's name is short.
        let folder = tempfile::Builder::new().prefix("wb-").tempdir().context("making the session's folder")?;
        for name in ["home", "run", "config", "data", "cache", "state"] {
            std::fs::DirBuilder::new().mode(0o700).create(folder.path().join(name))?;
        }
        let bus = Bus::start(&folder.path().join("run")).await?;
        let place = |name: &str| folder.path().join(name).into_os_string();
        let mut variables: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
            ("HOME".into(), place("home")),
            ("XDG_RUNTIME_DIR".into(), place("run")),
            ("XDG_CONFIG_HOME".into(), place("config")),
            ("XDG_DATA_HOME".into(), place("data")),
            ("XDG_CACHE_HOME".into(), place("cache")),
            ("XDG_STATE_HOME".into(), place("state")),
            ("DBUS_SESSION_BUS_ADDRESS".into(), bus.address.clone().into()),
            ("LANG".into(), "C.UTF-8".into()),
            ("TZ".into(), "UTC".into()),
            // No accessibility bus, no virtual file systems: GTK would wait for services this bus does not have.
            ("NO_AT_BRIDGE".into(), "1".into()),
            ("GTK_A11Y".into(), "none".into()),
            ("GIO_USE_VFS".into(), "local".into()),
            ("GSETTINGS_BACKEND".into(), "memory".into()),
            // Nobody but the stand-in may be asked for credentials.
            ("AWS_EC2_METADATA_DISABLED".into(), "true".into()),
        ];
        if let Some(screen) = &screen {
            variables.push(("DISPLAY".into(), screen.display.clone().into()));
            variables.push(("GDK_BACKEND".into(), "x11".into()));
        }
        Ok(Self { screen, bus, folder, variables })
    }

    /// Adds a variable for every program that is started from now on.
    pub fn set(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) {
        self.variables.push((name.into(), value.into()));
    }

    /// A program in this session: nothing inherited, silent, killed when dropped. `stdout` and `stderr` may be set anew.
    pub fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command
            .env_clear()
            .envs(self.variables.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        command
    }

    /// A file or folder inside the session.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The session's folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}
