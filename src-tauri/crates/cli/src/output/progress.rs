//! Work that takes a while, told on a terminal and nowhere else.
//!
//! **Invariant:** nothing is drawn when stderr is not a terminal: logs stay clean.

use std::io::IsTerminal;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

/// A line that turns while `what` is under way, and vanishes when it is dropped.
pub(crate) struct Turning(ProgressBar);

impl Turning {
    /// Starts turning, unless there is no terminal.
    pub(crate) fn over(what: &str) -> Self {
        if !std::io::stderr().is_terminal() {
            return Self(ProgressBar::hidden());
        }
        let bar = ProgressBar::new_spinner().with_message(what.to_owned());
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}") {
            bar.set_style(style);
        }
        bar.enable_steady_tick(Duration::from_millis(120));
        Self(bar)
    }

    /// What is under way now.
    pub(crate) fn say(&self, what: &str) {
        self.0.set_message(what.to_owned());
    }
}

impl Drop for Turning {
    fn drop(&mut self) {
        self.0.finish_and_clear();
    }
}
