//! The subscriptions that there are: paused, gone on with, and filtered otherwise.

use watchbell_core::words;
use watchbell_engine::aws::refilter::refilter;
use watchbell_engine::control;
use watchbell_engine::store::{Act, SubscriptionRecord};

use super::types::SubscriptionRow;
use super::{Answer, Held, access_of, convert, not_subscribed, record, records};

/// Every subscription as it is remembered here; whether it hears is in the standing.
#[tauri::command]
#[specta::specta]
pub(crate) async fn subscriptions(shell: Held<'_>) -> Answer<Vec<SubscriptionRow>> {
    Ok(records(&shell).await?.into_iter().map(Into::into).collect())
}

/// Stops reading the queue, or goes on. What comes meanwhile waits in it, for at most 14 days.
#[tauri::command]
#[specta::specta]
pub(crate) async fn pause_subscription(shell: Held<'_>, topic_arn: String, paused: bool) -> Answer<()> {
    let topic_arn = convert::topic_of(&topic_arn)?;
    control::perform(&shell.dir, Act::PauseSubscription { topic_arn, paused }).await?;
    Ok(())
}

/// Lets everything through, or failures and time-outs alone. SNS may take 15 minutes to act on it.
#[tauri::command]
#[specta::specta]
pub(crate) async fn change_filter(shell: Held<'_>, topic_arn: String, filter: String) -> Answer<()> {
    let filter = convert::filter_of(&filter)?;
    let record = record(&shell, &topic_arn).await?;
    let access = access_of(&shell, &record).await?;
    let before = record.filter;
    let wrote = refilter(&access, &record, filter).await?;
    // The filter alone: the record may have been paused or left since it was read.
    let act = Act::FilterSubscription { topic_arn: record.topic_arn.clone(), filter };
    let mut problem = match control::perform(&shell.dir, act).await {
        Ok(report) if report.changed > 0 => return Ok(()),
        Ok(_) => not_subscribed(&topic_arn),
        Err(problem) => problem,
    };
    // The look would call a filter that nobody here remembers a change by somebody else.
    if wrote && let Err(stays) = refilter(&access, &SubscriptionRecord { filter, ..record }, before).await {
        let why = words::clean_to(&stays.message, 200);
        problem.hint = format!("{}; the filter at SNS could not be put back: {why}", problem.hint);
    }
    Err(problem.into())
}
