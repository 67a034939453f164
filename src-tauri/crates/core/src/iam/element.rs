//! The elements of a policy that somebody wrote: its statements, and what a name or a pattern in one stands for.
//!
//! **Invariant:** pure and total; nothing in a policy makes this panic or take long. What is not understood stands for nothing.

use serde_json::Value;

use crate::arn::quotable;

/// The statements of a policy; `None` when it is none. IAM takes one statement without a list around it, too.
pub(super) fn statements(policy: &str) -> Option<Vec<Value>> {
    match serde_json::from_str::<Value>(policy).ok()? {
        Value::Object(mut policy) => match policy.remove("Statement") {
            None | Some(Value::Null) => Some(Vec::new()),
            Some(Value::Array(many)) => Some(many),
            Some(one @ Value::Object(_)) => Some(vec![one]),
            Some(_) => None,
        },
        _ => None,
    }
}

/// "the statement Lock", for a sentence.
pub(super) fn name_of(statement: &Value) -> String {
    let unnamed = || "a statement without a name".to_owned();
    statement["Sid"].as_str().map_or_else(unnamed, |sid| format!("the statement {}", quotable(sid)))
}

/// A text, or the texts of a list.
pub(super) fn texts(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_str).collect(),
        other => other.as_str().into_iter().collect(),
    }
}

/// Whether the statement speaks of this action on this resource, by what it names or by what it leaves out.
pub(super) fn concerns(
    held: &Value,
    action: &str,
    resource: Option<&str>,
    fits: impl Fn(&str, &str, bool) -> bool,
) -> bool {
    let by = |named: &str, left_out: &str, text: &str, case: bool| match (&held[named], &held[left_out]) {
        (Value::Null, Value::Null) => false,
        (Value::Null, out) => {
            let patterns = texts(out);
            !patterns.is_empty() && !patterns.iter().any(|one| overlap(one, text, case))
        }
        (named, _) => texts(named).iter().any(|one| fits(one, text, case)),
    };
    by("Action", "NotAction", action, false)
        && resource.is_none_or(|resource| {
            // "*" in a key's policy is the key itself.
            by("Resource", "NotResource", resource, true)
        })
}

/// The account whose root a principal is: `123456789012` and `arn:aws:iam::123456789012:root` are the same.
pub(super) fn root_of(principal: &str) -> Option<&str> {
    match principal.split(':').collect::<Vec<_>>()[..] {
        ["arn", _, "iam", "", account, "root"] => Some(account),
        [account] if account.len() == 12 && account.bytes().all(|b| b.is_ascii_digit()) => Some(account),
        _ => None,
    }
}

/// Whether one of two patterns fits all that the other stands for.
pub(super) fn overlap(a: &str, b: &str, case: bool) -> bool {
    covers(a, b, case) || covers(b, a, case)
}

/// Whether two patterns stand for nothing together, as far as what is before their first wildcards tells.
pub(super) fn apart(a: &str, b: &str) -> bool {
    let head = |text: &str| text.split(['*', '?']).next().unwrap_or_default().len();
    let whole = |text: &str| head(text) == text.len();
    let shared = head(a).min(head(b));
    // Of two that are written out, both have to end.
    a.as_bytes()[..shared] != b.as_bytes()[..shared]
        || (whole(a) && head(a) < head(b))
        || (whole(b) && head(b) < head(a))
}

/// Whether the pattern fits all that `text` stands for, which may have wildcards, too. `*` is any letters, `?` is one. Linear but
/// for one place to go back to, so that no pattern takes long.
pub(super) fn covers(pattern: &str, text: &str, case: bool) -> bool {
    let fold = |c: &u8| if case { *c } else { c.to_ascii_lowercase() };
    let (pattern, text): (Vec<u8>, Vec<u8>) =
        (pattern.bytes().map(|c| fold(&c)).collect(), text.bytes().map(|c| fold(&c)).collect());
    let (mut p, mut t, mut back) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some(b'*') => {
                back = Some((p, t));
                p += 1;
            }
            // A star of the text is more than the one letter that a question mark takes.
            Some(b'?') if text[t] != b'*' => (p, t) = (p + 1, t + 1),
            Some(letter) if *letter == text[t] => (p, t) = (p + 1, t + 1),
            _ => match back {
                Some((star, from)) => {
                    (p, t) = (star + 1, from + 1);
                    back = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|left| *left == b'*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_covers_what_it_stands_for() {
        for (pattern, text, covered) in [
            ("*", "arn:aws:sqs:*:*:watchbell-*", true),
            ("arn:*:watchbell-*", "arn:aws:sqs:x:1:watchbell-*", true),
            ("watchbell-ann-*", "watchbell-*", false),
            ("a?c", "abc", true),
            ("a?c", "a*c", false),
            ("kms:GenerateDataKey*", "kms:GenerateDataKey*", true),
            ("kms:GenerateDataKey", "kms:GenerateDataKey*", false),
            ("", "", true),
            ("", "a", false),
            ("a*b*c", "aXbYbZc", true),
        ] {
            assert_eq!(covers(pattern, text, true), covered, "{pattern} over {text}");
        }
    }

    #[test]
    fn patterns_are_apart_where_they_begin_otherwise() {
        for (a, b, expected) in [
            ("arn:aws:ssm:us-east-1:1:*", "arn:aws:ssm:eu-central-1:1:*", true),
            ("arn:aws:ssm:*:2:*", "arn:aws:ssm:eu-central-1:1:*", false),
            ("arn:aws:ssm:eu-central-1:1:managed-instance/*", "arn:aws:ssm:eu-central-1:1:*", false),
            ("watch", "watchbell-*", true),
            ("watchbell-", "watchbell-*", false),
            ("", "*", false),
        ] {
            assert_eq!((apart(a, b), apart(b, a)), (expected, expected), "{a} and {b}");
        }
    }

    #[test]
    fn an_accounts_root_goes_by_two_names() {
        for (principal, account) in [
            ("123456789012", Some("123456789012")),
            ("arn:aws-cn:iam::123456789012:root", Some("123456789012")),
            ("arn:aws:iam::123456789012:role/root", None),
            ("12345678901x", None),
            ("*", None),
            ("", None),
        ] {
            assert_eq!(root_of(principal), account, "{principal}");
        }
    }
}
