//! The JSON that SSM writes (`core::parse::ssm`). The order of the fields is the order on the wire.

use jiff::{Timestamp, Unit};
use serde::{Serialize, Serializer};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CommandMessage<'a> {
    pub(super) command_id: &'a str,
    pub(super) document_name: &'a str,
    pub(super) instance_ids: &'a [String],
    pub(super) requested_date_time: Moment,
    pub(super) expires_after: Moment,
    #[serde(rename = "outputS3BucketName")]
    pub(super) output_s3_bucket_name: &'a str,
    #[serde(rename = "outputS3KeyPrefix")]
    pub(super) output_s3_key_prefix: &'a str,
    pub(super) status: &'a str,
    pub(super) event_time: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) watchbell_probe: Option<&'a str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct InvocationMessage<'a> {
    pub(super) command_id: &'a str,
    pub(super) document_name: &'a str,
    pub(super) instance_id: &'a str,
    pub(super) requested_date_time: Moment,
    pub(super) status: &'a str,
    pub(super) detailed_status: &'a str,
    pub(super) event_time: Moment,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) watchbell_probe: Option<&'a str>,
}

/// An instant as SSM writes it: UTC with a `Z`, trailing zeros of the fraction trimmed.
#[derive(Clone, Copy)]
pub(super) struct Moment(Timestamp);

impl Moment {
    pub(super) fn nanos(at: Timestamp) -> Self {
        Self(at)
    }

    pub(super) fn millis(at: Timestamp) -> Self {
        let floor = jiff::TimestampRound::new().smallest(Unit::Millisecond).mode(jiff::RoundMode::Floor);
        Self(at.round(floor).unwrap_or(at))
    }
}

impl Serialize for Moment {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

/// Compact JSON. Structs of text and numbers cannot fail to be written.
pub(super) fn text(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}
