//! Colour, where the terminal has it and nobody declined it.
//!
//! **Invariant:** colour never carries meaning alone: each word says its status by itself.

use std::io::IsTerminal;

use comfy_table::{Cell, Color};
use watchbell_core::status::Status;

/// Whether stdout is a terminal that wants colours: `NO_COLOR` (no-color.org) and `TERM=dumb` are honoured.
pub(crate) fn wanted() -> bool {
    let declined = std::env::var_os("NO_COLOR").is_some_and(|set| !set.is_empty());
    let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
    std::io::stdout().is_terminal() && !declined && !dumb
}

/// The status as a cell in its colour: red, orange, grey, blue, green as in the window.
pub(crate) fn status(status: &Status, text: String) -> Cell {
    let colour = match status {
        Status::Failed => Color::Red,
        Status::TimedOut => Color::DarkYellow,
        Status::InProgress | Status::Pending => Color::Blue,
        Status::Success => Color::Green,
        Status::Cancelled | Status::Other(_) => Color::DarkGrey,
    };
    Cell::new(text).fg(colour)
}
