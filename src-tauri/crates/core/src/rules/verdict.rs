//! What a book says of a failure, and in which words that is stored.

use super::Route;

/// The route of one failure, and the rule that chose it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Verdict<'a> {
    /// Where it goes.
    pub route: Route,
    /// The rule that decided; `None` when no rule speaks of it, and then it is loud.
    pub rule: Option<Chosen<'a>>,
}

/// A rule that decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Chosen<'a> {
    /// Its index in the book, from 0; disabled rules count.
    pub index: usize,
    /// Its name, fit for a screen.
    pub name: &'a str,
}

impl Verdict<'_> {
    /// The sentence that is stored with the decision: `Muted by rule "Agent updates".` `None` when no rule decided.
    pub fn reason(&self) -> Option<String> {
        let name = self.rule?.name;
        Some(match self.route {
            Route::Loud => format!("Loud by rule \"{name}\"."),
            Route::Quiet => format!("Kept quiet by rule \"{name}\": tray and history only."),
            Route::Mute => format!("Muted by rule \"{name}\"."),
        })
    }
}
