//! What is wrong with a file of rules, each mistake marked at its place.

use serde_json::{Value, json};
use watchbell_core::rules::{Field, FileError, RuleError};
use watchbell_core::words;
use watchbell_engine::error::{Code, Problem};

use crate::ended::Cut;
use crate::output::{Out, mark};

/// The error; its marks went to the terminal, or are beside it in the document.
pub(super) fn cut(name: &str, text: &str, error: &FileError, out: Out) -> Cut {
    let problem = Problem::new(
        Code::Usage,
        format!("{name} was not taken: {}", words::clean_to(&error.to_string(), 600)),
        words::clean_to(error.hint(), 300),
    );
    if out.is_json() {
        return Cut::partly(problem, [("mistakes", Value::Array(mistakes(text, error)))]);
    }
    out.notes(&marked(text, error));
    problem.into()
}

/// Every mistake in words, with its place under the text.
fn marked(text: &str, error: &FileError) -> Vec<String> {
    match error {
        FileError::Rules(errors) => errors.iter().map(|error| of_rule(text, error)).collect(),
        FileError::Unreadable { line, column, message } => {
            let source = text.lines().nth(line.saturating_sub(1)).unwrap_or_default();
            let at = column.saturating_sub(1).min(source.len());
            let at = (0..=at).rev().find(|at| source.is_char_boundary(*at)).unwrap_or(0);
            vec![format!("Line {line}: {message}.\n{}", mark::mark(source, &(at..at + 1)))]
        }
        FileError::TooLarge { .. } | FileError::NotRules | FileError::Newer { .. } => Vec::new(),
    }
}

fn of_rule(text: &str, error: &RuleError) -> String {
    let written = written(text, error);
    let name = words::clean_to(rule(text, error)["name"].as_str().unwrap_or_default(), 80);
    let (number, field, message) = (error.rule.saturating_add(1), error.field, &error.message);
    let (message, hint) = (words::clean_to(message, 300), words::clean_to(&error.hint, 300));
    format!("Rule {number} \"{name}\", {field}: {message}\n{}\n    {hint}", mark::mark(&written, &error.range))
}

fn mistakes(text: &str, error: &FileError) -> Vec<Value> {
    match error {
        FileError::Rules(errors) => errors
            .iter()
            .map(|error| {
                json!({
                    "rule": error.rule.saturating_add(1),
                    "field": error.field,
                    "text": written(text, error),
                    "start": error.range.start,
                    "end": error.range.end,
                    "message": error.message,
                    "hint": error.hint,
                })
            })
            .collect(),
        FileError::Unreadable { line, column, message } => {
            vec![json!({ "line": line, "column": column, "message": message, "hint": error.hint() })]
        }
        other => vec![json!({ "message": other.to_string(), "hint": other.hint() })],
    }
}

/// The rule as it stands in the file. What cannot be found there is nothing.
fn rule(text: &str, error: &RuleError) -> Value {
    let mut file: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap_or_default();
    file["rules"].get_mut(error.rule).map(Value::take).unwrap_or_default()
}

/// The text of the field that is wrong.
fn written(text: &str, error: &RuleError) -> String {
    let rule = rule(text, error);
    let value = match error.field {
        Field::Name => &rule["name"],
        field => &rule["when"][field.as_str()],
    };
    value.as_str().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use watchbell_core::rules;

    use super::*;

    const WRONG: &str = r#"{"watchbell_rules": 1, "rules": [
  {"name": "Test nodes", "when": {"node": "/^mi-(0/"}, "then": "quiet"},
  {"name": "Patching", "when": {"document": "AWS-Run[PS]atch*", "status": "faild"}, "then": "mute"}
]}"#;

    #[test]
    fn every_mistake_is_marked_under_what_was_written() {
        let error = rules::import(WRONG).unwrap_err();
        insta::assert_snapshot!(marked(WRONG, &error).join("\n"));
    }

    #[test]
    fn a_file_that_is_no_json_is_marked_in_its_line() {
        let text = "{\"watchbell_rules\": 1,\n  \"rules\": [{\"name\": \"a\", \"than\": \"mute\"}]}";
        let error = rules::import(text).unwrap_err();
        insta::assert_snapshot!(marked(text, &error).join("\n"));
    }

    #[test]
    fn with_json_the_mistakes_stand_beside_the_error() {
        let error = rules::import(WRONG).unwrap_err();
        insta::assert_json_snapshot!(mistakes(WRONG, &error));
    }
}
