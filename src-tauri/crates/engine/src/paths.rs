//! Where everything of one person lies: the data folder, its files, and the socket of its engine.
//!
//! **Invariant:** the folder is 0700 and every file in it 0600, whatever the umask says. The path of the socket is short
//! enough for `sun_path` (108 bytes on Linux, 104 on macOS), so it lies elsewhere, keyed by the folder.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::error::{Code, Problem};

/// The environment variable that names the data folder.
pub const DATA_DIR_VARIABLE: &str = "WATCHBELL_DATA_DIR";

/// The longest socket path we use, in bytes: below the least `sun_path` of the platforms.
const SOCKET_PATH_LIMIT: usize = 100;

/// Names that only Watchbell leaves in a folder: one of them makes the folder ours.
const OURS: [&str; 4] = ["history.db", "settings.json", "engine.lock", "logs"];

/// One person's data folder, made and private.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DataDir {
    root: PathBuf,
    socket: PathBuf,
}

impl DataDir {
    /// The folder named explicitly, else by `WATCHBELL_DATA_DIR`, else the platform's data folder for `watchbell`.
    /// Makes it (0700), and takes rights away from others if it was open to them.
    pub fn resolve(explicit: Option<&Path>) -> Result<Self, Problem> {
        let named = explicit
            .map(Path::to_path_buf)
            .or_else(|| std::env::var_os(DATA_DIR_VARIABLE).filter(|v| !v.is_empty()).map(PathBuf::from));
        let wanted = match named {
            Some(path) => path,
            None => {
                directories::BaseDirs::new().map(|base| base.data_local_dir().join("watchbell")).ok_or_else(|| {
                    Problem::new(
                        Code::Storage,
                        "this account has no home folder to keep the history in",
                        format!("name a folder with --data-dir or {DATA_DIR_VARIABLE}"),
                    )
                })?
            }
        };
        make_private(&wanted).map_err(|error| cannot_make(&wanted, &error))?;
        // Two spellings of one folder must meet at one lock and one socket.
        let root = fs::canonicalize(&wanted).map_err(|error| cannot_make(&wanted, &error))?;
        let socket = socket_path(&root)?;
        Ok(Self { root, socket })
    }

    /// The folder itself, canonical.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The SQLite database.
    pub fn database(&self) -> PathBuf {
        self.root.join("history.db")
    }

    /// The settings, JSON without secrets.
    pub fn settings(&self) -> PathBuf {
        self.root.join("settings.json")
    }

    /// What was chosen in a set-up that is under way, JSON without secrets.
    pub fn setup(&self) -> PathBuf {
        self.root.join("setup.json")
    }

    /// The folder of the daily logs.
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The file whose OS lock says that an engine runs.
    pub fn lock(&self) -> PathBuf {
        self.root.join("engine.lock")
    }

    /// The engine's local socket (a named pipe on Windows), shorter than 100 bytes; its folder exists and is 0700.
    pub fn socket(&self) -> &Path {
        &self.socket
    }
}

fn cannot_make(path: &Path, error: &io::Error) -> Problem {
    Problem::new(
        Code::Storage,
        format!("cannot use the data folder {}: {error}", path.display()),
        format!("choose a folder of your own with --data-dir or {DATA_DIR_VARIABLE}"),
    )
}

/// Makes `path` a folder that only its owner can enter.
///
/// A folder that others may read and that holds foreign files is refused: closing it could break whatever uses it.
pub(crate) fn make_private(path: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    let existed = path.exists();
    builder.create(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let meta = fs::metadata(path)?;
        if meta.mode() & 0o777 == 0o700 {
            return Ok(());
        }
        if existed && meta.mode() & 0o077 != 0 && !is_ours(path)? {
            return Err(io::Error::new(
                io::ErrorKind::PermissionDenied,
                "others may read it and it holds files that are not Watchbell's",
            ));
        }
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))?;
    }
    #[cfg(not(unix))]
    let _ = existed;
    Ok(())
}

#[cfg(unix)]
fn is_ours(path: &Path) -> io::Result<bool> {
    let mut empty = true;
    for entry in fs::read_dir(path)? {
        empty = false;
        if OURS.iter().any(|name| entry.as_ref().is_ok_and(|found| found.file_name() == *name)) {
            return Ok(true);
        }
    }
    Ok(empty)
}

/// Opens (or makes) a file that only its owner can read, 0600 whatever the umask says. `options` chooses read and write.
pub(crate) fn open_private(path: &Path, options: &mut OpenOptions) -> io::Result<File> {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    let file = options.open(path)?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        if file.metadata()?.mode() & 0o777 != 0o600 {
            file.set_permissions(fs::Permissions::from_mode(0o600))?;
        }
    }
    Ok(file)
}

/// Writes a whole file so that a crash leaves the old content or the new one, never half of it. 0600.
pub(crate) fn replace_private(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut beside = path.as_os_str().to_owned();
    beside.push(".new");
    let beside = PathBuf::from(beside);
    let mut file = open_private(&beside, OpenOptions::new().write(true).create(true).truncate(true))?;
    file.write_all(content)?;
    file.sync_all()?;
    drop(file);
    fs::rename(&beside, path)?;
    // The rename itself is only durable once its folder is.
    if cfg!(unix)
        && let Some(folder) = path.parent()
    {
        File::open(folder)?.sync_all()?;
    }
    Ok(())
}

/// 16 hex digits that stand for a folder.
fn key_of(root: &Path) -> String {
    let digest = Sha256::digest(root.as_os_str().as_encoded_bytes());
    digest.iter().take(8).fold(String::new(), |mut key, byte| {
        key.push(char::from_digit(u32::from(byte >> 4), 16).unwrap_or('0'));
        key.push(char::from_digit(u32::from(byte & 15), 16).unwrap_or('0'));
        key
    })
}

#[cfg(unix)]
fn socket_path(root: &Path) -> Result<PathBuf, Problem> {
    let name = format!("{}.sock", key_of(root));
    let user = rustix::process::getuid().as_raw();
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from).filter(|path| path.is_absolute());
    let candidates = [
        runtime.map(|path| path.join("watchbell")),
        Some(std::env::temp_dir().join(format!("watchbell-{user}"))),
        Some(PathBuf::from(format!("/tmp/watchbell-{user}"))),
    ];
    let mut refused = String::from("no folder");
    for folder in candidates.into_iter().flatten() {
        let path = folder.join(&name);
        if path.as_os_str().len() >= SOCKET_PATH_LIMIT {
            refused = format!("{} is too long", path.display());
            continue;
        }
        match make_own(&folder, user) {
            Ok(()) => return Ok(path),
            Err(error) => refused = format!("{}: {error}", folder.display()),
        }
    }
    Err(Problem::new(
        Code::Storage,
        format!("there is no private folder for the engine's socket ({refused})"),
        "set XDG_RUNTIME_DIR to a short folder that only you can enter",
    ))
}

#[cfg(not(unix))]
fn socket_path(root: &Path) -> Result<PathBuf, Problem> {
    Ok(PathBuf::from(format!(r"\\.\pipe\watchbell-{}", key_of(root))))
}

/// A folder in a place that others may write to: it must be a real folder, ours, and closed to them.
#[cfg(unix)]
fn make_own(folder: &Path, user: u32) -> io::Result<()> {
    use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
    match fs::DirBuilder::new().mode(0o700).create(folder) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error),
    }
    let meta = fs::symlink_metadata(folder)?;
    if !meta.is_dir() || meta.uid() != user {
        return Err(io::Error::new(io::ErrorKind::PermissionDenied, "it belongs to somebody else"));
    }
    if meta.mode() & 0o777 != 0o700 {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "helpers of tests")]

    use std::os::unix::fs::{MetadataExt, PermissionsExt};

    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).map_or(0, |meta| meta.mode()) & 0o777
    }

    #[test]
    fn the_data_folder_is_made_for_its_owner_alone() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("a/b");
        let dir = DataDir::resolve(Some(&path)).unwrap();
        assert_eq!(mode(dir.root()), 0o700, "nobody else may enter the data folder");
    }

    #[test]
    fn an_open_folder_of_ours_is_closed_and_a_foreign_one_refused() {
        let temp = tempfile::tempdir().unwrap();
        fs::set_permissions(temp.path(), fs::Permissions::from_mode(0o755)).unwrap();
        fs::write(temp.path().join("thesis.odt"), "x").unwrap();
        let refused = DataDir::resolve(Some(temp.path())).unwrap_err();
        assert_eq!(refused.code, Code::Storage, "a folder with foreign files is not ours to close");
        assert_eq!(mode(temp.path()), 0o755, "a refused folder stays as it was");
        fs::write(temp.path().join("history.db"), "").unwrap();
        DataDir::resolve(Some(temp.path())).unwrap();
        assert_eq!(mode(temp.path()), 0o700, "a data folder that stood open is closed");
    }

    #[test]
    fn two_spellings_of_a_folder_share_one_socket_and_two_folders_do_not() {
        let temp = tempfile::tempdir().unwrap();
        let plain = DataDir::resolve(Some(temp.path())).unwrap();
        std::os::unix::fs::symlink(temp.path(), temp.path().join("link")).unwrap();
        let linked = DataDir::resolve(Some(&temp.path().join("link"))).unwrap();
        assert_eq!(plain, linked, "a link to a data folder is that data folder");
        let other = DataDir::resolve(Some(&temp.path().join("other"))).unwrap();
        assert_ne!(plain.socket(), other.socket(), "each data folder has a socket of its own");
        assert!(plain.socket().as_os_str().len() < SOCKET_PATH_LIMIT, "the path must fit sun_path");
        assert_eq!(mode(plain.socket().parent().unwrap()), 0o700, "nobody else may reach the socket");
    }

    #[test]
    fn a_private_file_stays_private_when_it_was_made_open() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("f");
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
        open_private(&path, OpenOptions::new().append(true)).unwrap();
        assert_eq!(mode(&path), 0o600, "files of the data folder are for their owner alone");
        replace_private(&path, b"new").unwrap();
        assert_eq!((fs::read(&path).unwrap(), mode(&path)), (b"new".to_vec(), 0o600), "a replaced file is private too");
    }
}
