//! One rule as a person writes it and as it stands in the file.
//!
//! **Invariant:** what serde writes here it reads again as the same rule, and what it does not know it refuses, so that a
//! misspelt condition never turns into a rule that fits everything.

use super::Pattern;
use crate::policy::Outcome;
use serde::{Deserialize, Serialize};

/// Where a failure goes, if it is one of those that the rule speaks of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, expecting = "a rule with name, when and then")]
pub struct Rule {
    /// What the person calls it; 1 to [`super::NAME_MAX`] characters. Stored reasons name the rule by it.
    pub name: String,
    /// Whether it is asked at all. Left out of a file it is `true`.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What it speaks of. Left out of a file it is everything.
    #[serde(default)]
    pub when: When,
    /// Where that goes.
    pub then: Route,
}

fn yes() -> bool {
    true
}

/// The conditions of a rule: all that are given must hold, and what is not given always holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "conditions: document, node, status, topic and window")]
pub struct When {
    /// The document's name; of a shared document its ARN or the name at the ARN's end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<Pattern>,
    /// The id of the managed node. With it a rule never speaks of a command as a whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub node: Option<Pattern>,
    /// The status word, see [`super::status_word`]: `failed`, `timed_out`, `cancelled`, `not_run`, …; `failing` is
    /// failed or timed out, as in the search line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<Pattern>,
    /// The topic's ARN or name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub topic: Option<Pattern>,
    /// Inside or outside a maintenance window.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub window: Option<InWindow>,
}

/// On which side of a maintenance window's edge.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InWindow {
    /// While a maintenance window is open.
    Inside,
    /// While none is.
    Outside,
}

/// Where a failure goes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Route {
    /// It may ring.
    #[default]
    Loud,
    /// Tray and history only.
    Quiet,
    /// History only: the tray does not count it.
    Mute,
}

impl Route {
    /// The word used in JSON and in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Route::Loud => "loud",
            Route::Quiet => "quiet",
            Route::Mute => "mute",
        }
    }

    /// How the policy stores that it did not ring; `None` where it may.
    pub fn outcome(self) -> Option<Outcome> {
        match self {
            Route::Loud => None,
            Route::Quiet => Some(Outcome::Quiet),
            Route::Mute => Some(Outcome::Muted),
        }
    }
}
