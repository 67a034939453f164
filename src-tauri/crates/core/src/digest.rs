//! The fingerprint of a message body, which breaks ties between events of the same instant.
//!
//! **Invariant:** equal bodies have equal digests, on every machine and in every version: the digest is stored.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// SHA-256 of a body as it lay in SQS. As total an order as the bytes themselves, in 32 bytes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BodyDigest([u8; 32]);

impl BodyDigest {
    /// The digest of a body.
    pub fn of(body: &str) -> Self {
        BodyDigest(Sha256::digest(body.as_bytes()).into())
    }

    /// The bytes, for the store.
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Back from the store.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        BodyDigest(bytes)
    }
}

/// The first 8 hex digits of a text's SHA-256: short enough for a name, and the same on every machine.
pub(crate) fn short_hex(text: &str) -> String {
    BodyDigest::of(text).to_string()[..8].to_owned()
}

impl fmt::Display for BodyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for BodyDigest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BodyDigest({self})")
    }
}

impl Serialize for BodyDigest {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for BodyDigest {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        from_hex(&text).ok_or_else(|| de::Error::custom("a body digest is 64 hex digits"))
    }
}

fn from_hex(text: &str) -> Option<BodyDigest> {
    let mut bytes = [0; 32];
    if text.len() != 64 || !text.is_ascii() {
        return None;
    }
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&text[2 * at..2 * at + 2], 16).ok()?;
    }
    Some(BodyDigest(bytes))
}
