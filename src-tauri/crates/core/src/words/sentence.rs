//! Reasons and hints as sentences. They are written to stand behind a colon; a menu and a window begin a line with them.

/// With a capital where the first word is one of English, and with a stop where none is.
pub fn sentence(text: &str) -> String {
    let text = text.trim();
    let first = text.split(' ').next().unwrap_or_default();
    // `sqs:ReceiveMessage` and `watchbellctl` are names, and are written as they are.
    let is_word = first != "watchbellctl"
        && !first.is_empty()
        && first.trim_end_matches([',', ':', ';', '.']).chars().all(|letter| letter.is_ascii_lowercase());
    let mut out = String::with_capacity(text.len() + 1);
    let mut letters = text.chars();
    match letters.next() {
        Some(letter) if is_word => out.extend(letter.to_uppercase().chain(letters)),
        _ => out.push_str(text),
    }
    if out.ends_with(|letter: char| letter.is_alphanumeric() || matches!(letter, ')' | '"' | '}')) {
        out.push('.');
    }
    out
}

#[cfg(test)]
mod tests {
    use super::sentence;

    #[test]
    fn a_line_begins_and_ends_as_a_sentence_does() {
        for (text, told) in [
            ("no notification server runs", "No notification server runs."),
            ("could not reach AWS (refused)", "Could not reach AWS (refused)."),
            ("sqs:ReceiveMessage was denied", "sqs:ReceiveMessage was denied."),
            ("watchbellctl status says more", "watchbellctl status says more."),
            ("Sign in again.", "Sign in again."),
            ("", ""),
        ] {
            assert_eq!(sentence(text), told, "words begin with a capital, names stay as they are");
        }
    }
}
