//! Asking through `watchbellctl --json`, as a person's script would.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::{Context, bail};
use serde_json::Value;

use crate::desk::Desk;

/// A program of this workspace, built beside this one.
pub(crate) fn built(name: &str) -> anyhow::Result<PathBuf> {
    let own = std::env::current_exe()?;
    let path = own.parent().context("this program lies in no folder")?.join(name);
    anyhow::ensure!(path.exists(), "{} is missing: `make demo` builds it first", path.display());
    Ok(path)
}

/// What it printed on stdout, one JSON document a line, and its exit code.
pub(crate) async fn ask(desk: &Desk, arguments: &[&str]) -> anyhow::Result<(Vec<Value>, i32)> {
    let out = desk
        .command(built("watchbellctl")?)
        .args(arguments)
        .arg("--json")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .output()
        .await
        .context("starting watchbellctl")?;
    let code = out.status.code().context("watchbellctl was killed")?;
    let documents = serde_json::Deserializer::from_slice(&out.stdout)
        .into_iter()
        .collect::<Result<Vec<Value>, _>>()
        .with_context(|| format!("watchbellctl {arguments:?} printed no JSON"))?;
    Ok((documents, code))
}

/// As [`ask`], for a question with one document for an answer that must not fail.
pub(crate) async fn get(desk: &Desk, arguments: &[&str]) -> anyhow::Result<Value> {
    let (mut documents, code) = ask(desk, arguments).await?;
    if code != 0 || documents.len() != 1 {
        bail!("watchbellctl {} ended with {code}: {}", arguments.join(" "), Value::from(documents));
    }
    Ok(documents.remove(0))
}
