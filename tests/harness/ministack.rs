//! ministack, the stand-in for SNS, SQS, STS and IAM, on a free loopback port. Killed when dropped.

use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context, bail};
use tokio::net::TcpStream;
use tokio::process::{Child, Command};

use super::free_port;

/// Whether IAM policies, signatures and queue policies are enforced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Auth {
    /// Everybody may do everything.
    Open,
    /// As on AWS; `test`/`test` is root.
    Enforced,
}

/// A running ministack.
pub struct Ministack {
    /// Where it answers, `http://127.0.0.1:PORT`.
    pub url: String,
    child: Child,
    // Its own folder, so that nothing is read from or left in the person's.
    _home: tempfile::TempDir,
}

impl Ministack {
    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.child.id()
    }

    /// Starts it from the project's Python environment.
    ///
    /// # Errors
    /// When `make setup` has not installed it, or it does not become ready.
    pub async fn start(auth: Auth) -> anyhow::Result<Self> {
        let tools = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/py/bin");
        let program = tools.join("ministack");
        if !program.exists() {
            bail!("{} is missing: run `make setup` first", program.display());
        }
        let port = free_port()?;
        let home = tempfile::tempdir()?;
        let mut command = Command::new(program);
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", home.path())
            // Without it ministack listens on every address.
            .env("BIND_HOST", "127.0.0.1")
            .env("MINISTACK_HOST", "127.0.0.1")
            .env("GATEWAY_PORT", port.to_string())
            .current_dir(home.path())
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .kill_on_drop(true);
        if auth == Auth::Enforced {
            command.env("AUTH", "true");
        }
        let mut child = command.spawn().context("starting ministack")?;
        for _ in 0..200 {
            if TcpStream::connect(("127.0.0.1", port)).await.is_ok() {
                return Ok(Self { url: format!("http://127.0.0.1:{port}"), child, _home: home });
            }
            if let Some(status) = child.try_wait()? {
                bail!("ministack ended at once: {status}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        bail!("ministack did not listen on port {port} within 10 s")
    }

    /// Makes a user with this policy and gives its access key: id and secret.
    ///
    /// # Errors
    /// When ministack refuses.
    pub async fn user(&self, name: &str, policy: &serde_json::Value) -> anyhow::Result<(String, String)> {
        const MAKE: &str = "iam.create_user(UserName=name)
iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=policy)
key = iam.create_access_key(UserName=name)['AccessKey']
print(key['AccessKeyId'], key['SecretAccessKey'])";
        let told = self.iam(MAKE, name, policy).await?;
        match told.split_whitespace().collect::<Vec<_>>()[..] {
            [id, secret] => Ok((id.to_owned(), secret.to_owned())),
            _ => bail!("no user was made: {told}"),
        }
    }

    /// Gives a user another policy.
    ///
    /// # Errors
    /// When ministack refuses.
    pub async fn change_policy(&self, name: &str, policy: &serde_json::Value) -> anyhow::Result<()> {
        self.iam("iam.put_user_policy(UserName=name, PolicyName='p', PolicyDocument=policy)", name, policy).await?;
        Ok(())
    }

    /// Runs lines of Python with `iam`, `kms`, `name` and `policy`: the IAM crate takes minutes to compile, and boto3 is there already.
    ///
    /// # Errors
    /// When ministack refuses.
    pub async fn iam(&self, lines: &str, name: &str, policy: &serde_json::Value) -> anyhow::Result<String> {
        let script = format!(
            "import sys, boto3
url, name, policy = sys.argv[1:]
of = lambda service: boto3.client(service, endpoint_url=url, region_name='us-east-1', aws_access_key_id='test', aws_secret_access_key='test')
iam, kms = of('iam'), of('kms')
{lines}"
        );
        let python = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../.tools/py/bin/python3");
        let ran = Command::new(python).args(["-c", &script, &self.url, name, &policy.to_string()]).output().await?;
        if !ran.status.success() {
            bail!("IAM refused: {}", String::from_utf8_lossy(&ran.stderr));
        }
        Ok(String::from_utf8(ran.stdout)?)
    }
}
