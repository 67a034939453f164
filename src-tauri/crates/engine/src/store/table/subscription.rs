//! `subscription`: the personal queues that this Watchbell reads, and how it gets to them. Never a secret: those stay in
//! the OS keychain, found by the access key's id.

use jiff::Timestamp;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::plan::Filter;

use crate::aws::identity::Role;
use crate::sign_in::Place;
use crate::store::error::StoreError;
use crate::store::instant::to_ns;

pub(in crate::store) const FIRST: &str = "
CREATE TABLE subscription (
  topic_arn  TEXT NOT NULL PRIMARY KEY,
  queue_url  TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  record     TEXT NOT NULL
) STRICT, WITHOUT ROWID;
";

/// Whose rights are used. The secret of an access key lies in the keychain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CredentialSource {
    /// An AWS profile; without a name, whatever the SDK's own variables say.
    Profile {
        /// Its name in `~/.aws/config`.
        name: Option<String>,
    },
    /// An access key.
    AccessKey {
        /// `AKIA…`; no secret.
        id: String,
    },
    /// A role of an account through IAM Identity Center; tokens lie in the keychain, found by the place.
    IdentityCenter {
        /// Where one signs in.
        #[serde(flatten)]
        place: Place,
        /// The account, 12 digits.
        account_id: String,
        /// The role: a permission set's name.
        role_name: String,
    },
}

/// What a role's trust policy may ask for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleTerms {
    /// `sts:ExternalId`; a name that two parties agreed on and no secret (IAM user guide, "confused deputy").
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    /// The MFA device, by its ARN or serial number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_serial: Option<String>,
}

/// One topic's personal queue, and how to reach it.
#[allow(clippy::struct_excessive_bools, reason = "each is a column of its own that somebody switches by itself")]
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, and they travel by name")]
pub struct SubscriptionRecord {
    /// The topic.
    pub topic_arn: TopicArn,
    /// The queue's URL.
    pub queue_url: String,
    /// The queue's ARN; unknown for an adopted queue whose attributes may not be read.
    pub queue_arn: Option<QueueArn>,
    /// The queue's region.
    pub queue_region: String,
    /// The subscription; none for an adopted queue.
    pub subscription_arn: Option<String>,
    /// Where AWS is, when not at its usual place.
    pub endpoint_url: Option<String>,
    /// Whose rights are used.
    pub credentials: CredentialSource,
    /// A role to assume with them.
    pub role_arn: Option<String>,
    /// On which terms it is assumed.
    #[serde(flatten)]
    pub role_terms: RoleTerms,
    /// What the subscription lets through.
    pub filter: Filter,
    /// Whether an administrator made the queue, so that we never delete it.
    pub adopted: bool,
    /// Whether messages come without the SNS envelope.
    pub raw: bool,
    /// When it was made here.
    pub created_at: Timestamp,
    /// Whether the person paused it.
    pub paused: bool,
    /// Whether leaving it was begun: it is not read any more, and part of it may be gone. Leaving again, or subscribing again, ends this.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub leaving: bool,
}

impl SubscriptionRecord {
    /// A queue of which no more is known: it hears everything from the topic, and is read with the SDK's own chain.
    pub fn of(topic_arn: TopicArn, queue_url: impl Into<String>, queue_region: impl Into<String>) -> Self {
        Self {
            topic_arn,
            queue_url: queue_url.into(),
            queue_arn: None,
            queue_region: queue_region.into(),
            subscription_arn: None,
            endpoint_url: None,
            credentials: CredentialSource::Profile { name: None },
            role_arn: None,
            role_terms: RoleTerms::default(),
            filter: Filter::All,
            adopted: false,
            raw: false,
            created_at: Timestamp::UNIX_EPOCH,
            paused: false,
            leaving: false,
        }
    }

    /// Whether its queue is not to be read now.
    pub fn rests(&self) -> bool {
        self.paused || self.leaving
    }

    /// The role to assume, with its terms.
    pub fn role(&self) -> Option<Role> {
        self.role_terms.of(self.role_arn.as_deref())
    }
}

impl RoleTerms {
    /// A role on these terms.
    pub fn of(&self, role_arn: Option<&str>) -> Option<Role> {
        role_arn.map(|arn| Role {
            external_id: self.external_id.clone(),
            mfa_serial: self.mfa_serial.clone(),
            ..Role::of(arn)
        })
    }
}

pub(in crate::store) fn put(db: &Connection, record: &SubscriptionRecord) -> Result<(), StoreError> {
    db.prepare_cached(
        "INSERT INTO subscription (topic_arn, queue_url, created_at, record) VALUES (?1, ?2, ?3, ?4)
         ON CONFLICT (topic_arn) DO UPDATE SET
           queue_url = excluded.queue_url, created_at = excluded.created_at, record = excluded.record",
    )?
    .execute(params![
        record.topic_arn.as_str(),
        record.queue_url,
        to_ns(record.created_at),
        serde_json::to_string(record)?
    ])?;
    Ok(())
}

/// Says whether there was one.
pub(in crate::store) fn remove(db: &Connection, topic: &TopicArn) -> Result<bool, StoreError> {
    Ok(db.prepare_cached("DELETE FROM subscription WHERE topic_arn = ?1")?.execute([topic.as_str()])? > 0)
}

/// Oldest first.
pub(in crate::store) fn all(db: &Connection) -> Result<Vec<SubscriptionRecord>, StoreError> {
    let mut statement = db.prepare_cached("SELECT record FROM subscription ORDER BY created_at, topic_arn")?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    rows.map(|text| Ok(serde_json::from_str(&text?)?)).collect()
}

pub(in crate::store) fn get(db: &Connection, topic: &TopicArn) -> Result<Option<SubscriptionRecord>, StoreError> {
    Ok(all(db)?.into_iter().find(|record| record.topic_arn == *topic))
}
