//! `make bench`: what Watchbell costs beside a bare SDK loop in the same run, on the same stand-in, printed as a table.
//!
//! The numbers are compared with a baseline measured beside them, for machines are noisy; the program fails only when a
//! measurement could not be made, never because of a number.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program whose output is its purpose")]

#[path = "../bench/bare.rs"]
mod bare;
#[path = "../bench/desktop.rs"]
mod desktop;
#[path = "../bench/drain.rs"]
mod drain;
#[path = "../bench/latency.rs"]
mod latency;
#[path = "../bench/machine.rs"]
mod machine;
#[path = "../bench/policy.rs"]
mod policy;
#[path = "../bench/queue.rs"]
mod queue;
#[path = "../bench/replay.rs"]
mod replay;
#[path = "../bench/storm.rs"]
mod storm;

use watchbell_tests::harness::fauxqs::Fauxqs;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() -> anyhow::Result<()> {
    let quick = std::env::args().any(|argument| argument == "--quick");
    println!("{}\n", machine::describe());
    let fauxqs = Fauxqs::start().await?;
    let messages = if quick { 2_000 } else { 10_000 };
    println!("| Measured | Watchbell | Baseline in the same run | Goal |");
    println!("| --- | --- | --- | --- |");
    for round in 1..=if quick { 1 } else { 3 } {
        println!("{}", drain::measure(&fauxqs, messages, round).await?);
    }
    println!("{}", latency::measure(&fauxqs, if quick { 12 } else { 100 }).await?);
    println!("{}", policy::measure(if quick { 20_000 } else { 200_000 })?);
    println!("{}", replay::measure(100_000).await?);
    println!("{}", storm::measure(&fauxqs).await?);
    println!("{}", storm::night(&fauxqs).await?);
    for row in desktop::measure(&fauxqs, if quick { 1 } else { 5 }).await? {
        println!("{row}");
    }
    Ok(())
}
