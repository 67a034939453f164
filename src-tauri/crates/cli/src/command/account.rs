//! Whose rights a command uses, and what is typed for them.
//!
//! **Invariant 5:** a secret goes from stdin to the OS keychain and to the signer, and nowhere else: never argv, never a variable.

use std::io::{self, BufRead, IsTerminal, Read};

use secrecy::zeroize::Zeroize;
use secrecy::{ExposeSecret, SecretString};
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::{Patience, is_temporary};
pub(super) use watchbell_engine::setup::identity_of;
use watchbell_engine::setup::{self, NewSecret};
use watchbell_engine::store::SubscriptionRecord;

use crate::args::Global;
use crate::output::Out;

/// The longest line of stdin: a session token has some thousand letters. A wrong file on stdin must not be taken in whole.
const LONGEST: u64 = 64 * 1024;

/// The rights of a subscription; without one, whatever the SDK's own variables say.
pub(super) async fn access_of(record: Option<&SubscriptionRecord>, global: &Global) -> Result<Access, Problem> {
    let Some(record) = record else {
        return Ok(Access::new(Identity::Profile(None), None, global.endpoint_url.clone()));
    };
    setup::access_of(record, global.endpoint_url.as_deref(), Patience::Asked).await
}

/// The secret of a key and, of a temporary one, its session token: each asked for without showing it, or a line of a pipe.
pub(super) fn key_from_stdin(id: &str) -> Result<NewSecret, Problem> {
    let secret = line(&format!("Secret access key of {id}: "), Shown::No)?;
    if secret.expose_secret().is_empty() {
        return Err(Problem::new(Code::Usage, format!("No secret for {id} came on stdin"), HOW));
    }
    let token = if is_temporary(id) {
        let token = line(&format!("Session token of {id}: "), Shown::No)?;
        if token.expose_secret().is_empty() {
            let message = format!("No session token for the temporary key {id} came on stdin");
            return Err(Problem::new(Code::Usage, message, HOW_TOKEN));
        }
        Some(token)
    } else {
        None
    };
    Ok(NewSecret { id: id.to_owned(), secret, token })
}

/// Whose rights those are.
pub(super) fn identity_with(new: &NewSecret) -> Identity {
    let (id, secret) = (new.id.clone(), new.secret.clone());
    match &new.token {
        None => Identity::AccessKey { id, secret },
        Some(token) => Identity::TemporaryKey { id, secret, token: token.clone() },
    }
}

/// Asks for codes of MFA devices until none is wanted any more. `before` is called before one opens a session.
pub(super) async fn give_codes(
    access: &Access,
    region: &str,
    before: impl Fn() -> Result<(), Problem>,
    out: Out,
) -> Result<(), Problem> {
    while let Some(serial) = access.code_wanted(region, Patience::Asked).await? {
        let code = line(&format!("Code of the MFA device {serial}: "), Shown::Yes)?;
        if code.expose_secret().is_empty() {
            let message = format!("A code of the MFA device {serial} is needed, and none came on stdin");
            let hint = "run it on a terminal, or give the code as the next line of stdin";
            return Err(Problem::new(Code::Usage, message, hint));
        }
        before()?;
        access.give_code(region, code.expose_secret()).await?;
        out.note(&format!("AWS took the code of {serial}."));
    }
    Ok(())
}

const HOW: &str = "Give it as one line: pass show aws/acme | watchbellctl subscribe … --yes";
const HOW_TOKEN: &str = "Give it on the second line, below the secret: keys that begin with ASIA are signed with it";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Yes,
    No,
}

/// The next line that is typed, or of the pipe; empty at its end.
fn line(asked: &str, shown: Shown) -> Result<SecretString, Problem> {
    let unread = |error: io::Error| Problem::new(Code::Usage, format!("Cannot read stdin: {error}"), HOW);
    if io::stdin().is_terminal() && shown == Shown::No {
        return Ok(trimmed(rpassword::prompt_password(asked).map_err(unread)?));
    }
    if io::stdin().is_terminal() {
        return Ok(trimmed(Out::plain().asked(asked).unwrap_or_default()));
    }
    let mut typed = String::new();
    io::stdin().lock().take(LONGEST).read_line(&mut typed).map_err(unread)?;
    Ok(trimmed(typed))
}

fn trimmed(mut typed: String) -> SecretString {
    let secret = SecretString::from(typed.trim().to_owned());
    typed.zeroize();
    secret
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_taken_without_its_ends() {
        for (typed, secret) in [("abc\n", "abc"), ("abc\r\n", "abc"), ("abc", "abc"), ("", ""), (" abc \n", "abc")] {
            assert_eq!(trimmed(typed.to_owned()).expose_secret(), secret, "{typed:?} on stdin");
        }
    }

    #[test]
    fn a_key_that_is_typed_shows_nothing_of_itself() {
        let new = NewSecret {
            id: "ASIA1".into(),
            secret: "hunter2".to_owned().into(),
            token: Some("t0ken".to_owned().into()),
        };
        let shown = format!("{new:?} {:?}", identity_with(&new));
        assert!(!shown.contains("hunter2") && !shown.contains("t0ken"), "{shown}");
    }
}
