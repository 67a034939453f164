//! The system's own word that it woke, where there is one. Without it the clocks tell at the next poll (`health::wake`).
//!
//! **Invariant:** it costs no timer while the system's bus is there, and a machine without one loses nothing but some seconds.

#[cfg(target_os = "linux")]
mod logind;

use tokio_util::sync::CancellationToken;

use crate::health::Board;

/// Listens until cancelled.
#[cfg(target_os = "linux")]
pub(super) async fn listen(board: Board, cancel: CancellationToken) {
    logind::run(board, cancel).await;
}

/// The clocks have to do.
#[cfg(not(target_os = "linux"))]
pub(super) async fn listen(_board: Board, _cancel: CancellationToken) {
    // A future without an await would not be one.
    std::future::ready(()).await;
}
