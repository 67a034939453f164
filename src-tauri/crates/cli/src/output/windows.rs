//! Runs of maintenance windows as a terminal shows them: a list of many, a card of one, the next of a schedule.
//!
//! **Invariant:** pure: rows, the present instant and the person's zone go in, text comes out, cleaned.

use std::fmt::Write as _;

use jiff::Timestamp;
use jiff::tz::TimeZone;
use watchbell_core::schedule::Run;
use watchbell_core::words::{self, plural};
use watchbell_engine::schedule::Outlook;
use watchbell_engine::view::{FailedNode, WindowReport, WindowRun, WindowState};

use super::command::moment;
use super::{Out, command, paint, sentence, table};

/// The runs, one a line, the latest first.
pub(crate) fn list(runs: &[WindowRun], now: Timestamp, zone: &TimeZone, out: Out) -> String {
    let mut shown = table::columns(out, &["STATE", "START", "WINDOW", "NODES", "UNTIL", "KNOWN FROM"]);
    for run in runs {
        shown.add_row(vec![
            state(run),
            moment(run.start, zone),
            called(run),
            fares(run),
            until(run, now, zone).unwrap_or_default(),
            run.source.clone(),
        ]);
    }
    table::lines(&shown)
}

/// One run with its commands and nodes.
pub(crate) fn card(report: &WindowReport, now: Timestamp, zone: &TimeZone, out: Out) -> String {
    let run = &report.window;
    let mut text = format!("{}: {}\n", called(run), fares(run));
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<11}{value}");
    };
    line("state", state(run));
    match run.state {
        WindowState::Upcoming => line("opens", moment(run.start, zone)),
        _ => line("opened", format!("{}, {}", moment(run.start, zone), words::age(run.start, now))),
    }
    if let Some(cutoff) = run.cutoff {
        line("cutoff", moment(cutoff, zone));
    }
    if let Some(end) = run.end {
        line(if run.state == WindowState::Ended { "ended" } else { "ends" }, moment(end, zone));
    }
    if let Some(id) = &run.window_id {
        line("window", words::clean(id));
    }
    if let Some(id) = &run.execution_id {
        line("execution", words::clean(id));
    }
    line("known from", run.source.clone());
    line("run", words::clean_to(&run.run, 300));
    if report.commands.is_empty() {
        text.push_str("\nNo command of it was heard of.\n");
    } else {
        let guessed = report.commands.iter().filter(|row| row.window.as_ref().is_some_and(|of| of.guess)).count();
        let _ = write!(text, "\nCommands\n{}", command::list(&report.commands, now, out));
        if guessed > 0 {
            let guessed = plural(u32::try_from(guessed).unwrap_or(u32::MAX), "command");
            let _ = writeln!(text, "{guessed} told by the time alone.");
        }
    }
    nodes(&mut text, "Failed", &report.failed, zone, out);
    nodes(&mut text, "Cut off", &report.cut_off, zone, out);
    text
}

/// When a typed window runs next.
pub(crate) fn next(outlook: &Outlook, now: Timestamp, zone: &TimeZone) -> String {
    if outlook.next.is_empty() {
        return none(outlook, now, zone);
    }
    let line = |run: &Run| {
        let [start, cutoff, end] = [run.start, run.cutoff, run.end].map(|at| weekday(at, zone));
        format!("  {start}, cutoff {cutoff}, ends {end}\n")
    };
    format!("Next runs, in your time zone:\n{}", outlook.next.iter().map(line).collect::<String>())
}

/// When a schedule starts next.
pub(crate) fn starts(outlook: &Outlook, now: Timestamp, zone: &TimeZone) -> String {
    // How long a run lasts is not asked here, so none is known to be open.
    let outlook = Outlook { open: None, ..outlook.clone() };
    if outlook.next.is_empty() {
        return none(&outlook, now, zone);
    }
    let starts = outlook.next.iter().map(|run| format!("  {}\n", weekday(run.start, zone)));
    format!("Next starts, in your time zone:\n{}", starts.collect::<String>())
}

/// Why no run is to come.
fn none(outlook: &Outlook, now: Timestamp, zone: &TimeZone) -> String {
    if outlook.never {
        return "It will not run: the schedule names no day that exists.\n".to_owned();
    }
    match outlook.open {
        Some(open) => {
            format!("It is open now until {} and does not run again.\n", words::clock(open.end, now, zone))
        }
        None => "It will not run: its times are over.\n".to_owned(),
    }
}

fn nodes(text: &mut String, heading: &str, nodes: &[FailedNode], zone: &TimeZone, out: Out) {
    if nodes.is_empty() {
        return;
    }
    let mut shown = table::columns(out, &["NODE", "STATUS", "SINCE", "DOCUMENT", "COMMAND"]);
    for node in nodes {
        let told = words::detail(&node.status, node.detail.as_deref());
        shown.add_row(vec![
            words::clean(&node.node_id).into(),
            paint::status(&node.status, told),
            moment(node.event_time, zone).into(),
            node.document.as_deref().map(words::document_name).unwrap_or_default().into(),
            words::clean(&node.command_id).into(),
        ]);
    }
    let _ = write!(text, "\n{heading}\n{}", table::lines(&shown));
}

fn state(run: &WindowRun) -> String {
    let state = match run.state {
        WindowState::Upcoming => "upcoming",
        WindowState::Running => "running",
        WindowState::Ended => "ended",
    };
    let status = run.status.as_ref().filter(|_| run.state == WindowState::Ended);
    status.map_or_else(|| state.to_owned(), |status| words::clean(&status.as_str().replace('_', " ")))
}

fn called(run: &WindowRun) -> String {
    words::clean_to(run.name.as_deref().or(run.window_id.as_deref()).unwrap_or("a window without a name"), 64)
}

/// "148 of 200 done, 7 failed, 2 cut off" of its nodes, or what is known instead.
fn fares(run: &WindowRun) -> String {
    let of = run.progress;
    if of.commands == 0 {
        return match run.state {
            WindowState::Upcoming => "-".to_owned(),
            _ => "no command".to_owned(),
        };
    }
    let mut parts = match (of.known, of.complete) {
        (0, _) => vec![plural(of.commands, "command")],
        (known, true) => vec![format!("{} of {known} done", of.done)],
        (known, false) => vec![format!("{} of {known} heard from done", of.done)],
    };
    let counted = [(of.failed, "failed"), (of.timed_out, "timed out"), (run.cut_off, "cut off")];
    parts.extend(counted.into_iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")));
    if run.commands_failed > 0 {
        parts.push(format!("{} failed", plural(run.commands_failed, "command")));
    }
    parts.join(", ")
}

fn until(run: &WindowRun, now: Timestamp, zone: &TimeZone) -> Option<String> {
    let said = match (run.state, run.cutoff, run.end) {
        (WindowState::Running, Some(cutoff), _) if cutoff > now => format!("cutoff {}", moment(cutoff, zone)),
        (WindowState::Running, Some(_), Some(end)) => format!("past its cutoff, ends {}", moment(end, zone)),
        (WindowState::Ended, _, Some(end)) => moment(end, zone),
        (_, _, Some(end)) => format!("ends {}", moment(end, zone)),
        _ => return None,
    };
    Some(sentence(&said))
}

fn weekday(at: Timestamp, zone: &TimeZone) -> String {
    at.to_zoned(zone.clone()).strftime("%a %Y-%m-%d %H:%M").to_string()
}

#[cfg(test)]
mod tests {
    use jiff::SignedDuration;
    use watchbell_core::command::Counts;
    use watchbell_core::status::Status;
    use watchbell_core::window::{Progress, RunStatus};

    use super::*;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000).unwrap() + SignedDuration::from_mins(minutes)
    }

    fn run(state: WindowState, name: Option<&str>) -> WindowRun {
        WindowRun {
            run: "123456789012/eu-central-1/mw-0ed7251d3fcf6e0c2/b60fb56e-776c-4e5c-84ee-123456789012".into(),
            state,
            source: "eventbridge".into(),
            name: name.map(Into::into),
            window_id: Some("mw-0ed7251d3fcf6e0c2".into()),
            execution_id: Some("b60fb56e-776c-4e5c-84ee-123456789012".into()),
            account: None,
            region: None,
            status: None,
            start: at(0),
            cutoff: Some(at(180)),
            end: Some(at(240)),
            progress: Progress { commands: 2, done: 148, known: 200, complete: true, failed: 7, timed_out: 1 },
            counts: Counts::default(),
            commands_failed: 0,
            cut_off: 3,
        }
    }

    #[test]
    fn a_list_says_how_each_run_fares_and_until_when() {
        let ended = WindowRun {
            status: Some(RunStatus::TimedOut),
            progress: Progress { complete: false, ..run(WindowState::Ended, None).progress },
            ..run(WindowState::Ended, None)
        };
        let empty = Progress::default();
        let runs = [
            WindowRun { progress: empty, cut_off: 0, ..run(WindowState::Upcoming, Some("Sunday\u{1b}[2J patch")) },
            run(WindowState::Running, Some("Sunday patch")),
            ended,
            WindowRun { end: None, progress: empty, cut_off: 0, ..run(WindowState::Ended, None) },
        ];
        let text = list(&runs, at(30), &TimeZone::UTC, Out::plain());
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "no control character reaches the terminal");
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_card_tells_what_failed_and_what_was_cut_off() {
        let node = |id: &str, status: Status| FailedNode {
            command_id: "0d4bd167-8513-4d6e-9a69-72f784dc7d32".into(),
            document: Some("AWS-RunPatchBaseline".into()),
            node_id: id.into(),
            status,
            detail: None,
            event_time: at(181),
        };
        let report = WindowReport {
            window: run(WindowState::Ended, Some("Sunday patch")),
            told: None,
            commands: Vec::new(),
            failed: vec![node("i-0c4e0f1a2b3c4d591", Status::Failed)],
            cut_off: vec![node("i-0c4e0f1a2b3c4d592", Status::Cancelled)],
            events: Vec::new(),
        };
        insta::assert_snapshot!(card(&report, at(300), &TimeZone::UTC, Out::plain()));
    }

    #[test]
    fn the_next_runs_name_their_weekday() {
        let run = Run { start: at(0), cutoff: at(180), end: at(240) };
        let outlook = Outlook { next: vec![run], open: Some(run), never: false };
        let (now, zone) = (at(30), TimeZone::UTC);
        insta::assert_snapshot!(next(&outlook, now, &zone) + &starts(&outlook, now, &zone));
    }

    #[test]
    fn a_window_that_does_not_run_again_says_why() {
        let run = Run { start: at(0), cutoff: at(180), end: at(240) };
        let outlooks = [
            Outlook { next: Vec::new(), open: Some(run), never: false },
            Outlook { next: Vec::new(), open: None, never: false },
            Outlook { next: Vec::new(), open: None, never: true },
        ];
        let said = outlooks.map(|of| next(&of, at(30), &TimeZone::UTC) + &starts(&of, at(30), &TimeZone::UTC));
        insta::assert_snapshot!(said.concat());
    }
}
