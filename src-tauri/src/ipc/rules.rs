//! What the window may ask about the rules: those in force, what is wrong with edited ones, files of them.
//!
//! **Invariant:** a mistake is placed as JavaScript counts letters. Never here: what rules would have done ([`super::tester`]).

use serde::{Deserialize, Serialize};
use specta::Type;
use watchbell_core::rules::{self, FileError, RuleBook};
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::store::{Act, Reader};

use super::reading::{Answer, Held, read, usage};
use super::units;

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

/// The rules in force, in their order.
#[tauri::command]
#[specta::specta]
pub(crate) async fn rules(shell: Held<'_>) -> Answer<Vec<RuleForm>> {
    read(&shell, Reader::rules).await.map(|rules| rules.into_iter().map(RuleForm::from).collect())
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

/// The forms as the core's rules. Empty fields match all.
pub(super) fn core_rules(forms: Vec<RuleForm>) -> Answer<Vec<rules::Rule>> {
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
    RuleMistake {
        rule: u32::try_from(error.rule).unwrap_or(u32::MAX),
        field: error.field.as_str().into(),
        from: units(text, error.range.start),
        to: units(text, error.range.end),
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

fn unreadable(error: &FileError) -> EngineProblem {
    EngineProblem::new(Code::Usage, error.to_string(), error.hint().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

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
