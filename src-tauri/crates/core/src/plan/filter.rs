//! What a subscription lets through, and the attributes that say so to SNS (SNS developer guide, "Subscription filter policies").
//!
//! **Invariant:** a filter looks at the message's body only: SSM sets no attributes, so a filter on attributes lets
//! nothing through.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// What the subscription lets through.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Everything; the history is whole.
    #[default]
    All,
    /// Failed and TimedOut only; everything else is never heard.
    Alerts,
}

impl Filter {
    /// `all` or `alerts`.
    pub fn as_str(self) -> &'static str {
        match self {
            Filter::All => "all",
            Filter::Alerts => "alerts",
        }
    }
}

/// The filter policy, for messages of SSM (`status`) and of EventBridge (`detail.status`) alike.
pub fn filter_policy(filter: Filter) -> Option<Value> {
    match filter {
        Filter::All => None,
        Filter::Alerts => {
            let failing = json!(["Failed", "TimedOut"]);
            Some(json!({ "$or": [{ "status": failing }, { "detail": { "status": failing } }] }))
        }
    }
}

/// The attributes with which to subscribe. Without a filter nothing is said about one.
pub fn subscription_attributes(filter: Filter) -> BTreeMap<&'static str, String> {
    let mut attributes = BTreeMap::from([("RawMessageDelivery", "false".to_owned())]);
    if let Some(policy) = filter_policy(filter) {
        attributes.insert("FilterPolicyScope", "MessageBody".to_owned());
        attributes.insert("FilterPolicy", policy.to_string());
    }
    attributes
}

/// Whether two JSON texts mean the same, whatever their spacing and the order of their keys.
///
/// Nothing, white space and `{}` are all "no policy". Texts that are not JSON are compared as they are.
pub fn same_json(a: &str, b: &str) -> bool {
    let value = |text: &str| match text.trim() {
        "" => Some(json!({})),
        text => serde_json::from_str::<Value>(text).ok(),
    };
    match (value(a), value(b)) {
        (Some(a), Some(b)) => a == b,
        _ => a == b,
    }
}
