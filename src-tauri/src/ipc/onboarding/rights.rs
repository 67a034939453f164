//! Whose rights, as the window says them: what was chosen to sign in with, and a role on top of it.
//!
//! **Invariants:** never a secret; an external id is none, and a code of an MFA device comes by another way. A role is refused in words
//! before any call when AWS could not take it; the draft keeps it as it was typed all the same.

use serde::{Deserialize, Serialize};
use specta::Type;
use watchbell_core::role::{self, RoleField, RoleMistake as CoreMistake};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::setup;
use watchbell_engine::sign_in::Place;
use watchbell_engine::store::{CredentialSource, RoleTerms};

use super::Answer;

/// Where credentials come from: a profile (without a name, what the environment says) or an access key in the keychain. A later kind
/// is one more case here and one in the engine's `CredentialSource`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum SignIn {
    Profile {
        name: Option<String>,
    },
    AccessKey {
        id: String,
    },
    /// A role of an account through IAM Identity Center; the tokens are in the keychain.
    IdentityCenter {
        start_url: String,
        region: String,
        account_id: String,
        role_name: String,
    },
}

/// A role as it is typed. Empty fields are none.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct RoleForm {
    pub(crate) arn: String,
    /// What its trust policy may ask for (`sts:ExternalId`).
    pub(crate) external_id: String,
    /// The MFA device that its trust policy may ask for: an ARN or a serial number.
    pub(crate) mfa_serial: String,
}

/// Whose rights, and a role to assume with them.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, Type)]
pub(crate) struct Rights {
    pub(crate) sign_in: SignIn,
    pub(crate) role: Option<RoleForm>,
}

/// What is wrong with a field of a role.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
pub(crate) struct RoleMistake {
    /// `arn`, `external_id` or `mfa_serial`.
    pub(crate) field: String,
    pub(crate) message: String,
    pub(crate) hint: String,
}

/// What is wrong with a role, while it is typed. No call to AWS.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_role(role: RoleForm) -> Answer<Vec<RoleMistake>> {
    Ok(role.mistakes().into_iter().map(Into::into).collect())
}

impl RoleForm {
    /// The role and its terms as typed, without what is blank.
    pub(super) fn typed(self) -> (Option<String>, RoleTerms) {
        let text = |text: String| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        (text(self.arn), RoleTerms { external_id: text(self.external_id), mfa_serial: text(self.mfa_serial) })
    }

    /// As [`RoleForm::typed`], to be kept: a code that was typed into the wrong field is not.
    pub(super) fn kept(self) -> (Option<String>, RoleTerms) {
        let (mut arn, mut terms) = self.typed();
        arn.take_if(|arn| role::looks_like_code(arn));
        terms.mfa_serial.take_if(|serial| role::looks_like_code(serial));
        (arn, terms)
    }

    /// What was typed, to type on; `None` when nothing was.
    pub(super) fn of(role_arn: Option<String>, terms: RoleTerms) -> Option<Self> {
        let form = Self {
            arn: role_arn.unwrap_or_default(),
            external_id: terms.external_id.unwrap_or_default(),
            mfa_serial: terms.mfa_serial.unwrap_or_default(),
        };
        [&form.arn, &form.external_id, &form.mfa_serial].iter().any(|text| !text.is_empty()).then_some(form)
    }

    fn mistakes(self) -> Vec<CoreMistake> {
        let (arn, terms) = self.typed();
        role::mistakes(arn.as_deref(), terms.external_id.as_deref(), terms.mfa_serial.as_deref())
    }

    /// The role and its terms, or the first mistake in them.
    pub(super) fn checked(self) -> Result<(Option<String>, RoleTerms), Problem> {
        match self.clone().mistakes().into_iter().next() {
            Some(wrong) => Err(Problem::new(Code::Usage, wrong.message, wrong.hint)),
            None => Ok(self.typed()),
        }
    }
}

/// As [`RoleForm::checked`], where there may be no role.
pub(super) fn checked(role: Option<RoleForm>) -> Result<(Option<String>, RoleTerms), Problem> {
    role.map_or_else(|| Ok((None, RoleTerms::default())), RoleForm::checked)
}

impl TryFrom<Rights> for setup::Rights {
    type Error = Problem;

    fn try_from(told: Rights) -> Result<Self, Problem> {
        let (role_arn, role_terms) = checked(told.role)?;
        Ok(Self { credentials: told.sign_in.try_into()?, role_arn, role_terms })
    }
}

impl From<CoreMistake> for RoleMistake {
    fn from(wrong: CoreMistake) -> Self {
        let field = match wrong.field {
            RoleField::Arn => "arn",
            RoleField::ExternalId => "external_id",
            RoleField::MfaSerial => "mfa_serial",
        };
        Self { field: field.into(), message: wrong.message, hint: wrong.hint.into() }
    }
}

impl TryFrom<SignIn> for CredentialSource {
    type Error = Problem;

    fn try_from(chosen: SignIn) -> Result<Self, Problem> {
        Ok(match chosen {
            SignIn::Profile { name } => Self::Profile { name },
            SignIn::AccessKey { id } => Self::AccessKey { id },
            SignIn::IdentityCenter { start_url, region, account_id, role_name } => {
                Self::IdentityCenter { place: Place::new(&start_url, &region)?, account_id, role_name }
            }
        })
    }
}

impl From<CredentialSource> for SignIn {
    fn from(held: CredentialSource) -> Self {
        match held {
            CredentialSource::Profile { name } => Self::Profile { name },
            CredentialSource::AccessKey { id } => Self::AccessKey { id },
            CredentialSource::IdentityCenter { place, account_id, role_name } => Self::IdentityCenter {
                start_url: place.start_url().into(),
                region: place.region().into(),
                account_id,
                role_name,
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(arn: &str, external_id: &str, mfa_serial: &str) -> RoleForm {
        RoleForm { arn: arn.into(), external_id: external_id.into(), mfa_serial: mfa_serial.into() }
    }

    #[test]
    fn a_role_is_taken_with_its_terms_and_a_wrong_one_goes_no_further() {
        let role = "arn:aws:iam::123456789012:role/watchbell";
        let rights = |role| Rights { sign_in: SignIn::Profile { name: None }, role };
        let taken =
            setup::Rights::try_from(rights(Some(form(&format!(" {role}\n"), " acme", "GAHT12345678")))).unwrap();
        let terms = RoleTerms { external_id: Some("acme".into()), mfa_serial: Some("GAHT12345678".into()) };
        assert_eq!((taken.role_arn.as_deref(), &taken.role_terms), (Some(role), &terms), "as it is pasted");
        let none = setup::Rights::try_from(rights(Some(form(" ", "", "")))).unwrap();
        assert_eq!(none.role_arn, None, "blank fields are no role");
        let refused = setup::Rights::try_from(rights(Some(form("watchbell", "", "")))).unwrap_err();
        assert!(refused.message.contains("role's ARN"), "{refused}");
    }

    #[test]
    fn what_was_typed_half_comes_back_from_the_draft_as_it_was() {
        let half = form("arn:aws:iam::12", "acme", "");
        let (arn, terms) = half.clone().kept();
        assert_eq!(RoleForm::of(arn, terms), Some(half), "a crash costs no typing");
        assert_eq!(RoleForm::of(None, RoleTerms::default()), None);
        assert_eq!(form("", "", " 123456").kept(), (None, RoleTerms::default()), "a code is never kept");
    }
}
