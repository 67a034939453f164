//! The rules in their order, compiled once and asked for every failure.
//!
//! **Invariant:** a book that exists holds at most [`RULES_MAX`] rules with distinct names, every pattern of them built and
//! all together within a bounded weight; so asking it never fails and never takes long.

use super::error::{Field, Refusal, RuleError};
use super::matcher::Matcher;
use super::subject::{Name, Names};
use super::verdict::{Chosen, Verdict};
use super::{InWindow, NAME_MAX, Pattern, RULES_MAX, Rule, Subject};
use crate::words::clean_to;
use std::collections::HashMap;

/// The most that all regular expressions of a book may weigh, in states of the engine: less than 10 MB built.
const WEIGHT_MAX: u64 = 40_000;

/// Ordered rules, ready to judge. Two books are equal when their rules are.
#[derive(Debug, Clone, Default)]
pub struct RuleBook {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone)]
struct Entry {
    rule: Rule,
    document: Option<Matcher>,
    node: Option<Matcher>,
    status: Option<Matcher>,
    topic: Option<Matcher>,
}

impl PartialEq for RuleBook {
    fn eq(&self, other: &Self) -> bool {
        self.rules().eq(other.rules())
    }
}

impl Eq for RuleBook {}

impl RuleBook {
    /// Compiles the rules, or says everything that is wrong with them, in their order. Names are kept as a screen shows
    /// them, see [`crate::words::clean_to`]. Disabled rules must be right too, so that they can be enabled at any time.
    pub fn compile(rules: &[Rule]) -> Result<Self, Vec<RuleError>> {
        if let Some(first) = rules.get(RULES_MAX) {
            let refusal = Refusal::new(
                0..first.name.len(),
                format!("There are {} rules; at most {RULES_MAX} are possible.", rules.len()),
                "Put several names into one pattern: /^(one|two)$/.",
            );
            return Err(vec![refusal.of(RULES_MAX, Field::Name)]);
        }
        let mut errors = Vec::new();
        let mut names = HashMap::new();
        let mut room = WEIGHT_MAX;
        let mut entries = Vec::with_capacity(rules.len());
        for (index, rule) in rules.iter().enumerate() {
            let mut refuse = |field, refusal: Refusal| errors.push(refusal.of(index, field));
            let name = name(&rule.name).unwrap_or_else(|refusal| {
                refuse(Field::Name, refusal);
                String::new()
            });
            if let Some(earlier) = names.insert(name.clone(), index).filter(|_| !name.is_empty()) {
                let message = format!("Rule {} has this name already.", earlier + 1);
                let hint = "Give each rule its own name: decisions are stored with it.";
                refuse(Field::Name, Refusal::new(0..rule.name.len(), message, hint));
            }
            let mut build = |field, pattern: &Option<Pattern>| {
                let pattern = pattern.as_ref()?;
                Matcher::build(field, pattern, &mut room).map_err(|refusal| refuse(field, refusal)).ok()
            };
            let document = build(Field::Document, &rule.when.document);
            let node = build(Field::Node, &rule.when.node);
            let status = build(Field::Status, &rule.when.status);
            let topic = build(Field::Topic, &rule.when.topic);
            entries.push(Entry { rule: Rule { name, ..rule.clone() }, document, node, status, topic });
        }
        if errors.is_empty() { Ok(Self { entries }) } else { Err(errors) }
    }

    /// The rules, in order.
    pub fn rules(&self) -> impl ExactSizeIterator<Item = &Rule> {
        self.entries.iter().map(|entry| &entry.rule)
    }

    /// How many rules there are, the disabled ones too.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there is no rule at all.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// What the first enabled rule that speaks of the subject says; loud when none does.
    pub fn judge(&self, subject: &Subject<'_>) -> Verdict<'_> {
        let names = Names::of(subject);
        let mut rules = self.entries.iter().enumerate();
        match rules.find(|(_, entry)| entry.rule.enabled && entry.speaks_of(&names)) {
            Some((index, Entry { rule, .. })) => {
                Verdict { route: rule.then, rule: Some(Chosen { index, name: &rule.name }) }
            }
            None => Verdict::default(),
        }
    }

    /// Whether the conditions of one rule hold, whatever stands before it and whether it is enabled. Beside
    /// [`RuleBook::judge`] it tells what an earlier rule takes away from it.
    pub fn speaks_of(&self, index: usize, subject: &Subject<'_>) -> bool {
        self.entries.get(index).is_some_and(|entry| entry.speaks_of(&Names::of(subject)))
    }
}

impl Entry {
    fn speaks_of(&self, names: &Names<'_>) -> bool {
        let holds = |matcher: &Option<Matcher>, name: Option<Name<'_>>| match (matcher, name) {
            (None, _) => true,
            (Some(matcher), Some(name)) => matcher.fits(name),
            (Some(_), None) => false,
        };
        self.rule.when.window.is_none_or(|side| (side == InWindow::Inside) == names.in_window)
            && holds(&self.status, names.status)
            && holds(&self.document, names.document)
            && holds(&self.topic, names.topic)
            && holds(&self.node, names.node)
    }
}

/// The name as a screen shows it.
fn name(text: &str) -> Result<String, Refusal> {
    let name = clean_to(text, NAME_MAX.saturating_add(1));
    if name.is_empty() {
        return Err(Refusal::new(
            0..text.len(),
            "The rule has no name.",
            "Name it for what it does: decisions are stored with it.",
        ));
    }
    if name.chars().count() > NAME_MAX {
        let start = text.char_indices().nth(NAME_MAX).map_or(0, |(at, _)| at);
        let message = format!("A name has at most {NAME_MAX} characters.");
        return Err(Refusal::new(start..text.len(), message, "Shorten it."));
    }
    Ok(name)
}
