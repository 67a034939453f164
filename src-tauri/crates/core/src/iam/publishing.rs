//! What a topic's own policy and key say of publishing to it, as far as that can be judged without knowing the role.
//!
//! **Invariant:** pure. A role of the topic's account needs nothing in the topic's policy but that nothing in it denies (IAM user guide,
//! "Policy evaluation logic": within one account the role's own policy is enough).

use serde_json::Value;

use super::element::{name_of, statements, texts};
use crate::arn::{TopicArn, quotable};

/// What keeps everybody from publishing to the topic, whatever their own rights: the statement's name.
///
/// A statement that denies under a condition is left out: whether it holds for Systems Manager's call is not known.
pub fn publishing_denied(policy: &str, topic: &TopicArn) -> Option<String> {
    let statements = statements(policy)?;
    let publishes = |action: &&str| matches!(action.to_ascii_lowercase().as_str(), "*" | "sns:*" | "sns:publish");
    let everybody = |principal: &Value| *principal == "*" || texts(&principal["AWS"]).contains(&"*");
    let denies = |statement: &&Value| {
        statement["Effect"] == "Deny"
            && statement["Condition"].is_null()
            && everybody(&statement["Principal"])
            && texts(&statement["Action"]).iter().any(publishes)
            && texts(&statement["Resource"]).iter().any(|resource| *resource == "*" || *resource == topic.as_str())
    };
    let found = statements.iter().find(denies)?;
    Some(name_of(found))
}

/// How a queue or a topic is encrypted, as its attribute `KmsMasterKeyId` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Encryption {
    /// No key of KMS.
    None,
    /// The key that AWS manages for the service: nobody can change its policy.
    Managed,
    /// A key of the account's own, by id, alias or ARN.
    Customer(String),
}

impl Encryption {
    /// Reads the attribute; absent and empty are none.
    pub fn of(key: Option<&str>) -> Self {
        match key.unwrap_or_default() {
            "" => Self::None,
            key if key.ends_with("alias/aws/sns") || key.ends_with("alias/aws/sqs") => Self::Managed,
            key => Self::Customer(quotable(key)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:t";

    #[test]
    fn only_what_denies_everybody_for_certain_is_told() {
        let topic: TopicArn = TOPIC.parse().unwrap();
        let of = |more: &str| {
            let policy = format!(
                r#"{{"Statement":[{{"Sid":"Lock","Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"{TOPIC}"{more}}}]}}"#
            );
            publishing_denied(&policy, &topic)
        };
        assert_eq!(of(""), Some("the statement Lock".to_owned()));
        assert_eq!(of(r#","Condition":{"Bool":{"aws:SecureTransport":"false"}}"#), None, "SSM speaks TLS");
        for policy in ["", "[]", "{", r#"{"Statement":"x"}"#, r#"{"Statement":{"Effect":"Allow"}}"#] {
            assert_eq!(publishing_denied(policy, &topic), None, "{policy:?}");
        }
    }

    #[test]
    fn a_key_is_ours_awss_or_none() {
        assert_eq!(Encryption::of(None), Encryption::None);
        assert_eq!(Encryption::of(Some("alias/aws/sns")), Encryption::Managed);
        assert_eq!(Encryption::of(Some("alias/own")), Encryption::Customer("alias/own".into()));
    }
}
