//! `rules`: which failures ring, listed, shared, tried and cleared.
//!
//! **Invariant:** a file of rules is taken whole or not at all; what is wrong in it is marked, and nothing was changed then.

mod file;
mod refused;
mod tried;

use watchbell_core::rules::{self, InWindow, Rule};
use watchbell_core::words;
use watchbell_engine::control;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader};

use crate::args::{Global, Rules, RulesAction};
use crate::ended::{Answer, Cut, Ended};
use crate::output::{Out, can_ask, table};

/// Does what was asked; without more, lists.
pub(super) async fn run(asked: Rules, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    match asked.action.unwrap_or(RulesAction::List) {
        RulesAction::List => list(&held(&dir)?, out),
        RulesAction::Export => export(&held(&dir)?, out),
        RulesAction::Import { file, dry_run } => import(&dir, &file, dry_run, out).await,
        RulesAction::Try { file, days } => tried::run(&dir, file.as_deref(), days, out),
        RulesAction::Clear { yes } => clear(&dir, yes, out).await,
    }
}

fn held(dir: &DataDir) -> Result<Vec<Rule>, Problem> {
    Ok(Reader::open(dir).and_then(|reader| reader.rules())?)
}

fn list(rules: &[Rule], out: Out) -> Ended {
    if out.is_json() {
        out.document(&serde_json::json!({ "ok": true, "rules": rules }))?;
    } else if rules.is_empty() {
        out.note("No rules: every failure rings.");
    } else {
        out.text(&shown(rules, out))?;
    }
    Ok(Answer::Done)
}

fn shown(rules: &[Rule], out: Out) -> String {
    let mut shown = table::columns(out, &["#", "NAME", "WHEN", "THEN"]);
    for (number, rule) in rules.iter().enumerate() {
        let then = if rule.enabled { rule.then.as_str() } else { "off" };
        shown.add_row(vec![(number + 1).to_string(), words::clean(&rule.name), conditions(rule), then.to_owned()]);
    }
    table::lines(&shown)
}

fn conditions(rule: &Rule) -> String {
    let when = &rule.when;
    let patterns =
        [("document", &when.document), ("node", &when.node), ("status", &when.status), ("topic", &when.topic)];
    let mut parts: Vec<String> = patterns
        .into_iter()
        .filter_map(|(name, pattern)| Some(format!("{name} {}", words::clean_to(pattern.as_ref()?.as_str(), 120))))
        .collect();
    parts.extend(when.window.map(|side| match side {
        InWindow::Inside => "inside a window".to_owned(),
        InWindow::Outside => "outside a window".to_owned(),
    }));
    if parts.is_empty() { "everything".to_owned() } else { parts.join(", ") }
}

fn export(held: &[Rule], out: Out) -> Ended {
    let text = rules::export(held);
    if out.is_json() {
        // The same file, on one line.
        let file: serde_json::Value = serde_json::from_str(&text).map_err(std::io::Error::from)?;
        out.document(&file)?;
    } else {
        out.text(&text)?;
    }
    Ok(Answer::Done)
}

async fn import(dir: &DataDir, from: &std::ffi::OsStr, dry_run: bool, out: Out) -> Ended {
    let rules = file::rules(from, out)?;
    if !dry_run {
        control::perform(dir, Act::SetRules { rules: rules.clone() }).await?;
    }
    let count = u32::try_from(rules.len()).unwrap_or(u32::MAX);
    if out.is_json() {
        out.document(&serde_json::json!({ "ok": true, "rules": count, "imported": !dry_run }))?;
    } else {
        let rules = words::plural(count, "rule");
        out.text(&if dry_run {
            format!("{rules}, all of them understood; nothing was changed")
        } else {
            format!("{rules} in force")
        })?;
    }
    Ok(Answer::Done)
}

async fn clear(dir: &DataDir, yes: bool, out: Out) -> Ended {
    let count = u32::try_from(held(dir)?.len()).unwrap_or(u32::MAX);
    if count > 0 {
        if !yes {
            consent(count, out)?;
        }
        control::perform(dir, Act::SetRules { rules: Vec::new() }).await?;
    }
    if out.is_json() {
        out.document(&serde_json::json!({ "ok": true, "cleared": count }))?;
    } else {
        out.text(&format!("{} cleared: every failure rings", words::plural(count, "rule")))?;
    }
    Ok(Answer::Done)
}

fn consent(count: u32, out: Out) -> Result<(), Cut> {
    let what = format!("Take {} away?", words::plural(count, "rule"));
    if !can_ask() {
        let hint = "Say --yes to clear them; watchbellctl rules export keeps a copy";
        return Err(Problem::new(Code::Usage, "There is no terminal to ask on, so nothing was changed", hint).into());
    }
    if out.asks(&what) { Ok(()) } else { Err(Problem::new(Code::No, "Nothing was changed", "").into()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_listed_in_their_order_with_what_they_speak_of() {
        let rules: Vec<Rule> = serde_json::from_str(
            r#"[{"name": "Agent updates", "when": {"document": "AWS-UpdateSSMAgent"}, "then": "mute"},
                {"name": "Test nodes", "when": {"node": "/^mi-0/", "window": "inside"}, "then": "quiet"},
                {"name": "Old", "enabled": false, "then": "loud"}]"#,
        )
        .unwrap();
        insta::assert_snapshot!(shown(&rules, Out::plain()));
    }
}
