//! The SNS envelope around a message as it lies in an SQS body (SNS developer guide, "Parsing message formats").

use crate::arn::{TopicArn, dns_suffix};
use jiff::Timestamp;

/// Wraps an inner message with the layout of SNS: two spaces, ` : ` between key and value. The signature is no
/// signature; whoever checks signatures must refuse it.
pub fn envelope(inner: &str, topic: &TopicArn, message_id: &str, at: Timestamp) -> String {
    let quote = |text: &str| serde_json::Value::from(text).to_string();
    let host = format!("https://sns.{}.{}", topic.region(), dns_suffix(topic.partition()).unwrap_or("amazonaws.com"));
    let subject = format!("EC2 Run Command Notification {}", topic.region());
    let sent = format!("{at:.3}");
    let certificate = format!("{host}/SimpleNotificationService-00000000000000000000000000000000.pem");
    let unsubscribe =
        format!("{host}/?Action=Unsubscribe&SubscriptionArn={topic}:00000000-0000-0000-0000-000000000000");
    let lines = [
        ("Type", "Notification"),
        ("MessageId", message_id),
        ("TopicArn", topic.as_str()),
        ("Subject", &subject),
        ("Message", inner),
        ("Timestamp", &sent),
        ("SignatureVersion", "1"),
        ("Signature", "U2ltdWxhdGVkOiBub3Qgc2lnbmVkIGJ5IFNOUy4="),
        ("SigningCertURL", &certificate),
        ("UnsubscribeURL", &unsubscribe),
    ];
    let body: Vec<String> = lines.iter().map(|(key, value)| format!("  {} : {}", quote(key), quote(value))).collect();
    format!("{{\n{}\n}}", body.join(",\n"))
}
