//! The system browser, for an engine without a window.
//!
//! **Invariant:** only web addresses are opened, as one argument and without a shell.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::clock;
use crate::error::{Code, Problem};

/// A program that cannot open an address says so by then: xdg-open looks for a browser first and ends with 3 when there is none.
const SOON: Duration = Duration::from_secs(1);

/// Whether there is a screen on which a browser could come up.
pub fn can_open() -> bool {
    let has = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    // Over SSH a browser would come up on the other machine's screen, if at all.
    let elsewhere = has("SSH_CONNECTION") || has("SSH_TTY");
    has("BROWSER") || (!elsewhere && (!cfg!(target_os = "linux") || has("DISPLAY") || has("WAYLAND_DISPLAY")))
}

/// Opens a web address in the browser that `BROWSER` names, else in the system's own. Takes up to a second.
///
/// # Errors
/// When none could be started, or what was started failed at once.
pub fn open_in_browser(url: &str) -> Result<(), Problem> {
    if !(url.starts_with("https://") || url.starts_with("http://127.0.0.1:")) {
        return Err(Problem::new(Code::Usage, "that is no web address", ""));
    }
    let named = std::env::var("BROWSER").ok().filter(|named| !named.is_empty());
    let (program, arguments): (String, Vec<String>) = match named {
        // A list separated by colons, each perhaps with %s for the address (xdg-open(1)); the first is taken.
        Some(named) => (named.split(':').next().unwrap_or_default().replace("%s", "").trim().to_owned(), Vec::new()),
        None if cfg!(target_os = "macos") => ("open".into(), Vec::new()),
        None if cfg!(windows) => ("rundll32".into(), vec!["url.dll,FileProtocolHandler".into()]),
        None => ("xdg-open".into(), Vec::new()),
    };
    let started = Command::new(&program)
        .args(arguments)
        .arg(url)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    let failed = match started {
        Ok(child) => match failed_soon(child) {
            None => return Ok(()),
            Some(why) => why,
        },
        Err(error) => error.to_string(),
    };
    Err(Problem::new(
        Code::No,
        format!("no browser could be started ({program}): {failed}"),
        "sign in with a code instead: press Use a code instead, or add --device; or name a browser in BROWSER",
    ))
}

/// Why it failed, if it did so soon. Else it is reaped when it ends, which may be with the browser's own end.
fn failed_soon(mut child: Child) -> Option<String> {
    let begun = clock::monotonic();
    while begun.elapsed() < SOON {
        match child.try_wait() {
            Ok(Some(status)) => return (!status.success()).then(|| status.to_string()),
            Ok(None) => std::thread::sleep(Duration::from_millis(20)),
            Err(_) => break,
        }
    }
    std::thread::spawn(move || child.wait());
    None
}
