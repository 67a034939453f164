//! Reads the events of EventBridge that speak of commands, and hands on those of maintenance windows
//! (Systems Manager user guide, "Amazon EventBridge event examples for Systems Manager").
//!
//! **Invariant:** only events whose source is `aws.ssm` are believed; `resources` is never read, because it lists
//! instances at both levels. Times are whole seconds, and there is no detail: SSM's own notification says more.

use serde_json::Value;

use super::fields::{
    Fields, described, described_time, event_time, kind_of, missing, optional_id, required_id, status,
};
use super::{Parsed, Reason, ReasonKind, Wrapping, window};
use crate::arn::quotable;
use crate::event::CommandEvent;
use crate::status::Level;

const COMMAND: &str = "EC2 Command Status-change Notification";
const INVOCATION: &str = "EC2 Command Invocation Status-change Notification";

/// Whether this is an event of EventBridge.
pub(super) fn is_one(fields: &Fields) -> bool {
    fields.contains_key("detail-type") && fields.contains_key("source")
}

pub(super) fn read(mut fields: Fields, wrapping: Wrapping) -> Result<Parsed, Reason> {
    let kind = kind(&mut fields)?;
    let detail = match fields.remove("detail") {
        Some(Value::Object(detail)) => detail,
        None | Some(Value::Null) => return Err(missing("detail")),
        Some(other) => {
            return Err(Reason::new(
                ReasonKind::WrongShape,
                format!("The event's “detail” is {}, where EventBridge writes an object.", kind_of(&other)),
            ));
        }
    };
    if kind.starts_with(window::PREFIX) {
        return window::read(&kind, fields, detail, wrapping).map(|event| Parsed::Window(Box::new(event)));
    }
    of_command(kind == INVOCATION, fields, detail, wrapping).map(|event| Parsed::Event(Box::new(event)))
}

fn of_command(
    of_invocation: bool,
    mut fields: Fields,
    mut detail: Fields,
    wrapping: Wrapping,
) -> Result<CommandEvent, Reason> {
    let command_id = required_id(&mut detail, "command-id")?;
    let (status, status_detail) = status(&mut detail, "status", "detailed-status")?;
    let event_time = event_time(&mut fields, "time")?;
    let node_id = optional_id(&mut detail, "instance-id")?;
    if of_invocation && node_id.is_none() {
        return Err(missing("instance-id"));
    }
    let probe = described(&mut fields, "watchbellProbe")?.or(described(&mut detail, "watchbellProbe")?);
    Ok(CommandEvent {
        command_id,
        document: described(&mut detail, "document-name")?,
        level: if node_id.is_some() { Level::Invocation } else { Level::Command },
        node_id,
        status,
        detail: status_detail,
        event_time,
        requested_at: described_time(&mut detail, "requested-date-time"),
        expires_after: described_time(&mut detail, "expire-after"),
        instance_ids: Vec::new(),
        s3_bucket: described(&mut detail, "output-s3bucket-name")?,
        s3_prefix: described(&mut detail, "output-s3key-prefix")?,
        topic_arn: wrapping.topic_arn,
        message_id: match wrapping.message_id {
            None => described(&mut fields, "id")?,
            sns => sns,
        },
        sent_at: wrapping.sent_at.or(Some(event_time)),
        probe,
        parameters: detail.remove("parameters").filter(|value| !value.is_null()),
    })
}

/// The event's type, when it is one about commands or maintenance windows.
fn kind(fields: &mut Fields) -> Result<String, Reason> {
    let source = described(fields, "source")?.unwrap_or_default();
    let kind = described(fields, "detail-type")?.unwrap_or_default();
    let unknown = |text: String| Err(Reason::new(ReasonKind::UnknownEvent, text));
    match kind.as_str() {
        _ if source != "aws.ssm" => unknown(format!(
            "It is an EventBridge event “{}” of “{}”, not of Systems Manager (aws.ssm). A rule sends more to this \
             queue or topic than commands.",
            quotable(&kind),
            quotable(&source)
        )),
        COMMAND | INVOCATION => Ok(kind),
        about_window if about_window.starts_with(window::PREFIX) => Ok(kind),
        other => unknown(format!(
            "It is an EventBridge event “{}” of Systems Manager, which says nothing about a command or a maintenance \
             window.",
            quotable(other)
        )),
    }
}
