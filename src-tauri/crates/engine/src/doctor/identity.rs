//! Who we are at AWS, until when, and whether both clocks agree. One call tells all three.
//!
//! **Invariant:** a refusal tells the time, too: a clock that is wrong is named even where it makes AWS refuse the signature.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use jiff::{SignedDuration, Timestamp};
use watchbell_core::arn::TopicArn;
use watchbell_core::health::SubscriptionState;

use super::report::{Check, CheckState, Of, Stage};
use crate::aws::access::{Access, Caller, caller};
use crate::aws::refusal::Refusal;
use crate::aws::skew::{Dated, Meter, bounds};
use crate::clock;
use crate::error::{Code, Problem};
use crate::store::{CredentialSource, SubscriptionRecord};

const CLOCK: Of = Of(Stage::Network, "clock");
const IDENTITY: Of = Of(Stage::Identity, "identity");
const REGION: Of = Of(Stage::Identity, "region");

/// A skew beyond this is worth mending. AWS refuses what was signed more than 5 minutes off (IAM user guide, "Signing AWS API
/// requests").
const SKEW: SignedDuration = SignedDuration::from_mins(1);
/// What a `Date` cannot tell: it has whole seconds, and the answer took its way.
const NOISE: SignedDuration = SignedDuration::from_secs(2);

/// The longest that a credential process or a sign-in may take to give credentials.
const SOURCE_TAKES: Duration = Duration::from_secs(10);

/// What was found, and whether the stages behind it are worth asking.
pub(super) struct Who {
    pub(super) checks: Vec<Check>,
    pub(super) caller: Option<Caller>,
    /// AWS refused us as such: every other call would be refused alike.
    pub(super) refused: bool,
}

/// Nothing can be asked, since the secret cannot be had.
pub(super) fn without(problem: &Problem) -> Who {
    let checks = vec![CLOCK.after("identity"), IDENTITY.failed_by(problem), REGION.after("identity")];
    Who { checks, caller: None, refused: true }
}

/// STS cannot be reached.
pub(super) fn unreached() -> Who {
    let checks = vec![CLOCK.after("sts"), IDENTITY.after("sts"), REGION.after("sts")];
    Who { checks, caller: None, refused: false }
}

/// Credentials that were fetched, and when they end.
pub(super) struct Ready {
    pub(super) access: Access,
    until: Option<SystemTime>,
}

/// Fetches the credentials, or says why there are none.
pub(super) async fn ready(access: &Access, region: &str) -> Result<Ready, Who> {
    let settled = match tokio::time::timeout(SOURCE_TAKES, access.settled(region)).await {
        Ok(settled) => settled,
        Err(_late) => Err(Refusal { problem: slow(), state: SubscriptionState::SignedOut, transient: false }),
    };
    match settled {
        Ok((access, until)) => Ok(Ready { access, until }),
        Err(refused) => {
            // Also then AWS's clock is told, by its refusal of somebody whom it does not know.
            let (dated, _) = asked(&access.nobody(), region).await;
            Err(refused_with(clock(dated), &refused))
        }
    }
}

/// Asks STS with them.
pub(super) async fn look(ready: &Ready, region: &str, record: Option<&SubscriptionRecord>) -> Who {
    let Ready { access, until } = ready;
    let (dated, told) = asked(access, region).await;
    let clock = clock(dated);
    match told {
        Ok(caller) => {
            let until = until.and_then(|at| Timestamp::try_from(at).ok());
            let identity = IDENTITY.ok(whose(&caller, record, until, clock::now()));
            Who { checks: vec![clock, identity], caller: Some(caller), refused: false }
        }
        Err(refused) => refused_with(clock, &refused),
    }
}

/// Who STS says that we are, and how it dated that.
async fn asked(access: &Access, region: &str) -> (Option<Dated>, Result<Caller, Refusal>) {
    let dated = Arc::new(Mutex::new(None::<Dated>));
    let kept = Arc::clone(&dated);
    let meter = Meter::telling(move |one| *kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(one));
    let sts = access.sts(region).await;
    let sts = aws_sdk_sts::Client::from_conf(sts.config().to_builder().interceptor(meter).build());
    let told = caller(&sts).await;
    let dated = dated.lock().unwrap_or_else(PoisonError::into_inner).take();
    (dated, told)
}

fn refused_with(clock: Check, refused: &Refusal) -> Who {
    let signed_out = matches!(refused.state, SubscriptionState::SignedOut | SubscriptionState::Denied);
    let Problem { message, hint, .. } = &refused.problem;
    let identity = if signed_out && clock.state == CheckState::Failed {
        IDENTITY.failed(message, format!("set the clock first; then: {hint}"))
    } else {
        IDENTITY.failed(message, hint)
    };
    Who { checks: vec![clock, identity, REGION.after("identity")], caller: None, refused: signed_out }
}

fn slow() -> Problem {
    let message = format!("the source of the credentials did not give any within {} s", SOURCE_TAKES.as_secs());
    Problem::new(
        Code::AwsRefused,
        message,
        "run the profile's credential_process by hand, or sign in again with the tool that the profile is of",
    )
}

fn whose(caller: &Caller, record: Option<&SubscriptionRecord>, until: Option<Timestamp>, now: Timestamp) -> String {
    let by = match record.map(|record| (&record.credentials, &record.role_arn)) {
        None | Some((CredentialSource::Profile { name: None }, _)) => "the AWS SDK's own chain".to_owned(),
        Some((CredentialSource::Profile { name: Some(name) }, _)) => format!("the profile {name}"),
        Some((CredentialSource::AccessKey { id }, _)) => format!("the access key {id}"),
        Some((CredentialSource::IdentityCenter { role_name, .. }, _)) => {
            format!("IAM Identity Center as {role_name}")
        }
    };
    let until = match until {
        Some(until) if until <= now => format!("; they ended at {until:.0}"),
        Some(until) => format!("; they end at {until:.0}"),
        None => String::new(),
    };
    let role = record.and_then(|record| record.role_arn.as_deref()).map(|role| format!(" and the role {role}"));
    format!("{} by {by}{}{until}", caller.arn, role.unwrap_or_default())
}

/// Whether the topic can be reached with this identity at all, and what is called where.
pub(super) fn region(caller: &Caller, topic: &TopicArn, queue_region: &str) -> Check {
    let partition = caller.arn.split(':').nth(1).unwrap_or_default();
    if !partition.is_empty() && partition != topic.partition() {
        return REGION.failed(
            format!("the credentials are of the partition {partition}, the topic of {}", topic.partition()),
            "use credentials of the topic's partition: identities of one are not known in another",
        );
    }
    let place = if queue_region == topic.region() {
        format!("topic and queue in {queue_region}")
    } else {
        format!("topic in {}, queue in {queue_region}", topic.region())
    };
    if caller.account == topic.account() {
        REGION.ok(format!("{place}, account {}", caller.account))
    } else {
        REGION.ok(format!("{place}; account {}, and the topic belongs to {}", caller.account, topic.account()))
    }
}

fn clock(dated: Option<Dated>) -> Check {
    let bounds = dated.and_then(|dated| bounds(dated.date, dated.sent, dated.received));
    let Some((least, most)) = bounds else { return CLOCK.skipped("no answer of AWS told the time") };
    let ahead = SignedDuration::ZERO.clamp(least, most);
    let apart = ahead.abs();
    if apart <= NOISE {
        return CLOCK.ok("agrees with AWS's");
    }
    let seconds = SignedDuration::from_secs(apart.as_secs());
    let way = if ahead.is_positive() { "behind" } else { "ahead of" };
    let found = format!("this machine's clock is {seconds:#} {way} AWS's");
    if apart <= SKEW {
        return CLOCK.ok(found);
    }
    CLOCK.failed(found, "set the clock (timedatectl set-ntp true): AWS refuses what is signed more than 5 minutes off")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_wrong_from_a_minute_on_in_either_direction() {
        let at = |second: i64| Timestamp::from_second(1_795_000_000 + second).unwrap();
        for (date, state, words) in [
            (0, CheckState::Ok, "agrees"),
            (30, CheckState::Ok, "30s behind"),
            (600, CheckState::Failed, "10m behind"),
            (-600, CheckState::Failed, "ahead of"),
            (-40_000_000, CheckState::Failed, "ahead of"),
        ] {
            let check = clock(Some(Dated { date: at(date), sent: at(0), received: at(0), success: false }));
            assert_eq!(check.state, state, "{date} s: {check:?}");
            assert!(check.found.contains(words), "{date} s: {check:?}");
        }
        assert_eq!(clock(None).state, CheckState::Skipped, "what was not told is not ok");
    }
}
