//! Prints how many messages a second the store takes in, reading, joining, judging and indexing included:
//! `cargo run --release -p watchbell-engine --example ingest_rate [MESSAGES [NODES [PER_CALL [CALLERS]]]]`.
//!
//! With NODES 1 every command is heard of twice only, the worst case for the search index.
#![allow(clippy::print_stdout, reason = "printing is what it is for")]

use std::sync::Arc;
use std::time::Duration;

use watchbell_core::arn::TopicArn;
use watchbell_core::simulate::{self, RunSpec};
use watchbell_core::status::Level;
use watchbell_engine::clock;
use watchbell_engine::paths::DataDir;
use watchbell_engine::store::{Incoming, Store};

fn main() -> anyhow::Result<()> {
    let mut numbers = std::env::args().skip(1).map(|text| text.parse::<usize>());
    let mut number = |usual| numbers.next().unwrap_or(Ok(usual));
    let (messages, nodes, per_call, callers) = (number(10_000)?, number(200)?, number(10)?, number(16)?);
    let topic: TopicArn = "arn:aws:sns:eu-central-1:123456789012:patches".parse()?;
    let bodies = bodies(messages, u32::try_from(nodes)?, &topic)?;
    let bytes: usize = bodies.iter().map(String::len).sum();

    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let temp = tempfile::tempdir()?;
    let dir = DataDir::resolve(Some(temp.path()))?;
    let store = Store::open(&dir)?;
    let topics: Arc<[TopicArn]> = Arc::from([topic.clone()]);
    let calls: Vec<Vec<Incoming>> = bodies
        .chunks(per_call)
        .map(|chunk| {
            let incoming = |body: &String| Incoming {
                body: body.clone(),
                topics: Arc::clone(&topics),
                subscription_topic: topic.clone(),
                sqs_message_id: "059f36b4-87a3-44ab-83d2-661975830a7d".into(),
                received_at: clock::now(),
            };
            chunk.iter().map(incoming).collect()
        })
        .collect();
    let count = bodies.len();
    drop(bodies);

    let begun = clock::monotonic();
    let stored: u32 = runtime.block_on(async {
        let work = std::sync::Mutex::new(calls.into_iter());
        let caller = || async {
            let mut stored = 0;
            loop {
                let next = work.lock().ok().and_then(|mut work| work.next());
                let Some(call) = next else { return anyhow::Ok(stored) };
                stored += store.ingest(call).await?.stored;
            }
        };
        let all = futures_util::future::try_join_all((0..callers).map(|_| caller())).await?;
        anyhow::Ok(all.into_iter().sum())
    })?;
    let took = clock::monotonic() - begun;
    let transactions = store.revision().borrow().0;
    runtime.block_on(store.close());
    report(count, stored, bytes, transactions, took);
    Ok(())
}

fn report(count: usize, stored: u32, bytes: usize, transactions: u64, took: Duration) {
    let each = took / u32::try_from(count).unwrap_or(u32::MAX);
    let rate = 1.0 / each.as_secs_f64();
    println!("{count} messages ({} KiB), {stored} stored in {transactions} transactions", bytes / 1024);
    println!("{took:.2?}: {rate:.0} messages/s, {each:.1?} each");
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    for line in status.lines().filter(|line| line.starts_with("VmHWM") || line.starts_with("VmRSS")) {
        println!("{line}");
    }
}

fn bodies(messages: usize, nodes: u32, topic: &TopicArn) -> anyhow::Result<Vec<String>> {
    let mut bodies = Vec::with_capacity(messages);
    let started = "2026-11-23T02:00:00Z".parse()?;
    for run in 0_u64.. {
        let spec = RunSpec {
            command_id: format!("{run:08x}-15f1-4c33-9052-0123456789ab"),
            document: "AWS-RunPatchBaseline".into(),
            nodes,
            fail: nodes / 30,
            time_out: nodes / 40,
            not_run: nodes / 100,
            level: Level::Invocation,
            probe: None,
            topic: topic.clone(),
            started,
            seed: run,
        };
        for inner in simulate::patch_run(&spec) {
            let id = format!("bf936ece-e8ab-5cae-bf03-{:012x}", bodies.len());
            bodies.push(simulate::envelope(&inner, topic, &id, started));
            if bodies.len() == messages {
                return Ok(bodies);
            }
        }
    }
    Ok(bodies)
}
