//! A KMS key: which one is meant, whether it can be used now, and what its policy says of one who has to use it. Read, and nothing changed.
//!
//! **Invariant:** judging is `core::iam::key_use`'s. Without the right to read it is told which right that needs, and nothing is concluded.

use std::fmt::Write as _;

use aws_sdk_kms::Client;
use aws_sdk_kms::types::{KeyManagerType, KeyMetadata, KeySpec, KeyState};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use watchbell_core::arn::{QueueArn, TopicArn};
use watchbell_core::health::SubscriptionState;
use watchbell_core::iam::{KeyArn, KeyUse, KeyUser, key_use};
use watchbell_core::words;

use super::access::Access;
use super::refusal::{Refusal, refusal};
use crate::error::{Code, Problem};

/// The longest name of a key in a sentence: an ARN of an alias may have more than 300 letters.
const NAME_MAX: usize = 400;

/// Where a key is that is named by its id or alias alone: with what it encrypts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Home<'a> {
    partition: &'a str,
    region: &'a str,
    account: &'a str,
}

/// What was seen of a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    /// AWS manages it, and nobody can change its policy.
    Managed,
    /// Nobody can encrypt with it now: why, and what to do.
    Unusable(Problem),
    /// Its policy was read.
    Read {
        /// Which key it is, whatever it was named by.
        arn: KeyArn,
        /// What the policy says of the user.
        says: KeyUse,
        /// Why it is not known whether the key is switched on, where it is not.
        state_unseen: Option<Problem>,
    },
    /// It may not be looked at.
    Unseen(Problem),
}

impl<'a> From<&'a TopicArn> for Home<'a> {
    fn from(topic: &'a TopicArn) -> Self {
        Self { partition: topic.partition(), region: topic.region(), account: topic.account() }
    }
}

impl<'a> From<&'a QueueArn> for Home<'a> {
    fn from(queue: &'a QueueArn) -> Self {
        Self { partition: queue.partition(), region: queue.region(), account: queue.account() }
    }
}

/// Looks at the key that `name` stands for (`KmsMasterKeyId`: id, alias, or the ARN of either), for this user of it.
pub(crate) async fn look(access: &Access, name: &str, home: Home<'_>, user: &KeyUser) -> Key {
    let arn = full(name, home);
    let kms = access.kms(region_of(&arn, home)).await;
    let (key, state_unseen) = match described(&kms, &arn).await {
        Ok(Described::Usable(key)) => (key, None),
        Ok(Described::Managed) => return Key::Managed,
        Ok(Described::Unusable(problem)) => return Key::Unusable(problem),
        // An alias does not tell its key.
        Err(refused) => match arn.parse::<KeyArn>() {
            Ok(key) if refused.state == SubscriptionState::Denied => (key, Some(refused.problem)),
            _ => return Key::Unseen(refused.problem),
        },
    };
    match policy(&kms, &key).await {
        Ok(policy) => match key_use(&policy, &key, user) {
            Some(says) => Key::Read { arn: key, says, state_unseen },
            None => Key::Unseen(super::iam::unreadable("the key's policy")),
        },
        Err(refused) => Key::Unseen(refused.problem),
    }
}

/// The ARN of the key that `name` stands for, if that may be asked.
pub(crate) async fn resolved(access: &Access, name: &str, home: Home<'_>) -> Option<KeyArn> {
    let arn = full(name, home);
    if let Ok(key) = arn.parse() {
        return Some(key);
    }
    match described(&access.kms(region_of(&arn, home)).await, &arn).await {
        Ok(Described::Usable(key)) => Some(key),
        _ => None,
    }
}

/// An id or an alias alone would be looked for in the caller's own account, which may be another.
fn full(name: &str, home: Home<'_>) -> String {
    let Home { partition, region, account } = home;
    if name.starts_with("arn:") {
        name.to_owned()
    } else if name.starts_with("alias/") {
        format!("arn:{partition}:kms:{region}:{account}:{name}")
    } else {
        format!("arn:{partition}:kms:{region}:{account}:key/{name}")
    }
}

fn region_of<'a>(arn: &'a str, home: Home<'a>) -> &'a str {
    arn.split(':').nth(3).filter(|region| !region.is_empty()).unwrap_or(home.region)
}

enum Described {
    Usable(KeyArn),
    Managed,
    Unusable(Problem),
}

async fn described(kms: &Client, arn: &str) -> Result<Described, Refusal> {
    let name = words::clean_to(arn, NAME_MAX);
    match kms.describe_key().key_id(arn).send().await {
        Ok(told) => Ok(told.key_metadata.map_or_else(|| unusable(&name, "KMS told nothing of it", CHOOSE), of)),
        Err(error) if error.as_service_error().and_then(ProvideErrorMetadata::code) == Some("NotFoundException") => {
            Ok(unusable(&name, "it does not exist", CHOOSE))
        }
        Err(error) => Err(refusal("kms:DescribeKey", arn, &error)),
    }
}

const CHOOSE: &str = "encrypt with another key, or with none";

/// SNS and SQS take symmetric keys for encryption alone (SNS developer guide, "Key management"), and only a key that is enabled encrypts (KMS
/// developer guide, "Key states of AWS KMS keys").
fn of(told: KeyMetadata) -> Described {
    let name = told.arn.unwrap_or(told.key_id);
    if told.key_manager == Some(KeyManagerType::Aws) {
        return Described::Managed;
    }
    if let Some(spec) = told.key_spec.filter(|spec| *spec != KeySpec::SymmetricDefault) {
        return unusable(&name, &format!("it is of the kind {}, and not symmetric", spec.as_str()), CHOOSE);
    }
    match told.key_state {
        None | Some(KeyState::Enabled) => {}
        Some(KeyState::Disabled) => {
            return unusable(&name, "it is disabled", &format!("switch it on: aws kms enable-key --key-id {name}"));
        }
        Some(KeyState::PendingDeletion) => {
            let fix = format!(
                "keep it: aws kms cancel-key-deletion --key-id {name}, then aws kms enable-key --key-id {name}"
            );
            return unusable(&name, "it is about to be deleted", &fix);
        }
        Some(state) => {
            return unusable(&name, &format!("its state is {}", words::clean_to(state.as_str(), 60)), CHOOSE);
        }
    }
    match name.parse() {
        Ok(key) => Described::Usable(key),
        Err(_) => unusable(&words::clean_to(&name, NAME_MAX), "KMS gave no ARN of it", CHOOSE),
    }
}

fn unusable(name: &str, why: &str, fix: &str) -> Described {
    Described::Unusable(Problem::new(Code::AwsRefused, format!("the key {name} cannot be used: {why}"), fix))
}

/// The one policy that a key has. KMS tells it within the key's own account only (KMS API reference, `GetKeyPolicy`).
async fn policy(kms: &Client, key: &KeyArn) -> Result<String, Refusal> {
    let told = kms.get_key_policy().key_id(key.as_str()).send().await;
    let told = told.map_err(|error| {
        let mut refused = refusal("kms:GetKeyPolicy", key.as_str(), &error);
        if refused.state == SubscriptionState::Denied {
            let hint = &mut refused.problem.hint;
            let _ = write!(
                hint,
                "; KMS tells a key's policy to its own account alone, so with credentials of account {}",
                key.account()
            );
        }
        refused
    })?;
    Ok(told.policy.unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:eu-central-1:123456789012:ssm-notify";
    const KEY: &str = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab";

    #[test]
    fn a_key_is_looked_for_where_the_topic_is() {
        let topic: TopicArn = TOPIC.parse().unwrap();
        let home = Home::from(&topic);
        let far = "arn:aws:kms:eu-west-1:210987654321:alias/own";
        for (name, arn, region) in [
            ("1234abcd-12ab-34cd-56ef-1234567890ab", KEY, "eu-central-1"),
            ("alias/own", "arn:aws:kms:eu-central-1:123456789012:alias/own", "eu-central-1"),
            (far, far, "eu-west-1"),
            ("arn:", "arn:", "eu-central-1"),
        ] {
            assert_eq!((full(name, home).as_str(), region_of(&full(name, home), home)), (arn, region), "{name}");
        }
    }

    #[test]
    fn only_an_enabled_symmetric_key_of_the_accounts_own_is_read_on() {
        let key = || KeyMetadata::builder().key_id("k").arn(KEY).key_state(KeyState::Enabled);
        let built = |key: aws_sdk_kms::types::builders::KeyMetadataBuilder| of(key.build().unwrap());
        assert!(matches!(built(key()), Described::Usable(arn) if arn.as_str() == KEY));
        assert!(matches!(built(key().key_spec(KeySpec::SymmetricDefault)), Described::Usable(_)));
        assert!(matches!(built(key().key_manager(KeyManagerType::Aws)), Described::Managed));
        for (odd, word) in [
            (key().key_state(KeyState::Disabled), "enable-key"),
            (key().key_state(KeyState::PendingDeletion), "cancel-key-deletion"),
            (key().key_state(KeyState::PendingImport), "PendingImport"),
            (key().key_spec(KeySpec::Rsa2048), "RSA_2048"),
            (key().arn("nonsense"), "nonsense"),
        ] {
            let Described::Unusable(problem) = built(odd) else { panic!("it cannot be used: {word}") };
            assert!(format!("{} {}", problem.message, problem.hint).contains(word), "{word}: {problem:?}");
        }
    }
}
