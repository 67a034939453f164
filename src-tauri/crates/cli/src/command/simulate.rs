//! `simulate`: a realistic run, fed in here, or published to the topic.
//!
//! **Invariant 9, colleagues hear nothing from us:** nothing leaves this machine without `--publish` and a yes, given after it
//! was said who else will get the messages. Every message carries our probe.

use jiff::SignedDuration;
use uuid::Uuid;
use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{LONGEST_RUN, RunSpec, envelope, patch_run};
use watchbell_core::status::Level;
use watchbell_engine::aws::publish;
use watchbell_engine::error::{Code, Problem};
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Act, Reader, SubscriptionRecord};
use watchbell_engine::{clock, control};

use super::{account, publishing};
use crate::args::{Global, Simulate};
use crate::ended::{Answer, Ended};
use crate::output::Out;
use crate::output::progress::Turning;

/// Where a run without any subscription pretends to come from: the account of AWS's own examples.
const PRETENDED: &str = "arn:aws:sns:us-east-1:123456789012:watchbell-simulation";

/// Makes the run and sends it where it was asked to go.
pub(super) async fn run(asked: &Simulate, global: &Global, out: Out) -> Ended {
    if asked.fail.saturating_add(asked.time_out) > asked.nodes {
        let message = format!("{} failing and {} late nodes are more than {}", asked.fail, asked.time_out, asked.nodes);
        return Err(Problem::new(Code::Usage, message, "Give a greater --nodes").into());
    }
    let dir = DataDir::resolve(global.folder())?;
    let records = Reader::open(&dir).and_then(|reader| reader.subscriptions()).map_err(Problem::from)?;
    let record = match (&asked.topic_arn, records.as_slice()) {
        (Some(topic), records) => records.iter().find(|record| record.topic_arn == *topic),
        (None, [only]) => Some(only),
        (None, [] | [_, ..]) => None,
    };
    let id = Uuid::new_v4();
    let probe = Uuid::new_v4().to_string();
    let spec = RunSpec {
        command_id: id.to_string(),
        document: "AWS-RunPatchBaseline".into(),
        nodes: asked.nodes,
        fail: asked.fail,
        time_out: asked.time_out,
        not_run: 0,
        level: Level::Invocation,
        probe: Some(probe.clone()),
        topic: topic_of(asked, record)?,
        started: clock::now() - LONGEST_RUN - SignedDuration::from_secs(1),
        seed: id.as_u64_pair().0,
    };
    let bodies = patch_run(&spec);
    if asked.publish {
        return published(asked, global, out, record, &spec, bodies, probe).await;
    }
    let now = clock::now();
    let bodies: Vec<String> =
        bodies.iter().map(|inner| envelope(inner, &spec.topic, &Uuid::new_v4().to_string(), now)).collect();
    let messages = bodies.len();
    control::perform(&dir, Act::Inject { bodies, topic: spec.topic.clone() }).await?;
    told(out, &spec, messages, "fed in here, and nowhere else")
}

fn topic_of(asked: &Simulate, record: Option<&SubscriptionRecord>) -> Result<TopicArn, Problem> {
    if let Some(topic) = asked.topic_arn.clone().or_else(|| record.map(|record| record.topic_arn.clone())) {
        return Ok(topic);
    }
    if asked.publish {
        let hint = "Name it: --topic-arn ARN, as watchbellctl subscriptions lists them";
        return Err(Problem::new(Code::Usage, "Which topic to publish to is not clear", hint));
    }
    PRETENDED.parse().map_err(|error| Problem::new(Code::Usage, format!("{error}"), "Name a topic with --topic-arn"))
}

async fn published(
    asked: &Simulate,
    global: &Global,
    out: Out,
    record: Option<&SubscriptionRecord>,
    spec: &RunSpec,
    bodies: Vec<String>,
    probe: String,
) -> Ended {
    let dir = DataDir::resolve(global.folder())?;
    let access = account::access_of(record, global).await?;
    publishing::consent(&access, &spec.topic, record, count(&bodies), asked.yes, out).await?;
    // Before the first message is out: our own engine could hear it at once, and would take it for a colleague's.
    control::perform(&dir, Act::RegisterProbe { probe }).await?;
    let turning = Turning::over(&format!("Publishing to {}", spec.topic.name()));
    let messages = bodies.len();
    publish::publish(&access, &spec.topic, &bodies).await?;
    drop(turning);
    told(out, spec, messages, "published")
}

fn count(bodies: &[String]) -> u32 {
    u32::try_from(bodies.len()).unwrap_or(u32::MAX)
}

fn told(out: Out, spec: &RunSpec, messages: usize, how: &str) -> Ended {
    if out.is_json() {
        out.document(&serde_json::json!({
            "ok": true,
            "command_id": spec.command_id,
            "topic_arn": spec.topic,
            "messages": messages,
            "probe": spec.probe,
        }))?;
    } else {
        out.text(&format!("{} with {messages} messages was {how}", spec.document))?;
        out.text(&format!("  watchbellctl show {}", spec.command_id))?;
    }
    Ok(Answer::Done)
}
