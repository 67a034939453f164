//! Takes command text out of a body before it is stored (invariant 5).
//!
//! **Invariant:** what EventBridge sends in `detail.parameters`, straight or inside an SNS envelope, never reaches the
//! disk unless the person turned that on. A body without it stays as it came, byte for byte.

use serde_json::Value;

/// The body without parameters; `None` when it has none, or is no JSON to take them out of.
pub(super) fn without_parameters(body: &str) -> Option<String> {
    // Nearly every body ends here. An escaped spelling of the word (`\u0070…`) needs the long way.
    if !body.contains("parameters") && !body.contains("\\u00") {
        return None;
    }
    let mut value: Value = serde_json::from_str(body).ok()?;
    let mut found = drop_from(&mut value);
    if let Some(Value::String(message)) = value.get_mut("Message")
        && let Ok(mut inner) = serde_json::from_str::<Value>(message)
        && drop_from(&mut inner)
    {
        *message = inner.to_string();
        found = true;
    }
    found.then(|| value.to_string())
}

fn drop_from(event: &mut Value) -> bool {
    event.get_mut("detail").and_then(Value::as_object_mut).is_some_and(|detail| detail.remove("parameters").is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"detail-type":"EC2 Command Status-change Notification","detail":{"command-id":"c","parameters":{"commands":["echo hunter2"]},"status":"Success"}}"#;

    #[test]
    fn command_text_leaves_straight_and_wrapped_events() {
        let straight = without_parameters(EVENT).unwrap();
        assert!(!straight.contains("hunter2"), "command text must not be stored");
        assert!(straight.contains("command-id"), "the rest stays");
        let wrapped = serde_json::json!({"Type": "Notification", "Message": EVENT}).to_string();
        let stored = without_parameters(&wrapped).unwrap();
        assert!(!stored.contains("hunter2"), "nor when SNS wrapped it");
        let escaped = EVENT.replace("parameters", "\\u0070arameters");
        assert!(!without_parameters(&escaped).unwrap().contains("hunter2"), "nor when the key is spelt with escapes");
    }

    #[test]
    fn a_body_without_parameters_stays_as_it_came() {
        for body in ["", "not json, parameters", r#"{ "Message" : "parameters" }"#, r#"{"parameters":1}"#] {
            assert_eq!(without_parameters(body), None, "{body} is none of our business");
        }
    }
}
