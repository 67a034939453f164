//! How far AWS's clock is ahead of ours, told by the `Date` of its answers.
//!
//! AWS wrote the `Date` at some time between our asking and its answer's coming, 20 s apart in a long poll. That bounds the skew on both
//! sides, and the estimate moves only as far as a bound pushes it: a long poll that says little changes little.
//!
//! **Invariant:** an absurd `Date` (a day off, or around a clock that was set meanwhile) changes nothing.

use std::fmt;

use aws_sdk_sqs::config::interceptors::{
    BeforeDeserializationInterceptorContextRef, BeforeTransmitInterceptorContextRef,
};
use aws_sdk_sqs::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_sqs::error::BoxError;
use aws_smithy_types::config_bag::{Storable, StoreReplace};
use jiff::{SignedDuration, Timestamp};

use crate::clock;
use crate::store::Store;

/// A `Date` has whole seconds.
const GRAIN: SignedDuration = SignedDuration::from_secs(1);
/// A smaller move is noise.
const WORTH: SignedDuration = SignedDuration::from_secs(2);
/// No clock is so far off by skew.
const ABSURD: SignedDuration = SignedDuration::from_hours(24);

/// When AWS dated an answer, and when it was asked and heard.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dated {
    pub(crate) date: Timestamp,
    pub(crate) sent: Timestamp,
    pub(crate) received: Timestamp,
    /// Whether it was no refusal.
    pub(crate) success: bool,
}

/// The client, with each good answer's `Date` told to the store.
pub(crate) fn measured(sqs: &aws_sdk_sqs::Client, store: &Store) -> aws_sdk_sqs::Client {
    let store = store.clone();
    let meter = Meter::telling(move |dated| {
        if dated.success {
            store.heard_date(dated.date, dated.sent, dated.received);
        }
    });
    aws_sdk_sqs::Client::from_conf(sqs.config().to_builder().interceptor(meter).build())
}

/// Between what AWS's clock is ahead of ours: the answer was dated after it was asked for, and before it came.
pub(crate) fn bounds(
    date: Timestamp,
    sent: Timestamp,
    received: Timestamp,
) -> Option<(SignedDuration, SignedDuration)> {
    let least = date.duration_since(received);
    let most = date.duration_since(sent).checked_add(GRAIN)?;
    (sent <= received).then_some((least, most))
}

/// What `before` becomes after an answer, or `None` when it stays: `date` was written after `sent` and before `received`.
pub(crate) fn moved(
    before: SignedDuration,
    date: Timestamp,
    sent: Timestamp,
    received: Timestamp,
) -> Option<SignedDuration> {
    let (least, most) = bounds(date, sent, received)?;
    if least.abs() > ABSURD {
        return None;
    }
    let now = before.clamp(least, most);
    ((now - before).abs() > WORTH).then_some(now)
}

/// Tells the `Date` of each answer of a client.
pub(crate) struct Meter {
    tell: Box<dyn Fn(Dated) + Send + Sync>,
}

impl Meter {
    pub(crate) fn telling(tell: impl Fn(Dated) + Send + Sync + 'static) -> Self {
        Self { tell: Box::new(tell) }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Meter")
    }
}

#[derive(Debug, Clone, Copy)]
struct Sent(Timestamp);

impl Storable for Sent {
    type Storer = StoreReplace<Self>;
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "WatchbellClockSkew"
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        bag.interceptor_state().store_put(Sent(clock::now()));
        Ok(())
    }

    fn read_before_deserialization(
        &self,
        context: &BeforeDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        bag: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let answer = context.response();
        let date = answer.headers().get("date").and_then(|date| jiff::fmt::rfc2822::parse(date).ok());
        if let (Some(date), Some(Sent(sent))) = (date, bag.load::<Sent>()) {
            let success = answer.status().is_success();
            (self.tell)(Dated { date: date.timestamp(), sent: *sent, received: clock::now(), success });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(1_795_000_000 + second).unwrap()
    }

    const fn s(seconds: i64) -> SignedDuration {
        SignedDuration::from_secs(seconds)
    }

    #[test]
    fn a_date_moves_the_estimate_as_far_as_it_must() {
        for (before, date, sent, received, expected, why) in [
            (0, 0, 0, 0, None, "clocks that agree"),
            (0, 2, 0, 0, None, "two seconds are noise"),
            (0, 300, 0, 0, Some(300), "AWS is five minutes ahead"),
            (0, -300, 0, 0, Some(-299), "and behind: its second may be nearly over"),
            (0, 20, 0, 20, None, "a long poll whose Date lies within it proves no skew"),
            (0, 5, 0, 20, None, "wherever within"),
            (300, 310, 0, 20, None, "nor does it take a skew back that it agrees with"),
            (300, 10, 0, 20, Some(11), "but one that it refutes"),
            (0, 90_000, 0, 0, None, "more than a day is absurd"),
            (0, 300, 60, 0, None, "our clock was set back meanwhile"),
        ] {
            assert_eq!(moved(s(before), at(date), at(sent), at(received)), expected.map(s), "{why}");
        }
    }

    #[test]
    fn the_date_of_http_is_read() {
        let read = jiff::fmt::rfc2822::parse("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        assert_eq!(read.timestamp().to_string(), "1994-11-06T08:49:37Z", "IMF-fixdate of RFC 9110");
    }
}
