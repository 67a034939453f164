//! The question before anything is sent to a topic that others read, too.
//!
//! **Invariant 9, colleagues hear nothing from us:** it is said who else will get the messages, and without a yes none is sent.

use watchbell_core::arn::TopicArn;
use watchbell_core::words;
use watchbell_engine::aws::access::Access;
use watchbell_engine::aws::publish;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::store::SubscriptionRecord;

use crate::output::{Out, can_ask};

/// Asks, unless `yes` was said already. `ours` is the subscription that this data folder has.
pub(super) async fn consent(
    access: &Access,
    topic: &TopicArn,
    ours: Option<&SubscriptionRecord>,
    messages: u32,
    yes: bool,
    out: Out,
) -> Result<(), Problem> {
    let others = publish::others(access, topic, ours.filter(|record| record.topic_arn == *topic)).await?;
    let listeners = match others {
        Some(0) => "nobody else is subscribed to it".to_owned(),
        Some(others) => format!("{} of other people will get them, too", words::plural(others, "subscription")),
        None => "how many other subscriptions will get them could not be read".to_owned(),
    };
    let what = format!("{} go to {topic}: {listeners}.", words::plural(messages, "message"));
    if yes {
        return Ok(());
    }
    if !can_ask() {
        return Err(Problem::new(Code::Usage, format!("{what} Nothing was sent"), "Say --yes to send them"));
    }
    if out.asks(&format!("{what}\nPublish them?")) {
        Ok(())
    } else {
        Err(Problem::new(Code::No, "Nothing was sent", ""))
    }
}
