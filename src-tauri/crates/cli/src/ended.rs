//! How a command ends: its exit code, and the one shape of an error.
//!
//! **Invariant:** with `--json` an error is `{"error": {"code", "message", "hint"}}` on stdout, clap's own errors included. A reader
//! that went away (`| head`) is no error.

use std::io;
use std::process::ExitCode;

use clap::error::{ContextKind, ContextValue, ErrorKind};
use watchbell_engine::error::{Code, Problem};

use crate::output::{Out, sentence};

/// What a command that did its work answers: done, or an answer that is an exit code of its own (`status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    /// Done.
    Done,
    /// The answer, already printed, is this code.
    Is(Code),
}

/// Why a command did not come to its answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Cut {
    /// Something failed.
    #[error(transparent)]
    Problem(#[from] Problem),
    /// Something failed half-way; what became of each part stands beside the error in its document.
    #[error("{problem}")]
    Partly {
        /// Why.
        problem: Problem,
        /// The fields beside `error`.
        beside: Box<serde_json::Map<String, serde_json::Value>>,
    },
    /// The results could not be written.
    #[error("the results could not be written: {0}")]
    Stdout(#[from] io::Error),
}

impl Cut {
    /// A failure with what became of each part.
    pub(crate) fn partly(
        problem: Problem,
        beside: impl IntoIterator<Item = (&'static str, serde_json::Value)>,
    ) -> Self {
        let beside = beside.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        Self::Partly { problem, beside: Box::new(beside) }
    }
}

/// What every command returns.
pub(crate) type Ended = Result<Answer, Cut>;

/// Prints the error, if it was one, and gives the exit code.
pub(crate) fn report(out: Out, ended: Ended) -> ExitCode {
    match ended {
        Ok(Answer::Done) => ExitCode::SUCCESS,
        Ok(Answer::Is(code)) => ExitCode::from(code.exit_code()),
        Err(Cut::Stdout(gone)) if gone.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Cut::Stdout(failed)) => {
            let hint = "See whether the disk that stdout goes to is full";
            let problem = Problem::new(Code::Storage, Cut::Stdout(failed).to_string(), hint);
            // stdout is what failed, so the error can only go to stderr.
            Out::plain().problem(&problem);
            ExitCode::from(problem.exit_code())
        }
        Err(Cut::Partly { problem, beside }) => {
            out.problem_beside(&problem, *beside);
            ExitCode::from(problem.exit_code())
        }
        Err(Cut::Problem(problem)) => {
            out.problem(&problem);
            ExitCode::from(problem.exit_code())
        }
    }
}

/// What clap says about a line that it did not take: help and version are answers, the rest are usage errors.
pub(crate) fn refuse(refused: &clap::Error) -> ExitCode {
    if matches!(refused.kind(), ErrorKind::DisplayHelp | ErrorKind::DisplayVersion) {
        // A closed pipe under `--help | head` is no error either.
        let _ = refused.print();
        return ExitCode::SUCCESS;
    }
    if std::env::args_os().skip(1).take_while(|arg| arg != "--").any(|arg| arg == "--json") {
        Out::json().problem(&usage_problem(refused));
    } else {
        let _ = refused.print();
    }
    ExitCode::from(Code::Usage.exit_code())
}

/// The first paragraph of clap's words as the message, its tip (or where the help is) as the hint.
fn usage_problem(refused: &clap::Error) -> Problem {
    if refused.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        return Problem::new(Code::Usage, "No command was given", "Run: watchbellctl --help");
    }
    let words = refused.render().to_string();
    let first: Vec<&str> = words.lines().map(str::trim).take_while(|line| !line.is_empty()).collect();
    let message = first.join(" ");
    let message = message.strip_prefix("error: ").unwrap_or(&message);
    let hint = match refused.get(ContextKind::SuggestedSubcommand).or(refused.get(ContextKind::SuggestedArg)) {
        Some(ContextValue::String(near)) => format!("Did you mean {near}? Run: watchbellctl --help"),
        Some(ContextValue::Strings(near)) if !near.is_empty() => {
            format!("Did you mean {}? Run: watchbellctl --help", near.join(" or "))
        }
        _ => "Run the command with --help to see what it takes".to_owned(),
    };
    Problem::new(Code::Usage, sentence(message), hint)
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::args::Cli;

    fn refused(line: &[&str]) -> Problem {
        let line = std::iter::once("watchbellctl").chain(line.iter().copied());
        usage_problem(&Cli::try_parse_from(line).unwrap_err())
    }

    #[test]
    fn a_usage_error_names_what_was_typed_and_where_the_help_is() {
        let said: Vec<Problem> = [
            &["history", "--since", "yesterday"][..],
            &["histroy"],
            &["ack"],
            &[],
            &["subscribe", "--topic-arn", "arn:aws:sns:eu-central-1:123456789012:x.fifo"],
            &["history", "--stat", "failed"],
        ]
        .into_iter()
        .map(refused)
        .collect();
        assert!(said.iter().all(|problem| problem.code == Code::Usage), "what clap refuses is a usage error");
        insta::assert_json_snapshot!("usage_errors", said);
    }
}
