//! Text made fit for a ticket that strangers read: what could be a secret, or half of one, is left out.
//!
//! **Invariant:** an access key's id is shortened, and a word that looks like a secret key or a session token does not come through.
//! Never here: finding secrets of other kinds; what is put in was chosen to hold none.

/// Ids of AWS begin with four letters that say what they are (IAM user guide, "Understanding unique ID prefixes").
const ID_KINDS: [&str; 2] = ["AKIA", "ASIA"];
const ID_LENGTH: usize = 20;
/// A secret access key has 40 characters of base64; tokens have more.
const SECRET_LENGTH: usize = 40;

/// The text with key ids as `AKIA…MPLE`, and without words that look like secrets.
pub fn fit_for_ticket(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut word = String::new();
    for letter in text.chars().map(Some).chain([None]) {
        match letter {
            Some(letter) if letter.is_ascii_alphanumeric() || "+/=".contains(letter) => word.push(letter),
            other => {
                put(&mut out, &word);
                word.clear();
                out.extend(other);
            }
        }
    }
    out
}

fn put(out: &mut String, word: &str) {
    let is_id = word.len() == ID_LENGTH && ID_KINDS.iter().any(|kind| word.starts_with(kind));
    if is_id {
        out.push_str(&word[..4]);
        out.push('…');
        out.push_str(&word[ID_LENGTH - 4..]);
    } else if looks_secret(word) {
        out.push_str("[left out]");
    } else {
        out.push_str(word);
    }
}

/// Long and mixed, as chance makes it; words and hex digits of a person's or a program's are not.
fn looks_secret(word: &str) -> bool {
    let has = |kind: fn(&u8) -> bool| word.as_bytes().iter().any(kind);
    word.len() >= SECRET_LENGTH && has(u8::is_ascii_digit) && has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn key_ids_are_shortened_and_secrets_left_out() {
        let secret = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY1";
        for (text, fit) in [
            ("key AKIAIOSFODNN7EXAMPLE.", "key AKIA…MPLE."),
            ("ASIAIOSFODNN7EXAMPLE", "ASIA…MPLE"),
            ("arn:aws:iam::123456789012:user/ann", "arn:aws:iam::123456789012:user/ann"),
            ("2f9c0c1e-1111-4222-8333-444455556666", "2f9c0c1e-1111-4222-8333-444455556666"),
            ("/home/ann/.local/share/watchbell", "/home/ann/.local/share/watchbell"),
            ("", ""),
        ] {
            assert_eq!(fit_for_ticket(text), fit);
        }
        for around in ["", "stderr: ", "token="] {
            let text = fit_for_ticket(&format!("{around}{secret} end"));
            assert!(!text.contains(secret) && text.ends_with(" end"), "{text}");
        }
    }
}
