//! What feeds the queue from the topic: whether it is there, confirmed, and lets through what was agreed.
//!
//! **Invariant:** judged by the 15-minute look's own rules ([`crate::aws::check`]), a line each.

use watchbell_core::arn::QueueArn;
use watchbell_core::health::SubscriptionState;
use watchbell_core::plan::same_json;

use super::report::{Check, Of, Stage};
use crate::aws::access::Access;
use crate::aws::check::{Wrong, changed};
use crate::aws::refusal::Refusal;
use crate::aws::subscription::{self, Attributes, Feed};
use crate::store::SubscriptionRecord;

const SUBSCRIPTION: Of = Of(Stage::Subscription, "subscription");
const CONFIRMED: Of = Of(Stage::Subscription, "confirmed");
const FILTER: Of = Of(Stage::Subscription, "filter");
const RAW: Of = Of(Stage::Subscription, "raw_delivery");
const REST: [Of; 3] = [CONFIRMED, FILTER, RAW];

/// The checks, and what else was seen.
pub(super) struct Seen {
    pub(super) checks: Vec<Check>,
    /// An administrator's subscription has a filter, so that not everything comes.
    pub(super) filtered: bool,
}

impl From<Vec<Check>> for Seen {
    fn from(checks: Vec<Check>) -> Self {
        Self { checks, filtered: false }
    }
}

impl AsRef<[Check]> for Seen {
    fn as_ref(&self) -> &[Check] {
        &self.checks
    }
}

/// All are left for what failed before.
pub(super) fn after(other: &str) -> Vec<Check> {
    [SUBSCRIPTION, CONFIRMED, FILTER, RAW].map(|of| of.after(other)).into()
}

/// Nothing is subscribed here.
pub(super) fn none(reason: &str, fix: String) -> Vec<Check> {
    vec![SUBSCRIPTION.skipped_but(reason, fix)]
}

/// Asks SNS about the subscription.
pub(super) async fn look(access: &Access, record: &SubscriptionRecord, queue: &QueueArn) -> Seen {
    let sns = access.sns(record.topic_arn.region()).await;
    let alone = |check: Check| {
        let checks: Vec<Check> = [check].into_iter().chain(REST.map(|of| of.after("subscription"))).collect();
        Seen::from(checks)
    };
    let wrong = |wrong: Wrong| SUBSCRIPTION.failed(wrong.reason(), wrong.hint(record.adopted));
    let arn = match &record.subscription_arn {
        Some(arn) => arn.clone(),
        None => match subscription::feed(&sns, &record.topic_arn, queue).await {
            Ok(Feed::Subscription(arn)) => arn,
            Ok(Feed::Pending) => return pending(SUBSCRIPTION.ok("one waits to be confirmed")).into(),
            Ok(Feed::Nothing) => return alone(wrong(Wrong::NotSubscribed)),
            Err(refused) => return alone(unseen(&refused)),
        },
    };
    match subscription::attributes(&sns, &arn).await {
        Ok(held) => {
            let filtered = held.get("FilterPolicy").is_some_and(|filter| !same_json(filter, ""));
            Seen { checks: of_attributes(&held, record, &arn), filtered: filtered && record.adopted }
        }
        Err(refused) if refused.state == SubscriptionState::SubscriptionMissing => {
            alone(wrong(Wrong::SubscriptionGone))
        }
        Err(refused) => alone(unseen(&refused)),
    }
}

/// What is there, and waits.
fn pending(there: Check) -> Vec<Check> {
    const BY_ITSELF: &str = "a running Watchbell confirms it by itself when SNS's request is in its queue (sns:ConfirmSubscription); or subscribe again as the queue's owner";
    let waits = CONFIRMED.failed(Wrong::Pending.reason(), BY_ITSELF);
    vec![there, waits, FILTER.after("confirmed"), RAW.after("confirmed")]
}

fn unseen(refused: &Refusal) -> Check {
    if refused.state == SubscriptionState::Denied {
        SUBSCRIPTION.unseen(&refused.problem)
    } else {
        SUBSCRIPTION.failed_by(&refused.problem)
    }
}

fn of_attributes(held: &Attributes, record: &SubscriptionRecord, arn: &str) -> Vec<Check> {
    let text = |name: &str| held.get(name).map_or("", String::as_str);
    let found = changed(record, held);
    let first = SUBSCRIPTION.ok(arn);
    if found.contains(&Wrong::Pending) {
        return pending(first);
    }
    let of = |of: Of, wrong: &[Wrong], ok: Check| {
        let worst = found.iter().find(|one| wrong.contains(one));
        worst.map_or(ok, |wrong| of.failed(wrong.reason(), wrong.hint(record.adopted)))
    };
    let filter = text("FilterPolicy");
    let passes = match (same_json(filter, ""), record.adopted) {
        (true, _) if record.filter == watchbell_core::plan::Filter::Alerts => {
            FILTER.ok("none: more comes than was asked for, and nothing is missed")
        }
        (true, _) => FILTER.ok("none: everything comes"),
        (false, true) => FILTER.ok_but(
            "it has one: what that holds back is never heard",
            "ask the administrator who made the subscription",
        ),
        (false, false) => FILTER.ok(format!("{}, as agreed", record.filter.as_str())),
    };
    let raw = if text("RawMessageDelivery") == "true" {
        RAW.ok("on, as it was when the queue was adopted: all is heard, and from which topic cannot be checked")
    } else {
        RAW.ok("off: each message says from which topic it comes")
    };
    vec![
        first,
        CONFIRMED.ok("confirmed"),
        of(FILTER, &[Wrong::Filter, Wrong::Scope], passes),
        of(RAW, &[Wrong::Raw], raw),
    ]
}
