//! Flags whose values have a shape: refused before any call when the shape is not met.
//!
//! **Invariant:** only shapes that AWS itself cannot accept are refused; the rest is AWS's to judge.

/// A value that cannot be right, in words that say what would be.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Malformed {
    #[error("it must be an http:// or https:// address")]
    Address,
    #[error("an access key id is letters, digits and _ only")]
    AccessKeyId,
    #[error("it must look like arn:aws:iam::123456789012:role/name")]
    RoleArn,
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

/// `--role-arn`.
pub(super) fn role_arn(typed: &str) -> Result<String, Malformed> {
    let parts: Vec<&str> = typed.splitn(6, ':').collect();
    let fits = parts.len() == 6 && parts[0] == "arn" && parts[2] == "iam" && parts[5].starts_with("role/");
    keep(typed, fits, Malformed::RoleArn)
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
