//! Who makes a call that a resource's own policy decides, and what the statements of that policy say of it together.
//!
//! **Invariant:** pure and total; a policy that somebody wrote is hostile until it is read. What hangs on something that is not known here, of an
//! Allow or of a Deny, is [`Verdict::Unknown`], never a yes or a no. Left out, since no policy of a resource tells of them: grants, and what bounds a
//! caller from outside.

use serde_json::Value;

use super::condition::{Holds, Known};
use super::element::{concerns, covers, name_of, overlap, root_of, texts};

/// Who calls, and what is known of the call.
#[derive(Clone, Debug)]
pub(super) struct Caller {
    pub(super) who: Who,
    pub(super) known: Known,
}

#[derive(Clone, Debug)]
pub(super) enum Who {
    Role {
        arn: String,
        account: String,
    },
    /// By each name that it is known by there.
    Service {
        names: Vec<String>,
    },
}

/// What the statements of a resource's policy say together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Allowed,
    /// They let in the account of a role, which decides by IAM.
    LeftToIam,
    Missing,
    /// By this statement: "the statement Lock".
    Denied(String),
    /// Why it cannot be told, as the end of a sentence: "the statement Org holds only where aws:PrincipalOrgID fits".
    Unknown(String),
}

/// Whether the caller may do `action` on `resource`, by the statements of its policy. A Deny that holds outweighs all else.
pub(super) fn judge(action: &str, statements: &[Value], resource: &str, caller: &Caller) -> Verdict {
    let (mut named, mut by_root) = (false, false);
    let (mut maybe_allowed, mut maybe_denied) = (None, None);
    for statement in statements {
        let denies = statement["Effect"] == "Deny";
        if !denies && statement["Effect"] != "Allow" {
            continue;
        }
        let fits = if denies { overlap } else { covers };
        let matched = matched(statement, caller);
        if matched == Match::Nobody || !concerns(statement, action, Some(resource), fits) {
            continue;
        }
        let doubt = match (&matched, caller.known.judge(&statement["Condition"])) {
            (_, Holds::No) => continue,
            (Match::Perhaps(why), _) => Some(format!("{} {why}", name_of(statement))),
            (_, Holds::Unknown(on)) => Some(format!("{} holds only where {on} fits", name_of(statement))),
            (_, Holds::Yes) => None,
        };
        match (denies, doubt) {
            (true, None) => return Verdict::Denied(name_of(statement)),
            (true, doubt) => maybe_denied = maybe_denied.or(doubt),
            (false, None) if matched == Match::Root => by_root = true,
            (false, None) => named = true,
            (false, doubt) => maybe_allowed = maybe_allowed.or(doubt),
        }
    }
    match (named, by_root, maybe_allowed, maybe_denied) {
        (false, false, None, _) => Verdict::Missing,
        (.., Some(why)) | (false, false, Some(why), None) => Verdict::Unknown(why),
        (true, ..) => Verdict::Allowed,
        (false, ..) => Verdict::LeftToIam,
    }
}

/// Whether a statement speaks of the caller.
#[derive(Debug, PartialEq, Eq)]
enum Match {
    /// By its name, or as one of all.
    Named,
    /// By the root of its account, which stands for whom IAM allows it there.
    Root,
    Perhaps(&'static str),
    Nobody,
}

fn matched(statement: &Value, caller: &Caller) -> Match {
    if statement["Principal"].is_null() {
        // Who is left out by name is exempt only together with their account and session.
        return match named_by(&statement["NotPrincipal"], caller) {
            _ if statement["NotPrincipal"].is_null() => Match::Nobody,
            Match::Nobody if statement["Effect"] == "Deny" => Match::Named,
            _ => Match::Perhaps("leaves some out by NotPrincipal"),
        };
    }
    named_by(&statement["Principal"], caller)
}

fn named_by(principal: &Value, caller: &Caller) -> Match {
    let of = |kind: &str| texts(&principal[kind]);
    if *principal == "*" || of("AWS").contains(&"*") {
        return Match::Named;
    }
    match &caller.who {
        Who::Service { names } => match of("Service") {
            named if named.iter().any(|one| names.iter().any(|name| name == one)) => Match::Named,
            named if named.contains(&"*") => Match::Perhaps("names its service by a star"),
            _ => Match::Nobody,
        },
        Who::Role { arn, account } => {
            let mut found = Match::Nobody;
            for one in of("AWS") {
                if same_role(one, arn) {
                    return Match::Named;
                }
                if root_of(one) == Some(account.as_str()) {
                    found = Match::Root;
                } else if found == Match::Nobody && is_session_of(one, arn) {
                    found = Match::Perhaps("names single sessions of the role");
                }
            }
            found
        }
    }
}

/// A role's name is unique within its account, whatever its path (IAM API reference, `CreateRole`): who gave the name alone has not told the path.
fn same_role(a: &str, b: &str) -> bool {
    role_of(a).is_some() && role_of(a) == role_of(b)
}

fn role_of(arn: &str) -> Option<(&str, &str)> {
    match arn.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", _, "iam", "", account, resource] if resource.starts_with("role/") => {
            Some((account, resource.rsplit('/').next()?))
        }
        _ => None,
    }
}

fn is_session_of(principal: &str, role: &str) -> bool {
    match principal.splitn(6, ':').collect::<Vec<_>>()[..] {
        ["arn", _, "sts", "", account, resource] => resource
            .strip_prefix("assumed-role/")
            .and_then(|rest| rest.split('/').next())
            .is_some_and(|name| role_of(role) == Some((account, name))),
        _ => false,
    }
}
