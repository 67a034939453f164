//! `watchbell`, the desktop app: a tray, a window made on demand, and the engine behind both.
//!
//! **Invariant:** the shell is thin: what is received, kept and rung is the engine's, and the window is only a view of it.

#![cfg_attr(all(not(debug_assertions), target_os = "windows"), windows_subsystem = "windows")]

mod app;
mod args;
mod autostart;
mod clipboard;
mod display;
mod examining;
mod exit;
mod ipc;
mod onboarding;
mod run;
mod shell;
mod signing_in;
mod simulation;
mod tray;
mod window;

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Some(code) = watchbell_engine::keychain::run_child_if_asked() {
        return code;
    }
    let args = args::Args::parse();
    match display::prepare().and_then(|()| app::run(&args)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            // A closed terminal must not turn a clear answer into a crash.
            let _ = writeln!(std::io::stderr(), "watchbell: {}\n{}", problem.message, problem.hint);
            ExitCode::from(problem.exit_code())
        }
    }
}
