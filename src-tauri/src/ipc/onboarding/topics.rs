//! Which topic: listed and searched, pasted, or made.
//!
//! **Invariant:** what is pasted is read by the same code as everywhere; a text that is no standard topic's ARN is refused in words.

use std::sync::Arc;

use watchbell_engine::aws::topics;
use watchbell_engine::error::{Code, Problem as EngineProblem};

use super::rights::Rights;
use super::types::{TopicList, TopicRow};
use super::{Answer, Held, access, convert, records};
use crate::onboarding::Listed;

/// As many rows as a person looks through before typing another letter.
const ROWS: usize = 50;

/// The topics of a region that match. Asked again for the same place, it searches in what it has; `anew` asks AWS again.
#[tauri::command]
#[specta::specta]
pub(crate) async fn topics(
    shell: Held<'_>,
    rights: Rights,
    region: String,
    search: String,
    anew: bool,
) -> Answer<TopicList> {
    let region = convert::region_of(&region)?;
    let of = Listed { rights: rights.try_into()?, region };
    if anew {
        shell.onboarding.forget_list();
    }
    let all = if let Some(all) = shell.onboarding.listed(&of) {
        all
    } else {
        let access = access(&shell, &of.rights).await?;
        let all = Arc::new(topics::topics(&access, &of.region).await?);
        shell.onboarding.list(of, &all);
        all
    };
    let held = records(&shell).await?;
    let found = all.search(&search);
    Ok(TopicList {
        found: u32::try_from(found.len()).unwrap_or(u32::MAX),
        topics: found.into_iter().take(ROWS).map(|topic| TopicRow::of(topic, &held)).collect(),
        fifo: all.fifo,
        more: all.more,
    })
}

/// Reads an ARN that was pasted. `caller_arn` says who one is: a topic of another partition cannot be reached from there.
#[tauri::command]
#[specta::specta]
pub(crate) async fn check_topic(shell: Held<'_>, text: String, caller_arn: Option<String>) -> Answer<TopicRow> {
    let topic = convert::topic_of(&text)?;
    let partition = caller_arn.as_deref().and_then(|arn| arn.split(':').nth(1)).filter(|part| !part.is_empty());
    if let Some(partition) = partition.filter(|partition| *partition != topic.partition()) {
        return Err(EngineProblem::new(
            Code::Usage,
            format!("the topic is in the partition {}, and you are signed in to {partition}", topic.partition()),
            "sign in with an identity of the topic's partition: partitions do not know each other",
        )
        .into());
    }
    Ok(TopicRow::of(&topic, &records(&shell).await?))
}

/// Makes a standard topic. It stays when the subscription is left: others may use it by then.
#[tauri::command]
#[specta::specta]
pub(crate) async fn create_topic(shell: Held<'_>, rights: Rights, region: String, name: String) -> Answer<TopicRow> {
    let region = convert::region_of(&region)?;
    let access = access(&shell, &rights.try_into()?).await?;
    let topic = topics::create(&access, &region, &name).await?;
    shell.onboarding.forget_list();
    Ok(TopicRow::of(&topic, &records(&shell).await?))
}
