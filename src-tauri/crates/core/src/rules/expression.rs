//! A regular expression of a rule: read, weighed, and only then built.
//!
//! **Invariant:** what is built here matches in time linear in the text (the engine of the `regex` crate never
//! backtracks) and holds bounded memory; every mistake has a place in the expression.

use super::error::Refusal;
use super::mistake;
use super::weight::weigh;
use regex::{Regex, RegexBuilder};
use regex_syntax::ast::parse::ParserBuilder;
use regex_syntax::hir::translate::TranslatorBuilder;

/// How deep groups and classes may be nested.
const NEST_MAX: u32 = 32;
/// The most states of one expression, about: room for `^i-\w{17}$`, the heaviest that ids give reason to write.
const WEIGHT_MAX: u64 = 6_000;
/// The most bytes of a built expression; the weight keeps below it.
const SIZE_MAX: usize = 1 << 20;
/// The most bytes that an expression may remember while it matches; with less it goes on more slowly.
const MEMORY_MAX: usize = 1 << 18;

/// Builds `text`, which stands between the slashes of a pattern, and takes its weight from `room`. Places in a refusal
/// count from its beginning, and may reach one byte beyond it, onto the slash that closes it.
pub(super) fn build(text: &str, room: &mut u64) -> Result<Regex, Refusal> {
    let ast = ParserBuilder::new()
        .nest_limit(NEST_MAX)
        .build()
        .parse(text)
        .map_err(|error| mistake::of_syntax(error.kind(), error.span(), text))?;
    let weight = weigh(&ast, WEIGHT_MAX).map_err(mistake::of_weight)?;
    // Before anything is built, so that a file full of heavy patterns is refused soon.
    *room = room.checked_sub(weight).ok_or_else(|| mistake::together_too_large(text.len()))?;
    TranslatorBuilder::new()
        .case_insensitive(true)
        .build()
        .translate(text, &ast)
        .map_err(|error| mistake::of_meaning(error.kind(), error.span()))?;
    RegexBuilder::new(text)
        .case_insensitive(true)
        .nest_limit(NEST_MAX)
        .size_limit(SIZE_MAX)
        .dfa_size_limit(MEMORY_MAX)
        .build()
        .map_err(|_| mistake::too_large(0..text.len()))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

    use super::super::error::Refusal;
    use super::WEIGHT_MAX;
    use proptest::prelude::*;
    use regex::Regex;
    use rstest::rstest;

    fn build(text: &str) -> Result<Regex, Refusal> {
        let mut room = WEIGHT_MAX;
        super::build(text, &mut room)
    }

    #[rstest]
    #[case("(a+)+$")]
    #[case("(a|aa)+$")]
    #[case("(a|a?)+$")]
    #[case("^(([a-z])+.)+[A-Z]([a-z])+$")]
    #[case("(.*)*(.*)*(.*)*=$")]
    #[case("a?a?a?a?a?a?a?a?a?a?a?a?aaaaaaaaaaaaa=")]
    #[case("[ab]*a[ab]{40}c")]
    #[case(r"(\w+\s?)*$!")]
    fn what_hangs_a_backtracking_engine_ends_here(#[case] expression: &str) {
        let built = build(expression).unwrap();
        let text = format!("{}!", "a".repeat(100_000));
        built.is_match(&text);
        built.is_match(&"ab".repeat(50_000));
    }

    #[rstest]
    #[case("a{1000000}", "{1000000}")]
    #[case("x((a{50}){50}){50}", "{50}")]
    #[case(r"\w{30}", "{30}")]
    #[case("(){2000000000}", "{2000000000}")]
    #[case(r"(?:[\w-]{3}){10,}", "{10,}")]
    fn a_repetition_that_grows_too_large_is_marked(#[case] expression: &str, #[case] place: &str) {
        let refusal = build(expression).expect_err("it must be refused before it is built");
        assert_eq!(&expression[refusal.range], place, "{expression}: the repetition is the place to change");
        assert!(refusal.message.contains("too large"), "{}", refusal.message);
    }

    #[rstest]
    #[case(r"^i-\w{17}$")]
    #[case(r"^m?i-[0-9a-f]{17}$")]
    #[case(r"^(AWS|Amazon)-(Run|Apply|Configure).{1,100}(Baseline|Script|Package)$")]
    #[case(r"(?-i)^[A-Z][a-z]+$")]
    #[case(r"\b(patch|Aktualisierung|mise à jour)\b")]
    fn what_people_need_fits(#[case] expression: &str) {
        assert!(build(expression).is_ok(), "{expression} is an honest pattern");
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic_and_every_mistake_has_a_place(text in r"([a-c(|)*+?{}\[\]^$.,\\:<>=!0-9é&~-]|\\[wWdsbBpPxu0-9{]|\(\?[a-zA-Z:<-]){0,24}") {
            if let Err(refusal) = build(&text) {
                let closed = format!("{text}/");
                let place = closed.get(refusal.range.clone());
                prop_assert!(place.is_some_and(|place| !place.is_empty()), "{:?} is no place in {text:?}", refusal.range);
            }
        }
    }
}
