//! One file for each command; here only which one was asked for, and the runtime that the waiting ones run on.

mod account;
mod ack;
mod center;
mod completions;
mod doctor;
mod export;
mod history;
mod iam;
mod iam_check;
mod interruption;
mod leftovers;
mod me;
mod provisional;
mod publishing;
mod quarantine;
mod quiet;
mod rules;
mod show;
mod sign_in;
mod signals;
mod simulate;
mod snooze;
mod status;
mod subscribe;
mod subscriptions;
mod unsubscribe;
mod unsubscribe_leftover;
mod watch;
mod watch_command;
mod windows;

use std::future::Future;
use std::time::Duration;

use watchbell_engine::error::{Code, Problem};

use crate::args::{Cli, Command};
use crate::ended::Ended;
use crate::output::Out;

/// Runs the command that was typed.
pub(crate) fn run(cli: Cli, out: Out) -> Ended {
    let global = &cli.global;
    match cli.command {
        Command::Subscribe(asked) => awaited(subscribe::run(&asked, global, out)),
        Command::Unsubscribe(asked) => awaited(unsubscribe::run(&asked, global, out)),
        Command::SignIn(asked) => awaited(sign_in::run(&asked, global, out)),
        Command::Subscriptions(asked) => awaited(subscriptions::run(&asked, global, out)),
        Command::Watch(asked) => awaited(watch::run(&asked, global, out)),
        Command::Status => awaited(status::run(global, out)),
        Command::History(asked) => history::run(&asked, global, out),
        Command::Show(asked) => show::run(&asked, global, out),
        Command::Quarantine(asked) => quarantine::run(&asked, global, out),
        Command::Windows(asked) => awaited(windows::run(asked, global, out)),
        Command::Ack(asked) => awaited(ack::run(asked, global, out)),
        Command::Snooze(asked) => awaited(snooze::run(&asked, global, out)),
        Command::WatchCommand(asked) => awaited(watch_command::run(&asked, global, out)),
        Command::Rules(asked) => awaited(rules::run(asked, global, out)),
        Command::Quiet(asked) => awaited(quiet::run(asked, global, out)),
        Command::Export(asked) => export::run(&asked, global, out),
        Command::Simulate(asked) => awaited(simulate::run(&asked, global, out)),
        Command::Doctor(asked) => awaited(doctor::run(&asked, global, out)),
        Command::Iam(asked) => awaited(iam::run(*asked, global, out)),
        Command::Completions(asked) => completions::run(&asked, out),
    }
}

fn awaited(work: impl Future<Output = Ended>) -> Ended {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
    let runtime = runtime.map_err(|error| {
        Problem::new(Code::Storage, format!("cannot start: {error}"), "free some memory or processes and try again")
    })?;
    let ended = runtime.block_on(work);
    // A thread that hangs in a system call must not keep the answer back.
    runtime.shutdown_timeout(Duration::from_secs(1));
    ended
}
