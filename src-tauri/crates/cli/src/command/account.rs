//! Whose rights a command uses, and where their secret is kept.
//!
//! **Invariant 5:** a secret goes from stdin to the OS keychain and to the signer, and nowhere else: never argv, never a variable.

use std::io::{self, IsTerminal, Read};

use secrecy::{ExposeSecret, SecretString};
use watchbell_engine::aws::access::{Access, Identity};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::keychain::{MAX_SECRET, Patience};
use watchbell_engine::setup;
pub(super) use watchbell_engine::setup::identity_of;
use watchbell_engine::store::SubscriptionRecord;

use crate::args::Global;

/// The rights of a subscription; without one, whatever the SDK's own variables say.
pub(super) async fn access_of(record: Option<&SubscriptionRecord>, global: &Global) -> Result<Access, Problem> {
    let Some(record) = record else {
        return Ok(Access::new(Identity::Profile(None), None, global.endpoint_url.clone()));
    };
    setup::access_of(record, global.endpoint_url.clone(), Patience::Asked).await
}

/// The secret, asked for without showing it, or the first line of a pipe.
pub(super) fn secret_from_stdin(id: &str) -> Result<SecretString, Problem> {
    let unread = |error: io::Error| Problem::new(Code::Usage, format!("Cannot read the secret: {error}"), HOW);
    let secret = if io::stdin().is_terminal() {
        let asked = format!("Secret access key of {id}: ");
        SecretString::from(rpassword::prompt_password(asked).map_err(unread)?)
    } else {
        let mut typed = String::new();
        // Bounded: a wrong file on stdin must not be taken in whole.
        io::stdin()
            .lock()
            .take(u64::try_from(MAX_SECRET).unwrap_or(u64::MAX) + 2)
            .read_to_string(&mut typed)
            .map_err(unread)?;
        first_line(&SecretString::from(typed))
    };
    if secret.expose_secret().is_empty() {
        return Err(Problem::new(Code::Usage, format!("No secret for {id} came on stdin"), HOW));
    }
    Ok(secret)
}

const HOW: &str = "Give it as one line: pass show aws/acme | watchbellctl subscribe … --yes";

fn first_line(typed: &SecretString) -> SecretString {
    SecretString::from(typed.expose_secret().lines().next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_secret_is_the_first_line_alone() {
        for (typed, secret) in [("abc\n", "abc"), ("abc\r\nnoise\n", "abc"), ("abc", "abc"), ("", ""), ("\nabc", "")] {
            assert_eq!(first_line(&SecretString::from(typed)).expose_secret(), secret, "{typed:?} on stdin");
        }
    }
}
