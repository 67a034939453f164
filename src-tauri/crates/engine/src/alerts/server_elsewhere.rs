//! Who shows alerts on macOS and Windows: they do not tell. Written from documentation, not yet run.

use super::plain::PlainNotifier;
use super::{Notifier, test_text};
use crate::error::Problem;

/// Nobody tells.
///
/// # Errors
/// None.
pub(crate) async fn server() -> Result<Option<String>, Problem> {
    std::future::ready(Ok(None)).await
}

/// Shows one test alert.
///
/// # Errors
/// Why it could not be shown.
pub(crate) async fn show_test() -> Result<(), Problem> {
    PlainNotifier.show("test", &test_text(), &[]).await.map(drop)
}
