//! A set of node ids that stays small when it is stored as JSON beside the events.
//!
//! **Invariant:** never holds more than [`NodeSet::LIMIT`] nodes, 16 characters each. Beyond the limit a node counts as *not* in the set, so
//! that the set can only make the policy ring once too often, never once too seldom.
//! Never here: the ids themselves. Eight bytes of their SHA-256 are enough to ask "is it in?", and nothing else is asked.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

/// A bounded set of node ids, by digest.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NodeSet {
    /// Sorted, without duplicates.
    digests: Vec<u64>,
}

impl NodeSet {
    /// The most nodes it holds: 160 kB of JSON.
    pub const LIMIT: usize = 10_000;

    /// Whether the node is in the set.
    pub fn contains(&self, node_id: &str) -> bool {
        self.digests.binary_search(&digest(node_id)).is_ok()
    }

    /// How many nodes it holds.
    pub fn len(&self) -> usize {
        self.digests.len()
    }

    /// Whether it holds none.
    pub fn is_empty(&self) -> bool {
        self.digests.is_empty()
    }

    fn from_digests(mut digests: Vec<u64>) -> Self {
        digests.sort_unstable();
        digests.dedup();
        digests.truncate(Self::LIMIT);
        Self { digests }
    }
}

impl<S: AsRef<str>> FromIterator<S> for NodeSet {
    fn from_iter<I: IntoIterator<Item = S>>(nodes: I) -> Self {
        Self::from_digests(nodes.into_iter().take(Self::LIMIT).map(|node| digest(node.as_ref())).collect())
    }
}

fn digest(node_id: &str) -> u64 {
    Sha256::digest(node_id.as_bytes()).iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
}

impl Serialize for NodeSet {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let digests: Vec<String> = self.digests.iter().map(|digest| format!("{digest:016x}")).collect();
        serializer.serialize_str(&digests.concat())
    }
}

impl<'de> Deserialize<'de> for NodeSet {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let digests = text
            .as_bytes()
            .chunks(16)
            .map(|chunk| std::str::from_utf8(chunk).ok().and_then(|hex| u64::from_str_radix(hex, 16).ok()))
            .collect::<Option<Vec<_>>>()
            .ok_or_else(|| serde::de::Error::custom("a node set is a row of 16-digit hexadecimal numbers"))?;
        Ok(Self::from_digests(digests))
    }
}

#[cfg(test)]
mod tests {
    use super::NodeSet;

    #[test]
    fn survives_storage() {
        let set: NodeSet = ["i-0c4e91", "i-07aa3d", "i-07aa3d"].into_iter().collect();
        let stored = serde_json::to_string(&set).unwrap();
        let back: NodeSet = serde_json::from_str(&stored).unwrap();
        assert_eq!(back, set, "a set read back from the database is the same set");
        assert!(back.contains("i-0c4e91") && !back.contains("i-0c4e92"), "only what was put in is in");
        assert_eq!(set.len(), 2, "a node counts once");
    }

    #[test]
    fn is_bounded_and_forgets_towards_ringing() {
        let set: NodeSet = (0..25_000).map(|n| format!("i-{n:017x}")).collect();
        assert_eq!(set.len(), NodeSet::LIMIT, "the stored set must not grow without bound");
        assert!(!set.contains(&format!("i-{:017x}", 24_999)), "past the limit a node counts as not in the set");
        assert!(serde_json::to_string(&set).unwrap().len() <= 16 * NodeSet::LIMIT + 2, "16 characters a node");
    }

    #[test]
    fn broken_text_is_an_error_not_a_panic() {
        for text in ["\"xyz\"", "\"00é0000000000000\"", "\"+000000000000001\"x", "7"] {
            assert!(serde_json::from_str::<NodeSet>(text).is_err(), "{text} is not a node set");
        }
    }
}
