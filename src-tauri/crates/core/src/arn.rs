//! The names of topics and queues: parsed once at the edge, trusted inward.
//!
//! **Invariant:** a [`TopicArn`] or [`QueueArn`] that exists is well formed and not FIFO, so that no AWS call is ever
//! made with a name that AWS would refuse. It says nothing about whether the topic or queue exists.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Why a text is not the ARN that was asked for. Every message says what was found and what was expected.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArnError {
    /// Not an ARN at all, or one with a part missing or misspelt; the text says which.
    #[error("{0}")]
    Malformed(String),
    /// A FIFO topic or queue: Run Command cannot notify a FIFO topic, and a standard topic cannot feed a FIFO queue.
    #[error("{name} is a FIFO {what}. Run Command notifies standard topics only, and those feed standard queues only")]
    Fifo {
        /// `topic` or `queue`.
        what: &'static str,
        /// The resource's name, with `.fifo`.
        name: String,
    },
    /// An ARN of another AWS service where a topic's was asked for.
    #[error("this is an ARN of the service \"{0}\", where a topic's (service \"sns\") is needed")]
    NotSns(String),
    /// An ARN of another AWS service where a queue's was asked for.
    #[error("this is an ARN of the service \"{0}\", where a queue's (service \"sqs\") is needed")]
    NotSqs(String),
    /// The second part is not an AWS partition that this program knows.
    #[error(
        "\"{0}\" is not an AWS partition. Known are aws, aws-cn, aws-us-gov, aws-eusc, aws-iso, aws-iso-b, aws-iso-e and aws-iso-f"
    )]
    UnknownPartition(String),
}

impl ArnError {
    /// What to do next, as one sentence.
    pub fn hint(&self) -> &'static str {
        match self {
            ArnError::Malformed(_) | ArnError::UnknownPartition(_) => {
                "Copy the ARN from the console: arn:aws:sns:us-east-1:123456789012:my-topic"
            }
            ArnError::Fifo { .. } => "Make a standard topic for the notifications and use its ARN.",
            ArnError::NotSns(_) => {
                "Use the ARN of the SNS topic that is named in the command's or task's NotificationConfig."
            }
            ArnError::NotSqs(_) => "Use the ARN of an SQS queue.",
        }
    }
}

/// The ARN of a standard SNS topic, such as `arn:aws:sns:us-east-1:123456789012:ssm-notify`. Cloning it is cheap.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TopicArn(Arc<str>);

/// The ARN of a standard SQS queue, such as `arn:aws:sqs:us-east-1:123456789012:watchbell-ann-laptop-1a2b3c4d`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct QueueArn(Arc<str>);

/// Longest name of an SNS topic (`CreateTopic`).
const TOPIC_NAME_MAX: usize = 256;
/// Longest name of an SQS queue (`CreateQueue`).
pub(crate) const QUEUE_NAME_MAX: usize = 80;

impl FromStr for TopicArn {
    type Err = ArnError;

    /// Spaces around the text are dropped, as they come along when an ARN is pasted.
    fn from_str(text: &str) -> Result<Self, ArnError> {
        let text = text.trim();
        let parts = split(text, "topic")?;
        if parts.service != "sns" {
            return Err(ArnError::NotSns(quotable(parts.service)));
        }
        check(&parts, "topic", TOPIC_NAME_MAX)?;
        Ok(TopicArn(text.into()))
    }
}

impl FromStr for QueueArn {
    type Err = ArnError;

    /// Spaces around the text are dropped, as they come along when an ARN is pasted.
    fn from_str(text: &str) -> Result<Self, ArnError> {
        let text = text.trim();
        let parts = split(text, "queue")?;
        if parts.service != "sqs" {
            return Err(ArnError::NotSqs(quotable(parts.service)));
        }
        check(&parts, "queue", QUEUE_NAME_MAX)?;
        Ok(QueueArn(text.into()))
    }
}

struct Parts<'a> {
    partition: &'a str,
    service: &'a str,
    region: &'a str,
    account: &'a str,
    name: &'a str,
}

fn split<'a>(text: &'a str, what: &str) -> Result<Parts<'a>, ArnError> {
    if text.is_empty() {
        return Err(ArnError::Malformed(format!("the {what} ARN is empty")));
    }
    let mut parts = text.splitn(6, ':');
    let mut next = || parts.next();
    match (next(), next(), next(), next(), next(), next()) {
        (Some("arn"), Some(partition), Some(service), Some(region), Some(account), Some(name)) => {
            Ok(Parts { partition, service, region, account, name })
        }
        (Some("arn"), ..) => Err(ArnError::Malformed(format!(
            "\"{}\" is cut short: an ARN has six parts, arn:partition:service:region:account:name",
            quotable(text)
        ))),
        _ => Err(ArnError::Malformed(format!("\"{}\" is not an ARN: it does not begin with \"arn:\"", quotable(text)))),
    }
}

fn check(parts: &Parts<'_>, what: &'static str, name_max: usize) -> Result<(), ArnError> {
    if dns_suffix(parts.partition).is_none() {
        return Err(ArnError::UnknownPartition(quotable(parts.partition)));
    }
    let region_letter = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if parts.region.is_empty() || !parts.region.chars().all(region_letter) {
        return Err(ArnError::Malformed(format!("the {what} ARN's region \"{}\" is not one", quotable(parts.region))));
    }
    if parts.account.len() != 12 || !parts.account.bytes().all(|b| b.is_ascii_digit()) {
        return Err(ArnError::Malformed(format!(
            "the {what} ARN's account \"{}\" is not 12 digits",
            quotable(parts.account)
        )));
    }
    if let Some((topic, rest)) = parts.name.split_once(':') {
        return Err(ArnError::Malformed(format!(
            "the {what} ARN goes on after the name \"{}\" with \":{}\"; a subscription's ARN does that, a {what}'s does not",
            quotable(topic),
            quotable(rest)
        )));
    }
    let bare = parts.name.strip_suffix(".fifo").unwrap_or(parts.name);
    let name_letter = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    if bare.is_empty() || parts.name.len() > name_max || !bare.chars().all(name_letter) {
        return Err(ArnError::Malformed(format!(
            "the {what}'s name \"{}\" is not 1 to {name_max} of the letters A-Z, a-z, 0-9, - and _",
            quotable(parts.name)
        )));
    }
    if bare.len() < parts.name.len() {
        return Err(ArnError::Fifo { what, name: parts.name.to_owned() });
    }
    Ok(())
}

/// A piece of foreign text, short and harmless enough to stand inside a sentence.
pub(crate) fn quotable(text: &str) -> String {
    const LONGEST: usize = 100;
    let mut out: String =
        text.chars().take(LONGEST).map(|c| if c.is_control() || is_invisible(c) { '\u{fffd}' } else { c }).collect();
    if text.chars().nth(LONGEST).is_some() {
        out.push('…');
    }
    out
}

/// Zero-width and direction-changing characters, which make a sentence read as something else than it says.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

macro_rules! arn {
    ($name:ident) => {
        impl $name {
            /// The whole ARN.
            pub fn as_str(&self) -> &str {
                &self.0
            }
            /// `aws`, `aws-cn`, `aws-us-gov`, …
            pub fn partition(&self) -> &str {
                self.part(1)
            }
            /// `us-east-1`, …
            pub fn region(&self) -> &str {
                self.part(3)
            }
            /// Twelve digits, as text: leading zeros count.
            pub fn account(&self) -> &str {
                self.part(4)
            }
            /// The resource's own name.
            pub fn name(&self) -> &str {
                self.part(5)
            }
            fn part(&self, at: usize) -> &str {
                self.0.splitn(6, ':').nth(at).unwrap_or_default()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl AsRef<str> for $name {
            fn as_ref(&self) -> &str {
                &self.0
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(&self.0)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}

arn!(TopicArn);
arn!(QueueArn);

/// The end of a partition's host names; `None` for a partition that does not exist (botocore `partitions.json`).
pub fn dns_suffix(partition: &str) -> Option<&'static str> {
    Some(match partition {
        "aws" | "aws-us-gov" => "amazonaws.com",
        "aws-cn" => "amazonaws.com.cn",
        "aws-eusc" => "amazonaws.eu",
        "aws-iso" => "c2s.ic.gov",
        "aws-iso-b" => "sc2s.sgov.gov",
        "aws-iso-e" => "cloud.adc-e.uk",
        "aws-iso-f" => "csp.hci.ic.gov",
        _ => return None,
    })
}

/// Whether an account must switch this region on before it can be used. Only the aws partition has such regions.
///
/// Every region that opened after 20 March 2019 is one, so the list of those that are not is closed.
pub fn is_opt_in(region: &str) -> bool {
    const ALWAYS_ON: [&str; 17] = [
        "ap-northeast-1",
        "ap-northeast-2",
        "ap-northeast-3",
        "ap-south-1",
        "ap-southeast-1",
        "ap-southeast-2",
        "ca-central-1",
        "eu-central-1",
        "eu-north-1",
        "eu-west-1",
        "eu-west-2",
        "eu-west-3",
        "sa-east-1",
        "us-east-1",
        "us-east-2",
        "us-west-1",
        "us-west-2",
    ];
    let mut parts = region.split('-');
    let aws_region = matches!(
        (parts.next(), parts.next(), parts.next(), parts.next()),
        (Some("us" | "eu" | "ap" | "sa" | "ca" | "me" | "af" | "il" | "mx"), Some(place), Some(number), None)
            if !place.is_empty() && place != "gov" && !place.starts_with("iso") && number.parse::<u8>().is_ok()
    );
    aws_region && !ALWAYS_ON.contains(&region)
}
