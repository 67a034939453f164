//! `watchbellctl`: the engine of Watchbell for a terminal and for scripts.
//!
//! **Invariant:** results go to stdout, everything else to stderr, and the exit code is the one that scripts lean on (0 done,
//! 1 no, 2 usage, 3 AWS refused, 4 AWS unreachable, 5 keychain, 6 storage, 7 blind).

mod args;
mod command;
mod ended;
mod output;

use std::process::ExitCode;

use clap::Parser;

use args::Cli;
use output::Out;

fn main() -> ExitCode {
    if let Some(served) = watchbell_engine::keychain::run_child_if_asked() {
        return served;
    }
    match Cli::try_parse() {
        Ok(cli) => {
            let out = Out::of(&cli.global);
            let ended = command::run(cli, out);
            ended::report(out, ended)
        }
        Err(refused) => ended::refuse(&refused),
    }
}
