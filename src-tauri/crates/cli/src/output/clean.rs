//! Text from outside, made fit for a terminal.
//!
//! **Invariant:** what comes out has no control character, no bidirectional override and no line break, so no message can
//! move the cursor, rewrite a line or hide its end.

/// The longest text in a table's cell or a title, in characters.
pub(crate) const CELL: usize = 120;

/// `text` on one line of at most `most` characters; a cut shows as an ellipsis.
pub(crate) fn line(text: &str, most: usize) -> String {
    let mut kept = String::new();
    let mut count = 0;
    let mut gap = false;
    for letter in text.chars() {
        if letter.is_whitespace() || is_unseen(letter) {
            gap = !kept.is_empty();
            continue;
        }
        let wanted = 1 + usize::from(gap);
        if count + wanted > most {
            while count >= most && kept.pop().is_some() {
                count -= 1;
            }
            kept.push('…');
            return kept;
        }
        if gap {
            kept.push(' ');
        }
        kept.push(letter);
        count += wanted;
        gap = false;
    }
    kept
}

/// Controls (C0, DEL, C1), bidirectional marks and overrides, zero-width letters, line and paragraph separators, tags.
fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{00ad}' | '\u{061c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_control_character_reaches_the_terminal() {
        let hostile = "AWS-Run\u{1b}[2J\u{1b}]0;owned\u{7}\r\nShell\u{9b}31m\u{202e}txt\u{0}\u{feff}\u{2028}end";
        let shown = line(hostile, CELL);
        assert!(!shown.chars().any(is_unseen), "{shown:?} must hold nothing that a terminal obeys");
        assert_eq!(shown, "AWS-Run [2J ]0;owned Shell 31m txt end", "the readable rest stays");
    }

    #[test]
    fn a_long_text_is_cut_to_its_limit_with_an_ellipsis() {
        for most in [1, 2, 5, 9] {
            let shown = line("abcdefghijklmnop", most);
            assert_eq!(shown.chars().count(), most, "a cut text has exactly {most} characters");
            assert!(shown.ends_with('…'), "a cut shows");
        }
        assert_eq!(line("abc", 3), "abc", "what fits is not cut");
        assert_eq!(line("a b c", 3).chars().count(), 3, "gaps count too");
    }

    #[test]
    fn letters_of_other_scripts_stay() {
        assert_eq!(line("Ελληνικά עברית 漢字 🙂", CELL), "Ελληνικά עברית 漢字 🙂", "only what misleads is taken out");
    }
}
