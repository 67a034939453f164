//! `completions SHELL`: what a shell needs to complete `watchbellctl`.
//!
//! **Invariant:** made from the very definition that parses the line, so it cannot name a flag that does not exist.

use clap::CommandFactory;

use crate::args::{Cli, Completions};
use crate::ended::{Answer, Ended};
use crate::output::Out;

/// Prints the completions.
pub(super) fn run(asked: &Completions, out: Out) -> Ended {
    let script = script(asked.shell);
    if out.is_json() {
        let shell = asked.shell.to_string();
        out.document(&serde_json::json!({ "ok": true, "shell": shell, "script": script }))?;
    } else {
        out.text(&script)?;
    }
    Ok(Answer::Done)
}

fn script(shell: clap_complete::Shell) -> String {
    let mut written = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "watchbellctl", &mut written);
    String::from_utf8_lossy(&written).into_owned()
}

#[cfg(test)]
mod tests {
    use clap_complete::Shell;

    use super::*;

    #[test]
    fn every_shell_learns_every_command() {
        for shell in [Shell::Bash, Shell::Zsh, Shell::Fish] {
            let script = script(shell);
            for command in Cli::command().get_subcommands() {
                assert!(script.contains(command.get_name()), "{shell} must complete {}", command.get_name());
            }
        }
    }
}
