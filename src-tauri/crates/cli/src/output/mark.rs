//! A mistake in what a person wrote, marked at its place: the text, and a line of carets under what is meant.
//!
//! **Invariant:** one column a character: what a terminal would obey or not show is a dot. A long text is cut around its mistake.

use std::ops::Range;

/// How much of the text stands before the place, and in all.
const BEFORE: usize = 60;
const SHOWN: usize = 110;

/// Two lines, indented: `text`, and carets under the bytes of `range`.
pub(crate) fn mark(text: &str, range: &Range<usize>) -> String {
    let letters: Vec<(usize, char)> = text.char_indices().collect();
    let start = letters.iter().position(|(at, _)| *at >= range.start).unwrap_or(letters.len());
    let end = letters.iter().position(|(at, _)| *at >= range.end).unwrap_or(letters.len());
    let from = start.saturating_sub(BEFORE);
    let to = letters.len().min(from + SHOWN);
    let (cut_before, cut_after) = (if from > 0 { "…" } else { "" }, if to < letters.len() { "…" } else { "" });
    let shown: String = letters[from..to].iter().map(|(_, letter)| visible(*letter)).collect();
    let width = end.min(to).saturating_sub(start).max(1);
    let blank = " ".repeat(start - from + cut_before.chars().count());
    format!("    {cut_before}{shown}{cut_after}\n    {blank}{}", "^".repeat(width))
}

fn visible(letter: char) -> char {
    let unseen =
        matches!(letter, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    if letter.is_control() || unseen { '·' } else { letter }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_carets_stand_under_what_is_meant() {
        for (text, range, carets) in [
            ("/^mi-(0/", 5..6, "         ^"),
            ("AWS-Run[a-z]*", 7..12, "           ^^^^^"),
            ("", 0..0, "    ^"),
            ("ab", 2..2, "      ^"),
            ("é(", 2..3, "     ^"),
        ] {
            let marked = mark(text, &range);
            assert_eq!(marked.lines().nth(1), Some(carets), "{marked}");
        }
    }

    #[test]
    fn a_long_or_hostile_text_is_one_line_of_a_terminal() {
        let text = format!("{}\u{1b}[2J{}", "x".repeat(300), "y".repeat(300));
        let marked = mark(&text, &(300..301));
        let lines: Vec<&str> = marked.lines().collect();
        assert_eq!(lines.len(), 2, "the text and its mark: {marked}");
        assert!(lines[0].chars().count() < 120 && !lines[0].contains('\u{1b}'), "cut and cleaned: {marked}");
        let column = lines[1].find('^').unwrap();
        assert_eq!(lines[0].chars().nth(column), Some('·'), "the mark is under what is meant: {marked}");
    }
}
