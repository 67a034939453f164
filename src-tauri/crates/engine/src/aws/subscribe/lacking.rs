//! What differs between what is there and what is wished, so that only that is written.
//!
//! **Invariant:** pure; nothing lacking means that a second run writes nothing.

use std::collections::BTreeMap;

use watchbell_core::plan::{Filter, TAG_CREATED, TAG_LAST_SEEN, queue_attributes, same_json, subscription_attributes};

use crate::aws::{queue, subscription};

/// The attributes of our own queue that are not as wished.
pub(crate) fn of_queue(held: &queue::Attributes) -> BTreeMap<&'static str, String> {
    let mut wanted = queue_attributes();
    if held.get("KmsMasterKeyId").is_some_and(|key| !key.is_empty()) {
        // Somebody put a key of their own on it: SSE-SQS would take it off again.
        wanted.remove("SqsManagedSseEnabled");
    }
    wanted.retain(|name, value| held.get(*name) != Some(value));
    wanted
}

/// The tags that are missing or say something else. When it was made and last read are no reason to write.
pub(super) fn of_tags(
    held: &BTreeMap<String, String>,
    mut wanted: BTreeMap<&'static str, String>,
) -> BTreeMap<&'static str, String> {
    wanted.retain(|name, value| match held.get(*name) {
        Some(_) if [TAG_CREATED, TAG_LAST_SEEN].contains(name) => false,
        found => found != Some(value),
    });
    wanted
}

/// The subscription's attributes to write, in an order that SNS takes: the scope before the policy that needs it.
pub(in crate::aws) fn of_subscription(held: &subscription::Attributes, filter: Filter) -> Vec<(&'static str, String)> {
    let mut wanted = subscription_attributes(filter);
    // Removing a filter is writing an empty one (SNS API reference, `SetSubscriptionAttributes`); it has no scope then.
    wanted.entry("FilterPolicy").or_insert_with(|| "{}".to_owned());
    ["RawMessageDelivery", "FilterPolicyScope", "FilterPolicy"]
        .into_iter()
        .filter_map(|name| Some((name, wanted.remove(name)?)))
        .filter(|(name, value)| {
            let held = held.get(*name).map_or("", String::as_str);
            match *name {
                "FilterPolicy" => !same_json(held, value),
                "RawMessageDelivery" => held.eq_ignore_ascii_case("true"),
                _ => held != value,
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_as_wished_is_not_written_again() {
        let held: queue::Attributes =
            queue_attributes().into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert!(of_queue(&held).is_empty(), "a second run writes no attribute");
        for filter in [Filter::All, Filter::Alerts] {
            let held =
                subscription_attributes(filter).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            assert_eq!(of_subscription(&held, filter), [], "a second run writes no filter");
        }
    }

    #[test]
    fn a_foreign_key_stays_on_the_queue() {
        let held = [("KmsMasterKeyId".to_owned(), "alias/own".to_owned())].into();
        assert!(!of_queue(&held).contains_key("SqsManagedSseEnabled"), "SSE-SQS would take the key off");
    }

    #[test]
    fn a_filter_goes_on_scope_first_and_comes_off_as_an_empty_one() {
        let names: Vec<_> =
            of_subscription(&BTreeMap::new(), Filter::Alerts).into_iter().map(|(name, _)| name).collect();
        assert_eq!(
            names,
            ["FilterPolicyScope", "FilterPolicy"],
            "SNS refuses a nested policy in the scope of attributes"
        );
        let held =
            subscription_attributes(Filter::Alerts).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
        assert_eq!(of_subscription(&held, Filter::All), [("FilterPolicy", "{}".to_owned())], "removed by an empty one");
    }

    #[test]
    fn a_queue_made_earlier_keeps_its_birthday() {
        let wanted =
            BTreeMap::from([(TAG_CREATED, "2026-02-02T00:00:00Z".to_owned()), ("watchbell:owner", "ann".to_owned())]);
        let held = [(TAG_CREATED.to_owned(), "2026-01-01T00:00:00Z".to_owned())].into();
        assert_eq!(
            of_tags(&held, wanted),
            BTreeMap::from([("watchbell:owner", "ann".to_owned())]),
            "only what is missing"
        );
    }
}
