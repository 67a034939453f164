//! `rules try`: what rules would have done to the history, beside those in force.
//!
//! **Invariant:** reads only. Both sides are replayed in the same way, so their difference is the rules' alone.

use std::collections::HashMap;
use std::ffi::OsStr;
use std::fmt::Write as _;

use serde::Serialize;
use watchbell_core::policy::Outcome;
use watchbell_core::replay::{Replayed, Report};
use watchbell_core::rules::RuleBook;
use watchbell_core::words;
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::settings::Settings;
use watchbell_engine::store::Reader;

use super::file;
use crate::ended::{Answer, Ended};
use crate::output::progress::Turning;
use crate::output::{Out, table};

/// How many commands are listed.
const LISTED: usize = 50;

/// New alerts, and the commands by what became of them first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
struct Tally {
    alerts: u32,
    rang: u32,
    together: u32,
    quiet: u32,
    muted: u32,
}

/// A command whose fate changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
struct Change {
    command_id: String,
    name: String,
    before: String,
    after: String,
    reason: String,
}

/// Replays and compares.
pub(super) fn run(dir: &DataDir, from: Option<&OsStr>, days: u32, out: Out) -> Ended {
    let reader = Reader::open(dir).map_err(Problem::from)?;
    let (now, quiet) = (clock::now(), reader.quiet_hours().map_err(Problem::from)?);
    let in_force = RuleBook::compile(&reader.rules().map_err(Problem::from)?).unwrap_or_default();
    let (before, after) = match from {
        Some(from) => (in_force, book(&file::rules(from, out)?)?),
        None => (RuleBook::default(), in_force),
    };
    let settings = Settings::load(dir)?;
    let turning = Turning::over("Replaying the history");
    let before = reader.replay((before, quiet.clone()), &settings, days, now).map_err(Problem::from)?;
    let after = reader.replay((after, quiet), &settings, days, now).map_err(Problem::from)?;
    drop(turning);
    let changes = changes(&before, &after);
    if out.is_json() {
        out.document(&serde_json::json!({
            "ok": true, "days": days, "events": after.events, "commands": after.commands.len(),
            "before": tally(&before), "after": tally(&after), "changed": changes,
        }))?;
    } else {
        let names = if from.is_some() { ("in force", "tried") } else { ("no rules", "in force") };
        out.text(&text(days, names, &before, &after, &changes, out))?;
    }
    Ok(Answer::Done)
}

fn book(rules: &[watchbell_core::rules::Rule]) -> Result<RuleBook, Problem> {
    // What was read from a file compiles.
    RuleBook::compile(rules).map_err(|_| Problem::new(Code::Usage, "The rules cannot be read", "Export them anew"))
}

fn tally(report: &Report) -> Tally {
    let together = [Outcome::Overflow, Outcome::Digest, Outcome::Snoozed].map(|outcome| report.count(outcome));
    Tally {
        alerts: report.alerts,
        rang: report.count(Outcome::Rang),
        together: together.iter().sum(),
        quiet: report.count(Outcome::Quiet),
        muted: report.count(Outcome::Muted),
    }
}

fn changes(before: &Report, after: &Report) -> Vec<Change> {
    let earlier: HashMap<&str, &Replayed> =
        before.commands.iter().map(|command| (command.command_id.as_str(), command)).collect();
    let changed = after.commands.iter().filter_map(|now| {
        let then = earlier.get(now.command_id.as_str())?;
        (then.outcome != now.outcome).then(|| Change {
            command_id: now.command_id.clone(),
            name: now.name.clone(),
            before: then.outcome.as_str().to_owned(),
            after: now.outcome.as_str().to_owned(),
            reason: now.reason.clone(),
        })
    });
    changed.collect()
}

fn text(
    days: u32,
    (first, second): (&str, &str),
    before: &Report,
    after: &Report,
    changes: &[Change],
    out: Out,
) -> String {
    let commands = u32::try_from(after.commands.len()).unwrap_or(u32::MAX);
    let mut text = format!(
        "The last {}: {}, {} in trouble.\n\n",
        words::plural(days, "day"),
        words::plural(after.events, "event"),
        words::plural(commands, "command")
    );
    let mut shown = table::columns(out, &["RULES", "NEW ALERTS", "RANG", "TOGETHER", "QUIET", "MUTED"]);
    for (name, Tally { alerts, rang, together, quiet, muted }) in [(first, tally(before)), (second, tally(after))] {
        let numbers = [alerts, rang, together, quiet, muted].map(|number| number.to_string());
        shown.add_row(std::iter::once(name.to_owned()).chain(numbers));
    }
    text.push_str(&table::lines(&shown));
    if changes.is_empty() {
        text.push_str("\nNo command fares otherwise.\n");
        return text;
    }
    let mut shown = table::columns(out, &["COMMAND", "DOCUMENT", "BEFORE", "AFTER", "WHY"]);
    for change in changes.iter().rev().take(LISTED) {
        shown.add_row(vec![
            words::clean(&change.command_id),
            words::clean(&change.name),
            change.before.clone(),
            change.after.clone(),
            words::clean_to(&change.reason, 200),
        ]);
    }
    let _ = write!(text, "\n{}", table::lines(&shown));
    let more = changes.len().saturating_sub(LISTED);
    if more > 0 {
        let _ = writeln!(text, "and {} more", words::plural(u32::try_from(more).unwrap_or(u32::MAX), "command"));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(alerts: u32, commands: &[(&str, Outcome)]) -> Report {
        let commands = commands.iter().map(|(id, outcome)| Replayed {
            command_id: (*id).to_owned(),
            name: "AWS-RunPatchBaseline".into(),
            outcome: *outcome,
            reason: "Muted by rule \"Patching\".".into(),
        });
        Report { events: 12, alerts, commands: commands.collect() }
    }

    #[test]
    fn what_fares_otherwise_is_listed_with_its_reason() {
        let before = report(2, &[("c-1", Outcome::Rang), ("c-2", Outcome::Rang)]);
        let after = report(1, &[("c-1", Outcome::Muted), ("c-2", Outcome::Rang)]);
        let changes = changes(&before, &after);
        insta::assert_snapshot!(text(7, ("in force", "tried"), &before, &after, &changes, Out::plain()));
    }
}
