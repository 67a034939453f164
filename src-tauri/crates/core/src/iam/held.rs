//! What an account has, compared with what is wanted: by meaning, statement by statement.
//!
//! **Invariant:** pure and total; a policy that somebody wrote is hostile until it is read. "Present" is only said of what is allowed wherever
//! the wanted statement allows it, "missing" of what no statement can allow: a condition that hangs on what is not seen from here, of an Allow
//! or of a Deny, ends in "cannot tell". A statement that is not understood allows nothing.
//!
//! Left out, since they cannot be read from a policy: permissions boundaries, service control policies and session policies.

use serde_json::Value;

use super::Ask;
use super::condition::{Holds, Known};
use super::document::{Document, Kind};
use super::element::{concerns, covers, name_of, overlap, root_of, statements, texts};
use super::key_use::called;
use super::policy::Statement;
use super::sender::{SOURCE_ACCOUNT, SOURCE_ARN, source_arns};
use crate::arn::quotable;

/// The statements of one policy that exists.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct HeldPolicy {
    statements: Vec<Value>,
}

/// What became of one wanted statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    /// Every action is allowed on every resource.
    Present,
    /// These actions are not.
    Missing(Vec<String>),
    /// Allowed or not, a statement denies these actions.
    Denied(Vec<String>),
    /// Whether they are allowed hangs on something that is not seen from here.
    CannotTell {
        /// On what, as the end of a sentence: "the statement Mfa denies it where aws:MultiFactorAuthPresent fits".
        why: String,
        /// Whether it hangs on nothing but the keys of a confined trust, which the same question with [`Ask::confine_trust`] takes as sent.
        confined: bool,
    },
}

impl HeldPolicy {
    /// Reads a policy; IAM's own calls give it percent-encoded (RFC 3986), resources give it as it is.
    pub fn read(text: &str) -> Option<Self> {
        let decoded = if text.trim_start().starts_with('{') { text.to_owned() } else { percent_decoded(text)? };
        let statements = statements(&decoded)?;
        Some(Self { statements })
    }
}

/// Each wanted statement of the document, in its order, with what of it is there.
pub fn compare<'a>(wanted: &'a Document, ask: &Ask, held: &[HeldPolicy]) -> Vec<(&'a Statement, Found)> {
    let all: Vec<&Value> = held.iter().flat_map(|policy| &policy.statements).collect();
    let one = |statement: &'a Statement| {
        let calls = Calls::of(statement, (wanted.kind == Kind::Trust).then_some(ask));
        (statement, found(statement, &calls, &all))
    };
    wanted.policy.statements().iter().map(one).collect()
}

/// How one action on one resource ends, the better first.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verdict {
    Allowed,
    Unknown(Doubt),
    Missing,
    Denied,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Doubt {
    why: String,
    confined: bool,
}

fn found(wanted: &Statement, calls: &Calls, held: &[&Value]) -> Found {
    // A trust policy has no resource: the role that it belongs to is meant.
    let resources: Vec<Option<&str>> = match wanted.resources() {
        [] => vec![None],
        some => some.iter().map(|one| Some(one.as_str())).collect(),
    };
    let worst = |action: &str| resources.iter().map(|on| verdict(wanted, calls, held, action, *on)).max();
    let told: Vec<(&String, Option<Verdict>)> = wanted.actions().iter().map(|action| (action, worst(action))).collect();
    let those = |verdict: Verdict| -> Vec<String> {
        told.iter().filter(|(_, one)| *one == Some(verdict.clone())).map(|(action, _)| (*action).clone()).collect()
    };
    let (denied, missing) = (those(Verdict::Denied), those(Verdict::Missing));
    let doubt = told.into_iter().find_map(|(_, one)| match one {
        Some(Verdict::Unknown(doubt)) => Some(doubt),
        _ => None,
    });
    match doubt {
        _ if !denied.is_empty() => Found::Denied(denied),
        _ if !missing.is_empty() => Found::Missing(missing),
        Some(Doubt { why, confined }) => Found::CannotTell { why, confined },
        None => Found::Present,
    }
}

fn verdict(wanted: &Statement, calls: &Calls, held: &[&Value], action: &str, resource: Option<&str>) -> Verdict {
    let (mut allowed, mut maybe_allowed, mut maybe_denied) = (false, None, None);
    for statement in held {
        let denies = statement["Effect"] == "Deny";
        if !denies && statement["Effect"] != "Allow" {
            continue;
        }
        let fits = if denies { overlap } else { covers };
        if !concerns(statement, called(action), resource, fits) {
            continue;
        }
        let leaves_out = match to_them(statement, wanted, denies) {
            Some(certain) => !certain,
            None => continue,
        };
        let does = if denies { "denies it" } else { "allows it only" };
        let doubt = match calls.judge(&statement["Condition"], wanted, denies) {
            (Holds::No, _) => continue,
            _ if leaves_out => Some((format!("{} leaves some out by NotPrincipal", name_of(statement)), false)),
            (Holds::Unknown(on), confined) => {
                Some((format!("{} {does} where {on} fits", name_of(statement)), confined))
            }
            (Holds::Yes, _) => None,
        };
        let doubt = doubt.map(|(why, confined)| Doubt { why, confined });
        match (denies, doubt) {
            (true, None) => return Verdict::Denied,
            (true, doubt) => maybe_denied = maybe_denied.or(doubt),
            (false, None) => allowed = true,
            (false, doubt) => maybe_allowed = maybe_allowed.or(doubt),
        }
    }
    match (allowed, maybe_allowed, maybe_denied) {
        (false, None, _) => Verdict::Missing,
        (_, _, Some(doubt)) | (false, Some(doubt), None) => Verdict::Unknown(doubt),
        (true, _, None) => Verdict::Allowed,
    }
}

/// What is known of the calls that a wanted statement is for.
struct Calls {
    known: Known,
    /// Keys of which it is not confirmed that these calls have them.
    unconfirmed: &'static [&'static str],
}

impl Calls {
    /// `trust` is the question, when it is asked who may assume the role.
    fn of(wanted: &Statement, trust: Option<&Ask>) -> Self {
        // AWS's own services and the SDK speak nothing else.
        let mut known = Known::default().with("aws:SecureTransport", "true");
        let mut unconfirmed: &[&str] = &[];
        if let Some(ask) = trust {
            known = known.with(SOURCE_ACCOUNT, ask.topic.account()).like(SOURCE_ARN, source_arns(&ask.topic));
            if !ask.confine_trust {
                unconfirmed = &[SOURCE_ACCOUNT, SOURCE_ARN];
            }
        }
        // What a wanted condition asks for is so in the calls that the statement is for.
        for (_, key, values) in wanted.conditions() {
            if let [one] = values {
                known = if one.contains(['*', '?']) { known.like(key, one) } else { known.with(key, one) };
            }
        }
        Self { known, unconfirmed }
    }

    /// Whether a held condition holds for them, and whether a doubt comes from the keys of a confined trust alone.
    fn judge(&self, condition: &Value, wanted: &Statement, denies: bool) -> (Holds, bool) {
        if weaker(condition, wanted) {
            return (Holds::Yes, false);
        }
        let holds = self.known.judge(condition);
        let is_unconfirmed = |key: &&String| self.unconfirmed.iter().any(|one| key.eq_ignore_ascii_case(one));
        let mut keys = condition.as_object().into_iter().flatten().filter_map(|(_, keys)| keys.as_object()).flatten();
        let unconfirmed = keys.find_map(|(key, _)| Some(key).filter(is_unconfirmed));
        match (holds, unconfirmed) {
            // Sent or not, a call for another account is not let in by it.
            (Holds::No, _) if !denies => (Holds::No, false),
            (Holds::Unknown(on), _) => (Holds::Unknown(on), false),
            (_, Some(key)) => (Holds::Unknown(quotable(key)), true),
            (holds, None) => (holds, false),
        }
    }
}

/// Whether the statement names everybody whom the wanted one names: for certain, perhaps, or not (`None`). The policy of an identity names
/// nobody.
fn to_them(held: &Value, wanted: &Statement, denies: bool) -> Option<bool> {
    let Some(principal) = wanted.principal() else { return Some(true) };
    if denies && held["Principal"].is_null() {
        return (!held["NotPrincipal"].is_null()).then_some(false);
    }
    let named = texts(&held["Principal"][principal.kind()]);
    let is_named = |name: &String| {
        named.iter().any(|one| *one == name || *one == "*" || (principal.kind() == "AWS" && same_account(one, name)))
    };
    // Of a service that goes by several names one is enough: which of them counts there is not confirmed (see `partition`).
    let lets_in = if principal.kind() == "Service" {
        principal.names().iter().any(is_named)
    } else {
        principal.names().iter().all(is_named)
    };
    // A denial to every account is one to services as well.
    let everybody = held["Principal"] == "*" || (denies && texts(&held["Principal"]["AWS"]).contains(&"*"));
    (everybody || lets_in).then_some(true)
}

fn same_account(a: &str, b: &str) -> bool {
    root_of(a).is_some() && root_of(a) == root_of(b)
}

/// Whether the held conditions hold wherever the wanted ones do: each is one of those, with the same values or more.
fn weaker(held: &Value, wanted: &Statement) -> bool {
    let Value::Object(operators) = held else { return held.is_null() };
    operators.iter().all(|(operator, keys)| {
        let Value::Object(keys) = keys else { return false };
        keys.iter().all(|(key, values)| {
            let values = texts(values);
            wanted.conditions().any(|(wanted_operator, wanted_key, wanted_values)| {
                same_operator(operator, wanted_operator)
                    && key.eq_ignore_ascii_case(wanted_key)
                    && wanted_values.iter().all(|one| {
                        let like = operator.ends_with("Like") || operator.starts_with("Arn");
                        values.iter().any(|held| if like { covers(held, one, true) } else { held == one })
                    })
            })
        })
    })
}

/// `ArnEquals` and `ArnLike` act alike (IAM user guide, "Condition operators"), and a like takes what an equals takes.
fn same_operator(held: &str, wanted: &str) -> bool {
    let arn = |operator: &str| matches!(operator, "ArnEquals" | "ArnLike");
    held == wanted
        || (arn(held) && arn(wanted))
        || matches!((held, wanted), ("StringLike", "StringEquals" | "ArnEquals" | "ArnLike"))
}

fn percent_decoded(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => {
                let (high, low) = (char::from(bytes.next()?).to_digit(16)?, char::from(bytes.next()?).to_digit(16)?);
                out.push(u8::try_from(high * 16 + low).ok()?);
            }
            other => out.push(other),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests;
