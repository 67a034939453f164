//! A report to read: a section a command, with the nodes that are in trouble.
//!
//! **Invariant:** pure. Nothing from a message can become markup.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use watchbell_core::status::bucket;
use watchbell_core::words;
use watchbell_engine::view::{CommandDetail, CommandRow};

/// The most nodes of one command that are listed.
const NODES: usize = 100;

/// The report's heading.
pub(super) fn head(now: Timestamp, zone: &TimeZone) -> String {
    format!("# Commands heard by Watchbell\n\nWritten {}.\n", moment(now, zone))
}

/// The section of one command; with `detail`, the nodes that failed, timed out or never ran.
pub(super) fn section(row: &CommandRow, detail: Option<&CommandDetail>, zone: &TimeZone) -> String {
    let subject = words::subject(&row.command_id, row.document.as_deref());
    let progress = words::progress(&row.counts, row.target_count, &row.state);
    let mut text = format!("\n## {}: {}\n\n", plain(&subject), plain(&progress));
    let _ = writeln!(text, "- Command `{}`", words::clean(&row.command_id).replace('`', "'"));
    if let Some(at) = row.requested_at {
        let _ = writeln!(text, "- Requested {}", moment(at, zone));
    }
    let _ = writeln!(text, "- Last heard of {}", moment(row.updated_at, zone));
    for (holds, word) in [
        (row.acknowledged, "Acknowledged"),
        (row.muted, "Muted"),
        (row.simulated, "Simulated: nothing failed in earnest"),
    ] {
        if holds {
            let _ = writeln!(text, "- {word}");
        }
    }
    let Some(detail) = detail else { return text };
    let failing: Vec<_> = detail
        .invocations
        .iter()
        .filter(|node| {
            let bucket = bucket(&node.status, node.detail.as_deref());
            bucket.is_failing() || bucket.as_str() == "not_run"
        })
        .collect();
    if !failing.is_empty() {
        text.push_str("\n| Node | Status | Since |\n| --- | --- | --- |\n");
    }
    for node in failing.iter().take(NODES) {
        let told = words::detail(&node.status, node.detail.as_deref());
        let _ = writeln!(text, "| {} | {} | {} |", plain(&node.node_id), plain(&told), moment(node.event_time, zone));
    }
    if failing.len() > NODES {
        let _ = writeln!(text, "\nand {} more nodes.", failing.len() - NODES);
    }
    text
}

fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S %Z").to_string()
}

/// The words with everything escaped that Markdown or HTML would take for its own.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    for letter in words::clean(text).chars() {
        match letter {
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '&' => plain.push_str("&amp;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '!' => plain.extend(['\\', letter]),
            other => plain.push(other),
        }
    }
    plain
}

#[cfg(test)]
pub(super) mod tests {
    use watchbell_core::command::Counts;
    use watchbell_core::status::{Level, Status};
    use watchbell_engine::view::InvocationRow;

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    pub(in super::super) fn row() -> CommandRow {
        CommandRow {
            command_id: "0d4bd167-8513-4d6e-9a69-72f784dc7d32".into(),
            document: Some("AWS-Run_<script>|Patch".into()),
            state: Status::Failed,
            status: None,
            levels: vec![Level::Invocation],
            requested_at: Some(at(0)),
            updated_at: at(60),
            topic_arn: Some("arn:aws:sns:eu-central-1:123456789012:ssm-notify".into()),
            target_count: None,
            nodes_heard: 3,
            counts: Counts { success: 1, failed: 1, not_run: 1, ..Counts::default() },
            acknowledged: true,
            simulated: false,
            muted: true,
            window: None,
            cursor: "c".into(),
        }
    }

    #[test]
    fn a_report_names_the_nodes_in_trouble_and_obeys_no_name() {
        let node = |id: &str, status: Status, detail: &str| InvocationRow {
            node_id: id.into(),
            status,
            detail: Some(detail.into()),
            event_time: at(60),
        };
        let detail = CommandDetail {
            command: row(),
            invocations: vec![
                node("i-0c4e0f1a2b3c4d591", Status::Failed, "Failed"),
                node("i-0c4e0f1a2b3c4d592", Status::Failed, "Terminated"),
                node("i-0c4e0f1a2b3c4d593", Status::Success, "Success"),
            ],
            events: Vec::new(),
            decisions: Vec::new(),
            watched: false,
        };
        let zone = TimeZone::UTC;
        insta::assert_snapshot!(head(at(64), &zone) + &section(&row(), Some(&detail), &zone));
    }
}
