//! `unsubscribe`: take back what `subscribe` made.
//!
//! **Invariant 7:** what an administrator made stays. The engine stops reading before anything is deleted, so that nothing rings;
//! what could not be removed stays listed, so that it can be tried again, also after an interruption.

use serde_json::json;
use watchbell_core::words;
use watchbell_engine::aws::leave::{CouldNot, LeaveReport};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup;
use watchbell_engine::store::{Reader, SubscriptionRecord};

use super::interruption::Interruption;
use super::{account, unsubscribe_leftover};
use crate::args::{Global, Unsubscribe};
use crate::ended::{Answer, Cut, Ended};
use crate::output::progress::Turning;
use crate::output::{Out, can_ask};

/// Leaves the topics that were asked for.
pub(super) async fn run(asked: &Unsubscribe, global: &Global, out: Out) -> Ended {
    if let Some(url) = &asked.leftover {
        return Box::pin(unsubscribe_leftover::run(url, asked, global, out)).await;
    }
    let dir = DataDir::resolve(global.folder())?;
    let mut rest = Reader::open(&dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
    let leaving = chosen(asked, &mut rest)?;
    if !asked.yes && !leaving.is_empty() {
        consent(&leaving, out)?;
    }
    let interruption = Interruption::listen(out, "what is being removed now is the last")?;
    let mut left = LeaveReport::default();
    for (at, record) in leaving.iter().enumerate() {
        if interruption.token().is_cancelled() {
            left.could_not.push(untouched(record));
            continue;
        }
        // Those to come may share the secret.
        let others: Vec<_> = leaving[at + 1..].iter().chain(&rest).cloned().collect();
        match one(&dir, global, record, &others, &interruption).await {
            Ok(report) => {
                left.removed.extend(report.removed);
                left.kept.extend(report.kept);
                left.could_not.extend(report.could_not);
            }
            Err(problem) => left.could_not.push(CouldNot { what: what(record), problem }),
        }
    }
    told(&left, out)
}

pub(super) fn told(left: &LeaveReport, out: Out) -> Ended {
    if !out.is_json() {
        left.removed.iter().try_for_each(|what| out.text(&format!("removed {}", words::clean_to(what, 400))))?;
        left.kept.iter().try_for_each(|what| out.text(&format!("kept {}", words::clean_to(what, 400))))?;
    }
    if let Some(first) = left.could_not.first() {
        let what: Vec<&str> = left.could_not.iter().map(|one| one.what.as_str()).collect();
        let message = format!("Could not remove {}: {}", what.join(", "), first.problem.message);
        let problem = Problem::new(first.problem.code, message, first.problem.hint.clone());
        let beside = [("removed", json!(left.removed)), ("kept", json!(left.kept)), ("left", json!(what))];
        return Err(Cut::partly(problem, beside));
    }
    if out.is_json() {
        out.document(&json!({ "ok": true, "removed": left.removed, "kept": left.kept }))?;
    } else if *left == LeaveReport::default() {
        out.note("Nothing is subscribed.");
    }
    Ok(Answer::Done)
}

/// Takes those to leave out of `records`.
fn chosen(asked: &Unsubscribe, records: &mut Vec<SubscriptionRecord>) -> Result<Vec<SubscriptionRecord>, Problem> {
    if asked.all {
        return Ok(std::mem::take(records));
    }
    match &asked.topic_arn {
        Some(topic) => {
            let leaving: Vec<_> = records.extract_if(.., |record| record.topic_arn == *topic).collect();
            if leaving.is_empty() {
                let hint = "See what there is with: watchbellctl subscriptions";
                return Err(Problem::new(Code::No, format!("This data folder is not subscribed to {topic}"), hint));
            }
            Ok(leaving)
        }
        None if records.len() > 1 => {
            let hint = "Name one with --topic-arn, or say --all";
            Err(Problem::new(Code::Usage, "There is more than one subscription", hint))
        }
        None => Ok(std::mem::take(records)),
    }
}

fn consent(leaving: &[SubscriptionRecord], out: Out) -> Result<(), Problem> {
    let topics: Vec<&str> = leaving.iter().map(|record| record.topic_arn.name()).collect();
    let what = format!("Unsubscribe from {} and delete the queue with what is still in it?", topics.join(", "));
    if !can_ask() {
        return Err(Problem::new(Code::Usage, "There is no terminal to ask on", "Say --yes to unsubscribe"));
    }
    if out.asks(&what) { Ok(()) } else { Err(Problem::new(Code::No, "Nothing was changed", "")) }
}

async fn one(
    dir: &DataDir,
    global: &Global,
    record: &SubscriptionRecord,
    others: &[SubscriptionRecord],
    interruption: &Interruption,
) -> Result<LeaveReport, Problem> {
    let access = account::access_of(Some(record), global).await?;
    let _turning = Turning::over(&format!("Leaving {}", record.topic_arn.name()));
    setup::take_away(dir, &access, record, others, interruption.token()).await
}

fn untouched(record: &SubscriptionRecord) -> CouldNot {
    let hint = "run watchbellctl unsubscribe again to remove it";
    CouldNot { what: what(record), problem: Problem::new(Code::No, "interrupted before it was removed", hint) }
}

fn what(record: &SubscriptionRecord) -> String {
    format!("the subscription to {}", record.topic_arn)
}
