//! What may ring in quiet hours.
//!
//! **Invariant:** nothing breaks through without a rule that the person left on, and the rule is named.

use crate::glob::Glob;
use crate::words::{clean_to, plural};
use serde::{Deserialize, Serialize};
use std::fmt::{self, Display};

/// The rules by which something rings although it is quiet. Any of them is enough.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BreakThrough {
    /// Watchbell cannot hear and cannot heal without the person.
    pub blind: bool,
    /// A command that the person asked to be told of.
    pub watched: bool,
    /// A document that fits one of these, by its name or its whole ARN.
    pub documents: Vec<Glob>,
    /// A command of which at least so many nodes fail; from 1 on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub failing_nodes: Option<u32>,
}

impl Default for BreakThrough {
    /// What the person asked for or must mend breaks through; no failure does.
    fn default() -> Self {
        Self { blind: true, watched: true, documents: Vec::new(), failing_nodes: None }
    }
}

/// What would ring.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Subject<'a> {
    /// Watchbell cannot hear.
    Blind {
        /// Whether it cannot heal without the person (signed out, denied, queue gone).
        needs_person: bool,
    },
    /// A command.
    Command {
        /// Whether the person asked to be told of it.
        watched: bool,
        /// Its document's name or ARN, once heard.
        document: Option<&'a str>,
        /// How many of its nodes fail now.
        failing_nodes: u32,
    },
}

/// The rule by which something broke through. `Display` gives the sentence to store with the decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Break {
    /// Watchbell is deaf until the person acts.
    NeedsPerson,
    /// The command is watched.
    Watched,
    /// Its document fits this pattern.
    Document(Glob),
    /// Enough of its nodes fail.
    FailingNodes {
        /// How many fail.
        failing: u32,
        /// How many are enough.
        at_least: u32,
    },
}

impl Display for Break {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Rings in quiet hours: ")?;
        match self {
            Self::NeedsPerson => f.write_str("Watchbell cannot hear until you act."),
            Self::Watched => f.write_str("this command is watched."),
            Self::Document(glob) => write!(f, "its document fits {}.", clean_to(glob.as_str(), 64)),
            Self::FailingNodes { failing, at_least } => {
                write!(f, "{} failing, and {at_least} are enough.", plural(*failing, "node"))
            }
        }
    }
}

/// A rule that would mean nothing, or everything, with what to write instead.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Meaningless {
    #[error("A document pattern is empty; write a name such as AWS-RunPatch*, or take it out.")]
    EmptyPattern,
    #[error("The number of failing nodes is 1 or more; leave it out to keep failures quiet.")]
    NoNodes,
}

impl BreakThrough {
    /// Refuses rules that would mean nothing or everything by mistake.
    pub(super) fn check(&self) -> Result<(), Meaningless> {
        if self.documents.iter().any(|glob| glob.as_str().trim().is_empty()) {
            return Err(Meaningless::EmptyPattern);
        }
        if self.failing_nodes == Some(0) {
            return Err(Meaningless::NoNodes);
        }
        Ok(())
    }

    /// The first rule that lets it ring.
    pub(super) fn allows(&self, subject: &Subject<'_>) -> Option<Break> {
        match *subject {
            Subject::Blind { needs_person } => (self.blind && needs_person).then_some(Break::NeedsPerson),
            Subject::Command { watched, document, failing_nodes } => {
                if watched && self.watched {
                    return Some(Break::Watched);
                }
                if let Some(glob) =
                    document.and_then(|document| self.documents.iter().find(|glob| fits(glob, document)))
                {
                    return Some(Break::Document(glob.clone()));
                }
                let at_least = self.failing_nodes.filter(|at_least| *at_least > 0 && failing_nodes >= *at_least)?;
                Some(Break::FailingNodes { failing: failing_nodes, at_least })
            }
        }
    }
}

/// A shared document goes by its ARN; the person may have written its name alone.
fn fits(glob: &Glob, document: &str) -> bool {
    glob.matches(document) || document.rsplit_once(":document/").is_some_and(|(_, name)| glob.matches(name))
}
