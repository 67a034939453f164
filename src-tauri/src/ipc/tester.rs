//! The rules' tester: what edited rules would have done to the history, beside those in force.
//!
//! **Invariant:** pure reading; a try changes nothing and rings nobody.

use serde::Serialize;
use specta::Type;
use watchbell_core::policy::Outcome;
use watchbell_core::replay::Report;
use watchbell_core::rules::RuleBook;
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::settings::Settings;

use super::reading::{Answer, Held, read};
use super::rules::{RuleForm, core_rules};

/// The most commands whose fate changes that a try names.
const NAMED: usize = 50;

/// What edited rules would have done to the history, beside those in force.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Tried {
    pub(crate) days: u32,
    pub(crate) events: u32,
    pub(crate) commands: u32,
    pub(crate) before: Tally,
    pub(crate) after: Tally,
    /// The commands for which the first decision differs, newest last; at most 50.
    pub(crate) changed: Vec<TriedCommand>,
    pub(crate) more_changed: u32,
}

/// New alerts, and commands by what became of them.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct Tally {
    pub(crate) alerts: u32,
    pub(crate) rang: u32,
    pub(crate) together: u32,
    pub(crate) quiet: u32,
    pub(crate) muted: u32,
}

/// A command whose fate changes.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct TriedCommand {
    pub(crate) command_id: String,
    pub(crate) name: String,
    pub(crate) before: String,
    pub(crate) after: String,
    pub(crate) reason: String,
}

/// What these rules would have done to the last `days` of the history, beside those in force.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_rules(shell: Held<'_>, rules: Vec<RuleForm>, days: u32) -> Answer<Tried> {
    let edited = RuleBook::compile(&core_rules(rules)?).map_err(|errors| {
        let first = errors.first().map(|error| format!("{error}")).unwrap_or_default();
        EngineProblem::new(Code::Usage, first, "correct the rule and try again")
    })?;
    let dir = shell.dir.clone();
    read(&shell, move |reader| {
        let settings = Settings::load(&dir)?;
        let (now, quiet) = (clock::now(), reader.quiet_hours()?);
        let in_force = RuleBook::compile(&reader.rules()?).unwrap_or_default();
        let before = reader.replay((in_force, quiet.clone()), &settings, days, now)?;
        let after = reader.replay((edited, quiet), &settings, days, now)?;
        Ok::<_, EngineProblem>(tried(days, &before, &after))
    })
    .await
}

fn tried(days: u32, before: &Report, after: &Report) -> Tried {
    let held: std::collections::HashMap<_, _> =
        before.commands.iter().map(|command| (command.command_id.as_str(), command)).collect();
    let changed: Vec<_> = after
        .commands
        .iter()
        .filter_map(|command| {
            let then = held.get(command.command_id.as_str())?;
            (then.outcome != command.outcome).then(|| TriedCommand {
                command_id: command.command_id.clone(),
                name: command.name.clone(),
                before: then.outcome.as_str().into(),
                after: command.outcome.as_str().into(),
                reason: command.reason.clone(),
            })
        })
        .collect();
    let more = changed.len().saturating_sub(NAMED);
    Tried {
        days,
        events: after.events,
        commands: u32::try_from(after.commands.len()).unwrap_or(u32::MAX),
        before: tally(before),
        after: tally(after),
        changed: changed.into_iter().skip(more).collect(),
        more_changed: u32::try_from(more).unwrap_or(u32::MAX),
    }
}

fn tally(report: &Report) -> Tally {
    let together = [Outcome::Overflow, Outcome::Digest, Outcome::Snoozed];
    Tally {
        alerts: report.alerts,
        rang: report.count(Outcome::Rang),
        together: together.into_iter().map(|outcome| report.count(outcome)).sum(),
        quiet: report.count(Outcome::Quiet),
        muted: report.count(Outcome::Muted),
    }
}
