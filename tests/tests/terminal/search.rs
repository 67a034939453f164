//! Where a secret must not be: in files, and in what every process shows of itself.

use std::path::{Path, PathBuf};

/// Every file below that has the secret in it.
pub(crate) fn finds(folder: &Path, secret: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(finds(&path, secret));
        } else if std::fs::read(&path).is_ok_and(|bytes| contains(&bytes, secret)) {
            found.push(path);
        }
    }
    found
}

/// A process of this machine that has it in its arguments or its environment.
pub(crate) fn shown_by_a_process(secret: &str) -> Option<PathBuf> {
    let processes = std::fs::read_dir("/proc").unwrap().flatten().map(|entry| entry.path());
    let files = processes.flat_map(|process| [process.join("cmdline"), process.join("environ")]);
    files.into_iter().find(|file| std::fs::read(file).is_ok_and(|bytes| contains(&bytes, secret)))
}

pub(crate) fn contains(bytes: &[u8], secret: &str) -> bool {
    bytes.windows(secret.len()).any(|window| window == secret.as_bytes())
}
