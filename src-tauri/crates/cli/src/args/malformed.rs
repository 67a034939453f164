//! Flags whose values have a shape: refused before any call when the shape is not met.
//!
//! **Invariant:** only shapes that AWS itself cannot accept are refused; the rest is AWS's to judge.

use watchbell_core::role::{self, RoleMistake};

/// A value that cannot be right, in words that say what would be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it must be an http:// or https:// address")]
    Address,
    #[error("an access key id is letters, digits and _ only")]
    AccessKeyId,
    #[error("it must look like eu-central-1")]
    Region,
    #[error("an account id has 12 digits")]
    AccountId,
}

/// `--endpoint-url` and `--queue-url`.
pub(super) fn address(typed: &str) -> Result<String, Malformed> {
    let rest = typed.strip_prefix("https://").or_else(|| typed.strip_prefix("http://"));
    let fits = rest.is_some_and(|host| !host.is_empty() && !host.starts_with('/'));
    keep(typed, fits && !typed.contains(|c: char| c.is_whitespace() || c.is_control()), Malformed::Address)
}

/// `--access-key-id`. AWS's are 16 to 128 long; stand-ins use short ones, so only the letters are held to.
pub(super) fn access_key_id(typed: &str) -> Result<String, Malformed> {
    let fits = (1..=128).contains(&typed.len()) && typed.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    keep(typed, fits, Malformed::AccessKeyId)
}

/// `--role-arn`, by the rule that the window has, too.
pub(super) fn role_arn(typed: &str) -> Result<String, RoleMistake> {
    role::role_arn(typed).map(str::to_owned)
}

/// `--external-id`.
pub(super) fn external_id(typed: &str) -> Result<String, RoleMistake> {
    role::external_id(typed).map(str::to_owned)
}

/// `--mfa-serial`.
pub(super) fn mfa_serial(typed: &str) -> Result<String, RoleMistake> {
    role::mfa_serial(typed).map(str::to_owned)
}

/// `--region`.
pub(super) fn region(typed: &str) -> Result<String, Malformed> {
    let letters = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    keep(typed, typed.len() >= 5 && typed.contains('-') && typed.chars().all(letters), Malformed::Region)
}

/// `--account-id`.
pub(super) fn account_id(typed: &str) -> Result<String, Malformed> {
    let fits = typed.len() == 12 && typed.bytes().all(|digit| digit.is_ascii_digit());
    keep(typed, fits, Malformed::AccountId)
}

fn keep(typed: &str, fits: bool, why: Malformed) -> Result<String, Malformed> {
    if fits { Ok(typed.to_owned()) } else { Err(why) }
}
