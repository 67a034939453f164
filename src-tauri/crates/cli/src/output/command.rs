//! Commands as a terminal shows them: a list of many, a card of one.
//!
//! **Invariant:** pure: the rows and the present instant go in, text comes out. Every word of a message passes `words::clean`.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use watchbell_core::status::{Level, Status};
use watchbell_core::words;
use watchbell_engine::view::{CommandDetail, CommandRow};

use super::{Out, paint, table};

/// The commands, one a line.
pub(crate) fn list(rows: &[CommandRow], now: Timestamp, out: Out) -> String {
    let mut shown = table::columns(out, &["UPDATED", "STATE", "COMMAND", "DOCUMENT", "NODES"]);
    for row in rows {
        shown.add_row(vec![
            words::age(row.updated_at, now).into(),
            paint::status(&row.state, words::detail(&row.state, None)),
            words::clean(&row.command_id).into(),
            row.document.as_deref().map(words::document_name).unwrap_or_default().into(),
            nodes(row).into(),
        ]);
    }
    table::lines(&shown)
}

/// How its nodes fare, and what a person should know of the row as a whole.
fn nodes(row: &CommandRow) -> String {
    let mut text = words::progress(&row.counts, row.target_count, &row.state);
    let marks = [(row.acknowledged, "acknowledged"), (row.muted, "muted"), (row.simulated, "simulated")];
    for (holds, word) in marks {
        if holds {
            let _ = write!(text, " · {word}");
        }
    }
    text
}

/// One command with its nodes, events and decisions; times in `zone`.
pub(crate) fn card(detail: &CommandDetail, now: Timestamp, zone: &TimeZone, out: Out) -> String {
    let row = &detail.command;
    let mut text = format!("{}: {}\n", words::subject(&row.command_id, row.document.as_deref()), nodes(row));
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<11}{value}");
    };
    line("command", words::clean(&row.command_id));
    if let Some(at) = row.requested_at {
        line("requested", format!("{}, {}", moment(at, zone), words::age(at, now)));
    }
    line("updated", format!("{}, {}", moment(row.updated_at, zone), words::age(row.updated_at, now)));
    if let Some(topic) = &row.topic_arn {
        line("topic", words::clean(topic));
    }
    if let Some(window) = &row.window {
        let name = words::clean(window.name.as_deref().unwrap_or(&window.id));
        line("window", if window.guess { format!("{name} (told by the time alone)") } else { name });
    }
    match &row.status {
        Some(status) => line("as a whole", words::detail(status, None)),
        None => line("as a whole", "not heard; SSM reports this command by its nodes".into()),
    }
    if !detail.invocations.is_empty() {
        let mut shown = table::columns(out, &["NODE", "STATUS", "SINCE"]);
        for node in &detail.invocations {
            let told = words::detail(&node.status, node.detail.as_deref());
            shown.add_row(vec![
                words::clean(&node.node_id).into(),
                paint::status(&node.status, told),
                moment(node.event_time, zone).into(),
            ]);
        }
        section(&mut text, "Nodes", &table::lines(&shown));
    } else if row.levels == [Level::Command] {
        text.push_str("\nSSM reports this command without its nodes.\n");
    }
    events(&mut text, detail, zone, out);
    if !detail.decisions.is_empty() {
        let mut shown = table::columns(out, &["AT", "ALERT", "WHY"]);
        for decision in &detail.decisions {
            shown.add_row(vec![
                moment(decision.at, zone),
                words::clean(&decision.outcome),
                words::clean(&decision.reason),
            ]);
        }
        section(&mut text, "Alert decisions", &table::lines(&shown));
    }
    text
}

fn events(text: &mut String, detail: &CommandDetail, zone: &TimeZone, out: Out) {
    let mut shown = table::columns(out, &["AT", "RECEIVED", "OF", "STATUS"]);
    for event in &detail.events {
        let of = event.node_id.as_deref().map_or_else(|| "the command".to_owned(), words::clean);
        shown.add_row(vec![
            moment(event.event_time, zone).into(),
            moment(event.received_at, zone).into(),
            of.into(),
            paint::status(&event.status, told(&event.status, event.detail.as_deref())),
        ]);
    }
    section(text, "Events", &table::lines(&shown));
}

fn told(status: &Status, detail: Option<&str>) -> String {
    words::detail(status, detail)
}

fn section(text: &mut String, heading: &str, lines: &str) {
    let _ = write!(text, "\n{heading}\n{lines}");
}

/// An instant to the second, in the person's own zone.
pub(crate) fn moment(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%Y-%m-%d %H:%M:%S").to_string()
}

#[cfg(test)]
mod tests {
    use watchbell_core::command::Counts;
    use watchbell_engine::view::{DecisionRow, EventRow, InvocationRow};

    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    fn row() -> CommandRow {
        CommandRow {
            command_id: "0d4bd167-8513-4d6e-9a69-72f784dc7d32".into(),
            document: Some("AWS-RunPatchBaseline".into()),
            state: Status::Failed,
            status: None,
            levels: vec![Level::Invocation],
            requested_at: Some(at(0)),
            updated_at: at(60),
            topic_arn: Some("arn:aws:sns:eu-central-1:123456789012:ssm-notify".into()),
            target_count: None,
            nodes_heard: 2,
            counts: Counts { success: 1, failed: 1, ..Counts::default() },
            acknowledged: true,
            simulated: false,
            muted: false,
            window: None,
            cursor: "c".into(),
        }
    }

    fn hostile() -> CommandRow {
        let document = Some("AWS\u{1b}[2J-Run\u{202e}\nShell".into());
        CommandRow { document, state: Status::Other("Re\u{7}booting".into()), acknowledged: false, ..row() }
    }

    #[test]
    fn a_list_has_one_line_a_command_and_obeys_no_message() {
        let text = list(&[row(), hostile()], at(64), Out::plain());
        assert_eq!(text.lines().count(), 3, "a line each and the headings, whatever a document is called");
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "no control character reaches the terminal");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_card_tells_the_nodes_the_events_and_why_it_rang() {
        let node = |id: &str, status: Status, detail: &str, second| InvocationRow {
            node_id: id.into(),
            status,
            detail: Some(detail.into()),
            event_time: at(second),
        };
        let event = |node: Option<&str>, status: Status, second| EventRow {
            event_time: at(second),
            received_at: at(second + 1),
            level: if node.is_some() { Level::Invocation } else { Level::Command },
            node_id: node.map(Into::into),
            status,
            detail: None,
            message_id: None,
        };
        let detail = CommandDetail {
            watched: false,
            command: row(),
            invocations: vec![
                node("i-0c4e0f1a2b3c4d591", Status::Failed, "Undeliverable", 60),
                node("i-0c4e0f1a2b3c4d592", Status::Success, "Success", 50),
            ],
            events: vec![
                event(None, Status::InProgress, 1),
                event(Some("i-0c4e0f1a2b3c4d592"), Status::Success, 50),
                event(Some("i-0c4e0f1a2b3c4d591"), Status::Failed, 60),
            ],
            decisions: vec![DecisionRow {
                at: at(61),
                outcome: "rang".into(),
                reason: "the first failure of this command".into(),
            }],
        };
        insta::assert_snapshot!(card(&detail, at(64), &TimeZone::UTC, Out::plain()));
    }

    #[test]
    fn a_command_without_nodes_says_so() {
        let command = CommandRow {
            status: Some(Status::Failed),
            levels: vec![Level::Command],
            nodes_heard: 0,
            counts: Counts::default(),
            ..row()
        };
        let detail = CommandDetail { command, invocations: vec![], events: vec![], decisions: vec![], watched: false };
        let text = card(&detail, at(64), &TimeZone::UTC, Out::plain());
        assert!(text.contains("without its nodes"), "nodes that SSM does not report are not made up: {text}");
    }
}
