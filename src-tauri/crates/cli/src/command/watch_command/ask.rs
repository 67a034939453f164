//! Asks SSM how the command stands, where that is allowed: messages cannot always tell its end.
//!
//! **Invariant:** gentle: a first question when messages had their time, then one every 30 s, fewer after refusals, none after a denial.
//! A keychain that has to be unlocked holds up this and nothing else.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use watchbell_core::backoff::Backoff;
use watchbell_engine::aws::commands::{self, ToldCommand};
use watchbell_engine::error::Problem;
use watchbell_engine::keychain::Patience;
use watchbell_engine::setup;
use watchbell_engine::store::SubscriptionRecord;

use crate::args::Global;
use crate::output::Out;

/// Messages come within seconds: what they tell is not asked for.
const FIRST: Duration = Duration::from_secs(3);
/// From one question to the next.
const BETWEEN: Duration = Duration::from_secs(30);
/// The longest pause after refusals.
const LONGEST: Duration = Duration::from_mins(10);

/// Questions under way; dropped, they end.
pub(super) struct Asking {
    told: watch::Receiver<Option<ToldCommand>>,
    _tasks: JoinSet<()>,
}

impl Asking {
    /// Asks each subscription's account and region.
    pub(super) fn begin(command_id: &str, records: Vec<SubscriptionRecord>, global: &Global, out: Out) -> Self {
        let (tell, told) = watch::channel(None);
        let mut tasks = JoinSet::new();
        for record in records {
            let endpoint = global.endpoint_url.clone();
            let (tell, command_id) = (tell.clone(), command_id.to_owned());
            tasks.spawn(async move {
                if let Err(problem) = follow(&command_id, &record, endpoint, &tell).await {
                    let topic = record.topic_arn.name();
                    let Problem { message, hint, .. } = problem;
                    out.note(&format!("SSM is not asked about commands of {topic}: {message}. {hint}"));
                }
            });
        }
        Self { told, _tasks: tasks }
    }

    /// What SSM said last.
    pub(super) fn told(&self) -> Option<ToldCommand> {
        self.told.borrow().clone()
    }
}

async fn follow(
    command_id: &str,
    record: &SubscriptionRecord,
    endpoint: Option<String>,
    tell: &watch::Sender<Option<ToldCommand>>,
) -> Result<(), Problem> {
    tokio::time::sleep(FIRST).await;
    let access = setup::access_of(record, endpoint.as_deref(), Patience::Asked).await?;
    let ssm = access.ssm(record.topic_arn.region()).await;
    let mut backoff = Backoff::new(BETWEEN, LONGEST);
    loop {
        let pause = match commands::command(&ssm, command_id).await {
            Ok(told) => {
                if told.is_some() {
                    tell.send_replace(told);
                }
                backoff.reset();
                BETWEEN
            }
            Err(refused) if refused.transient => backoff.fail(1.0),
            Err(refused) => return Err(refused.problem),
        };
        tokio::time::sleep(pause).await;
    }
}
