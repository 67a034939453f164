//! The picture beside an alert's words, as a file: a theme has our icon only where Watchbell was installed by a package.

use std::path::PathBuf;

use crate::paths::DataDir;

/// The app's icon at 48 px, the size that servers draw it in.
const PICTURE: &[u8] = include_bytes!("../../../../../icons/app/48x48.png");

/// Its file in the data folder, written when it is not there as it should be. `None` when it cannot be: the alert goes without.
pub(super) fn file(dir: &DataDir) -> Option<PathBuf> {
    let path = dir.root().join("icon.png");
    if std::fs::read(&path).is_ok_and(|held| held == PICTURE) {
        return Some(path);
    }
    crate::paths::replace_private(&path, PICTURE)
        .inspect_err(|error| tracing::warn!(%error, "alerts go without a picture"))
        .ok()?;
    Some(path)
}
