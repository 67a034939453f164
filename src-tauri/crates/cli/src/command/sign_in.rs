//! `sign-in`: the way back in for a subscription whose credentials have ended.
//!
//! **Invariant:** what is said at the end was heard from AWS with the new credentials. A running engine is told and goes on at once.

use serde_json::json;
use watchbell_engine::control;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::sign_in::{Way, way_of};
use watchbell_engine::store::{Reader, SubscriptionRecord};

use super::{account, center};
use crate::args::{Global, SignIn};
use crate::ended::{Answer, Ended};
use crate::output::Out;

/// Signs in again.
pub(super) async fn run(asked: &SignIn, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let records = Reader::open(&dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
    let record = chosen(asked, &records)?;
    let endpoint_url = global.endpoint_url.as_deref().or(record.endpoint_url.as_deref());
    if let Way::IdentityCenter(place) = way_of(record) {
        center::sign_in_at(&place, endpoint_url, asked.device, out).await?;
    }
    let access = account::access_of(Some(record), global).await?;
    account::give_codes(&access, &record.queue_region, || Ok(()), out).await?;
    let caller = access.caller_soon(&record.queue_region).await?;
    if let Err(problem) = control::signed_in(&dir).await {
        out.note(&format!("The running Watchbell was not told: {}. It finds out within a minute.", problem.message));
    }
    let ending = *access.ending(&record.queue_region).await.borrow();
    if out.is_json() {
        let mut document =
            json!({ "ok": true, "topic_arn": record.topic_arn, "account": caller.account, "arn": caller.arn });
        if let Some(ending) = ending {
            document["expires_at"] = json!(ending.at);
            document["renews"] = json!(ending.renews);
        }
        out.document(&document)?;
    } else {
        out.text(&format!("Signed in to {} as {}", record.topic_arn.name(), caller.arn))?;
    }
    Ok(Answer::Done)
}

/// The one that was named; without a name the first, when all have the same credentials.
fn chosen<'a>(asked: &SignIn, records: &'a [SubscriptionRecord]) -> Result<&'a SubscriptionRecord, Problem> {
    if let Some(topic) = &asked.topic_arn {
        let hint = "see what there is with: watchbellctl subscriptions";
        let none = || Problem::new(Code::No, format!("This data folder is not subscribed to {topic}"), hint);
        return records.iter().find(|record| record.topic_arn == *topic).ok_or_else(none);
    }
    let Some(first) = records.first() else {
        let hint = "subscribe, which signs in: watchbellctl subscribe --topic-arn ARN …";
        return Err(Problem::new(Code::No, "Nothing is subscribed, so there is nothing to sign in for", hint));
    };
    let same = |other: &SubscriptionRecord| other.credentials == first.credentials && other.role() == first.role();
    if records.iter().all(same) {
        return Ok(first);
    }
    let topics: Vec<&str> = records.iter().map(|record| record.topic_arn.as_str()).collect();
    let message = "The subscriptions have different credentials";
    Err(Problem::new(Code::Usage, message, format!("name one with --topic-arn: {}", topics.join(", "))))
}
