//! What a status and its `detailedStatus` mean, for people (SSM user guide, "Understanding command statuses").

use super::clean::clean_to;
use crate::status::Status;

/// A few words for a row: "failed", "not reached", "ran over its time", "not run: stopped by max-errors".
pub fn detail(status: &Status, detail: Option<&str>) -> String {
    let words = match detail.unwrap_or_default() {
        "Undeliverable" | "DeliveryTimedOut" => "not reached",
        "ExecutionTimedOut" => "ran over its time",
        "Terminated" => "not run: stopped by max-errors",
        "InvalidPlatform" => "the document does not fit its system",
        "AccessDenied" => "access denied",
        "Incomplete" => "not all nodes succeeded",
        "LimitExceeded" => "too many pending invocations in the account",
        "NoInstancesInTag" => "no node has the tag",
        "FailedDueToAlarm" => "stopped by an alarm",
        "FailedDueToUnknownAlarmState" => "the alarm's state could not be read",
        "Delayed" => "delayed: the node does not answer yet",
        _ => match status {
            Status::Pending => "pending",
            Status::InProgress => "running",
            Status::Success => "succeeded",
            Status::Failed => "failed",
            Status::TimedOut => "timed out",
            Status::Cancelled => "cancelled",
            Status::Other(text) => return clean_to(text, 48),
        },
    };
    words.into()
}

/// Whether SSM never delivered the command to the node, or did not hear back.
pub(crate) fn was_not_reached(detail: Option<&str>) -> bool {
    matches!(detail, Some("Undeliverable" | "DeliveryTimedOut"))
}

/// A whole sentence about one failing node.
pub fn detail_sentence(status: &Status, detail: Option<&str>) -> &'static str {
    match (detail.unwrap_or_default(), status) {
        ("Undeliverable", _) => "The node was not reached: it does not exist or does not answer.",
        ("DeliveryTimedOut", _) => "The node was not reached, or did not report back, in time.",
        ("ExecutionTimedOut", _) => "Execution timed out after it was delivered.",
        ("Terminated", _) => "It never ran: max-errors stopped the command first.",
        ("InvalidPlatform", _) => "The document does not fit the node's operating system.",
        ("AccessDenied", _) => "SSM was denied access to the node.",
        (_, Status::TimedOut) => "It did not end in time.",
        _ => "The document ended with an error on the node.",
    }
}

#[cfg(test)]
mod tests {
    use super::{detail, detail_sentence};
    use crate::status::Status;

    #[test]
    fn every_known_detail_has_words() {
        let details = [
            (Status::Failed, "Failed"),
            (Status::Failed, "Undeliverable"),
            (Status::Failed, "Terminated"),
            (Status::Failed, "InvalidPlatform"),
            (Status::Failed, "AccessDenied"),
            (Status::Failed, "Incomplete"),
            (Status::Failed, "LimitExceeded"),
            (Status::Failed, "FailedDueToAlarm"),
            (Status::TimedOut, "DeliveryTimedOut"),
            (Status::TimedOut, "ExecutionTimedOut"),
            (Status::Success, "NoInstancesInTag"),
            (Status::Cancelled, "Cancelled"),
            (Status::InProgress, "InProgress"),
            (Status::Other("Rebooting\u{202e}".into()), "Rebooting"),
        ];
        let table: Vec<String> = details
            .iter()
            .map(|(status, text)| {
                let sentence = if status.is_failing() { detail_sentence(status, Some(text)) } else { "" };
                format!("{status} {text}: {} | {sentence}\n", detail(status, Some(text)))
            })
            .collect();
        insta::assert_snapshot!(table.concat());
    }
}
