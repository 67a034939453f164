//! Opens the SNS envelope (SNS developer guide, "Parsing message formats").
//!
//! **Invariant:** a message of a topic to which this queue is not subscribed does not pass; no URL in the envelope is
//! ever fetched, whatever it asks for. Signature and message attributes are not looked at.

use serde_json::Value;

use super::fields::{Fields, described, described_time, kind_of, missing};
use super::{Reason, ReasonKind, Wrapping};
use crate::arn::{TopicArn, quotable};

/// Whether this is an envelope, or was meant to be one.
pub(super) fn is_one(fields: &Fields) -> bool {
    fields.contains_key("Type")
        && (fields.contains_key("Message") || (fields.contains_key("TopicArn") && !fields.contains_key("commandId")))
}

/// The text inside, and what the envelope says about it.
pub(super) fn open(mut fields: Fields, topics: &[TopicArn]) -> Result<(String, Wrapping), Reason> {
    let claimed = fields.remove("TopicArn");
    let kind = fields.remove("Type");
    match kind.as_ref().and_then(Value::as_str) {
        Some("Notification") => {}
        Some("SubscriptionConfirmation") => return Err(confirm(claimed.as_ref())),
        Some("UnsubscribeConfirmation") => return Err(ended(claimed.as_ref())),
        Some(other) => {
            return Err(Reason::new(
                ReasonKind::UnknownEvent,
                format!("SNS sent a message of the type “{}”, which this version does not know.", quotable(other)),
            ));
        }
        None => {
            let found = kind.as_ref().map_or("missing", kind_of);
            return Err(Reason::new(
                ReasonKind::WrongShape,
                format!("The SNS envelope's “Type” is {found}, where SNS writes a text."),
            ));
        }
    }
    let topic_arn = known_topic(claimed, topics)?;
    let inside = match fields.remove("Message") {
        Some(Value::String(text)) => text,
        None | Some(Value::Null) => return Err(missing("Message")),
        Some(other) => {
            return Err(Reason::new(
                ReasonKind::WrongShape,
                format!("The SNS envelope's “Message” is {}, where SNS writes a text.", kind_of(&other)),
            ));
        }
    };
    let message_id = described(&mut fields, "MessageId")?;
    let sent_at = described_time(&mut fields, "Timestamp");
    Ok((inside, Wrapping { topic_arn, message_id, sent_at }))
}

/// The topic, when it is one of ours. An envelope without a topic is judged as raw delivery is: it names none.
fn known_topic(claimed: Option<Value>, topics: &[TopicArn]) -> Result<Option<TopicArn>, Reason> {
    let claimed = match claimed {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => text,
        Some(other) => other.to_string(),
    };
    if let Some(topic) = topics.iter().find(|topic| topic.as_str() == claimed) {
        return Ok(Some(topic.clone()));
    }
    match claimed.parse::<TopicArn>() {
        Ok(topic) if topics.is_empty() || topics.contains(&topic) => Ok(Some(topic)),
        Ok(topic) => Err(Reason::new(
            ReasonKind::OtherTopic,
            format!(
                "It comes from the topic {}, but this queue is subscribed to {}. Some other subscription feeds this queue too.",
                quotable(topic.as_str()),
                listed(topics)
            ),
        )),
        Err(error) => Err(Reason::new(
            ReasonKind::OtherTopic,
            format!(
                "It says that it comes from the topic “{}”, which cannot be: {error}. This queue is subscribed to {}.",
                quotable(&claimed),
                listed(topics)
            ),
        )),
    }
}

fn listed(topics: &[TopicArn]) -> String {
    match topics {
        [] => "no topic that is known".to_owned(),
        [one] => one.to_string(),
        [first, second] => format!("{first} and {second}"),
        [first, rest @ ..] => format!("{first} and {} more topics", rest.len()),
    }
}

fn confirm(topic: Option<&Value>) -> Reason {
    let topic = named(topic);
    Reason::new(
        ReasonKind::SubscriptionConfirmation,
        format!(
            "SNS asks to confirm that this queue is subscribed to {topic}. It asks only when somebody outside of the \
             queue's own account subscribed it, and delivers nothing until it is confirmed. Watchbell does not follow \
             the link in the message; for a topic that you subscribed it confirms through the API, while the \
             subscription waits. If another one is wanted, subscribe again as the queue's owner, \
             in the window's settings or with watchbellctl subscribe --topic-arn {topic}"
        ),
    )
}

fn ended(topic: Option<&Value>) -> Reason {
    let topic = named(topic);
    Reason::new(
        ReasonKind::SubscriptionConfirmation,
        format!(
            "SNS tells that this queue's subscription to {topic} has ended; nothing more will come from that topic. \
             Watchbell does not follow the link in the message. If that was not meant, subscribe again, \
             in the window's settings or with watchbellctl subscribe --topic-arn {topic}"
        ),
    )
}

/// The topic's name in a sentence that holds a command to run: only a real ARN may stand there.
fn named(topic: Option<&Value>) -> String {
    topic
        .and_then(Value::as_str)
        .and_then(|text| text.parse::<TopicArn>().ok())
        .map_or_else(|| "<the topic's ARN>".to_owned(), |topic| topic.to_string())
}
