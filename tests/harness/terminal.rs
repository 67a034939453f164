//! `watchbellctl` in a session of its own, as a person types it and a script calls it.
//!
//! **Invariant:** every run is `--json`, inherits nothing, and has the session's own home, bus and data folder.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use anyhow::Context;
use serde_json::Value;
use tokio::io::AsyncWriteExt;
use tokio::process::{Child, Command};

use super::session::Session;

/// A terminal whose AWS is at `endpoint`.
pub struct Terminal {
    /// The desktop around it.
    pub session: Session,
    /// Where every call goes.
    pub endpoint: String,
}

/// How a run ended.
#[derive(Debug)]
pub struct Ran {
    /// The exit code.
    pub code: i32,
    /// Each line of stdout, which is JSON.
    pub lines: Vec<Value>,
    /// What was said beside the results.
    pub stderr: String,
}

impl Ran {
    /// The one document, or the last line.
    pub fn document(&self) -> &Value {
        self.lines.last().unwrap_or(&Value::Null)
    }

    /// `error.message` and `error.hint` in one text.
    pub fn words(&self) -> String {
        let error = &self.document()["error"];
        format!("{} | {}", error["message"].as_str().unwrap_or_default(), error["hint"].as_str().unwrap_or_default())
    }
}

impl Terminal {
    /// With the stand-in's root credentials in the environment.
    ///
    /// # Errors
    /// When no bus can be started.
    pub async fn start(endpoint: &str) -> anyhow::Result<Self> {
        let mut terminal = Self::without_credentials(endpoint).await?;
        terminal.credentials("test", "test");
        Ok(terminal)
    }

    /// With nothing that could sign a call.
    ///
    /// # Errors
    /// When no bus can be started.
    pub async fn without_credentials(endpoint: &str) -> anyhow::Result<Self> {
        let mut session = Session::without_screen().await?;
        let data = session.path("watchbell");
        session.set("WATCHBELL_DATA_DIR", data);
        Ok(Self { session, endpoint: endpoint.to_owned() })
    }

    /// Puts an access key into the environment, as the AWS SDK reads it.
    pub fn credentials(&mut self, id: &str, secret: &str) {
        self.session.set("AWS_ACCESS_KEY_ID", id);
        self.session.set("AWS_SECRET_ACCESS_KEY", secret);
    }

    /// The data folder.
    pub fn data(&self) -> PathBuf {
        self.session.path("watchbell")
    }

    /// The program with these arguments, `--json` and this terminal's endpoint, not started yet.
    ///
    /// # Errors
    /// When it does not lie beside the tests.
    pub fn command(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = self.bare(arguments)?;
        command.args([OsString::from("--json"), "--endpoint-url".into(), self.endpoint.clone().into()]);
        Ok(command)
    }

    /// The program with these arguments and no others.
    ///
    /// # Errors
    /// As [`Terminal::command`].
    pub fn bare(&self, arguments: &[&str]) -> anyhow::Result<Command> {
        let mut command = self.session.command(program()?);
        command.args(arguments).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        Ok(command)
    }

    /// Runs it, with words in place of JSON, on a pseudo-terminal where somebody types this. Gives the exit code and all that
    /// was shown there.
    ///
    /// # Errors
    /// When util-linux's `script` is not installed, or it does not end within a minute.
    pub async fn typed(&self, arguments: &[&str], typed: &str) -> anyhow::Result<(i32, String)> {
        let words = [arguments, &["--endpoint-url", &self.endpoint]].concat();
        let line = format!(
            "'{}' {}",
            program()?.display(),
            words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ")
        );
        let mut command = self.session.command("script");
        command.args(["--quiet", "--return", "--flush", "--command", &line, "/dev/null"]);
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting script")?;
        let mut keyboard = child.stdin.take().context("stdin is a pipe")?;
        keyboard.write_all(typed.as_bytes()).await?;
        let output =
            tokio::time::timeout(Duration::from_mins(1), child.wait_with_output()).await.context("it ends")??;
        drop(keyboard);
        Ok((output.status.code().context("no signal ended it")?, String::from_utf8(output.stdout)?))
    }

    /// Runs it to its end.
    ///
    /// # Errors
    /// When it does not end within a minute or prints something on stdout that is not JSON.
    pub async fn run(&self, arguments: &[&str]) -> anyhow::Result<Ran> {
        finish(self.command(arguments)?.spawn()?).await
    }

    /// Runs it with this on stdin.
    ///
    /// # Errors
    /// As [`Terminal::run`].
    pub async fn run_with(&self, arguments: &[&str], stdin: &str) -> anyhow::Result<Ran> {
        let mut child = self.command(arguments)?.stdin(Stdio::piped()).spawn()?;
        let mut pipe = child.stdin.take().context("stdin is a pipe")?;
        pipe.write_all(stdin.as_bytes()).await?;
        drop(pipe);
        finish(child).await
    }
}

fn program() -> anyhow::Result<PathBuf> {
    let tests = std::env::current_exe()?;
    let program = tests.ancestors().nth(2).context("tests lie in target/debug/deps")?.join("watchbellctl");
    anyhow::ensure!(program.exists(), "watchbellctl is built beside the tests: cargo build --workspace --bins");
    Ok(program)
}

/// Waits for the end of a started program.
///
/// # Errors
/// As [`Terminal::run`].
pub async fn finish(child: Child) -> anyhow::Result<Ran> {
    let output = tokio::time::timeout(Duration::from_mins(1), child.wait_with_output()).await.context("it ends")??;
    let text = String::from_utf8(output.stdout)?;
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).with_context(|| format!("a line on stdout is not JSON: {line}")))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let code = output.status.code().context("no signal ended it")?;
    Ok(Ran { code, lines, stderr: String::from_utf8(output.stderr)? })
}
