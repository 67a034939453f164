//! Reads SSM's own notification, at command or at invocation level
//! (Systems Manager user guide, "Monitoring Systems Manager status changes using Amazon SNS notifications").
//!
//! **Invariant:** the level follows from the node's id alone; keys that are not known are passed over.

use serde_json::Value;

use super::fields::{Fields, described, described_time, event_time, optional_id, required_id, status};
use super::{Reason, Wrapping};
use crate::event::CommandEvent;
use crate::status::Level;

/// Whether this is SSM's JSON, or was meant to be.
pub(super) fn is_one(fields: &Fields) -> bool {
    ["commandId", "documentName", "instanceId", "instanceIds", "requestedDateTime", "detailedStatus"]
        .iter()
        .any(|key| fields.contains_key(*key))
}

pub(super) fn read(mut fields: Fields, wrapping: Wrapping) -> Result<CommandEvent, Reason> {
    let command_id = required_id(&mut fields, "commandId")?;
    let (status, detail) = status(&mut fields, "status", "detailedStatus")?;
    let event_time = event_time(&mut fields, "eventTime")?;
    let node_id = optional_id(&mut fields, "instanceId")?;
    let Wrapping { topic_arn, message_id, sent_at } = wrapping;
    Ok(CommandEvent {
        command_id,
        document: described(&mut fields, "documentName")?,
        level: if node_id.is_some() { Level::Invocation } else { Level::Command },
        instance_ids: if node_id.is_some() { Vec::new() } else { node_list(fields.remove("instanceIds")) },
        node_id,
        status,
        detail,
        event_time,
        requested_at: described_time(&mut fields, "requestedDateTime"),
        expires_after: described_time(&mut fields, "expiresAfter"),
        s3_bucket: described(&mut fields, "outputS3BucketName")?,
        s3_prefix: described(&mut fields, "outputS3KeyPrefix")?,
        topic_arn,
        message_id,
        sent_at,
        probe: described(&mut fields, "watchbellProbe")?,
        parameters: None,
    })
}

/// The named nodes. A list that holds anything but node ids would give a wrong total: it counts as none.
fn node_list(value: Option<Value>) -> Vec<String> {
    let Some(Value::Array(ids)) = value else { return Vec::new() };
    let id = |value| match value {
        Value::String(id) if !id.trim().is_empty() && id.len() <= 256 => Some(id),
        _ => None,
    };
    ids.into_iter().map(id).collect::<Option<_>>().unwrap_or_default()
}
