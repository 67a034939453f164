//! One line a command, as RFC 4180 has it.
//!
//! **Invariant:** a cell never begins with what a spreadsheet would calculate: names come from messages.

use watchbell_engine::view::CommandRow;

/// The first line.
pub(super) const HEADINGS: &str = "command_id,document,state,status,requested_at,updated_at,topic_arn,target_count,\
nodes_heard,pending,in_progress,success,failed,timed_out,cancelled,not_run,other,acknowledged,muted,simulated\r\n";

/// The line of one command; what is unknown is empty.
pub(super) fn line(row: &CommandRow) -> String {
    let counts = &row.counts;
    let mut cells = vec![
        row.command_id.clone(),
        row.document.clone().unwrap_or_default(),
        row.state.as_str().to_owned(),
        row.status.as_ref().map(|status| status.as_str().to_owned()).unwrap_or_default(),
        row.requested_at.map(|at| at.to_string()).unwrap_or_default(),
        row.updated_at.to_string(),
        row.topic_arn.clone().unwrap_or_default(),
        row.target_count.map(|count| count.to_string()).unwrap_or_default(),
        row.nodes_heard.to_string(),
    ];
    let numbers = [
        counts.pending,
        counts.in_progress,
        counts.success,
        counts.failed,
        counts.timed_out,
        counts.cancelled,
        counts.not_run,
        counts.other,
    ];
    cells.extend(numbers.map(|number| number.to_string()));
    cells.extend([row.acknowledged, row.muted, row.simulated].map(|holds| holds.to_string()));
    let cells: Vec<String> = cells.iter().map(|cell| written(cell)).collect();
    format!("{}\r\n", cells.join(","))
}

fn written(cell: &str) -> String {
    let calculates = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let cell = if calculates { format!("'{cell}") } else { cell.to_owned() };
    if cell.contains(['"', ',', '\n', '\r']) { format!("\"{}\"", cell.replace('"', "\"\"")) } else { cell }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cell_is_quoted_where_it_must_be_and_never_calculated() {
        for (cell, expected) in [
            ("AWS-RunShellScript", "AWS-RunShellScript"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=HYPERLINK(\"x\")", "\"'=HYPERLINK(\"\"x\"\")\""),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("two\nlines", "\"two\nlines\""),
        ] {
            assert_eq!(written(cell), expected, "{cell:?}");
        }
    }

    #[test]
    fn every_line_has_as_many_cells_as_the_headings() {
        let line = line(&super::super::markdown::tests::row());
        assert_eq!(line.matches(',').count(), HEADINGS.matches(',').count(), "{line}");
    }
}
