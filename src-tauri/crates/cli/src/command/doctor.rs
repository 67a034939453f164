//! `doctor`: every check from this desktop to a delivered message, and how to mend what failed.
//!
//! **Invariant 9:** nothing goes to the topic without `--publish` and a yes. Whatever fails on the way is a line of the report, so that the rest is
//! told all the same.

use serde_json::json;
use watchbell_core::arn::TopicArn;
use watchbell_engine::aws::access::Access;
use watchbell_engine::doctor::{self, AskedTopic, Check, MESSAGES, Question, Report};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup::Me;
use watchbell_engine::store::{Reader, SubscriptionRecord};

use super::{account, publishing};
use crate::args::{Doctor, Global};
use crate::ended::{Answer, Ended};
use crate::output::progress::Turning;
use crate::output::{Out, can_ask, sentence};

/// Examines, and with `--publish` sends a test message.
pub(super) async fn run(asked: &Doctor, global: &Global, out: Out) -> Ended {
    if asked.publish && !asked.yes && !can_ask() {
        let hint = "Say --yes to send a test message to everyone who is subscribed to the topic";
        return Err(Problem::new(Code::Usage, "There is no terminal to ask on. Nothing was sent", hint).into());
    }
    let dir = DataDir::resolve(global.folder());
    let to_publish = if asked.publish { Some(topic_of(asked, dir.as_ref().ok())?) } else { None };
    let question = Question {
        topic: asked.topic_arn.clone(),
        sns_role: asked.sns_role.clone(),
        endpoint_url: global.endpoint_url.clone(),
        me: Me::here(),
        how_to_send: "--publish sends one after asking",
    };
    let turning = Turning::over("Examining");
    let mut report = Box::pin(doctor::examine(dir.clone(), &question)).await;
    drop(turning);
    if let (Some((topic, record)), Ok(dir)) = (to_publish, &dir) {
        let check = message(asked, global, out, dir, (&topic, record.as_ref()), &report).await;
        report.put(check);
    }
    print(&report, out)?;
    Ok(if report.is_ok() { Answer::Done } else { Answer::Is(Code::No) })
}

fn print(report: &Report, out: Out) -> std::io::Result<()> {
    if out.is_json() {
        out.document(&json!({
            "ok": report.is_ok(),
            "checked_at": report.at,
            "version": env!("CARGO_PKG_VERSION"),
            "checks": report.checks,
        }))
    } else {
        out.text(&doctor::text(report))
    }
}

/// Which topic a test message is to go to, and how it is heard here.
fn topic_of(asked: &Doctor, dir: Option<&DataDir>) -> Result<(TopicArn, Option<SubscriptionRecord>), Problem> {
    let records = match dir {
        Some(dir) => Reader::open(dir).and_then(|reader| reader.subscriptions()).unwrap_or_default(),
        None => Vec::new(),
    };
    match (&asked.topic_arn, &records[..]) {
        (Some(AskedTopic::Fifo { problem }), _) => {
            Err(Problem::new(problem.code, sentence(&problem.message), &problem.hint))
        }
        (Some(AskedTopic::Standard(topic)), records) => {
            let record = records.iter().find(|record| record.topic_arn == *topic);
            Ok((topic.clone(), record.cloned()))
        }
        (None, [only]) => Ok((only.topic_arn.clone(), Some(only.clone()))),
        (None, _) => {
            let hint = "Name it: --topic-arn ARN, as watchbellctl subscriptions lists them";
            Err(Problem::new(Code::Usage, "Which topic to publish to is not clear", hint))
        }
    }
}

async fn message(
    asked: &Doctor,
    global: &Global,
    out: Out,
    dir: &DataDir,
    (topic, record): (&TopicArn, Option<&SubscriptionRecord>),
    report: &Report,
) -> Check {
    if let Some(check) = doctor::cannot_send(dir, topic, record, report) {
        return check;
    }
    let access: Result<Access, Problem> = async {
        let access = account::access_of(record, global).await?.hurried();
        publishing::consent(&access, topic, record, MESSAGES, asked.yes, out).await?;
        Ok(access)
    }
    .await;
    match access {
        Ok(access) => {
            let _turning = Turning::over("Waiting for the test message");
            doctor::send(dir, &access, topic).await
        }
        Err(problem) => doctor::not_sent(topic, &problem),
    }
}
