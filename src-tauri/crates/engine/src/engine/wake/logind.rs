//! logind's `PrepareForSleep` on the system bus: `true` before the machine sleeps, `false` after it woke
//! (`org.freedesktop.login1(5)`). elogind says the same.
//!
//! **Invariant:** nothing is asked of logind and nothing is held up: no inhibitor, one match rule.

use std::time::Duration;

use futures_util::StreamExt;
use tokio_util::sync::CancellationToken;
use watchbell_core::backoff::Backoff;
use zbus::message::Type;
use zbus::{Connection, MatchRule, MessageStream};

use crate::health::Board;

/// Listens until cancelled. A bus that goes is looked for again, ever more rarely; one that never was is not looked for.
pub(super) async fn run(board: Board, cancel: CancellationToken) {
    let mut backoff = Backoff::new(Duration::from_mins(5), Duration::from_hours(1));
    loop {
        let listening = async {
            let mut signals = signals().await?;
            tracing::debug!("listening for the machine's sleep");
            while let Some(signal) = signals.next().await {
                if let Ok(false) = signal?.body().deserialize::<bool>() {
                    board.woke();
                }
            }
            Ok::<(), zbus::Error>(())
        };
        let ended = tokio::select! {
            () = cancel.cancelled() => return,
            ended = listening => ended,
        };
        if let Err(error) = ended {
            tracing::debug!(%error, "no system bus tells of sleep; the clocks have to do");
            return;
        }
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(backoff.fail(1.0)) => {}
        }
    }
}

async fn signals() -> zbus::Result<MessageStream> {
    let bus = Connection::system().await?;
    let rule = MatchRule::builder()
        .msg_type(Type::Signal)
        .sender("org.freedesktop.login1")?
        .interface("org.freedesktop.login1.Manager")?
        .path("/org/freedesktop/login1")?
        .member("PrepareForSleep")?
        .build();
    MessageStream::for_match_rule(rule, &bus, Some(8)).await
}
