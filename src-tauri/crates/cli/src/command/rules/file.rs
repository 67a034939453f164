//! A file of rules from the disk or a pipe.
//!
//! **Invariant:** bounded: a wrong file is not taken in whole.

use std::ffi::OsStr;
use std::fs::File;
use std::io::{self, Read};

use watchbell_core::rules::{self, FILE_MAX, Rule};
use watchbell_core::words;
use watchbell_engine::error::{Code, Problem};

use super::refused;
use crate::ended::Cut;
use crate::output::Out;

/// The rules of the file, or what is wrong with it, marked.
pub(super) fn rules(from: &OsStr, out: Out) -> Result<Vec<Rule>, Cut> {
    let name = if from == "-" { "stdin".into() } else { words::clean_to(&from.to_string_lossy(), 200) };
    let text = read(from).map_err(|error| {
        let hint = "Name a file that watchbellctl rules export has written, or - for stdin";
        Problem::new(Code::Usage, format!("Cannot read {name}: {error}"), hint)
    })?;
    rules::import(&text).map_err(|error| refused::cut(&name, &text, &error, out))
}

fn read(from: &OsStr) -> io::Result<String> {
    let most = u64::try_from(FILE_MAX).unwrap_or(u64::MAX) + 1;
    let mut text = String::new();
    if from == "-" {
        io::stdin().lock().take(most).read_to_string(&mut text)?;
    } else {
        File::open(from)?.take(most).read_to_string(&mut text)?;
    }
    Ok(text)
}
