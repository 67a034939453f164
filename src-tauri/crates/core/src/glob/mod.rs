//! A pattern in which `*` stands for any text: in the search line, in rules, and in what may ring during quiet hours.
//!
//! **Invariant:** [`Glob::matches`] and [`Glob::like`] mean the same, for ASCII letters in either case.

mod pieces;

pub(crate) use pieces::Pieces;

use serde::{Deserialize, Serialize};

/// A pattern for a whole name. `*` stands for any text, and so does the `…` of an id that was shortened on the screen.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Glob(String);

impl Glob {
    /// The pattern as the person wrote it.
    pub fn new(pattern: impl Into<String>) -> Self {
        Self(pattern.into())
    }

    /// The pattern as the person wrote it.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the whole of `name` fits. ASCII letters match in either case, as in SQLite's `LIKE`.
    pub fn matches(&self, name: &str) -> bool {
        Pieces::of_stars(&self.0).fits(name)
    }

    /// The same pattern for SQLite's `LIKE … ESCAPE '\'`.
    pub fn like(&self) -> String {
        let mut out = String::with_capacity(self.0.len() + 4);
        for letter in self.0.chars() {
            match letter {
                '*' | '…' => out.push('%'),
                '%' | '_' | '\\' => out.extend(['\\', letter]),
                other => out.push(other),
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Glob;
    use proptest::prelude::*;
    use rstest::rstest;

    #[rstest]
    #[case("AWS-RunPatch*", "aws-runpatchbaseline", true)]
    #[case("AWS-RunPatch*", "AWS-RunShellScript", false)]
    #[case("AWS-RunPatch", "AWS-RunPatchBaseline", false)]
    #[case("*patch*base*", "AWS-RunPatchBaseline", true)]
    #[case("*base*patch*", "AWS-RunPatchBaseline", false)]
    #[case("i-0c4e…91", "i-0c4e5a7be8f012391", true)]
    #[case("ab*ab", "ab", false)]
    #[case("ab*b", "ab", false)]
    #[case("*", "", true)]
    #[case("", "", true)]
    #[case("", "x", false)]
    #[case("é*", "é!", true)]
    #[case("e*", "é", false)]
    #[case("a?c", "abc", false)]
    #[case("a?*", "a?b", true)]
    fn a_glob_fits_the_whole_name(#[case] pattern: &str, #[case] name: &str, #[case] fits: bool) {
        assert_eq!(Glob::new(pattern).matches(name), fits, "{pattern} on {name}");
    }

    #[test]
    fn what_sql_would_read_as_a_wildcard_is_escaped() {
        assert_eq!(Glob::new(r"50%_a\*").like(), r"50\%\_a\\%", "only a star of the person's is a wildcard");
    }

    proptest! {
        #[test]
        fn matching_never_panics_and_a_name_fits_itself(pattern in any::<String>(), name in "[^*…]*") {
            Glob::new(pattern).matches(&name);
            prop_assert!(Glob::new(name.clone()).matches(&name), "a name without stars fits itself");
            prop_assert!(Glob::new(format!("{name}*")).matches(&name), "a star fits nothing too");
        }
    }
}
