//! microburst, a proxy that breaks AWS calls as it is told, on a free loopback port before a stand-in. Killed when dropped.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::free_port;

/// A running microburst.
pub struct Microburst {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub url: String,
    port: u16,
    _child: Child,
    _home: tempfile::TempDir,
}

impl Microburst {
    /// Starts it before `upstream`, breaking nothing.
    ///
    /// # Errors
    /// When `make setup` has not installed it, or it does not become ready.
    pub async fn start(upstream: &str) -> anyhow::Result<Self> {
        Self::start_on(free_port()?, upstream).await
    }

    /// [`Self::start`] on this port.
    ///
    /// # Errors
    /// As [`Self::start`].
    pub async fn start_on(port: u16, upstream: &str) -> anyhow::Result<Self> {
        let program = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/py/bin/microburst");
        if !program.exists() {
            bail!("{} is missing: run `make setup` first", program.display());
        }
        let home = tempfile::tempdir()?;
        let child = Command::new(program)
            .args(["--host", "127.0.0.1", "--upstream", upstream, "--port", &port.to_string()])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting microburst")?;
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Self { url: format!("http://127.0.0.1:{port}"), port, _child: child, _home: home });
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("microburst did not listen on port {port} within 20 s")
    }

    /// Breaks calls by these rules from now on, and by no others.
    ///
    /// # Errors
    /// When it refuses them.
    pub async fn rules(&self, rules: &Value) -> anyhow::Result<()> {
        let body = rules.to_string();
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        let head = format!(
            "POST /_microburst/rules HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(head.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await?;
        if !answer.starts_with("HTTP/1.1 200") {
            bail!("microburst refused the rules: {answer}");
        }
        Ok(())
    }
}
