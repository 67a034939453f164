//! The engine's life inside the app: started, tried again when it could not, told to tray and window, ended in order.
//!
//! **Invariant:** the app ends only after the engine has; a start that failed is tried again without the person.

use std::sync::Arc;
use std::time::Duration;

use tauri::{AppHandle, Wry};
use watchbell_engine::engine::{Engine, EngineConfig, Wish};

use crate::shell::{Destination, EngineNow, Shell};
use crate::{clipboard, simulation, window};

/// How long after a failed start the next one comes.
const AGAIN: Duration = Duration::from_secs(10);
/// The engine bounds its own steps; this bounds them all, so that the session's end is not held up.
const ENDING: Duration = Duration::from_secs(22);

/// Runs engines until the app is to end, then ends the app.
pub(crate) async fn run(app: AppHandle<Wry>, shell: Arc<Shell>, endpoint_url: Option<String>, demo: bool) {
    loop {
        let config = EngineConfig {
            dir: shell.dir.clone(),
            endpoint_url: endpoint_url.clone(),
            who: "watchbell",
            once: false,
            copies: true,
        };
        let started = tokio::select! {
            () = shell.quit.cancelled() => break,
            started = Engine::start(config) => started,
        };
        match started {
            Ok(engine) => {
                serve(&app, &shell, engine, demo).await;
                break;
            }
            Err(problem) => {
                tracing::warn!(%problem, "the engine could not start; it is tried again");
                shell.engine.send_replace(EngineNow::Stopped(problem));
            }
        }
        tokio::select! {
            () = shell.quit.cancelled() => break,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
    shell.onboarding.finish().await;
    app.exit(0);
}

/// Passes on what the engine says until the app is to end, then ends the engine in order.
async fn serve(app: &AppHandle<Wry>, shell: &Shell, mut engine: Engine, demo: bool) {
    let desk = engine.desk();
    shell.seat(Some(Arc::clone(&desk)));
    let mut standing = engine.standing();
    let now = Box::new(standing.borrow_and_update().clone());
    shell.engine.send_replace(EngineNow::Running(now));
    if demo && let Err(problem) = simulation::patch_run_of_200(&desk).await {
        tracing::warn!(%problem, "the simulated run was refused");
    }
    loop {
        tokio::select! {
            () = shell.quit.cancelled() => break,
            Ok(()) = standing.changed() => {
                let now = Box::new(standing.borrow_and_update().clone());
                shell.engine.send_replace(EngineNow::Running(now));
            }
            Some(wish) = engine.wish() => match wish {
                Wish::Open { command_id } => window::open(app, shell, command_id.map(|id| Destination::Command { id })),
                Wish::OpenRun { run } => window::open(app, shell, Some(Destination::Run { run })),
                Wish::Copy { text } => clipboard::put(app, text),
            },
            else => {
                shell.quit.cancelled().await;
                break;
            }
        }
    }
    shell.seat(None);
    drop(desk);
    if let Ok(report) = tokio::time::timeout(ENDING, engine.shutdown()).await {
        tracing::info!(in_order = report.in_order(), "the engine ended");
    } else {
        tracing::error!("the engine did not end in time; what it had not deleted will be delivered again");
    }
}
