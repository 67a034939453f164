//! Whether anything arrives: what was heard lately, a test alert, and on request a test message through the topic.
//!
//! **Invariant 9:** nothing is sent to the topic here unless the caller was told to, after saying who else will get it. The message carries our
//! probe, so that no other Watchbell rings for it.

use std::fmt::Write as _;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;
use watchbell_core::arn::TopicArn;
use watchbell_core::iam::{Principal, notify_lines};
use watchbell_core::plan::Filter;
use watchbell_core::simulate::{LONGEST_RUN, RunSpec, patch_run};
use watchbell_core::status::Level;
use watchbell_core::words;

use super::key::is_default;
use super::report::{Check, CheckState, Of, Report, Stage};
use crate::aws::access::Access;
use crate::aws::publish;
use crate::error::{Code, Problem};
use crate::lock::EngineLock;
use crate::paths::DataDir;
use crate::store::{Act, Reader, SubscriptionRecord};
use crate::{alerts, clock, control};

const HEARD: Of = Of(Stage::Delivery, "heard");
const ALERT: Of = Of(Stage::Delivery, "test_alert");
const MESSAGE: Of = Of(Stage::Delivery, "test_message");

/// A topic that said nothing for so long is silent.
const SILENT_AFTER: SignedDuration = SignedDuration::from_hours(7 * 24);
/// A message through SNS and SQS takes a second or two; a policy that was changed may take a minute to be known.
const ARRIVES_WITHIN: Duration = Duration::from_secs(30);
/// A running engine shows an alert at once.
const ENGINE_ANSWERS: Duration = Duration::from_secs(3);
/// How often the history is asked whether it arrived.
const PACE: Duration = Duration::from_millis(200);

/// When something was last heard of the topic, and how to make it speak. `filtered` says that an administrator's filter was seen: behind one, as
/// behind our own, silence tells nothing.
pub(super) fn heard(
    dir: &DataDir,
    record: &SubscriptionRecord,
    filtered: bool,
    sns_role: &Principal,
    now: Timestamp,
) -> Check {
    let last = match Reader::open(dir).and_then(|reader| reader.last_heard(&record.topic_arn)) {
        Ok(last) => last,
        Err(error) => return HEARD.failed_by(&Problem::from(error)),
    };
    let young = now.duration_since(record.created_at) < SILENT_AFTER;
    let since = words::age(record.created_at, now);
    let said = match last {
        Some(at) if now.duration_since(at) < SILENT_AFTER => {
            return HEARD.ok(format!("last message {}", words::age(at, now)));
        }
        Some(at) => format!("last message {}", words::age(at, now)),
        None if young => format!("subscribed {since}, and nothing was heard yet"),
        None => format!("nothing was heard since it was subscribed {since}"),
    };
    let how = how_to_speak(&record.topic_arn, sns_role);
    if !record.adopted && record.filter == Filter::Alerts {
        HEARD.skipped_but(format!("{said}: only failures are heard, so silence tells nothing"), how)
    } else if filtered {
        HEARD.skipped_but(format!("{said}: the subscription has a filter, so silence tells nothing"), how)
    } else if last.is_none() && young {
        HEARD.skipped_but(said, how)
    } else {
        HEARD.failed(format!("the topic is silent: {said}"), how)
    }
}

fn how_to_speak(topic: &TopicArn, sns_role: &Principal) -> String {
    let lines = notify_lines(topic, sns_role);
    let mut how = format!(
        "is NotificationConfig set on your commands and tasks? For a command:\n{}\nFor a task of a maintenance window:\n{}",
        lines.send_command, lines.register_task
    );
    if is_default(sns_role) {
        let _ = write!(
            how,
            "\nThat the role is called {} is assumed: put the name of yours in its place, or say it with watchbellctl doctor --sns-role NAME",
            sns_role.name()
        );
    }
    how
}

pub(super) fn heard_skipped(reason: &str) -> Check {
    HEARD.skipped(reason)
}

/// Shows a test alert, by the running engine where there is one.
pub(super) async fn alert(dir: Option<&DataDir>, notifications: &Check) -> Check {
    if !notifications.is_ok() {
        return ALERT.after("notifications");
    }
    let engine = dir.filter(|dir| EngineLock::holder(dir).is_some());
    let shown = match engine {
        Some(dir) => tokio::time::timeout(ENGINE_ANSWERS, control::test_alert(dir)).await.unwrap_or_else(|_late| {
            let message = format!("the running Watchbell showed no test alert within {} s", ENGINE_ANSWERS.as_secs());
            Err(Problem::new(Code::No, message, "end it and start it again"))
        }),
        None => alerts::show_test().await,
    };
    match shown {
        Ok(()) => ALERT.ok(
            "a test alert was shown; if you do not see it, look at do-not-disturb and at the settings of the desktop",
        ),
        Err(problem) => ALERT.failed_by(&problem),
    }
}

/// No message was asked for.
pub(super) fn message_not_asked(how_to_send: &str) -> Check {
    let who = "everyone who is subscribed to the topic would get it";
    MESSAGE.skipped(format!("no test message was sent: {who}; {how_to_send}"))
}

pub(super) fn message_skipped(reason: &str) -> Check {
    MESSAGE.skipped(reason)
}

/// How many messages [`send`] publishes.
pub const MESSAGES: u32 = 2;

/// What has to be well for a message to arrive. What the way to AWS needs is seen when the message is published.
const ON_ITS_WAY: [&str; 7] = ["queue", "queue_policy", "queue_key", "receive", "subscription", "confirmed", "filter"];

/// Why a test message would tell nothing, if so. `report` is of the examination just made: what is known not to arrive here is not sent to all the
/// others.
pub fn cannot_send(
    dir: &DataDir,
    topic: &TopicArn,
    record: Option<&SubscriptionRecord>,
    report: &Report,
) -> Option<Check> {
    let broken = || {
        let mut of_topic = report.checks.iter().filter(|check| check.topic_arn.as_ref() == Some(topic));
        of_topic.find(|check| check.state == CheckState::Failed && ON_ITS_WAY.contains(&check.name))
    };
    let check = match record {
        None => message_skipped("nothing is subscribed here to hear a test message"),
        Some(record) if record.paused => {
            MESSAGE.skipped_but("not sent: the subscription is paused, so nobody would hear it", "resume it first")
        }
        Some(_) if EngineLock::holder(dir).is_none() => message_skipped(
            "no engine is running, so nobody would hear a test message: start Watchbell, or watchbellctl watch, first",
        ),
        Some(_) => {
            let name = broken()?.name.replace('_', " ");
            MESSAGE.skipped_but(
                format!("not sent: \"{name}\" failed, so it would reach everyone else and not arrive here"),
                "mend that first",
            )
        }
    };
    Some(check.about(topic))
}

/// A test message that was asked for was not sent.
pub fn not_sent(topic: &TopicArn, why: &Problem) -> Check {
    MESSAGE.skipped_but(format!("not sent: {}", why.message), &why.hint).about(topic)
}

/// Publishes a command of one node that fails, and waits until the history has it.
pub async fn send(dir: &DataDir, access: &Access, topic: &TopicArn) -> Check {
    match sent(dir, access, topic).await {
        Ok(check) => check.about(topic),
        Err(problem) => MESSAGE.failed_by(&problem).about(topic),
    }
}

async fn sent(dir: &DataDir, access: &Access, topic: &TopicArn) -> Result<Check, Problem> {
    let id = Uuid::new_v4();
    let probe = Uuid::new_v4().to_string();
    let bodies = patch_run(&RunSpec {
        command_id: id.to_string(),
        document: "Watchbell-Doctor".into(),
        nodes: 1,
        fail: 1,
        time_out: 0,
        not_run: 0,
        level: Level::Invocation,
        probe: Some(probe.clone()),
        topic: topic.clone(),
        started: clock::now() - LONGEST_RUN - SignedDuration::from_secs(1),
        seed: id.as_u64_pair().0,
    });
    control::perform(dir, Act::RegisterProbe { probe }).await?;
    publish::publish(access, topic, &bodies).await?;
    let began = clock::monotonic();
    let reader = Reader::open(dir)?;
    let mut version = None;
    loop {
        let now = reader.version()?;
        if version != Some(now) {
            version = Some(now);
            if reader.command(&id.to_string())?.is_some_and(|row| row.counts.failed > 0) {
                let took = clock::monotonic().duration_since(began).as_secs_f64();
                return Ok(MESSAGE.ok(format!("published, delivered and stored within {took:.1} s (command {id})")));
            }
        }
        if clock::monotonic().duration_since(began) >= ARRIVES_WITHIN {
            return Ok(MESSAGE.failed(
                format!("the topic took a test message, and it did not arrive within {} s", ARRIVES_WITHIN.as_secs()),
                "look at the checks of queue and subscription above; a filter or a policy that was just changed takes up to 15 minutes",
            ));
        }
        tokio::time::sleep(PACE).await;
    }
}
