//! Text from messages made fit for a screen.
//!
//! **Invariant:** what leaves here holds no control character, no invisible one and none that turns the direction of the
//! text around it (Trojan Source, CVE-2021-42574), and is bounded. Right-to-left letters themselves stay.

use std::borrow::Cow;

/// The most characters that [`clean`] leaves.
pub const CLEAN_LIMIT: usize = 128;

/// Cleans one line of text and bounds it to [`CLEAN_LIMIT`] characters.
pub fn clean(text: &str) -> String {
    clean_to(text, CLEAN_LIMIT)
}

/// Cleans one line of text and bounds it to `limit` characters, the last being "…" where something was cut off.
/// Line breaks and tabs become one space.
pub fn clean_to(text: &str, limit: usize) -> String {
    let mut out = String::with_capacity(text.len().min(limit.saturating_mul(4)));
    let mut length = 0;
    let mut gap = false;
    for letter in text.chars() {
        if letter.is_whitespace() || matches!(letter, '\u{2028}' | '\u{2029}') {
            gap = length > 0;
            continue;
        }
        if is_unseen(letter) {
            continue;
        }
        let wanted = if gap { 2 } else { 1 };
        if length + wanted > limit {
            shorten(&mut out, length, limit);
            return out;
        }
        if gap {
            out.push(' ');
        }
        out.push(letter);
        length += wanted;
        gap = false;
    }
    out
}

/// Makes room for the "…" if there is none, and puts it.
fn shorten(out: &mut String, length: usize, limit: usize) {
    if limit == 0 {
        return;
    }
    if length == limit {
        out.pop();
    }
    out.push('…');
}

/// Whether a letter is a control character, or cannot be seen, or turns the direction of the text around it.
pub(crate) fn is_unseen(letter: char) -> bool {
    letter.is_control()
        || matches!(letter,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{e0000}'..='\u{e0fff}')
}

/// Escapes text for a notification body that the server reads as markup (Desktop Notifications Specification 1.2, "Markup").
pub fn escape_markup(text: &str) -> Cow<'_, str> {
    if !text.contains(['&', '<', '>', '"', '\'']) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        match letter {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            other => out.push(other),
        }
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::{clean, clean_to, escape_markup, is_unseen};
    use proptest::prelude::*;

    #[test]
    fn what_hides_or_turns_text_goes_and_letters_stay() {
        assert_eq!(clean("AWS\u{202e}-Run\u{200b}\u{7}Shell\u{feff}"), "AWS-RunShell", "nothing invisible stays");
        assert_eq!(clean("  two\r\n\tlines\u{2028}end "), "two lines end", "a line break becomes one space");
        assert_eq!(clean("עדכון-אבטחה"), "עדכון-אבטחה", "right-to-left letters are no attack");
        assert_eq!(clean("<b>x</b>"), "<b>x</b>", "cleaning does not escape: text is shown as text");
    }

    #[test]
    fn a_cut_is_seen_and_falls_between_characters() {
        assert_eq!(clean_to("ééééé", 3), "éé…", "the cut is marked within the limit");
        assert_eq!(clean_to("ééé", 3), "ééé", "what fits is not cut");
        assert_eq!(clean_to("ab  ", 2), "ab", "trailing space is no reason to cut");
        assert_eq!(clean_to("abc", 0), "", "a limit of nothing leaves nothing");
    }

    #[test]
    fn markup_in_a_name_is_shown_and_not_obeyed() {
        assert_eq!(escape_markup("a<b>&'\""), "a&lt;b&gt;&amp;&#39;&quot;", "a server must not obey a document's name");
        assert_eq!(escape_markup("plain"), "plain", "plain text stays as it is");
    }

    proptest! {
        #[test]
        fn any_text_leaves_clean_and_bounded(text in any::<String>(), limit in 0_usize..40) {
            let once = clean_to(&text, limit);
            prop_assert!(once.chars().count() <= limit, "{once:?} is longer than {limit}");
            prop_assert!(!once.chars().any(is_unseen), "{once:?} holds what cannot be seen");
            prop_assert_eq!(clean_to(&once, limit), once, "cleaning twice changes nothing more");
        }

        #[test]
        fn escaped_text_holds_no_markup(text in any::<String>()) {
            let escaped = escape_markup(&text);
            prop_assert!(!escaped.contains(['<', '>']), "{escaped} could be read as a tag");
        }
    }
}
