//! What the person has chosen in a set-up that is under way, in `setup.json`, so that a crash costs no typing.
//!
//! **Invariant:** never a secret: an access key is its id alone, its secret lies in the keychain. Written atomically, 0600. A draft
//! that cannot be read is no draft, since nothing depends on it.

use std::io::ErrorKind;

use serde::{Deserialize, Serialize};
use watchbell_core::plan::Filter;

use super::rights::Rights;
use crate::error::{Code, Problem};
use crate::paths::{self, DataDir};
use crate::sign_in::Place;
use crate::store::{CredentialSource, RoleTerms};

/// Where the person was.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftStep {
    /// Choosing whose rights to use.
    #[default]
    SignIn,
    /// Choosing the topic.
    Topic,
    /// Looking at what would be done. A run that was broken off begins here again.
    Plan,
    /// Subscribed, and not tried yet.
    Check,
    /// Choosing what rings.
    Preferences,
}

/// The choices so far.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Draft {
    /// Where the person was.
    pub step: DraftStep,
    /// Whose rights.
    pub credentials: Option<CredentialSource>,
    /// An access key whose secret this set-up put into the keychain; forgotten with the draft unless a subscription uses it.
    pub kept_key: Option<String>,
    /// The places of IAM Identity Center that this set-up signed in to; signed out of with the draft unless a subscription uses them.
    pub kept_places: Vec<Place>,
    /// Rights for which this set-up opened sessions by codes of MFA devices; those are forgotten with the draft unless a subscription
    /// uses them.
    pub opened_for: Vec<Rights>,
    /// Where one signs in through IAM Identity Center, before a role is chosen there.
    pub portal: Option<Portal>,
    /// A role to assume, as it was typed.
    pub role_arn: Option<String>,
    /// Its external id and its MFA device, as they were typed; the shell takes out what looks like a code beside the device.
    #[serde(flatten)]
    pub role_terms: RoleTerms,
    /// The region whose topics are listed.
    pub region: Option<String>,
    /// The topic.
    pub topic_arn: Option<String>,
    /// What is to be let through.
    pub filter: Filter,
    /// An administrator's queue to read.
    pub queue_url: Option<String>,
}

/// An access portal as it was typed: it need not be a place yet.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Portal {
    /// The start URL.
    pub start_url: String,
    /// The region of IAM Identity Center.
    pub region: String,
}

impl Draft {
    /// The draft of this data folder, if there is one.
    pub fn load(dir: &DataDir) -> Option<Self> {
        let text = std::fs::read(dir.setup()).ok()?;
        serde_json::from_slice(&text)
            .inspect_err(|error| tracing::warn!(%error, "the set-up that was under way cannot be read; it begins anew"))
            .ok()
    }

    /// Keeps it.
    ///
    /// # Errors
    /// When the data folder cannot be written to.
    pub fn save(&self, dir: &DataDir) -> Result<(), Problem> {
        let mut text = serde_json::to_vec_pretty(self).map_err(|error| failed(dir, &error))?;
        text.push(b'\n');
        paths::replace_private(&dir.setup(), &text).map_err(|error| failed(dir, &error))
    }

    /// Forgets it.
    ///
    /// # Errors
    /// When the file cannot be removed.
    pub fn remove(dir: &DataDir) -> Result<(), Problem> {
        match std::fs::remove_file(dir.setup()) {
            Err(error) if error.kind() != ErrorKind::NotFound => Err(failed(dir, &error)),
            _ => Ok(()),
        }
    }
}

fn failed(dir: &DataDir, error: &dyn std::fmt::Display) -> Problem {
    Problem::new(
        Code::Storage,
        format!("what you chose cannot be kept in {}: {error}", dir.setup().display()),
        "check the free space and that you may write to the data folder",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_survives_a_crash_and_a_broken_one_is_none() {
        let temp = tempfile::tempdir().unwrap();
        let dir = DataDir::resolve(Some(temp.path())).unwrap();
        assert_eq!(Draft::load(&dir), None, "nothing was begun");
        let draft = Draft {
            step: DraftStep::Plan,
            credentials: Some(CredentialSource::AccessKey { id: "AKIAIOSFODNN7EXAMPLE".into() }),
            portal: Some(Portal { start_url: "https://d-1.awsapps.com/sta".into(), region: String::new() }),
            role_arn: Some("arn:aws:iam::123456789012:role/r".into()),
            role_terms: RoleTerms { external_id: Some("acme".into()), mfa_serial: Some("GAHT12345678".into()) },
            topic_arn: Some("arn:aws:sns:us-east-1:123456789012:t".into()),
            ..Draft::default()
        };
        draft.save(&dir).unwrap();
        assert_eq!(Draft::load(&dir), Some(draft), "what was chosen is there again");
        std::fs::write(dir.setup(), r#"{"step":"topic","role_arn":"r"}"#).unwrap();
        let older = Draft { step: DraftStep::Topic, role_arn: Some("r".into()), ..Draft::default() };
        assert_eq!(Draft::load(&dir), Some(older), "one of an earlier version is read");
        std::fs::write(dir.setup(), "{").unwrap();
        assert_eq!(Draft::load(&dir), None, "half a file is no draft");
        Draft::remove(&dir).unwrap();
        Draft::remove(&dir).unwrap();
        assert!(!dir.setup().exists(), "and it is forgotten, twice if need be");
    }
}
