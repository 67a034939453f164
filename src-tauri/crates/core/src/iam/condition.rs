//! Whether the condition of a statement holds for a call of which some keys are known: yes, no, or it cannot be told.
//!
//! **Invariant:** pure and total. A key that is not known, an operator that is not read here and a policy variable never make a yes or a no.

use std::collections::BTreeMap;

use serde_json::Value;

use super::element::{apart, covers};
use crate::arn::quotable;

/// What is known of a call: condition keys in small letters (they have no case: IAM user guide, "Condition keys"), each with its one value.
#[derive(Clone, Debug, Default)]
pub(super) struct Known(BTreeMap<String, Seen>);

/// How much of a value is known.
#[derive(Clone, Debug)]
enum Seen {
    Whole(String),
    /// It is one of those that this pattern stands for.
    Like(String),
}

/// How an operator compares.
#[derive(Clone, Copy)]
enum By {
    Letters,
    LettersOfAnyCase,
    Pattern,
}

/// How a condition ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Holds {
    Yes,
    No,
    /// It hangs on this key, or on an operator that is not read here.
    Unknown(String),
}

impl Known {
    pub(super) fn with(mut self, key: &str, value: impl Into<String>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), Seen::Whole(value.into()));
        self
    }

    /// The value is one of those that the pattern stands for.
    pub(super) fn like(mut self, key: &str, pattern: impl Into<String>) -> Self {
        self.0.insert(key.to_ascii_lowercase(), Seen::Like(pattern.into()));
        self
    }

    /// A condition's parts must all hold.
    pub(super) fn judge(&self, condition: &Value) -> Holds {
        let operators = match condition {
            Value::Null => return Holds::Yes,
            Value::Object(operators) => operators,
            _ => return Holds::Unknown("something that is no condition".to_owned()),
        };
        let mut unknown = None;
        for (operator, keys) in operators {
            let Value::Object(keys) = keys else { return Holds::Unknown(quotable(operator)) };
            for (key, values) in keys {
                match self.one(operator, key, values) {
                    Some(true) => {}
                    Some(false) => return Holds::No,
                    None => unknown = unknown.or_else(|| Some(quotable(key))),
                }
            }
        }
        unknown.map_or(Holds::Yes, Holds::Unknown)
    }

    fn one(&self, operator: &str, key: &str, values: &Value) -> Option<bool> {
        let known = self.0.get(&key.to_ascii_lowercase())?;
        let wanted = scalars(values)?;
        // A variable stands for something that only the call itself has.
        if wanted.is_empty() || wanted.iter().any(|value| value.contains("${")) {
            return None;
        }
        let (by, wants_fit) = match operator.strip_suffix("IfExists").unwrap_or(operator) {
            "StringEquals" => (By::Letters, true),
            "StringNotEquals" => (By::Letters, false),
            "StringEqualsIgnoreCase" | "Bool" => (By::LettersOfAnyCase, true),
            "StringNotEqualsIgnoreCase" => (By::LettersOfAnyCase, false),
            // ArnEquals and ArnLike act alike (IAM user guide, "Condition operators").
            "StringLike" | "ArnLike" | "ArnEquals" => (By::Pattern, true),
            "StringNotLike" | "ArnNotLike" | "ArnNotEquals" => (By::Pattern, false),
            "Null" => return Some(wanted.iter().any(|value| value.eq_ignore_ascii_case("false"))),
            _ => return None,
        };
        let told: Vec<_> = wanted.iter().map(|value| known.fits(value, by)).collect();
        let fits = if told.contains(&Some(true)) {
            true
        } else if told.contains(&None) {
            return None;
        } else {
            false
        };
        Some(fits == wants_fit)
    }
}

impl Seen {
    fn fits(&self, value: &str, by: By) -> Option<bool> {
        match (self, by) {
            (Self::Whole(known), By::Letters) => Some(value == known),
            (Self::Whole(known), By::LettersOfAnyCase) => Some(value.eq_ignore_ascii_case(known)),
            (Self::Whole(known), By::Pattern) => Some(covers(value, known, true)),
            (Self::Like(known), By::Pattern) if covers(value, known, true) => Some(true),
            (Self::Like(known), By::Pattern) if apart(value, known) => Some(false),
            (Self::Like(known), By::Letters) if !covers(known, value, true) => Some(false),
            (Self::Like(_), _) => None,
        }
    }
}

/// A value or a list of them, as texts: policies write booleans and numbers both ways.
fn scalars(values: &Value) -> Option<Vec<String>> {
    let one = |value: &Value| match value {
        Value::String(text) => Some(text.clone()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    match values {
        Value::Array(many) => many.iter().map(one).collect(),
        single => one(single).map(|text| vec![text]),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_known_decides_and_what_is_not_known_never_does() {
        let known = Known::default()
            .with("aws:SourceArn", "arn:aws:sns:us-east-1:123456789012:t")
            .with("aws:X", "true")
            .like("sns:Endpoint", "arn:aws:sqs:us-east-1:1:watchbell-*");
        let unknown = |key: &str| Holds::Unknown(key.to_owned());
        for (condition, holds) in [
            (json!(null), Holds::Yes),
            (json!({}), Holds::Yes),
            (json!({ "ArnEquals": { "AWS:sourcearn": "arn:aws:sns:*:123456789012:t" } }), Holds::Yes),
            (json!({ "StringEquals": { "aws:SourceArn": ["a", "arn:aws:sns:us-east-1:123456789012:t"] } }), Holds::Yes),
            (json!({ "StringEquals": { "aws:SourceArn": "arn:aws:sns:*:123456789012:t" } }), Holds::No),
            (json!({ "StringNotLike": { "aws:SourceArn": "arn:aws:sns:*" } }), Holds::No),
            (json!({ "ArnNotEquals": { "aws:SourceArn": "arn:aws:sns:us-east-1:123456789012:u" } }), Holds::Yes),
            (json!({ "Bool": { "aws:X": true } }), Holds::Yes),
            (json!({ "BoolIfExists": { "aws:X": "false" } }), Holds::No),
            (json!({ "Null": { "aws:X": "true" } }), Holds::No),
            (json!({ "Bool": { "aws:X": "true", "aws:Y": "true" } }), unknown("aws:Y")),
            (json!({ "Bool": { "aws:Y": "true" }, "StringEquals": { "aws:X": "no" } }), Holds::No),
            (json!({ "StringEquals": { "aws:PrincipalOrgID": "o-1" } }), unknown("aws:PrincipalOrgID")),
            (json!({ "ForAnyValue:StringEquals": { "aws:X": "true" } }), unknown("aws:X")),
            (json!({ "StringEquals": { "aws:X": "${aws:username}" } }), unknown("aws:X")),
            (json!({ "StringEquals": { "aws:X": [] } }), unknown("aws:X")),
            (json!({ "StringEquals": { "aws:X": {} } }), unknown("aws:X")),
            (json!({ "StringEquals": "aws:X" }), unknown("StringEquals")),
            (json!("always"), unknown("something that is no condition")),
            (json!({ "StringLike": { "sns:Endpoint": "arn:aws:sqs:*" } }), Holds::Yes),
            (
                json!({ "StringLike": { "sns:Endpoint": "arn:aws:sqs:us-east-1:1:watchbell-ann-*" } }),
                unknown("sns:Endpoint"),
            ),
            (json!({ "StringLike": { "sns:Endpoint": "arn:aws:sqs:us-east-1:1:payments" } }), Holds::No),
            (json!({ "StringNotLike": { "sns:Endpoint": "arn:aws:sqs:us-east-1:1:payments" } }), Holds::Yes),
            (json!({ "StringEquals": { "sns:Endpoint": "arn:aws:sqs:us-east-1:1:payments" } }), Holds::No),
            (
                json!({ "StringEquals": { "sns:Endpoint": "arn:aws:sqs:us-east-1:1:watchbell-a" } }),
                unknown("sns:Endpoint"),
            ),
        ] {
            assert_eq!(known.judge(&condition), holds, "{condition}");
        }
    }
}
