//! The customer managed KMS key that a topic is encrypted with.
//!
//! **Invariant:** a [`KeyArn`] that exists names one key and no alias. Whether the topic uses it is not known here.

use std::fmt;
use std::str::FromStr;

use crate::arn::{dns_suffix, quotable};

use super::AskError;

/// Such as `arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyArn(String);

impl KeyArn {
    /// The whole ARN.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// `aws`, `aws-cn`, …
    pub(super) fn partition(&self) -> &str {
        self.part(1)
    }

    /// `eu-central-1`, …
    pub fn region(&self) -> &str {
        self.part(3)
    }

    /// Twelve digits.
    pub fn account(&self) -> &str {
        self.part(4)
    }

    fn part(&self, at: usize) -> &str {
        self.0.splitn(6, ':').nth(at).unwrap_or_default()
    }
}

impl fmt::Display for KeyArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for KeyArn {
    type Err = AskError;

    /// Spaces around the text are dropped, as they come along when an ARN is pasted.
    fn from_str(text: &str) -> Result<Self, AskError> {
        let text = text.trim();
        let malformed = || {
            AskError::Malformed(format!(
                "\"{}\" is not the ARN of a KMS key: arn:aws:kms:REGION:ACCOUNT:key/ID",
                quotable(text)
            ))
        };
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        if text.starts_with("alias/") || parts.get(5).is_some_and(|resource| resource.starts_with("alias/")) {
            return Err(AskError::KeyAlias(quotable(text)));
        }
        let ["arn", partition, "kms", region, account, resource] = parts[..] else { return Err(malformed()) };
        let lower = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        // Key ids are UUIDs, those of multi-region keys `mrk-` and 32 hex digits (KMS developer guide, "Key identifiers").
        let id = resource.strip_prefix("key/").unwrap_or_default();
        let fits = dns_suffix(partition).is_some()
            && !region.is_empty()
            && region.chars().all(lower)
            && account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && (1..=128).contains(&id.len())
            && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
        if fits { Ok(Self(text.to_owned())) } else { Err(malformed()) }
    }
}
