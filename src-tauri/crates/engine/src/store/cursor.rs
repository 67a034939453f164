//! Places in a list: opaque to everyone outside, a key of the last row inside. Never an offset, so that rows which come
//! in meanwhile neither repeat nor hide others.

use super::error::StoreError;

/// Writes the key of a row as a cursor.
pub(super) fn write(parts: [i64; 2]) -> String {
    format!("{:x}-{:x}", parts[0].cast_unsigned(), parts[1].cast_unsigned())
}

/// Reads a cursor back.
pub(super) fn read(text: &str) -> Result<[i64; 2], StoreError> {
    let part = |hex: &str| u64::from_str_radix(hex, 16).map(u64::cast_signed);
    text.split_once('-')
        .and_then(|(first, second)| Some([part(first).ok()?, part(second).ok()?]))
        .ok_or_else(|| StoreError::Cursor(text.chars().take(80).collect()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_read_back_and_garbage_is_refused() {
        for key in [[0, 0], [i64::MAX, i64::MIN], [-1, 7], [1_785_000_000_000_000_000, 42]] {
            assert_eq!(read(&write(key)).unwrap(), key, "a cursor leads back to its row");
        }
        for garbage in ["", "-", "x-1", "1", "1-", "1-2-3", "ffffffffffffffffff-1"] {
            assert!(read(garbage).is_err(), "{garbage:?} is no cursor");
        }
    }
}
