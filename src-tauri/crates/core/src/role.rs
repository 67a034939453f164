//! A role to assume, as a person types it: its ARN, and what its trust policy may ask for.
//!
//! **Invariant:** pure; refused is only what AWS cannot take, or a role that nobody can assume. Whether the role exists and lets one in
//! is AWS's to say. No message quotes a code of an MFA device, which may have been typed into the wrong field, with the blank in its
//! middle that some devices show.

use crate::arn::quotable;
use crate::iam::{AskError, Principal};

/// A field of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RoleField {
    /// The role's ARN.
    Arn,
    /// The external id (`sts:ExternalId`).
    ExternalId,
    /// The MFA device, by its ARN or serial number.
    MfaSerial,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RoleMistake {
    /// The field.
    pub field: RoleField,
    /// What is wrong with it.
    pub message: String,
    /// What to type instead.
    pub hint: &'static str,
}

/// Longest external id; the shortest has 2 letters (STS API reference, `AssumeRole`).
const EXTERNAL_ID_MAX: usize = 1224;
/// Serial numbers have 9 to 256 letters (STS API reference, `AssumeRole`).
const SERIAL_MIN: usize = 9;
const SERIAL_MAX: usize = 256;

const ROLE_HINT: &str = "Give it as the IAM console shows it: arn:aws:iam::123456789012:role/name";
const SERIAL_HINT: &str =
    "Give its ARN, arn:aws:iam::123456789012:mfa/name, or the serial number on the back of a hardware token";

/// Every mistake in what was typed; a field that was left empty is `None`. Spaces around a text do not count.
pub fn mistakes(arn: Option<&str>, external_id: Option<&str>, mfa_serial: Option<&str>) -> Vec<RoleMistake> {
    let mut found = Vec::new();
    match arn {
        Some(arn) => found.extend(role_arn(arn).err()),
        None if external_id.is_some() || mfa_serial.is_some() => {
            let message = "an external id and an MFA device belong to a role, and none is named".to_owned();
            let hint = "Give the role's ARN, or leave all three empty.";
            found.push(RoleMistake { field: RoleField::Arn, message, hint });
        }
        None => {}
    }
    found.extend(external_id.and_then(|id| self::external_id(id).err()));
    found.extend(mfa_serial.and_then(|serial| self::mfa_serial(serial).err()));
    found
}

/// A role's ARN, without the spaces around it.
///
/// # Errors
/// When it is no ARN of a role, or one of a role that nobody can assume.
pub fn role_arn(text: &str) -> Result<&str, RoleMistake> {
    let text = text.trim();
    let wrong = |message: String, hint| Err(RoleMistake { field: RoleField::Arn, message, hint });
    if looks_like_code(text) {
        return wrong("this looks like a code of an MFA device, where the role is needed".into(), ROLE_HINT);
    }
    match Principal::role(text) {
        Ok(role) if role.exists() => Ok(text),
        Ok(_) => wrong(format!("\"{}\" is a name, where a role's ARN is needed", quotable(text)), ROLE_HINT),
        Err(AskError::ServiceLinked(name)) => wrong(
            format!("{name} is a service-linked role: only its AWS service can assume it"),
            "Give a role whose trust policy names you.",
        ),
        Err(AskError::IdentityCenter(name)) => wrong(
            format!("{name} belongs to IAM Identity Center, and only its own sign-in can assume it"),
            "Sign in through IAM Identity Center and choose the role there.",
        ),
        Err(AskError::Session(session)) => {
            wrong(format!("{session} is a session of a role, where the role itself is needed"), ROLE_HINT)
        }
        Err(other) => wrong(other.to_string(), ROLE_HINT),
    }
}

/// An external id, without the spaces around it.
///
/// # Errors
/// When STS would not take it.
pub fn external_id(text: &str) -> Result<&str, RoleMistake> {
    let text = text.trim();
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=,.@:/-".contains(c));
    if letters && (2..=EXTERNAL_ID_MAX).contains(&text.len()) {
        return Ok(text);
    }
    let typed = if looks_like_code(text) { "this".to_owned() } else { format!("\"{}\"", quotable(text)) };
    let message = format!(
        "{typed} is not an external id: that is 2 to {EXTERNAL_ID_MAX} of the letters A-Z, a-z, 0-9 and _ + = , . @ : / -"
    );
    let hint = "Copy it from the Condition of the role's trust policy, or ask whoever made the role.";
    Err(RoleMistake { field: RoleField::ExternalId, message, hint })
}

/// Whether somebody typed a device's code where something else is asked for: digits, too few of them for a serial number, in groups
/// perhaps.
pub fn looks_like_code(text: &str) -> bool {
    let letters: Vec<char> = text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
    !letters.is_empty() && letters.len() < SERIAL_MIN && letters.iter().all(char::is_ascii_digit)
}

/// An MFA device that gives codes, without the spaces around it.
///
/// # Errors
/// When STS would not take it, or the device gives no codes.
pub fn mfa_serial(text: &str) -> Result<&str, RoleMistake> {
    let text = text.trim();
    let wrong = |message: String, hint| Err(RoleMistake { field: RoleField::MfaSerial, message, hint });
    if looks_like_code(text) {
        let hint = "Give the device's ARN or serial number here; its code is asked for when you sign in.";
        return wrong("this looks like a code of the device, where the device itself is needed".into(), hint);
    }
    if let Some((_, resource)) = text.strip_prefix("arn:").and_then(|rest| rest.rsplit_once(':')) {
        if resource.starts_with("u2f/") {
            let message = format!("\"{}\" is a security key, which gives no codes", quotable(text));
            let hint = "AWS takes codes for a role only: use a virtual or hardware MFA device, or sign in through IAM Identity Center.";
            return wrong(message, hint);
        }
        if !resource.starts_with("mfa/") || resource == "mfa/" {
            return wrong(format!("\"{}\" is not the ARN of an MFA device", quotable(text)), SERIAL_HINT);
        }
    }
    let letters = text.chars().all(|c| c.is_ascii_alphanumeric() || "_+=/:,.@-".contains(c));
    if letters && (SERIAL_MIN..=SERIAL_MAX).contains(&text.len()) {
        return Ok(text);
    }
    wrong(format!("\"{}\" names no MFA device", quotable(text)), SERIAL_HINT)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_role_is_an_arn_that_somebody_can_assume() {
        for (text, says) in [
            ("  arn:aws:iam::123456789012:role/watchbell ", ""),
            ("arn:aws-us-gov:iam::123456789012:role/team/watchbell", ""),
            ("watchbell", "where a role's ARN is needed"),
            ("arn:aws:iam::123456789012:user/ann", "where a role's is needed"),
            ("arn:aws:sns:eu-central-1:123456789012:role/x", "not \"iam\""),
            ("arn:aws:iam::1234:role/x", "12 digits"),
            (
                "arn:aws:iam::123456789012:role/aws-service-role/ssm.amazonaws.com/AWSServiceRoleForAmazonSSM",
                "only its AWS",
            ),
            ("arn:aws:iam::123456789012:role/aws-reserved/sso.amazonaws.com/AWSReservedSSO_Ops_1", "Identity Center"),
            ("arn:aws:sts::123456789012:assumed-role/x/ann", "a session of a role"),
        ] {
            let told = role_arn(text);
            assert_eq!(told.is_ok(), says.is_empty(), "{text}: {told:?}");
            assert!(told.err().is_none_or(|wrong| wrong.message.contains(says) && !wrong.hint.is_empty()), "{text}");
        }
    }

    #[test]
    fn a_device_gives_codes_and_is_no_code() {
        for (text, says) in [
            (" arn:aws:iam::123456789012:mfa/ann ", ""),
            ("GAHT12345678", ""),
            ("123456", "looks like a code"),
            ("arn:aws:iam::123456789012:u2f/user/ann/key", "security key"),
            ("arn:aws:iam::123456789012:user/ann", "not the ARN of an MFA device"),
            ("my phone", "names no MFA device"),
            ("", "names no MFA device"),
        ] {
            let told = mfa_serial(text);
            assert_eq!(told.is_ok(), says.is_empty(), "{text}: {told:?}");
            assert!(told.err().is_none_or(|wrong| wrong.message.contains(says)), "{text}");
        }
    }

    #[test]
    fn a_code_in_any_field_is_not_quoted() {
        for code in ["123456", " 123456 ", "123 456", "123-456", "12 34 56"] {
            let told = [mfa_serial(code).map(|_| ()), role_arn(code).map(|_| ()), external_id(code).map(|_| ())];
            assert!(told[0].is_err() && told[1].is_err(), "{code} is neither");
            for wrong in told.into_iter().filter_map(Result::err) {
                assert!(!wrong.message.contains(code.trim()), "{code}: {}", wrong.message);
            }
        }
    }

    #[test]
    fn terms_without_a_role_are_a_mistake_and_nothing_at_all_is_none() {
        assert_eq!(mistakes(None, None, None), [], "no role is no mistake");
        let fields = |found: Vec<RoleMistake>| found.into_iter().map(|one| one.field).collect::<Vec<_>>();
        assert_eq!(fields(mistakes(None, Some("acme"), None)), [RoleField::Arn], "the role is missing");
        assert_eq!(
            fields(mistakes(Some("x"), Some("two words"), Some("1"))),
            [RoleField::Arn, RoleField::ExternalId, RoleField::MfaSerial],
            "each field is told by itself"
        );
        assert_eq!(external_id(" acme/2026 "), Ok("acme/2026"), "as it is pasted");
        assert!(external_id("a").is_err(), "STS wants two letters");
    }
}
