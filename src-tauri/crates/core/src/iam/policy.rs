//! IAM's JSON, typed: version, statements, and nothing that IAM does not know.
//!
//! **Invariant:** the keys come in the order in which IAM's own pages write them, in every build, and every value is escaped by
//! the serializer. A policy only ever allows: a Deny here would reach further than the setup.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

/// A whole policy (IAM user guide, "JSON policy element reference").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Policy {
    version: &'static str,
    statement: Vec<Statement>,
}

/// One statement that allows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Statement {
    sid: String,
    effect: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<StatementPrincipal>,
    action: OneOrMany,
    #[serde(skip_serializing_if = "OneOrMany::is_none")]
    resource: OneOrMany,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    condition: BTreeMap<&'static str, BTreeMap<&'static str, OneOrMany>>,
    /// No matter of IAM's.
    #[serde(skip)]
    optional: bool,
}

/// Whom a resource's policy lets in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum StatementPrincipal {
    /// Services of AWS.
    Service(OneOrMany),
    /// An account, role or user, by ARN.
    #[serde(rename = "AWS")]
    Aws(OneOrMany),
}

/// Texts; one alone is written without brackets, as IAM itself does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOrMany(Vec<String>);

impl Policy {
    pub(super) fn new(statement: Vec<Statement>) -> Self {
        Self { version: "2012-10-17", statement }
    }

    /// What it allows.
    pub fn statements(&self) -> &[Statement] {
        &self.statement
    }

    /// Its length as IAM counts it: in characters, without white space (IAM user guide, "IAM and AWS STS quotas").
    pub fn size(&self) -> usize {
        self.to_json().chars().filter(|c| !c.is_whitespace()).count()
    }

    /// The whole policy on several lines.
    pub fn to_json(&self) -> String {
        // Strings as keys and no foreign types: there is nothing that serializing could refuse.
        serde_json::to_string_pretty(self).unwrap_or_default()
    }
}

impl Statement {
    pub(super) fn allow(sid: impl Into<String>, actions: &[&str], resource: impl Into<OneOrMany>) -> Self {
        Self {
            sid: sid.into(),
            effect: "Allow",
            principal: None,
            action: actions.iter().map(|action| (*action).to_owned()).collect::<Vec<_>>().into(),
            resource: resource.into(),
            condition: BTreeMap::new(),
            optional: false,
        }
    }

    /// For whom, in the policy of a resource.
    pub(super) fn to(mut self, principal: StatementPrincipal) -> Self {
        self.principal = Some(principal);
        self
    }

    /// Without a resource, as trust policies are.
    pub(super) fn trusting(sid: &str, principal: StatementPrincipal) -> Self {
        Self::allow(sid, &["sts:AssumeRole"], Vec::new()).to(principal)
    }

    pub(super) fn when(mut self, operator: &'static str, key: &'static str, values: impl Into<OneOrMany>) -> Self {
        self.condition.entry(operator).or_default().insert(key, values.into());
        self
    }

    /// Watchbell does without it where nobody gives it.
    pub(super) fn optional(self) -> Self {
        Self { optional: true, ..self }
    }

    /// Whether Watchbell does without it where nobody gives it.
    pub fn is_optional(&self) -> bool {
        self.optional
    }

    /// Its name within the policy.
    pub fn sid(&self) -> &str {
        &self.sid
    }

    /// Whom it lets in; only in the policy of a resource.
    pub fn principal(&self) -> Option<&StatementPrincipal> {
        self.principal.as_ref()
    }

    /// What it allows.
    pub fn actions(&self) -> &[String] {
        &self.action.0
    }

    /// On what; nothing in a trust policy.
    pub fn resources(&self) -> &[String] {
        &self.resource.0
    }

    /// Operator, key and values of each condition; all must hold.
    pub fn conditions(&self) -> impl Iterator<Item = (&'static str, &'static str, &[String])> {
        self.condition
            .iter()
            .flat_map(|(operator, keys)| keys.iter().map(move |(key, values)| (*operator, *key, values.0.as_slice())))
    }
}

impl StatementPrincipal {
    /// `Service` or `AWS`.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Service(_) => "Service",
            Self::Aws(_) => "AWS",
        }
    }

    /// The services or ARNs.
    pub fn names(&self) -> &[String] {
        match self {
            Self::Service(names) | Self::Aws(names) => &names.0,
        }
    }
}

impl OneOrMany {
    fn is_none(&self) -> bool {
        self.0.is_empty()
    }
}

impl From<Vec<String>> for OneOrMany {
    fn from(texts: Vec<String>) -> Self {
        Self(texts)
    }
}

impl From<String> for OneOrMany {
    fn from(text: String) -> Self {
        Self(vec![text])
    }
}

impl From<&str> for OneOrMany {
    fn from(text: &str) -> Self {
        text.to_owned().into()
    }
}

impl Serialize for OneOrMany {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0[..] {
            [one] => serializer.serialize_str(one),
            many => many.serialize(serializer),
        }
    }
}
