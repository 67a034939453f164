//! Plain columns: no frames, so that a line can be cut and pasted.
//!
//! **Invariant:** what goes through a pipe is never wrapped or coloured.

use std::io::IsTerminal;

use comfy_table::{ContentArrangement, Table, presets};

use super::Out;

/// An empty table with these headings.
pub(crate) fn columns(out: Out, headings: &[&str]) -> Table {
    let mut table = Table::new();
    table.load_style(presets::NOTHING).set_header(headings.iter().copied());
    if out.colour() {
        table.enforce_styling();
    } else {
        table.force_no_tty();
    }
    let arrangement =
        if std::io::stdout().is_terminal() { ContentArrangement::Dynamic } else { ContentArrangement::Disabled };
    table.set_content_arrangement(arrangement);
    table
}

/// The table as text, without the spaces that padding leaves at both ends of a line.
pub(crate) fn lines(table: &Table) -> String {
    let mut text = String::new();
    for line in table.lines() {
        let line = line.strip_prefix(' ').unwrap_or(&line).trim_end();
        text.push_str(line);
        text.push('\n');
    }
    text
}
