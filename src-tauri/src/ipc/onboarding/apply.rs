//! Showing what would be done, and seeing that what was done works; the doing itself is `run`'s.
//!
//! **Invariant:** nothing is written before the person has seen the plan, and nothing is sent to the topic but after a yes that knows
//! who else will get it.

use std::time::Duration;

use watchbell_core::iam::{Ask, Kind, PersonalQueue, documents};
use watchbell_core::plan::{queue_arn, queue_name};
use watchbell_engine::aws::publish;
use watchbell_engine::aws::subscribe;
use watchbell_engine::error::{Code, Problem as EngineProblem};
use watchbell_engine::setup::{self, Me};
use watchbell_engine::store::{Reader, SubscriptionRecord};

use super::types::{Plan, ProbeHeard, Statement, Wanted};
use super::{Answer, Held, access, access_of, apart, convert, record, records};
use crate::shell::Shell;

/// A message that is not back by then is not lost, but the person need not wait for it.
const HEARD_WITHIN: Duration = Duration::from_mins(1);

/// What would be done.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_subscription(shell: Held<'_>, wanted: Wanted) -> Answer<Plan> {
    let wanted = convert::wanted_of(wanted, shell.endpoint_url.clone())?;
    let before = records(&shell).await?.into_iter().find(|record| record.topic_arn == wanted.topic);
    Ok(plan(&shell, &wanted, before.as_ref()).await?)
}

/// What would be made again of a subscription that somebody deleted or changed.
#[tauri::command]
#[specta::specta]
pub(crate) async fn plan_repair(shell: Held<'_>, topic_arn: String) -> Answer<Plan> {
    let record = record(&shell, &topic_arn).await?;
    Ok(plan(&shell, &setup::wanted_of(&record), Some(&record)).await?)
}

/// What an administrator needs to make the queue in one's stead.
#[tauri::command]
#[specta::specta]
pub(crate) async fn admin_statement(topic_arn: String, account: String) -> Answer<Vec<Statement>> {
    let topic = convert::topic_of(&topic_arn)?;
    let Me { user, host, .. } = Me::here();
    let name = queue_name(&user, &host, &topic);
    let queue = queue_arn(&topic, topic.region(), &account, &name)
        .map_err(|error| EngineProblem::new(Code::Usage, error.to_string(), error.hint()))?;
    let usage = |error: watchbell_core::iam::AskError| EngineProblem::new(Code::Usage, error.to_string(), error.hint());
    let ask = Ask { queue: PersonalQueue::Provided(queue.clone()), ..Ask::about(topic).map_err(usage)? };
    let all = documents(&ask).map_err(usage)?;
    let make = format!(
        "aws sqs create-queue --queue-name {name} --region {} --attributes MessageRetentionPeriod=1209600,SqsManagedSseEnabled=true",
        queue.region()
    );
    let subscribe = format!(
        "aws sns subscribe --topic-arn {} --protocol sqs --notification-endpoint {queue} --region {}",
        ask.topic,
        ask.topic.region()
    );
    let mut list = vec![Statement { title: "Make the queue, without a redrive policy".into(), text: make }];
    // Those of the guide's tasks are for whoever sends commands; here it is about hearing of them.
    let hearing = all.iter().filter(|one| one.task.is_none());
    for document in hearing.filter(|one| matches!(one.kind, Kind::PersonPermission | Kind::Queue | Kind::Topic)) {
        let text = serde_json::to_string_pretty(&document.policy)
            .map_err(|error| EngineProblem::new(Code::No, error.to_string(), "try again"))?;
        list.push(Statement { title: document.title.clone(), text });
    }
    list.push(Statement { title: "Subscribe it to the topic".into(), text: subscribe });
    Ok(list)
}

/// How many others would get a test message through the topic; absent when AWS does not let us look.
#[tauri::command]
#[specta::specta]
pub(crate) async fn test_listeners(shell: Held<'_>, topic_arn: String) -> Answer<Option<u32>> {
    let record = record(&shell, &topic_arn).await?;
    let access = access_of(&shell, &record).await?;
    Ok(publish::others(&access, &record.topic_arn, Some(&record)).await?)
}

/// Sends one test message through the topic, after the person's yes, and waits until it came back.
#[tauri::command]
#[specta::specta]
pub(crate) async fn send_test(shell: Held<'_>, topic_arn: String) -> Answer<ProbeHeard> {
    let record = record(&shell, &topic_arn).await?;
    let access = access_of(&shell, &record).await?;
    let mut revision = shell.desk()?.store().revision();
    let command_id = setup::publish_probe(&shell.dir, &access, &record).await?;
    let came = async {
        loop {
            revision.mark_unchanged();
            if is_heard(&shell, &command_id).await? {
                return Ok::<_, EngineProblem>(());
            }
            if revision.changed().await.is_err() {
                return Err(EngineProblem::new(Code::No, "Watchbell is ending", "start it again"));
            }
        }
    };
    match tokio::time::timeout(HEARD_WITHIN, came).await {
        Ok(came) => came.map(|()| ProbeHeard { command_id, heard: true }).map_err(Into::into),
        Err(_late) => Ok(ProbeHeard { command_id, heard: false }),
    }
}

async fn is_heard(shell: &Shell, command_id: &str) -> Result<bool, EngineProblem> {
    let (dir, id) = (shell.dir.clone(), command_id.to_owned());
    apart(move || Ok(Reader::open(&dir)?.command(&id)?.is_some())).await
}

async fn plan(
    shell: &Shell,
    wanted: &setup::Wanted,
    before: Option<&SubscriptionRecord>,
) -> Result<Plan, EngineProblem> {
    let request = setup::request(wanted, before)?;
    let access = access(shell, &wanted.rights()).await?;
    let plan = Box::pin(subscribe::plan(&access, &request)).await?;
    Ok(Plan::of(&plan, subscribe::explain(&plan, &request)))
}
