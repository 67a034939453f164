//! The parent's side of the keychain: starts the child, asks over its stdin, listens to its stdout, kills it when late.
//!
//! **Invariant:** one child an operation, none outlives its time; argv and environment hold no secret.

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::Stdio;
use std::time::Duration;

use futures_util::future::BoxFuture;
use secrecy::{ExposeSecret, SecretString};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};

use super::parts::Items;
use super::wire::{Operation, Reply, Request};
use super::{CHILD_FLAG, KeychainError, Patience};

/// The operating system's keychain, through a short-lived child process.
#[derive(Clone, Debug)]
pub struct ChildStore {
    exe: PathBuf,
    environment: Vec<(OsString, OsString)>,
}

impl ChildStore {
    /// Through this very program, whose `main` calls [`super::run_child_if_asked`] first.
    pub fn of_this_program() -> Result<Self, KeychainError> {
        // /proc/self/exe names the running binary even after an upgrade has replaced the file.
        #[cfg(target_os = "linux")]
        let exe = PathBuf::from("/proc/self/exe");
        #[cfg(not(target_os = "linux"))]
        let exe = std::env::current_exe().map_err(|error| KeychainError::Failed(error.to_string()))?;
        Ok(Self::of(exe))
    }

    /// Through another program that does so.
    pub fn of(exe: PathBuf) -> Self {
        Self { exe, environment: Vec::new() }
    }

    /// Adds a variable to the child's environment, such as the address of another session bus. Never a secret.
    #[must_use]
    pub fn with_variable(mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> Self {
        self.environment.push((name.into(), value.into()));
        self
    }

    async fn ask(
        &self,
        operation: Operation,
        item: &str,
        secret: Option<&SecretString>,
        patience: Patience,
    ) -> Result<Option<SecretString>, KeychainError> {
        let limit = patience.limit();
        let request = Request {
            operation,
            item: item.to_owned(),
            secret: secret.map(|secret| secret.expose_secret().to_owned()),
            may_prompt: patience == Patience::Asked,
            limit_ms: u64::try_from(limit.as_millis()).unwrap_or(u64::MAX),
        };
        let question = SecretString::from(serde_json::to_string(&request).map_err(failed)?);
        drop(request);
        let mut child = self.start()?;
        let answer = tokio::time::timeout(limit, converse(&mut child, &question)).await;
        // Ended or late: reaped either way, so that no child is left as a zombie.
        if answer.is_err() {
            let _ = child.start_kill();
        }
        let _ = tokio::time::timeout(Duration::from_secs(1), child.wait()).await;
        let answer = answer.map_err(|_| KeychainError::TimedOut(limit.as_secs()))??;
        match serde_json::from_str(answer.expose_secret()) {
            Ok(Reply::Done { secret }) => Ok(secret.map(SecretString::from)),
            Ok(Reply::Refused(error)) => Err(error),
            // The text of a parse error could quote the secret, so it is not passed on.
            Err(_) => Err(KeychainError::Failed("its process ended without an answer".to_owned())),
        }
    }

    fn start(&self) -> Result<Child, KeychainError> {
        Command::new(&self.exe)
            .arg(CHILD_FLAG)
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .kill_on_drop(true)
            .spawn()
            .map_err(|error| KeychainError::Failed(format!("its process could not be started: {error}")))
    }
}

async fn converse(child: &mut Child, question: &SecretString) -> Result<SecretString, KeychainError> {
    if let Some(mut stdin) = child.stdin.take() {
        stdin.write_all(question.expose_secret().as_bytes()).await.map_err(failed)?;
        stdin.shutdown().await.map_err(failed)?;
    }
    let mut answer = String::new();
    if let Some(stdout) = child.stdout.take() {
        stdout.take(64 * 1024).read_to_string(&mut answer).await.map_err(failed)?;
    }
    Ok(SecretString::from(answer))
}

fn failed(error: impl std::fmt::Display) -> KeychainError {
    KeychainError::Failed(error.to_string())
}

impl Items for ChildStore {
    fn read<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<SecretString, KeychainError>> {
        Box::pin(async move {
            let secret = self.ask(Operation::Get, item, None, patience).await?;
            secret.ok_or_else(|| KeychainError::NotFound(item.to_owned()))
        })
    }

    fn write<'a>(
        &'a self,
        item: &'a str,
        secret: &'a SecretString,
        patience: Patience,
    ) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(async move { self.ask(Operation::Set, item, Some(secret), patience).await.map(drop) })
    }

    fn remove<'a>(&'a self, item: &'a str, patience: Patience) -> BoxFuture<'a, Result<(), KeychainError>> {
        Box::pin(async move { self.ask(Operation::Delete, item, None, patience).await.map(drop) })
    }
}
