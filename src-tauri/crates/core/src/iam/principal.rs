//! Users, groups and roles of IAM, by name or by ARN.
//!
//! **Invariant:** a [`Principal`] that exists has a name that IAM takes and a path that stands for itself in a policy; it is no
//! service-linked role, no role of Identity Center and no session. Whether it exists in the account is not known here.

use crate::arn::{dns_suffix, quotable};

use super::AskError;

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PrincipalKind {
    /// An IAM user.
    User,
    /// An IAM group.
    Group,
    /// An IAM role.
    Role,
}

/// One user, group or role.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Principal {
    kind: PrincipalKind,
    /// Partition and account, when an ARN was given. A plain name belongs to the account that it is used in.
    home: Option<(String, String)>,
    /// With a slash at both ends; `/` alone for a plain name.
    path: String,
    name: String,
}

/// Longest name of a role or user (`CreateRole`, `CreateUser`); a group may have 128.
const NAME_MAX: usize = 64;
const GROUP_NAME_MAX: usize = 128;
/// Longest path (`CreateRole`).
const PATH_MAX: usize = 512;

impl Principal {
    /// A role's name or ARN. Spaces around it are dropped, as they come along when it is pasted.
    pub fn role(text: &str) -> Result<Self, AskError> {
        let role = Self::read(text.trim(), PrincipalKind::Role)?;
        match role.kind {
            PrincipalKind::Role => Ok(role),
            PrincipalKind::User | PrincipalKind::Group => Err(AskError::Malformed(format!(
                "\"{}\" is the ARN of a {}, where a role's is needed",
                quotable(text.trim()),
                role.kind.noun()
            ))),
        }
    }

    /// A user's name, or the ARN of a user, group or role: whatever a person's permissions hang on.
    pub fn person(text: &str) -> Result<Self, AskError> {
        Self::read(text.trim(), PrincipalKind::User)
    }

    /// Which of the three.
    pub fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The name without its path.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Whether an ARN was given: then it exists already, as far as the person knows.
    pub fn exists(&self) -> bool {
        self.home.is_some()
    }

    /// The account of its ARN.
    pub(super) fn account(&self) -> Option<&str> {
        self.home.as_ref().map(|(_, account)| account.as_str())
    }

    /// The partition of its ARN.
    pub(super) fn partition(&self) -> Option<&str> {
        self.home.as_ref().map(|(partition, _)| partition.as_str())
    }

    /// The ARN, in this partition and account unless it has its own.
    pub(super) fn arn(&self, partition: &str, account: &str) -> String {
        let (partition, account) = self
            .home
            .as_ref()
            .map_or((partition, account), |(partition, account)| (partition.as_str(), account.as_str()));
        format!("arn:{partition}:iam::{account}:{}{}{}", self.kind.noun(), self.path, self.name)
    }

    fn read(text: &str, plain: PrincipalKind) -> Result<Self, AskError> {
        if text.contains("aws-service-role/") || bare(text).starts_with("AWSServiceRoleFor") {
            return Err(AskError::ServiceLinked(quotable(bare(text))));
        }
        if text.contains("aws-reserved/") || bare(text).starts_with("AWSReservedSSO_") {
            return Err(AskError::IdentityCenter(quotable(bare(text))));
        }
        if !text.starts_with("arn:") {
            check_name(text, plain)?;
            return Ok(Self { kind: plain, home: None, path: "/".to_owned(), name: text.to_owned() });
        }
        let parts: Vec<&str> = text.splitn(6, ':').collect();
        let [_, partition, service, region, account, resource] = parts[..] else {
            return malformed(text, "it is cut short: an ARN has six parts");
        };
        if service == "sts" && resource.starts_with("assumed-role/") {
            return Err(AskError::Session(quotable(text)));
        }
        if service != "iam" {
            return malformed(text, &format!("its service is \"{}\", not \"iam\"", quotable(service)));
        }
        if dns_suffix(partition).is_none() {
            return malformed(text, &format!("\"{}\" is not an AWS partition", quotable(partition)));
        }
        if !region.is_empty() {
            return malformed(text, "IAM has no regions, so there are two colons before the account");
        }
        if account.len() != 12 || !account.bytes().all(|b| b.is_ascii_digit()) {
            return malformed(text, &format!("its account \"{}\" is not 12 digits", quotable(account)));
        }
        let (noun, rest) = resource.split_once('/').unwrap_or((resource, ""));
        let kind = match noun {
            "role" => PrincipalKind::Role,
            "user" => PrincipalKind::User,
            "group" => PrincipalKind::Group,
            other => return malformed(text, &format!("\"{}\" is no user, group or role", quotable(other))),
        };
        let (path, name) =
            rest.rsplit_once('/').map_or(("/".to_owned(), rest), |(path, name)| (format!("/{path}/"), name));
        check_path(text, &path)?;
        check_name(name, kind)?;
        Ok(Self { kind, home: Some((partition.to_owned(), account.to_owned())), path, name: name.to_owned() })
    }
}

impl PrincipalKind {
    /// As ARNs and sentences call it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Group => "group",
            Self::Role => "role",
        }
    }
}

fn bare(text: &str) -> &str {
    text.rsplit(['/', ':']).next().unwrap_or(text)
}

fn check_name(name: &str, kind: PrincipalKind) -> Result<(), AskError> {
    let most = if kind == PrincipalKind::Group { GROUP_NAME_MAX } else { NAME_MAX };
    let letter = |c: char| c.is_ascii_alphanumeric() || "_+=,.@-".contains(c);
    if name.is_empty() || name.len() > most || !name.chars().all(letter) {
        return Err(AskError::Malformed(format!(
            "the {}'s name \"{}\" is not 1 to {most} of the letters A-Z, a-z, 0-9 and _ + = , . @ -",
            kind.noun(),
            quotable(name)
        )));
    }
    Ok(())
}

/// IAM takes every printable ASCII letter in a path. Three of them a policy would read as standing for others: `*` and `?` as
/// wildcards, `$` as the beginning of a variable.
fn check_path(text: &str, path: &str) -> Result<(), AskError> {
    if path.len() > PATH_MAX || !path.bytes().all(|b| b.is_ascii_graphic()) {
        return malformed(text, "its path is not at most 512 printable letters without spaces");
    }
    if path.contains(['*', '?', '$']) {
        return malformed(text, "its path has *, ? or $, which stand for other letters in a policy");
    }
    Ok(())
}

fn malformed<T>(text: &str, why: &str) -> Result<T, AskError> {
    Err(AskError::Malformed(format!("\"{}\" is not the ARN of a user, group or role: {why}", quotable(text))))
}
