//! Ctrl-C and SIGTERM while something is being made or removed: the first is a wish to go back in order, the second ends at once.
//!
//! **Invariant:** from the first signal on the person is told what happens; nothing waits for a person who does not wait.

use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use watchbell_engine::error::Problem;

use super::signals::Signals;
use crate::output::Out;

/// What a shell reports of a program that Ctrl-C ended.
pub(super) const ENDED_BY_CTRL_C: i32 = 130;

/// Listens until it is dropped.
pub(super) struct Interruption {
    cancel: CancellationToken,
    // Aborted on drop: afterwards nothing is half done that an interruption could spoil.
    _listening: JoinSet<()>,
}

impl Interruption {
    /// `meaning` is said at the first signal.
    pub(super) fn listen(out: Out, meaning: &'static str) -> Result<Self, Problem> {
        let mut signals = Signals::listen()?;
        let cancel = CancellationToken::new();
        let mut listening = JoinSet::new();
        let tell = cancel.clone();
        listening.spawn(async move {
            signals.recv().await;
            out.note(&format!("Interrupted: {meaning} (once more ends at once)"));
            tell.cancel();
            signals.recv().await;
            std::process::exit(ENDED_BY_CTRL_C);
        });
        Ok(Self { cancel, _listening: listening })
    }

    /// Cancelled at the first signal.
    pub(super) fn token(&self) -> &CancellationToken {
        &self.cancel
    }
}
