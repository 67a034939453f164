//! The keychain's child and nothing else, for tests that start it as the two programs do.

use std::process::ExitCode;

fn main() -> ExitCode {
    watchbell_engine::keychain::run_child_if_asked().unwrap_or(ExitCode::from(2))
}
