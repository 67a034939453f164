//! What tells this machine apart from another one of the same name.
//!
//! **Invariant:** the machine's own id never leaves it; a short digest of it does (machine-id(5)).

/// The digest, or `None` where the system gives no id: then machines of one name are held to be one.
pub fn tag() -> Option<String> {
    // The second is where D-Bus kept it before systemd did.
    ["/etc/machine-id", "/var/lib/dbus/machine-id"]
        .into_iter()
        .filter_map(|path| std::fs::read_to_string(path).ok())
        .find(|id| is_one(id.trim()))
        .map(|id| watchbell_core::plan::machine_tag(&id))
}

/// 32 hex digits; an image that was never started says `uninitialized`.
fn is_one(id: &str) -> bool {
    id.len() == 32 && id.bytes().all(|digit| digit.is_ascii_hexdigit()) && id.bytes().any(|digit| digit != b'0')
}

#[cfg(test)]
mod tests {
    use super::is_one;

    #[test]
    fn an_image_that_was_never_started_has_no_id() {
        assert!(is_one("0123456789abcdef0123456789abcdef"), "an id is 32 hex digits");
        for none in ["", "uninitialized", "00000000000000000000000000000000", "0123"] {
            assert!(!is_one(none), "{none:?} tells no machine apart");
        }
    }
}
