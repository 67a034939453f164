//! A pattern cut up at its stars. `*` stands for any text, and in a rule `?` for any one character.
//!
//! **Invariant:** it takes at most the product of pattern and text in time, whatever they are: a star never goes back behind an
//! earlier one.

/// The pieces around the stars.
#[derive(Debug, Clone)]
pub(crate) struct Pieces {
    first: Piece,
    /// Those between two stars, none of them empty.
    middle: Vec<Piece>,
    /// What stands after the last star; `None` without a star.
    last: Option<Piece>,
}

impl Pieces {
    /// Of a rule's pattern: a `?` is any one character.
    pub(crate) fn of_rule(glob: &str) -> Self {
        Self::cut(glob, |part| Piece { text: part.into(), plain: !part.contains('?') })
    }

    /// Of a pattern in which only `*` is special.
    pub(super) fn of_stars(glob: &str) -> Self {
        Self::cut(glob, |part| Piece { text: part.into(), plain: true })
    }

    fn cut(glob: &str, piece: impl Fn(&str) -> Piece) -> Self {
        let mut parts = glob.split(['*', '…']);
        let first = piece(parts.next().unwrap_or_default());
        let last = parts.next_back().map(&piece);
        let middle = parts.filter(|part| !part.is_empty()).map(&piece).collect();
        Self { first, middle, last }
    }

    /// Whether the whole of `text` fits. ASCII letters fit in either case.
    pub(crate) fn fits(&self, text: &str) -> bool {
        let Some(rest) = self.first.strip_start(text) else { return false };
        let Some(last) = &self.last else { return rest.is_empty() };
        let Some(mut rest) = last.strip_end(rest) else { return false };
        for piece in &self.middle {
            match piece.strip_through(rest) {
                Some(left) => rest = left,
                None => return false,
            }
        }
        true
    }
}

/// Text without a star.
#[derive(Debug, Clone)]
struct Piece {
    text: Box<str>,
    /// Without a `?` it is compared byte by byte: in UTF-8 no letter looks like a part of another.
    plain: bool,
}

impl Piece {
    /// What is left of `text` behind this piece at its start.
    fn strip_start<'a>(&self, text: &'a str) -> Option<&'a str> {
        if self.plain {
            let (head, rest) = text.split_at_checked(self.text.len())?;
            return head.eq_ignore_ascii_case(&self.text).then_some(rest);
        }
        let mut letters = text.chars();
        let fits = self.text.chars().all(|wanted| letters.next().is_some_and(|letter| same(wanted, letter)));
        fits.then_some(letters.as_str())
    }

    /// What is left of `text` before this piece at its end.
    fn strip_end<'a>(&self, text: &'a str) -> Option<&'a str> {
        if self.plain {
            let (rest, tail) = text.split_at_checked(text.len().checked_sub(self.text.len())?)?;
            return tail.eq_ignore_ascii_case(&self.text).then_some(rest);
        }
        let mut letters = text.chars();
        let fits = self.text.chars().rev().all(|wanted| letters.next_back().is_some_and(|letter| same(wanted, letter)));
        fits.then_some(letters.as_str())
    }

    /// What is left of `text` behind the first place where this piece stands.
    fn strip_through<'a>(&self, text: &'a str) -> Option<&'a str> {
        let wanted = self.text.as_bytes();
        if let (true, Some(first)) = (self.plain, wanted.first()) {
            let bytes = text.as_bytes();
            // The last place that leaves room for it.
            let places = bytes.get(..=bytes.len().checked_sub(wanted.len())?)?.iter().enumerate();
            let begins = places.filter(|(_, byte)| byte.eq_ignore_ascii_case(first));
            let mut ends = begins.map(|(at, _)| at..at + wanted.len());
            let found = ends.find(|place| bytes[place.clone()].eq_ignore_ascii_case(wanted))?;
            return text.get(found.end..);
        }
        let mut from = text.chars();
        loop {
            if let Some(left) = self.strip_start(from.as_str()) {
                return Some(left);
            }
            from.next()?;
        }
    }
}

fn same(wanted: char, letter: char) -> bool {
    wanted == '?' || wanted.eq_ignore_ascii_case(&letter)
}

#[cfg(test)]
mod tests {
    use super::Pieces;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("AWS-RunPatch*", "aws-runpatchbaseline", true)]
    #[case("AWS-RunPatch", "AWS-RunPatchBaseline", false)]
    #[case("i-0?4e*", "i-0c4e5a7be8f012391", true)]
    #[case("i-0?4e*", "i-04e5a7be8f012391", false)]
    #[case("i-0c4e…91", "i-0c4e5a7be8f012391", true)]
    #[case("*?", "", false)]
    #[case("*?", "é", true)]
    #[case("??", "é", false)]
    #[case("*a?c*", "xabxabcx", true)]
    #[case("*b*b", "ab", false)]
    #[case("*É*", "xéx", false)]
    #[case("*é*", "xéx", true)]
    #[case("ab*ab", "ab", false)]
    #[case("a**b", "ab", true)]
    #[case("*", "", true)]
    #[case("K*", "\u{212a}elvin", false)]
    fn a_glob_fits_the_whole_text(#[case] glob: &str, #[case] text: &str, #[case] fits: bool) {
        assert_eq!(Pieces::of_rule(glob).fits(text), fits, "{glob} on {text}");
    }

    #[test]
    fn many_stars_on_a_long_text_end_soon() {
        let text = "a".repeat(100_000);
        assert!(
            !Pieces::of_rule(&format!("{}b", "a*".repeat(200))).fits(&text),
            "a star never tries an earlier one again"
        );
        assert!(Pieces::of_rule(&format!("{}a", "a*".repeat(200))).fits(&text), "and finds what is there");
    }

    proptest! {
        #[test]
        fn a_question_mark_is_one_character(start in "[ab]{0,3}", one in any::<char>(), end in "[ab]{0,3}") {
            let glob = Pieces::of_rule(&format!("{start}?{end}"));
            prop_assert!(glob.fits(&format!("{start}{one}{end}")), "any one character fits");
            prop_assert!(!glob.fits(&format!("{start}{end}")), "none does not");
        }
    }
}
