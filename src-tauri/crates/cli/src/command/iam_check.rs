//! `iam --check`: what the account has of the documents, statement by statement.
//!
//! **Invariant:** only reads. What could not be looked at is told as such, with the right that is missing, and is no yes.

use std::fmt::Write as _;

use watchbell_core::iam::Documents;
use watchbell_core::words;
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::aws::iam::{CheckedDocuments, CheckedStatement, LineState, check};
use watchbell_engine::error::Code;

use crate::args::Global;
use crate::ended::{Answer, Ended};
use crate::output::Out;
use crate::output::progress::Turning;

/// Reads, compares and prints; 1 when not everything is known to be there.
pub(super) async fn run(documents: &Documents, profile: Option<String>, global: &Global, out: Out) -> Ended {
    let access = Access::new(Identity::Profile(profile), None, global.endpoint_url.clone());
    let turning = Turning::over("Comparing with the account");
    let checked = Box::pin(check(&access, documents)).await;
    drop(turning);
    let all = checked.all_present();
    if out.is_json() {
        let mut document = serde_json::to_value(&checked).map_err(std::io::Error::from)?;
        document["ok"] = all.into();
        document["topic_arn"] = documents.ask().topic.as_str().into();
        out.document(&document)?;
    } else {
        out.text(&text(&checked))?;
    }
    Ok(if all { Answer::Done } else { Answer::Is(Code::No) })
}

fn text(checked: &CheckedDocuments) -> String {
    let mut text = String::new();
    let mut unseen = 0_u32;
    let mut lacking = 0_u32;
    for document in &checked.documents {
        let _ =
            writeln!(text, "{}\n  in {}", words::clean_to(&document.title, 400), words::clean_to(&document.place, 400));
        for line in &document.statements {
            match line.state {
                LineState::Present => {}
                LineState::Missing | LineState::Denied => lacking += 1,
                LineState::CannotLook => unseen += 1,
            }
            put(&mut text, line);
        }
        text.push('\n');
    }
    let _ = match (lacking, unseen) {
        (0, 0) => {
            writeln!(text, "Everything is there. Boundaries and policies of the organization were not looked at.")
        }
        (lacking, unseen) => writeln!(text, "{lacking} missing or denied, {unseen} could not be looked at"),
    };
    text
}

fn put(text: &mut String, line: &CheckedStatement) {
    let state = match line.state {
        LineState::Present => "present",
        LineState::Missing => "MISSING",
        LineState::Denied => "DENIED",
        LineState::CannotLook => "cannot look",
    };
    let on = if line.resources.is_empty() { String::new() } else { format!(" on {}", line.resources.join(", ")) };
    let said = match (&line.reason, &line.actions[..]) {
        (Some(reason), _) => format!(": {reason}"),
        (None, []) => on,
        (None, actions) => format!(": {}{on}", actions.join(", ")),
    };
    let _ = writeln!(text, "  {state:<12} {}", words::clean_to(&format!("{}{said}", line.sid), 1000));
    if let Some(fix) = &line.fix {
        let _ = writeln!(text, "  {:<12} {}", "", words::clean_to(fix, 2000));
    }
}

#[cfg(test)]
mod tests {
    use watchbell_engine::aws::iam::CheckedDocument;

    use super::*;

    #[test]
    fn each_statement_says_what_became_of_it() {
        let line = |sid: &str, state, actions: &[&str], reason: Option<&str>, fix: Option<&str>| CheckedStatement {
            sid: sid.into(),
            state,
            actions: actions.iter().map(|action| (*action).to_owned()).collect(),
            resources: vec!["arn:aws:sns:eu-central-1:123456789012:ssm-notify".into()],
            reason: reason.map(Into::into),
            fix: fix.map(Into::into),
        };
        let checked = CheckedDocuments {
            documents: vec![CheckedDocument {
                title: "Task 2: Let the role ssm-sns-publish publish to ssm-notify".into(),
                place: "the role ssm-sns-publish".into(),
                statements: vec![
                    line("Publish", LineState::Present, &[], None, None),
                    line("UseTopicKey", LineState::Missing, &["kms:Decrypt"], None, Some("add: {}")),
                    line("Other", LineState::Denied, &["sns:Publish"], None, Some("change it")),
                    line("Unseen", LineState::CannotLook, &[], Some("AWS denied iam:GetRole on x"), Some("ask for it")),
                ],
            }],
        };
        assert!(!checked.all_present(), "what could not be looked at is no yes");
        insta::assert_snapshot!(text(&checked));
    }
}
