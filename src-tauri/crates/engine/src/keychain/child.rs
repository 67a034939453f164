//! The child's side of the keychain: reads one request from stdin, does it, writes one reply to stdout, ends.
//!
//! **Invariant:** it never outlives its limit, even when its parent was killed while a keychain prompt was open; and it
//! writes nothing but the reply, which goes to a pipe and never to a terminal.

use std::io::{IsTerminal, Read, Write};
use std::process::ExitCode;
use std::time::Duration;

use keyring::{Entry, Error};
use secrecy::zeroize::Zeroize;

use super::wire::{Operation, Reply, Request};
use super::{KeychainError, SERVICE};

/// The one argument by which a binary is told to be the keychain's child.
pub const CHILD_FLAG: &str = "--keychain-child";

/// Serves as the keychain's child when started so. The first line of `main` in both binaries.
///
/// `None` when this is an ordinary start. Started so by hand, with a terminal in place of pipes, it refuses.
pub fn run_child_if_asked() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != CHILD_FLAG || arguments.next().is_some() {
        return None;
    }
    if std::io::stdin().is_terminal() || std::io::stdout().is_terminal() {
        return Some(ExitCode::from(2));
    }
    Some(serve())
}

fn serve() -> ExitCode {
    let mut text = String::new();
    let read = std::io::stdin().lock().take(64 * 1024).read_to_string(&mut text);
    let request = serde_json::from_str::<Request>(&text);
    text.zeroize();
    let (Ok(_), Ok(mut request)) = (read, request) else { return ExitCode::from(2) };

    // A blocked keyring call cannot be interrupted, but a plain thread beside it can end the process.
    let limit = Duration::from_millis(request.limit_ms.min(120_000));
    std::thread::spawn(move || {
        std::thread::sleep(limit);
        std::process::exit(3);
    });

    let reply = match perform(&request) {
        Ok(secret) => Reply::Done { secret },
        Err(error) => Reply::Refused(error),
    };
    if let Some(secret) = request.secret.as_mut() {
        secret.zeroize();
    }
    let Ok(mut text) = serde_json::to_string(&reply) else { return ExitCode::from(1) };
    let mut stdout = std::io::stdout().lock();
    let written = stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush());
    text.zeroize();
    if written.is_ok() { ExitCode::SUCCESS } else { ExitCode::from(1) }
}

fn perform(request: &Request) -> Result<Option<String>, KeychainError> {
    #[cfg(target_os = "linux")]
    super::secret_service::ready(request.may_prompt)?;

    let entry = Entry::new(SERVICE, &request.item).map_err(|error| match (error, Entry::store_status()) {
        (Error::NoDefaultStore, Err(cause)) => KeychainError::Missing(cause.to_string()),
        (error, _) => understood(error, &request.item),
    })?;
    let item = request.item.as_str();
    match request.operation {
        Operation::Get => read(&entry, item).map(Some),
        Operation::Set => {
            let secret = request.secret.as_deref().unwrap_or_default();
            match entry.set_secret(secret.as_bytes()) {
                // Two items of one name, from an import or a merge of keychains: one is kept.
                Err(Error::Ambiguous(_)) => {
                    remove(&entry, item)?;
                    entry.set_secret(secret.as_bytes()).map_err(|error| understood(error, item))?;
                }
                other => other.map_err(|error| understood(error, item))?,
            }
            if read(&entry, item)? == secret {
                Ok(None)
            } else {
                Err(KeychainError::Failed("what was stored reads back differently".to_owned()))
            }
        }
        Operation::Delete => {
            remove(&entry, item)?;
            match entry.get_secret() {
                Err(Error::NoEntry) => Ok(None),
                Ok(_) | Err(Error::Ambiguous(_)) => {
                    Err(KeychainError::Failed("the item is still there after it was deleted".to_owned()))
                }
                Err(error) => Err(understood(error, item)),
            }
        }
    }
}

fn read(entry: &Entry, item: &str) -> Result<String, KeychainError> {
    let bytes = entry.get_secret().map_err(|error| understood(error, item))?;
    String::from_utf8(bytes).map_err(|_| KeychainError::Failed("the item does not hold text".to_owned()))
}

fn remove(entry: &Entry, item: &str) -> Result<(), KeychainError> {
    match entry.delete_credential() {
        Err(Error::Ambiguous(all)) => {
            all.iter().try_for_each(|one| one.delete_credential().map_err(|error| understood(error, item)))
        }
        other => other.map_err(|error| understood(error, item)),
    }
}

fn understood(error: Error, item: &str) -> KeychainError {
    match error {
        Error::NoEntry => KeychainError::NotFound(item.to_owned()),
        Error::NoStorageAccess(cause) => {
            let cause = cause.to_string();
            if cause.to_lowercase().contains("locked") || cause.to_lowercase().contains("prompt") {
                KeychainError::Locked
            } else {
                KeychainError::Denied(cause)
            }
        }
        Error::NoDefaultStore => KeychainError::Missing("no store could be opened".to_owned()),
        Error::Ambiguous(_) => KeychainError::Failed(format!("there is more than one item \"{item}\"")),
        // The texts of these may quote what is stored.
        Error::BadEncoding(_) | Error::BadDataFormat(..) => {
            KeychainError::Failed("the item does not hold text".to_owned())
        }
        other => KeychainError::Failed(other.to_string()),
    }
}
