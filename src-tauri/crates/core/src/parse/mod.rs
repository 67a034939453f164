//! Reads the body of an SQS message. Total: whatever the body holds, the answer is an event or a reason.
//!
//! **Invariant:** never fails, never panics, drops nothing in silence. What is not understood is quarantined with a
//! sentence that a person can act on. No URL in a message is ever followed, and texts stay as they came.
//!
//! The shapes are told apart by what they hold: `Type` and `Message` is the SNS envelope, `detail-type` and
//! `source` is EventBridge, `commandId` is SSM's own JSON. Envelope and each kind of event are read by one file each.

mod confirmation;
mod envelope;
mod eventbridge;
mod fields;
mod reason;
mod ssm;
mod window;

use jiff::Timestamp;

use crate::arn::TopicArn;
use crate::event::CommandEvent;
use crate::window::WindowEvent;
use fields::{Fields, listed_keys, object};

pub use confirmation::{Confirmation, confirmation};
pub use reason::{Reason, ReasonKind};

/// What became of a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Parsed {
    /// Understood: it speaks of a command.
    Event(Box<CommandEvent>),
    /// Understood: it speaks of a maintenance window.
    Window(Box<WindowEvent>),
    /// Not understood; kept, with the reason.
    Quarantined(Reason),
}

/// Reads a body. `topics` are those subscribed through this queue; an empty list takes any.
///
/// An envelope that names a topic outside of `topics` is quarantined. Raw delivery and EventBridge name none.
pub fn parse(body: &str, topics: &[TopicArn]) -> Parsed {
    match read(body, topics) {
        Ok(parsed) => parsed,
        Err(reason) => Parsed::Quarantined(reason),
    }
}

/// What is known of a message from around it.
struct Wrapping {
    topic_arn: Option<TopicArn>,
    message_id: Option<String>,
    sent_at: Option<Timestamp>,
}

fn read(body: &str, topics: &[TopicArn]) -> Result<Parsed, Reason> {
    // Windows tools put a byte order mark before hand-made test messages.
    let outer = object(body.trim_start_matches('\u{feff}'), "The message")?;
    if !envelope::is_one(&outer) {
        let bare = Wrapping { topic_arn: None, message_id: None, sent_at: None };
        return read_event(outer, bare, "The message");
    }
    let (inside, wrapping) = envelope::open(outer, topics)?;
    read_event(object(&inside, "The text in the SNS message")?, wrapping, "The text in the SNS message")
}

fn read_event(fields: Fields, wrapping: Wrapping, what: &str) -> Result<Parsed, Reason> {
    if eventbridge::is_one(&fields) {
        eventbridge::read(fields, wrapping)
    } else if ssm::is_one(&fields) {
        ssm::read(fields, wrapping).map(|event| Parsed::Event(Box::new(event)))
    } else {
        Err(Reason::new(
            ReasonKind::WrongShape,
            format!(
                "{what} is JSON, but neither a notification of Run Command nor an event of EventBridge: it has {}.",
                listed_keys(&fields)
            ),
        ))
    }
}
