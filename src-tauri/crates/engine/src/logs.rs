//! The log: one file a day in the data folder's `logs/`, the last seven kept.
//!
//! **Invariant:** files are 0600; writing them never holds up the engine. What is logged is each caller's duty: never a
//! secret, never a whole message body above `debug`. What libraries write of whole requests is cut off, whatever was asked for.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use jiff::civil::Date;
use jiff::tz::TimeZone;
use tracing::Level;
use tracing_appender::non_blocking::WorkerGuard;
use tracing_subscriber::filter::filter_fn;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer};

use crate::clock;
use crate::error::{Code, Problem};
use crate::paths::{self, DataDir};

/// The environment variable that sets what is logged, in `tracing`'s syntax: `debug`, `watchbell_engine=trace`, …
pub const LEVEL_VARIABLE: &str = "WATCHBELL_LOG";

/// What is logged when nothing was set.
const USUAL: &str = "info,aws_config=warn,aws_smithy_runtime=warn,zbus=warn,hyper=warn";

/// How many daily files are kept.
const KEPT: usize = 7;

/// Keeps the log running; what waits is written when it is dropped.
#[derive(Debug)]
#[must_use = "dropping it ends the log"]
pub struct LogGuard {
    _worker: WorkerGuard,
}

/// Starts the log of this process; with `stderr`, warnings also go to the terminal. Call once.
pub fn init(dir: &DataDir, stderr: bool) -> Result<LogGuard, Problem> {
    let folder = dir.logs();
    let failed = |error: io::Error| {
        Problem::new(
            Code::Storage,
            format!("cannot write the log in {}: {error}", folder.display()),
            "check the free space and that you may write to the data folder",
        )
    };
    paths::make_private(&folder).map_err(failed)?;
    let file = DailyFile::open(&folder, today()).map_err(failed)?;
    let (writer, worker) = tracing_appender::non_blocking::NonBlockingBuilder::default()
        .lossy(true)
        .buffered_lines_limit(4096)
        .thread_name("log writer")
        .finish(file);
    let filter = || EnvFilter::try_from_env(LEVEL_VARIABLE).unwrap_or_else(|_| EnvFilter::new(USUAL));
    let to_file = tracing_subscriber::fmt::layer().with_ansi(false).with_writer(writer).with_filter(filter());
    let to_terminal = stderr.then(|| {
        let level = if std::env::var_os(LEVEL_VARIABLE).is_some() { filter() } else { EnvFilter::new("warn") };
        tracing_subscriber::fmt::layer()
            .with_ansi(io::IsTerminal::is_terminal(&io::stderr()))
            .without_time()
            .with_target(false)
            .with_writer(io::stderr)
            .with_filter(level)
    });
    // A second start (tests in one process) keeps the first log.
    let without_requests = filter_fn(|of| *of.level() != Level::TRACE || !shows_requests(of.target()));
    let _ = tracing_subscriber::registry().with(without_requests).with(to_file).with(to_terminal).try_init();
    Ok(LogGuard { _worker: worker })
}

/// Libraries that write whole requests and answers at `trace`, with the tokens that are in them: that level is never theirs here.
fn shows_requests(target: &str) -> bool {
    ["aws_", "hyper", "h2", "rustls", "zbus"].iter().any(|library| target.starts_with(library))
}

fn today() -> Date {
    clock::now().to_zoned(TimeZone::UTC).date()
}

/// A file that is another one each day (UTC).
#[derive(Debug)]
struct DailyFile {
    folder: PathBuf,
    date: Date,
    file: File,
}

impl DailyFile {
    fn open(folder: &Path, date: Date) -> io::Result<Self> {
        let path = folder.join(format!("watchbell-{date}.log"));
        let file = paths::open_private(&path, OpenOptions::new().append(true).create(true))?;
        remove_old(folder)?;
        Ok(Self { folder: folder.to_path_buf(), date, file })
    }
}

impl Write for DailyFile {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        let today = today();
        if today != self.date {
            *self = Self::open(&self.folder, today)?;
        }
        self.file.write(line)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Removes our own files beyond the newest seven; their names sort by date.
fn remove_old(folder: &Path) -> io::Result<()> {
    let mut ours: Vec<PathBuf> = std::fs::read_dir(folder)?
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            name.starts_with("watchbell-") && path.extension().is_some_and(|extension| extension == "log")
        })
        .collect();
    ours.sort();
    let surplus = ours.len().saturating_sub(KEPT);
    ours.iter().take(surplus).try_for_each(std::fs::remove_file)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seven_days_are_kept_and_foreign_files_are_left_alone() {
        let temp = tempfile::tempdir().unwrap();
        std::fs::write(temp.path().join("notes.txt"), "mine").unwrap();
        for day in 1..=9 {
            let mut file = DailyFile::open(temp.path(), Date::constant(2026, 11, day)).unwrap();
            file.file.write_all(b"x").unwrap();
        }
        let mut names: Vec<_> = std::fs::read_dir(temp.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names.len(), KEPT + 1, "the last seven days, and what is not ours");
        assert_eq!(names[1], "watchbell-2026-11-03.log", "the oldest go first");
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt;
            let mode = temp.path().join("watchbell-2026-11-09.log").metadata().unwrap().mode() & 0o777;
            assert_eq!(mode, 0o600, "a log is for its owner alone");
        }
    }
}
