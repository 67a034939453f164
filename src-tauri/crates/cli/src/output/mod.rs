//! The way out: results to stdout, all else to stderr, as text or as JSON.
//!
//! **Invariant:** nothing that came from a message reaches a terminal with a control character in it; JSON escapes them itself.

pub(crate) mod command;
pub(crate) mod mark;
pub(crate) mod paint;
pub(crate) mod progress;
pub(crate) mod quarantine;
pub(crate) mod status;
pub(crate) mod table;
pub(crate) mod windows;

use std::io::{self, IsTerminal, Write};

use serde::Serialize;
use watchbell_core::words;
use watchbell_engine::error::Problem;

use crate::args::Global;

/// Where a command writes to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    json: bool,
    colour: bool,
}

impl Out {
    /// The way out that the flags and the terminal ask for.
    pub(crate) fn of(global: &Global) -> Self {
        Self { json: global.json, colour: !global.json && paint::wanted() }
    }

    /// JSON on stdout.
    pub(crate) fn json() -> Self {
        Self { json: true, colour: false }
    }

    /// Text without colour.
    pub(crate) fn plain() -> Self {
        Self { json: false, colour: false }
    }

    /// Whether `--json` was given.
    pub(crate) fn is_json(self) -> bool {
        self.json
    }

    /// Whether colours are wanted on stdout.
    pub(crate) fn colour(self) -> bool {
        self.colour
    }

    /// One JSON document on a line of its own, flushed: a script may wait for it.
    #[expect(clippy::unused_self, reason = "reads as the place it goes to")]
    pub(crate) fn document(self, value: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(value)?;
        line.push(b'\n');
        let mut stdout = io::stdout().lock();
        stdout.write_all(&line)?;
        stdout.flush()
    }

    /// Text for a person; ends in a newline whether or not it came with one.
    #[expect(clippy::unused_self, reason = "reads as the place it goes to")]
    pub(crate) fn text(self, text: &str) -> io::Result<()> {
        let mut stdout = io::stdout().lock();
        stdout.write_all(text.as_bytes())?;
        if !text.ends_with('\n') {
            stdout.write_all(b"\n")?;
        }
        stdout.flush()
    }

    /// A part of a longer text, as it is.
    #[expect(clippy::unused_self, reason = "reads as the place it goes to")]
    pub(crate) fn part(self, text: &str) -> io::Result<()> {
        io::stdout().lock().write_all(text.as_bytes())
    }

    /// A remark beside the results. That it cannot be written is no reason to stop.
    #[expect(clippy::unused_self, reason = "reads as the place it goes to")]
    pub(crate) fn note(self, text: &str) {
        let _ = writeln!(io::stderr().lock(), "{text}");
    }

    /// Several remarks, a line each.
    pub(crate) fn notes(self, texts: &[String]) {
        for text in texts {
            self.note(text);
        }
    }

    /// An error, in the shape that was asked for.
    pub(crate) fn problem(self, problem: &Problem) {
        self.problem_beside(problem, serde_json::Map::new());
    }

    /// An error, and in its document what became of each part.
    pub(crate) fn problem_beside(self, problem: &Problem, beside: serde_json::Map<String, serde_json::Value>) {
        if self.json {
            let mut document = problem.to_json();
            if let Some(fields) = document.as_object_mut() {
                fields.extend(beside);
            }
            let _ = self.document(&document);
            return;
        }
        let mut stderr = io::stderr().lock();
        let _ = writeln!(stderr, "watchbellctl: {}", words::clean_to(&problem.message, 2000));
        if !problem.hint.is_empty() {
            let _ = writeln!(stderr, "  {}", words::clean_to(&problem.hint, 2000));
        }
    }

    /// Asks a yes-or-no question on the terminal; anything but a yes is a no.
    #[expect(clippy::unused_self, reason = "reads as the place it goes to")]
    pub(crate) fn asks(self, question: &str) -> bool {
        show_question(&format!("{question} [y/N] "));
        let mut typed = String::new();
        let read = io::stdin().read_line(&mut typed);
        read.is_ok() && matches!(typed.trim().to_ascii_lowercase().as_str(), "y" | "yes")
    }
}

impl Out {
    /// What the person types on the terminal; `None` at its end.
    #[expect(clippy::unused_self, reason = "reads as the place it goes to")]
    pub(crate) fn asked(self, question: &str) -> Option<String> {
        show_question(question);
        let mut typed = String::new();
        let read = io::stdin().read_line(&mut typed).ok()?;
        (read > 0).then(|| typed.trim().to_owned())
    }
}

/// Lets go of stderr before anybody waits for the answer: whoever hears Ctrl-C meanwhile has something to say there.
fn show_question(words: &str) {
    let mut stderr = io::stderr().lock();
    let _ = write!(stderr, "{words}");
    let _ = stderr.flush();
}

/// Whether there is a person to ask: both the question and the answer go over a terminal.
pub(crate) fn can_ask() -> bool {
    io::stdin().is_terminal() && io::stderr().is_terminal()
}

/// The same words with a capital first letter.
pub(crate) fn sentence(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}
