//! `unsubscribe`: take back what `subscribe` made.
//!
//! **Invariant 7:** what an administrator made stays. The engine stops reading before anything is deleted, so that nothing rings;
//! what could not be removed stays listed, so that it can be tried again, also after an interruption. `--forget` makes no call to AWS
//! and says what stays there.

use serde_json::json;
use watchbell_core::words;
use watchbell_engine::aws::leave::{CouldNot, LeaveReport};
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup;
use watchbell_engine::store::{Reader, SubscriptionRecord};

use super::interruption::Interruption;
use super::unsubscribe_leftover;
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
        consent(&leaving, asked.forget, out)?;
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
        match one(&dir, asked, global, record, &others, &interruption).await {
            Ok(report) => {
                left.removed.extend(report.removed);
                left.kept.extend(report.kept);
                left.could_not.extend(report.could_not);
                left.forgotten.extend(report.forgotten);
                left.by_hand.extend(report.by_hand);
            }
            Err(problem) => left.could_not.push(CouldNot { what: what(record), problem }),
        }
    }
    // An interruption is no reason to give up.
    if let Some(first) = left.could_not.first_mut().filter(|first| !asked.forget && first.problem.code != Code::No) {
        first.problem.hint = format!("{}; {GIVE_UP}", first.problem.hint);
    }
    told(&left, out)
}

/// The way out where AWS, or the credentials, will not come back.
const GIVE_UP: &str = "to forget it here all the same, and be told how an administrator removes the rest: watchbellctl unsubscribe --forget";

pub(super) fn told(left: &LeaveReport, out: Out) -> Ended {
    if !out.is_json() {
        for (word, all) in [("removed", &left.removed), ("kept", &left.kept), ("forgot", &left.forgotten)] {
            all.iter().try_for_each(|what| out.text(&format!("{word} {}", words::clean_to(what, 600))))?;
        }
        if !left.by_hand.is_empty() {
            out.text("what is still in AWS is removed with:")?;
            left.by_hand.iter().try_for_each(|command| out.text(&format!("  {}", words::clean_to(command, 1000))))?;
        }
    }
    if let Some(first) = left.could_not.first() {
        let what: Vec<&str> = left.could_not.iter().map(|one| one.what.as_str()).collect();
        let message = format!("Could not remove {}: {}", what.join(", "), first.problem.message);
        let problem = Problem::new(first.problem.code, message, first.problem.hint.clone());
        let beside = [
            ("removed", json!(left.removed)),
            ("kept", json!(left.kept)),
            ("left", json!(what)),
            ("forgotten", json!(left.forgotten)),
            ("by_hand", json!(left.by_hand)),
        ];
        return Err(Cut::partly(problem, beside));
    }
    if out.is_json() {
        let LeaveReport { removed, kept, forgotten, by_hand, .. } = left;
        let document =
            json!({ "ok": true, "removed": removed, "kept": kept, "forgotten": forgotten, "by_hand": by_hand });
        out.document(&document)?;
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

fn consent(leaving: &[SubscriptionRecord], forget: bool, out: Out) -> Result<(), Problem> {
    let topics: Vec<&str> = leaving.iter().map(|record| record.topic_arn.name()).collect();
    let topics = topics.join(", ");
    let what = if forget {
        format!(
            "Forget {topics} here? The queue and its subscription stay in AWS, where somebody else has to remove them."
        )
    } else {
        format!("Unsubscribe from {topics} and delete the queue with what is still in it?")
    };
    if !can_ask() {
        return Err(Problem::new(Code::Usage, "There is no terminal to ask on", "Say --yes to unsubscribe"));
    }
    if out.asks(&what) { Ok(()) } else { Err(Problem::new(Code::No, "Nothing was changed", "")) }
}

async fn one(
    dir: &DataDir,
    asked: &Unsubscribe,
    global: &Global,
    record: &SubscriptionRecord,
    others: &[SubscriptionRecord],
    interruption: &Interruption,
) -> Result<LeaveReport, Problem> {
    if asked.forget {
        return setup::forget_here(dir, record, others).await;
    }
    let _turning = Turning::over(&format!("Leaving {}", record.topic_arn.name()));
    setup::take_away(dir, global.endpoint_url.as_deref(), record, others, interruption.token()).await
}

fn untouched(record: &SubscriptionRecord) -> CouldNot {
    let hint = "run watchbellctl unsubscribe again to remove it";
    CouldNot { what: what(record), problem: Problem::new(Code::No, "interrupted before it was removed", hint) }
}

fn what(record: &SubscriptionRecord) -> String {
    format!("the subscription to {}", record.topic_arn)
}
