//! `iam`: the administrator's documents, filled in.
//!
//! **Invariant:** without `--check` pure text: no AWS call. No data folder, no file. What does not fit together is a usage error with the reason.

use serde::Serialize;
use watchbell_core::arn::TopicArn;
use watchbell_core::iam::{Ask, AskError, Document, Format, PersonalQueue, documents, render};
use watchbell_engine::error::{Code, Problem};

use super::iam_check;
use crate::args::{Global, Iam};
use crate::ended::{Answer, Ended};
use crate::output::{Out, sentence};

/// With `--json`: every document, and the text of a `--format` that is not JSON already.
#[derive(Serialize)]
struct Printed<'a> {
    ok: bool,
    topic_arn: &'a TopicArn,
    documents: Vec<&'a Document>,
    format: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<String>,
}

/// Prints the documents, or compares the account with them.
pub(super) async fn run(asked: Iam, global: &Global, out: Out) -> Ended {
    let format = asked.format.into();
    let (check, profile) = (asked.check, asked.profile.clone());
    let ask = ask(asked).map_err(|error| refused(&error))?;
    let documents = documents(&ask).map_err(|error| refused(&error))?;
    if check {
        return iam_check::run(&documents, profile, global, out).await;
    }
    if out.is_json() {
        let text = (format != Format::Json).then(|| render(&documents, format));
        let documents = documents.iter().collect();
        out.document(&Printed { ok: true, topic_arn: &ask.topic, documents, format: format.as_str(), text })?;
    } else {
        out.text(&render(&documents, format))?;
    }
    Ok(Answer::Done)
}

fn ask(asked: Iam) -> Result<Ask, AskError> {
    let about = Ask::about(asked.topic_arn)?;
    let queue = match asked.queue_arn {
        Some(queue) => PersonalQueue::Provided(queue),
        None => PersonalQueue::Own {
            region: asked.queue_region.unwrap_or_else(|| about.topic.region().to_owned()),
            account: asked.queue_account.unwrap_or_else(|| about.topic.account().to_owned()),
        },
    };
    Ok(Ask {
        sns_role: asked.sns_role,
        window_role: asked.window_role,
        person: asked.user,
        key: asked.kms_key,
        queue,
        queue_key: asked.queue_kms_key,
        read_commands: asked.read_commands,
        confine_trust: asked.confine_trust,
        ..about
    })
}

fn refused(error: &AskError) -> Problem {
    Problem::new(Code::Usage, sentence(&error.to_string()), error.hint())
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::{Cli, Command};

    const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";

    fn typed(flags: &[&str]) -> Iam {
        let line = ["watchbellctl", "iam", "--topic-arn", TOPIC].into_iter().chain(flags.iter().copied());
        match Cli::try_parse_from(line).unwrap().command {
            Command::Iam(asked) => *asked,
            other => panic!("iam was typed, not {other:?}"),
        }
    }

    #[test]
    fn every_flag_reaches_the_documents() {
        let key = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let flags = ["--sns-role", "notify", "--window-role", "patching", "--user", "ann", "--kms-key", key];
        let more = ["--read-commands", "--confine-trust", "--queue-region", "eu-west-1", "--format", "cli"];
        let asked = typed(&[&flags[..], &more].concat());
        let documents = documents(&ask(asked).unwrap()).unwrap();
        let text = render(&documents, Format::AwsCli);
        let there = ["'notify'", "'patching'", "'ann'", key, "ssm:ListCommands", "aws:SourceAccount", "sqs:eu-west-1:"];
        for word in there {
            assert!(text.contains(word), "{word} is in the documents: {text}");
        }
    }

    #[test]
    fn a_queue_of_the_administrators_comes_with_its_key() {
        let queue = "arn:aws:sqs:eu-west-1:210987654321:on-call";
        let key = "arn:aws:kms:eu-west-1:210987654321:key/1234abcd-12ab-34cd-56ef-1234567890ab";
        let asked = typed(&["--queue-arn", queue, "--queue-kms-key", key]);
        let text = render(&documents(&ask(asked).unwrap()).unwrap(), Format::Json);
        for word in [key, "kms:Decrypt", "LetSnsUseQueueKey"] {
            assert!(text.contains(word), "{word} is in the documents: {text}");
        }
    }

    #[test]
    fn a_document_keeps_its_shape_for_scripts() {
        let documents = documents(&ask(typed(&["--window-role", "patching"])).unwrap()).unwrap();
        let rows: Vec<_> = documents.iter().collect();
        insta::assert_json_snapshot!("iam_documents", rows, {"[].policy.Statement" => "[statements]"});
    }

    #[test]
    fn what_does_not_fit_together_is_a_usage_error_with_a_way_out() {
        let line = typed(&["--user", "arn:aws:iam::210987654321:user/ann"]);
        let problem = refused(&documents(&ask(line).unwrap()).unwrap_err());
        assert_eq!(problem.code, Code::Usage, "the person can mend it by typing something else");
        assert!(problem.message.contains("210987654321") && !problem.hint.is_empty(), "{problem:?}");
    }
}
