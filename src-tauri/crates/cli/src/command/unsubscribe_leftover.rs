//! `unsubscribe --leftover`: remove a queue of one's own that no subscription here reads.
//!
//! **Invariant 7:** only a queue whose tags say that it is this person's, read just before; nothing of anyone else is ever touched. One that
//! was read lately may be in use: that is said before the question, and a `--yes` is not enough for it.

use watchbell_core::words;
use watchbell_engine::aws::access::{Access, Identity, region_of};
use watchbell_engine::aws::leftover::{Leftover, Removable, find, is_known};
use watchbell_engine::clock;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::setup::Me;
use watchbell_engine::store::{Reader, SubscriptionRecord};

use super::interruption::Interruption;
use super::{account, unsubscribe};
use crate::args::{Global, Unsubscribe};
use crate::ended::Ended;
use crate::output::progress::Turning;
use crate::output::{Out, can_ask};

/// Removes the queue, after the question.
pub(super) async fn run(url: &str, asked: &Unsubscribe, global: &Global, out: Out) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let records = Reader::open(&dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
    if is_known(url, &records) {
        let hint = "To leave its topic: watchbellctl unsubscribe --topic-arn ARN";
        return Err(Problem::new(Code::Usage, "This data folder reads that queue: it is not left over", hint).into());
    }
    let (access, region) = looking(url, asked, global, &records).await?;
    let me = Me::here();
    let found = find(&access, &region, &me.person(), url).await?;
    let warning = warning(&found.leftover);
    if !asked.yes {
        if !can_ask() {
            return Err(Problem::new(Code::Usage, "There is no terminal to ask on", "Say --yes to remove it").into());
        }
        let warned = warning.map(|warning| format!("{warning}\n")).unwrap_or_default();
        if !out.asks(&format!("{warned}{}", question(&found))) {
            return Err(Problem::new(Code::No, "Nothing was changed", "").into());
        }
    } else if let Some(warning) = warning {
        if !asked.even_if_read {
            let hint = "Say --even-if-read, too, if nothing reads it any more; or end the Watchbell there first and wait two days";
            return Err(Problem::new(Code::No, format!("Nothing was changed. {warning}"), hint).into());
        }
        out.note(&warning);
    }
    let interruption = Interruption::listen(out, "what is being removed now is the last")?;
    let turning = Turning::over("Removing what is left over");
    let report = found.remove(&access, &me.person(), interruption.token()).await;
    drop(turning);
    unsubscribe::told(&report, out)
}

/// Whose rights to use: those of a subscription in that region, else those that the flags and the SDK's variables name.
async fn looking(
    url: &str,
    asked: &Unsubscribe,
    global: &Global,
    records: &[SubscriptionRecord],
) -> Result<(Access, String), Problem> {
    let told = watchbell_engine::aws::adopt::region_of_url(url).map(str::to_owned);
    let region = match told.or_else(|| asked.region.clone()) {
        Some(region) => Some(region),
        None => region_of(asked.profile.as_deref()).await,
    };
    let of_region = |record: &&SubscriptionRecord| region.as_ref().is_none_or(|region| record.queue_region == *region);
    let record = records.iter().find(of_region).filter(|_| asked.profile.is_none());
    let access = match record {
        Some(record) => account::access_of(Some(record), global).await?,
        None => Access::new(Identity::Profile(asked.profile.clone()), None, global.endpoint_url.clone()),
    };
    match region.or_else(|| record.map(|record| record.queue_region.clone())) {
        Some(region) => Ok((access, region)),
        None => Err(Problem::new(Code::Usage, "Which region the queue is in is not clear", "Say --region REGION")),
    }
}

fn question(found: &Removable) -> String {
    let leftover = &found.leftover;
    let host = leftover.host.as_deref().unwrap_or("an unknown machine");
    let whose = if leftover.here { format!("{host} (this machine)") } else { host.to_owned() };
    let seen = leftover.last_seen.as_deref().unwrap_or("a time that is not known");
    let text = format!(
        "Remove {}, made on {whose} and last read {seen}, with its subscription and what is still in it?",
        leftover.queue_url
    );
    words::clean_to(&text, 800)
}

fn warning(leftover: &Leftover) -> Option<String> {
    let now = clock::now();
    let age = leftover.age(now).filter(|_| leftover.is_fresh(now))?;
    let since = words::age(now - age, now);
    let host = words::clean(leftover.host.as_deref().unwrap_or("another machine"));
    Some(format!(
        "Mind: {host} read it {since}, by its tags: a Watchbell there may still be hearing by it, and would go deaf."
    ))
}
