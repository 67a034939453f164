//! What the window may ask about when Watchbell rings: snooze, watch, rules and their tester, quiet hours.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use specta::Type;
use tauri::State;
use watchbell_core::policy::Outcome;
use watchbell_core::quiet::QuietHours as CoreQuietHours;
use watchbell_core::replay::Report;
use watchbell_core::rules::{self, FileError, RuleBook};
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::store::{Act, Reader};

use super::types::Problem;
use crate::shell::Shell;

type Answer<T> = Result<T, Problem>;
type Held<'a> = State<'a, Arc<Shell>>;

/// The most commands whose fate changes that a try names.
const NAMED: usize = 50;

/// One rule. Patterns are text: a glob, or a regular expression between slashes. Absent matches all.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct RuleForm {
    pub(crate) name: String,
    pub(crate) enabled: bool,
    pub(crate) document: Option<String>,
    pub(crate) node: Option<String>,
    pub(crate) status: Option<String>,
    pub(crate) topic: Option<String>,
    /// `inside`, `outside`, or absent for both.
    pub(crate) window: Option<String>,
    /// `loud`, `quiet`, `mute`.
    pub(crate) then: String,
}

/// What is wrong with a rule, and where.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct RuleMistake {
    pub(crate) rule: u32,
    /// `name`, `document`, `node`, `status`, `topic`.
    pub(crate) field: String,
    /// The wrong place in the field's text, in UTF-16 units as JavaScript counts them.
    pub(crate) from: u32,
    pub(crate) to: u32,
    pub(crate) message: String,
    pub(crate) hint: String,
}

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

/// Times of the week in which new alerts wait. Times are `HH:MM`; one at or before `from` is of the next day.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct QuietHours {
    pub(crate) spans: Vec<QuietSpan>,
    pub(crate) blind: bool,
    pub(crate) watched: bool,
    pub(crate) documents: Vec<String>,
    pub(crate) failing_nodes: Option<u32>,
}

/// One time of the week.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct QuietSpan {
    /// `mon` to `sun`.
    pub(crate) days: Vec<String>,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// Whether quiet hours can be kept, and whether it would be quiet now.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct QuietCheck {
    pub(crate) mistake: Option<QuietMistake>,
    /// The end of the quiet time that holds now; absent when it is not quiet.
    pub(crate) until: Option<String>,
}

/// What is wrong with quiet hours.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct QuietMistake {
    /// The span, counted from 0; absent when it is about the whole.
    pub(crate) span: Option<u32>,
    pub(crate) message: String,
}

/// Holds new alerts back for so many minutes, at most a week.
#[tauri::command]
#[specta::specta]
pub(crate) async fn snooze(shell: Held<'_>, minutes: u32) -> Answer<()> {
    let span = SignedDuration::from_mins(minutes.clamp(1, 7 * 24 * 60).into());
    let until = clock::now().checked_add(span).map_err(|error| usage(&error))?;
    shell.desk()?.act(Act::Snooze { until, window: false }).await?;
    Ok(())
}

/// Lets new alerts ring again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn unsnooze(shell: Held<'_>) -> Answer<()> {
    shell.desk()?.act(Act::Unsnooze).await?;
    Ok(())
}

/// Tells when the command ends, or does not any more.
#[tauri::command]
#[specta::specta]
pub(crate) async fn watch(shell: Held<'_>, id: String, on: bool) -> Answer<()> {
    shell.desk()?.act(Act::Watch { command_id: id, on }).await?;
    Ok(())
}

/// The rules in force, in their order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rules(shell: Held<'_>) -> Answer<Vec<RuleForm>> {
    reading(&shell, |reader| Ok(reader.rules()?.into_iter().map(RuleForm::from).collect())).await
}

/// What is wrong with these rules; empty when they can be saved.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_rules(rules: Vec<RuleForm>) -> Answer<Vec<RuleMistake>> {
    let rules = core_rules(rules)?;
    Ok(RuleBook::compile(&rules).err().unwrap_or_default().iter().map(|error| mistake(error, &rules)).collect())
}

/// Puts these rules into force in place of all before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_rules(shell: Held<'_>, rules: Vec<RuleForm>) -> Answer<()> {
    shell.desk()?.act(Act::SetRules { rules: core_rules(rules)? }).await?;
    Ok(())
}

/// What these rules would have done to the last `days` of the history, beside those in force.
#[tauri::command]
#[specta::specta]
pub(crate) async fn try_rules(shell: Held<'_>, rules: Vec<RuleForm>, days: u32) -> Answer<Tried> {
    let edited = RuleBook::compile(&core_rules(rules)?).map_err(|errors| {
        let first = errors.first().map(|error| format!("{error}")).unwrap_or_default();
        EngineProblem::new(Code::Usage, first, "correct the rule and try again")
    })?;
    reading(&shell, move |reader| {
        let (now, quiet) = (clock::now(), reader.quiet_hours()?);
        let in_force = RuleBook::compile(&reader.rules()?).unwrap_or_default();
        let before = reader.replay(in_force, quiet.clone(), days, now)?;
        let after = reader.replay(edited, quiet, days, now)?;
        Ok(tried(days, &before, &after))
    })
    .await
}

/// The rules as the text of a file that a team can share.
#[tauri::command]
#[specta::specta]
pub(crate) async fn export_rules(rules: Vec<RuleForm>) -> Answer<String> {
    Ok(rules::export(&core_rules(rules)?))
}

/// Reads such a text. Nothing is saved.
#[tauri::command]
#[specta::specta]
pub(crate) async fn import_rules(text: String) -> Answer<Vec<RuleForm>> {
    match rules::import(&text) {
        Ok(rules) => Ok(rules.into_iter().map(RuleForm::from).collect()),
        Err(error) => Err(unreadable(&error).into()),
    }
}

/// The quiet hours in force.
#[tauri::command]
#[specta::specta]
pub(crate) async fn quiet_hours(shell: Held<'_>) -> Answer<QuietHours> {
    let held = reading(&shell, |reader| Ok(reader.quiet_hours()?)).await?;
    let json = serde_json::to_value(&held).map_err(|error| usage(&error))?;
    let spans = serde_json::from_value(json["spans"].clone()).map_err(|error| usage(&error))?;
    let through = held.break_through;
    let documents = through.documents.iter().map(|glob| glob.as_str().to_owned()).collect();
    let (blind, watched, failing_nodes) = (through.blind, through.watched, through.failing_nodes);
    Ok(QuietHours { spans, blind, watched, documents, failing_nodes })
}

/// What is wrong with these quiet hours, and whether it would be quiet now.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_quiet_hours(quiet: QuietHours) -> Answer<QuietCheck> {
    let quiet = core_quiet(quiet)?;
    if let Err(error) = quiet.check() {
        let span = error.span.map(|span| u32::try_from(span).unwrap_or(u32::MAX));
        return Ok(QuietCheck { mistake: Some(QuietMistake { span, message: error.message }), until: None });
    }
    let now = clock::now().to_zoned(TimeZone::system());
    let until = quiet.at(&now).and_then(|until| until.ends).map(|ends| ends.to_string());
    Ok(QuietCheck { mistake: None, until })
}

/// Puts these quiet hours into force in place of those before.
#[tauri::command]
#[specta::specta]
pub(crate) async fn save_quiet_hours(shell: Held<'_>, quiet: QuietHours) -> Answer<()> {
    let quiet = core_quiet(quiet)?;
    shell.desk()?.act(Act::SetQuietHours { quiet }).await?;
    Ok(())
}

impl From<rules::Rule> for RuleForm {
    fn from(rule: rules::Rule) -> Self {
        let text = |pattern: Option<rules::Pattern>| pattern.map(|pattern| pattern.as_str().to_owned());
        Self {
            name: rule.name,
            enabled: rule.enabled,
            document: text(rule.when.document),
            node: text(rule.when.node),
            status: text(rule.when.status),
            topic: text(rule.when.topic),
            window: rule.when.window.map(|window| match window {
                rules::InWindow::Inside => "inside".into(),
                rules::InWindow::Outside => "outside".into(),
            }),
            then: rule.then.as_str().into(),
        }
    }
}

/// The form as the core's quiet hours.
fn core_quiet(form: QuietHours) -> Answer<CoreQuietHours> {
    let QuietHours { spans, blind, watched, documents, failing_nodes } = form;
    let through = serde_json::json!({
        "blind": blind, "watched": watched, "documents": documents, "failing_nodes": failing_nodes
    });
    let json = serde_json::json!({ "spans": spans, "break_through": through });
    serde_json::from_value(json).map_err(|error| usage(&error).into())
}

/// The forms as the core's rules. Empty fields match all.
fn core_rules(forms: Vec<RuleForm>) -> Answer<Vec<rules::Rule>> {
    let filled = |text: Option<String>| text.filter(|text| !text.is_empty());
    let rules = forms.into_iter().map(|form| {
        let mut when = serde_json::Map::new();
        let fields = [
            ("document", form.document),
            ("node", form.node),
            ("status", form.status),
            ("topic", form.topic),
            ("window", form.window),
        ];
        for (name, text) in fields {
            when.extend(filled(text).map(|text| (name.to_owned(), text.into())));
        }
        let json = serde_json::json!({ "name": form.name, "enabled": form.enabled, "when": when, "then": form.then });
        serde_json::from_value(json).map_err(|error| usage(&error).into())
    });
    rules.collect()
}

fn mistake(error: &rules::RuleError, rules: &[rules::Rule]) -> RuleMistake {
    let text = rules.get(error.rule).map(|rule| field_text(rule, error.field)).unwrap_or_default();
    let units = |bytes: usize| {
        let before = text.get(..bytes).unwrap_or(text);
        u32::try_from(before.encode_utf16().count()).unwrap_or(u32::MAX)
    };
    RuleMistake {
        rule: u32::try_from(error.rule).unwrap_or(u32::MAX),
        field: error.field.as_str().into(),
        from: units(error.range.start),
        to: units(error.range.end),
        message: error.message.clone(),
        hint: error.hint.clone(),
    }
}

fn field_text(rule: &rules::Rule, field: rules::Field) -> &str {
    let pattern = match field {
        rules::Field::Name => return &rule.name,
        rules::Field::Document => &rule.when.document,
        rules::Field::Node => &rule.when.node,
        rules::Field::Status => &rule.when.status,
        rules::Field::Topic => &rule.when.topic,
    };
    pattern.as_ref().map_or("", rules::Pattern::as_str)
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

fn unreadable(error: &FileError) -> EngineProblem {
    EngineProblem::new(Code::Usage, error.to_string(), error.hint().to_owned())
}

fn usage(error: &dyn std::fmt::Display) -> EngineProblem {
    EngineProblem::new(Code::Usage, error.to_string(), "correct it and try again; nothing was changed")
}

async fn reading<T, W>(shell: &Shell, work: W) -> Answer<T>
where
    T: Send + 'static,
    W: FnOnce(&Reader) -> Result<T, EngineProblem> + Send + 'static,
{
    let dir = shell.dir.clone();
    let done = tauri::async_runtime::spawn_blocking(move || {
        let reader = Reader::open(&dir)?;
        work(&reader)
    });
    match done.await {
        Ok(read) => Ok(read?),
        Err(error) => {
            let told = format!("reading the history broke off: {error}");
            Err(EngineProblem::new(Code::Storage, told, "try again").into())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WEEK: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

    fn check(days: &[&str], from: &str, to: &str) -> QuietCheck {
        let days = days.iter().map(|day| (*day).to_owned()).collect();
        let spans = vec![
            QuietSpan { days: vec!["mon".into()], from: "12:00".into(), to: "12:30".into() },
            QuietSpan { days, from: from.into(), to: to.into() },
        ];
        let form = QuietHours { spans, blind: true, watched: true, documents: Vec::new(), failing_nodes: None };
        tauri::async_runtime::block_on(check_quiet_hours(form)).unwrap()
    }

    #[test]
    fn a_mistake_in_quiet_hours_is_told_with_its_span() {
        let found = check(&[], "22:00", "07:00").mistake.unwrap();
        assert_eq!(found.span, Some(1), "the window shows the mistake at the span that has it");
        let found = check(&WEEK, "00:00", "00:00").mistake.unwrap();
        assert_eq!(found.span, None, "a week without an end is no single span's mistake");
    }

    #[test]
    fn quiet_hours_that_can_be_kept_say_whether_they_hold_now() {
        let checked = check(&WEEK, "00:00", "23:59:59.999999999");
        assert_eq!(checked.mistake, None, "a nanosecond of each day is left");
        assert!(checked.until.is_some(), "it is quiet now, and the window says until when");
    }

    #[test]
    fn a_mistake_in_a_rule_is_placed_as_javascript_counts() {
        let form = RuleForm {
            name: "x".into(),
            enabled: true,
            document: Some("/\u{1f514}é(/".into()),
            node: None,
            status: None,
            topic: None,
            window: None,
            then: "mute".into(),
        };
        let found = tauri::async_runtime::block_on(check_rules(vec![form])).unwrap();
        let place = found.first().map(|mistake| (mistake.field.as_str(), mistake.from, mistake.to));
        assert_eq!(place, Some(("document", 4, 5)), "a slash, a pair of surrogates and one letter stand before it");
    }
}
