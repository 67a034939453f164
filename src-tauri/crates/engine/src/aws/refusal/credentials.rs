//! Why there are no credentials to sign a call with, and what to do about it: each cause has its own way out.
//!
//! **Invariant:** what a credential process or the SDK says is passed on in its own words, cleaned; it is theirs to keep secrets
//! out of them. Never asked here: whether AWS would accept credentials that exist.

use std::error::Error;

use aws_credential_types::provider::error::CredentialsError;
use watchbell_core::health::SubscriptionState;

use super::{Refusal, innermost, signed_out};
use crate::error::Problem;

/// Why a source of our own has no credentials. It comes back in the chain of causes of the call that could not be signed.
#[derive(Debug, Clone, thiserror::Error)]
#[error("{}", .0.problem.message)]
pub(crate) struct NoCredentials(pub(crate) Box<Refusal>);

impl NoCredentials {
    /// Until the person, or the keychain, does something.
    pub(crate) fn because(problem: Problem, state: SubscriptionState) -> Self {
        Self(Box::new(Refusal { problem, state, transient: false }))
    }
}

impl From<Refusal> for NoCredentials {
    fn from(refusal: Refusal) -> Self {
        Self(Box::new(refusal))
    }
}

impl From<NoCredentials> for CredentialsError {
    fn from(why: NoCredentials) -> Self {
        Self::provider_error(why)
    }
}

/// Why a profile of the person's AWS config gives no credentials: the words of a way out name it.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(crate) struct OfProfile {
    login: Login,
    #[source]
    pub(super) why: CredentialsError,
}

impl OfProfile {
    /// What the profile's own source said. That there is none is the chain's to hear, for it asks elsewhere then.
    pub(crate) fn because(login: Login, why: CredentialsError) -> CredentialsError {
        match why {
            CredentialsError::CredentialsNotLoaded(_) | CredentialsError::ProviderTimedOut(_) => why,
            why => CredentialsError::provider_error(Self { login, why }),
        }
    }

    pub(super) fn name(&self, refused: Refusal) -> Refusal {
        named(refused, &self.login)
    }
}

/// The same with the profile's name in the commands of its hint, and the command that is its own.
pub(crate) fn named(mut refused: Refusal, login: &Login) -> Refusal {
    let option = format!("--profile {}", argument(&login.profile));
    let hint = refused.problem.hint.replace(&format!("{LOGIN}NAME"), &login.command());
    refused.problem.hint = hint.replace("--profile NAME", &option);
    refused
}

const LOGIN: &str = "aws sso login --profile ";
/// The same of a console session (AWS CLI 2.32).
const LOGIN_TO_CONSOLE: &str = "aws login --profile ";

/// The profile that the person signs in with in their own tools, where that is the way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Login {
    /// Its name.
    pub(crate) profile: String,
    /// It has a console session, of `aws login`; else `aws sso login` is the way.
    pub(crate) console: bool,
}

impl Login {
    /// The command that signs in again.
    pub(crate) fn command(&self) -> String {
        format!("{}{}", if self.console { LOGIN_TO_CONSOLE } else { LOGIN }, argument(&self.profile))
    }
}

/// The command that a hint names for that, if it names one for a profile.
pub fn login_in(hint: &str) -> Option<&str> {
    let command = &hint[hint.find(LOGIN).or_else(|| hint.find(LOGIN_TO_CONSOLE))?..];
    let mut quoted = false;
    let end = command.find(|letter| {
        quoted ^= letter == '\'';
        !quoted && "),;".contains(letter)
    });
    Some(&command[..end.unwrap_or(command.len())]).filter(|command| !command.ends_with(" NAME"))
}

/// A word of a command, as a shell reads it.
fn argument(word: &str) -> String {
    let word = watchbell_core::words::clean_to(word, 120);
    let plain = |letter: char| letter.is_ascii_alphanumeric() || "_-./@:+".contains(letter);
    if !word.is_empty() && word.chars().all(plain) { word } else { format!("'{}'", word.replace('\'', r"'\''")) }
}

/// A call that was not sent for want of credentials.
pub(super) fn missing(operation: &str, error: &(dyn Error + 'static)) -> Refusal {
    let said = innermost(error);
    let causes = std::iter::successors(Some(error), |cause: &&(dyn Error + 'static)| (*cause).source());
    let Way { why, out } = way_out(&causes.map(ToString::to_string).collect::<Vec<_>>().join(" "));
    let why = why.map_or_else(|| watchbell_core::words::clean_to(&said, 400), str::to_owned);
    let mut refused = signed_out(operation, &why);
    out.clone_into(&mut refused.problem.hint);
    refused
}

struct Way {
    /// In place of the SDK's words, where those say nothing to a person.
    why: Option<&'static str>,
    out: &'static str,
}

/// The texts are those of aws-config 1.x; one that is not known gets the general advice.
fn way_out(said: &str) -> Way {
    let said = said.to_ascii_lowercase();
    let has = |marks: &[&str]| marks.iter().any(|mark| said.contains(mark));
    let out = if has(&["was not defined"]) {
        "there is no such profile: aws configure list-profiles shows those of ~/.aws/config; choose one of them, in a terminal with --profile"
    } else if has(&["external process"]) {
        "the profile's credential_process failed: run that command by hand, mend it, and try again"
    } else if has(&["invalid sso config"]) {
        "the profile is not whole: aws configure sso --profile NAME writes it anew"
    } else if has(&["login token", "login/cache"]) {
        "sign in again: aws login --profile NAME"
    } else if has(&["sso token", "sso session", "sso_"]) {
        "sign in again: aws sso login --profile NAME"
    } else if has(&["parse profile file", "read profile file", "could not read file"]) {
        "~/.aws/config or ~/.aws/credentials cannot be read as it stands: aws configure list shows the line; mend it"
    } else if has(&["profilefile provider could not be built", "invalid credential source"]) {
        "the profile is not whole: mend it with aws configure --profile NAME"
    } else if has(&["not enabled", "no credentials"]) {
        return Way {
            why: Some("neither the environment nor the profile has any"),
            out: "choose a profile (--profile, or AWS_PROFILE), or use an access key (--access-key-id)",
        };
    } else {
        "sign in again (aws sso login --profile NAME), or mend the profile's credential_process"
    };
    Way { why: None, out }
}
