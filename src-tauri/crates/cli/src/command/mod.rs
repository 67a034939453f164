//! One file for each command; here only which one was asked for.

mod completions;

use watchbell_engine::error::{Code, Problem};

use crate::args::{Cli, Command};
use crate::ended::Ended;
use crate::output::Out;

/// Runs the command that was typed.
pub(crate) fn run(cli: Cli, out: Out) -> Ended {
    match cli.command {
        Command::Completions(asked) => completions::run(&asked, out),
        // Wired one by one as the engine's rooms open.
        _ => Err(Problem::new(Code::No, "This command is not wired to the engine yet", "").into()),
    }
}
