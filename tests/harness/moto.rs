//! moto, the stand-in that knows SSM's commands (ministack plays them on machines of its own), on a free loopback port. Killed when
//! dropped.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::free_port;

/// A running moto.
pub struct Moto {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub url: String,
    _child: Child,
    // Its own folder, so that nothing is read from or left in the person's.
    _home: tempfile::TempDir,
}

fn tool(name: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/py/bin").join(name)
}

impl Moto {
    /// Starts it from the project's Python environment.
    ///
    /// # Errors
    /// When `make setup` has not installed it, or it does not become ready.
    pub async fn start() -> anyhow::Result<Self> {
        let port = free_port()?;
        let home = tempfile::tempdir()?;
        let mut child = Command::new(tool("moto_server"))
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .context("starting moto: run `make setup` first")?;
        for _ in 0..400 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Self { url: format!("http://127.0.0.1:{port}"), _child: child, _home: home });
            }
            if let Some(status) = child.try_wait()? {
                bail!("moto ended at once: {status}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("moto did not listen on port {port} within 20 s")
    }

    /// Sends a command to one node and gives its id. It ends at once, with success.
    ///
    /// # Errors
    /// When moto refuses.
    pub async fn send_command(&self, region: &str) -> anyhow::Result<String> {
        // The crate for SSM takes minutes to compile, and boto3 is there already.
        const SEND: &str = "import sys, boto3
ssm = boto3.client('ssm', endpoint_url=sys.argv[1], region_name=sys.argv[2], aws_access_key_id='test', aws_secret_access_key='test')
sent = ssm.send_command(InstanceIds=['i-0c4e5a7be8f012391'], DocumentName='AWS-RunPatchBaseline')
print(sent['Command']['CommandId'])";
        let ran = Command::new(tool("python3")).args(["-c", SEND, &self.url, region]).output().await?;
        if !ran.status.success() {
            bail!("moto refused: {}", String::from_utf8_lossy(&ran.stderr));
        }
        Ok(String::from_utf8(ran.stdout)?.trim().to_owned())
    }
}
