//! A patch run that never happened, fed to this machine's engine alone.
//!
//! **Invariant:** nothing is published: colleagues hear nothing from us.

use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{LONGEST_RUN, RunSpec, envelope, patch_run};
use watchbell_core::status::Level;
use watchbell_engine::clock;
use watchbell_engine::engine::Desk;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::store::Act;

/// The topic that a simulated run is credited to. The account number is the one AWS uses in its examples.
const TOPIC: &str = "arn:aws:sns:us-east-1:123456789012:watchbell-simulation";

/// Feeds a run of 200 nodes, of which 7 fail, 5 time out and 2 never run.
pub(crate) async fn patch_run_of_200(desk: &Desk) -> Result<(), Problem> {
    let topic: TopicArn = TOPIC
        .parse()
        .map_err(|error| Problem::new(Code::Usage, format!("the simulated topic is malformed: {error}"), ""))?;
    let id = uuid::Uuid::new_v4();
    let now = clock::now();
    let spec = RunSpec {
        command_id: id.to_string(),
        document: "AWS-RunPatchBaseline".into(),
        nodes: 200,
        fail: 7,
        time_out: 5,
        not_run: 2,
        level: Level::Invocation,
        probe: Some(uuid::Uuid::new_v4().to_string()),
        topic: topic.clone(),
        started: now.checked_sub(LONGEST_RUN).unwrap_or(now),
        seed: id.as_u64_pair().0,
    };
    let bodies =
        patch_run(&spec).iter().map(|inner| envelope(inner, &topic, &uuid::Uuid::new_v4().to_string(), now)).collect();
    desk.act(Act::Inject { bodies, topic }).await.map(|_| ())
}
