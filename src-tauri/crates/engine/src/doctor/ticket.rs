//! The report as a terminal shows it, and as it goes into a ticket.
//!
//! **Invariant:** pure; no state is told by colour alone, and no line depends on the terminal's width, so that it can be pasted.

use std::fmt::Write as _;

use watchbell_core::words;

use super::report::{Check, CheckState, Report, Stage};

/// The report in lines; the text ends in a line break.
pub fn text(report: &Report) -> String {
    let mut text = format!("Watchbell {} on {}, {:.0}\n", env!("CARGO_PKG_VERSION"), std::env::consts::OS, report.at);
    let (mut stage, mut topic) = (None, None);
    for check in &report.checks {
        if check.topic_arn.is_some() && check.topic_arn != topic {
            topic.clone_from(&check.topic_arn);
            stage = None;
            let _ = write!(text, "\n{}", topic.as_ref().map(ToString::to_string).unwrap_or_default());
        }
        if stage != Some(check.stage) {
            stage = Some(check.stage);
            let _ = writeln!(text, "\n{}", heading(check.stage));
        }
        put(&mut text, check);
    }
    let _ = writeln!(
        text,
        "\n{} failed, {} skipped, {} ok",
        report.count(CheckState::Failed),
        report.count(CheckState::Skipped),
        report.count(CheckState::Ok)
    );
    text
}

fn heading(stage: Stage) -> &'static str {
    match stage {
        Stage::Machine => "This machine",
        Stage::Network => "The way to AWS",
        Stage::Identity => "Identity",
        Stage::Topic => "Topic",
        Stage::Queue => "Queue",
        Stage::Subscription => "Subscription",
        Stage::Permissions => "Permissions",
        Stage::Delivery => "Delivery",
    }
}

fn put(text: &mut String, check: &Check) {
    let state = match check.state {
        CheckState::Ok => "ok",
        CheckState::Failed => "FAILED",
        CheckState::Skipped => "skipped",
    };
    let said = check.reason.as_deref().unwrap_or(&check.found);
    let _ = writeln!(text, "  {state:<8} {:<17} {}", check.name.replace('_', " "), words::clean_to(said, 2000));
    for (number, line) in check.fix.iter().flat_map(|fix| fix.lines()).enumerate() {
        let mark = if number == 0 { "fix: " } else { "     " };
        let _ = writeln!(text, "  {:<8} {:<17} {mark}{}", "", "", words::clean_to(line, 2000));
    }
}
